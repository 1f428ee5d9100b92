"""What an operation of the API takes and gives, apart from HTTP: a call, a reply, and the table's rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nexuskg.base.headings import LANGUAGES
from nexuskg.base.media_types import language, negotiate
from nexuskg.base.safe_text import escape_controls
from nexuskg.errors import Refused

if TYPE_CHECKING:
    from nexuskg.server.state.host import Hosted

JSON: Final = "application/json"
LONGEST: Final = 300
"""The characters that a value in a call may have."""
VISIBLE: Final = r"[^\s]"
"""What a value has that is needed: without any visible character it is none."""
ALTERNATIVES: Final = 10
"""So many values may a parameter of a question have."""
MOST: Final = 50
"""So many values may a call have."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request for an operation: the parts of its path, its query string, and what the client prefers."""

    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    accept: str = ""
    languages: str = ""

    def one(self, name: str) -> str | None:
        """The value given under that name, None where there is none; raises Refused where there are several."""
        values = self.query.get(name, ())
        if len(values) > 1:
            raise Refused(400, f"{name}: give it once.")
        return values[0] if values else None

    def require(self, name: str) -> str:
        """The value given under that name; raises Refused where there is none."""
        value = (self.one(name) or "").strip()
        if not value:
            raise Refused(400, f"{name}: it is needed; write …?{name}=…")
        return value

    def flag(self, name: str) -> bool:
        """Whether the name is given, with no value or a true one; raises Refused."""
        value = self.one(name)
        if value not in (None, "", "true", "1", "false", "0"):
            raise Refused(400, f"{name}: write true or false.")
        return value in ("", "true", "1")

    @property
    def language(self) -> str:
        """The language of labels; raises Refused where another than those there are is asked for by name."""
        given = self.one("lang")
        if given is not None and given not in LANGUAGES:
            raise Refused(400, f"lang: {given!r} is none of {', '.join(LANGUAGES)}.")
        return language(given, self.languages, LANGUAGES)

    def media(self, offered: Sequence[str]) -> str:
        """The offered media type that the client prefers; raises Refused where none will do."""
        found = negotiate(self.accept, offered)
        if found is None:
            raise Refused(406, f"This is given as one of: {', '.join(offered)}. Ask for one of these in Accept.")
        return found


@dataclass(frozen=True, slots=True)
class Reply:
    """What an operation gives: bytes of a media type."""

    media: str
    body: bytes


def json_reply(value: object) -> Reply:
    """The value as JSON."""
    return Reply(JSON, (escape_controls(json.dumps(value, ensure_ascii=False, indent=2)) + "\n").encode())


@dataclass(frozen=True, slots=True)
class OperationParameter:
    """What an operation takes: a part of the path, or a value of the query string, with its JSON schema."""

    name: str
    says: str
    inside: str = "query"
    required: bool = False
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string", "maxLength": LONGEST})
    example: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table of routes: where it is, what it says, takes and gives, and what does it.

    `open` operations take parameters by other names, too: those of the question that is asked.
    """

    path: str
    summary: str
    does: Callable[[Hosted, Call], Reply]
    parameters: tuple[OperationParameter, ...] = ()
    media: tuple[str, ...] = (JSON,)
    open: bool = False

    def perform(self, hosted: Hosted, call: Call) -> Reply:
        """What the operation gives; raises Refused where the call has what it does not take."""
        names = [parameter.name for parameter in self.parameters if parameter.inside == "query"]
        for name in call.query:
            if name not in names and not self.open:
                has = f"it takes {', '.join(names)}" if names else "it takes none"
                raise Refused(400, f"{name[:100]}: there is no such parameter here; {has}.")
        values = [value for several in call.query.values() for value in several] + list(call.path.values())
        if len(values) > MOST or any(len(value) > LONGEST for value in values):
            raise Refused(400, f"The call has more than {MOST} values, or one of more than {LONGEST} characters.")
        if len(self.media) == 1:
            call.media(self.media)
        return self.does(hosted, call)
