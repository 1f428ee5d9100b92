"""What falls without something, for whoever asks a server: one at a time, and nothing is left on disk."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from nexuskg.base import data_home
from nexuskg.base.namespaces import expand
from nexuskg.errors import BadParameter, Refused
from nexuskg.explain import what_if

if TYPE_CHECKING:
    from nexuskg.explain.what_if import Withdrawal
    from nexuskg.pipeline.dataset import Local
    from nexuskg.pipeline.views import Axiom, View

KEPT: Final = 16
"""So many answers are remembered."""
RETRY: Final = 2
"""After so many seconds who finds it busy may ask again."""


@dataclass(frozen=True)
class Withdrawals:
    """What has been withdrawn from the datasets that a server serves.

    Each compiles a dataset anew, and strangers may ask for any, so it is kept out of the cache of the user, who would
    lose there what he works with.
    """

    since: float = field(default_factory=time.time)
    known: OrderedDict[tuple[View, frozenset[NamedNode | Axiom]], Withdrawal] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def without(self, data: Local, texts: Sequence[str]) -> Withdrawal:
        """What falls, and what appears, without what the texts name; raises Refused, UnknownTerm, BadParameter."""
        gone = frozenset(withdrawal_target(data, text) for text in texts)
        found = self.known.get((data.view, gone))
        if found is not None:
            return found
        if not self._lock.acquire(blocking=False):
            raise Refused(503, "Another withdrawal is being worked out; try again.", retry=RETRY)
        try:
            files = (*data_home.turtle_files(data.home), *data_home.query_files(data.home))
            if any(path.stat().st_mtime > self.since for path in files):
                # What is served is not what they say any more, and the difference would be told as if it fell.
                raise Refused(503, "The files have changed since this server was started; it is to be started anew.")
            found = what_if.without(data, gone, cached=False)
            self.known[data.view, gone] = found
            while len(self.known) > KEPT:
                self.known.popitem(last=False)
        except BadParameter as error:
            raise Refused(400, f"what: {str(error).removeprefix('without: ')}") from None
        finally:
            self._lock.release()
        return found


def withdrawal_target(data: Local, text: str) -> NamedNode | Axiom:
    """What the text names: a claim, source or span, or an axiom by two or three CURIEs, "any" and "a" among them."""
    words = text.split()
    axiom = 2 <= len(words) <= 3 and all(
        word in ("any", "a") or word.startswith("<") or expand(word, data.prefixes) for word in words
    )
    return what_if.parse_withdrawal(data, words if axiom else [text.strip()])
