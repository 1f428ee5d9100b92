"""Which things a question in plain words names, by label, alias or misspelling, in any language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nexuskg.base.namespaces import BASE, ENTITY
from nexuskg.rdf.store import Readable
from nexuskg.search.find import fold_name, kind_of, names

LIKE: Final = 86.0
"""Per cent of likeness from which on a misspelt name counts as meant."""
LONG: Final = 6
"""So many letters a name has at least for a likeness to mean anything."""

PROPER: Final = ("actor", "place", "event", "source", "facility", "zone", "law")
"""The kinds of things that have names of their own."""
COMMON: Final = (
    "activity",
    "chain",
    "commodity",
    "condition",
    "consignment",
    "economy",
    "factor-set",
    "market",
    "plan",
)
"""The kinds of things that go by common words."""

_GLOSS: Final = re.compile(r"\s*\([^()]*\)$")
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """What some words of a question name: the words from `start` to before `end`, and the things that bear the name.

    `kind` is that of the entities among them (actor, place, activity ...), else concept, class, property, vocabulary
    or source; `exact` is whether the name is written as the graph has it.
    """

    start: int
    end: int
    name: str
    iris: tuple[str, ...]
    kind: str
    exact: bool


def words_of(text: str) -> list[str]:
    """The words of a text, folded: without case, accents and punctuation.

    >>> words_of("¿Quién cobra cupos en el VRAEM?")
    ['quien', 'cobra', 'cupos', 'en', 'el', 'vraem']
    """
    return fold_name(text).split()


class Names:
    """The names of a store's things, ready to be looked for; a class because they are read once for many questions."""

    def __init__(self, store: Readable) -> None:
        bearers: dict[tuple[str, ...], dict[str, None]] = {}
        kinds: dict[str, str] = {}
        for name in names(store):
            if name.how == "name" and not name.iri.startswith(BASE):
                continue
            kind = kinds.get(name.iri) or kinds.setdefault(name.iri, _kind(store, name.iri))
            if not kind:
                continue
            for form in {name.text, _GLOSS.sub("", name.text)}:  # "Europe (region)", "the clan (unnamed)"
                folded = tuple(words_of(form))
                if folded and len("".join(folded)) > 1:
                    bearers.setdefault(folded, {})[name.iri] = None
        self.bearers: Mapping[tuple[str, ...], tuple[str, ...]] = {name: tuple(iris) for name, iris in bearers.items()}
        self.kinds: Mapping[str, str] = kinds
        self.longest = max(map(len, self.bearers), default=0)
        entities = {name for name, iris in self.bearers.items() if any(iri.startswith(ENTITY) for iri in iris)}
        self._long = [" ".join(name) for name in entities if len("".join(name)) >= LONG]

    def mentions(self, words: list[str], misspelt: bool = True) -> list[Mention]:
        """What the words name, in their order; of names within one another only the longest counts.

        Names may also be misspelt, for which all of them have to be gone through.
        """
        taken: list[Mention] = []
        for exact in (True, False) if misspelt else (True,):
            # A name that is misspelt may have a common word in it, such as cartel, which is a concept by itself.
            bound = [mention for mention in taken if exact or mention.iris[0].startswith(ENTITY)]
            free = [not any(mention.start <= at < mention.end for mention in bound) for at in range(len(words))]
            for size in range(min(self.longest + 1, len(words)), 0, -1):
                for start in range(len(words) - size + 1):
                    if all(free[start : start + size]):
                        found = self._name_at(words[start : start + size], exact)
                        if found:
                            end = start + size
                            taken = [m for m in taken if m.end <= start or end <= m.start]
                            taken.append(Mention(start, end, *found, exact))
                            free[start:end] = [False] * size
        return sorted(taken, key=lambda mention: mention.start)

    def _name_at(self, words: list[str], exact: bool) -> tuple[str, tuple[str, ...], str] | None:
        if exact:
            iris = self.bearers.get(tuple(words))
            name = " ".join(words)
        else:
            name = self._like(" ".join(words))
            iris = self.bearers.get(tuple(name.split())) if name else None
        if not iris:
            return None
        entities = tuple(iri for iri in iris if iri.startswith(ENTITY))
        return name, entities or iris, self.kinds[(entities or iris)[0]]

    def _like(self, words: str) -> str:
        """The name of an entity that the words misspell; empty where none is like enough."""
        from rapidfuzz import fuzz, process

        if len(words.replace(" ", "")) < LONG:
            return ""
        found = process.extractOne(words, self._long, scorer=fuzz.ratio, score_cutoff=LIKE)
        if found is None or found[0].count(" ") != words.count(" "):
            return ""
        return str(found[0])


def _kind(store: Readable, iri: str) -> str:
    """The kind of a thing that people speak of by name; empty for what claims imply in detail, such as a mechanism."""
    if iri.startswith(ENTITY):
        kind = iri.removeprefix(ENTITY).partition("/")[0]
        return kind if kind in (*PROPER, *COMMON) else ""
    return kind_of(store, iri) or ""
