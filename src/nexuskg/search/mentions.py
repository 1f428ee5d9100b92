"""Names in a text: which things a question or a sentence names, by label, alias or misspelling, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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


@dataclass(frozen=True, slots=True)
class Mention:
    """What some words of a text name: the words from `start` to before `end`, and the things that bear the name.

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


class NameIndex:
    """The names of things of given kinds, ready to be looked for; a class as they are read once for many texts.

    >>> known = NameIndex([("The Reds", "urn:reds"), ("Reds", "urn:rads")], {"urn:reds": "actor", "urn:rads": "event"})
    >>> [(found.name, found.iris) for found in known.mentions(words_of("Where are the Reds?"), misspelt=False)]
    [('the reds', ('urn:reds',))]
    """

    def __init__(self, named: Iterable[tuple[str, str]], kinds: Mapping[str, str]) -> None:
        bearers: dict[tuple[str, ...], dict[str, None]] = {}
        for text, iri in named:
            folded = tuple(words_of(text))
            if folded and len("".join(folded)) > 1:
                bearers.setdefault(folded, {})[iri] = None
        self.bearers: Mapping[tuple[str, ...], tuple[str, ...]] = {name: tuple(iris) for name, iris in bearers.items()}
        self.kinds = kinds
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


def names_of_things(store: Readable) -> NameIndex:
    """The names of all that people speak of in questions, also without the gloss in brackets behind a name."""
    named: list[tuple[str, str]] = []
    kinds: dict[str, str] = {}
    for name in names(store):
        if name.how == "name" and not name.iri.startswith(BASE):
            continue
        if kinds.get(name.iri) or kinds.setdefault(name.iri, _kind(store, name.iri)):
            forms = {name.text, _GLOSS.sub("", name.text)}  # "Europe (region)", "the clan (unnamed)"
            named += ((form, name.iri) for form in forms)
    return NameIndex(named, kinds)


def names_of_entities(store: Readable) -> NameIndex:
    """The names of the entities of every kind, as the graph has them."""
    named = [(name.text, name.iri) for name in names(store) if name.how != "name" and name.iri.startswith(ENTITY)]
    return NameIndex(named, {iri: iri.removeprefix(ENTITY).partition("/")[0] for _, iri in named})


def entities_named(entities: NameIndex, text: str) -> list[str]:
    """The IRIs of the entities that a text names as the graph does, those of the longest name first.

    >>> lima, reds = ENTITY + "place/lima", ENTITY + "actor/reds"
    >>> known = NameIndex([("Lima", lima), ("The Reds", reds)], {lima: "place", reds: "actor"})
    >>> [iri.removeprefix(BASE) for iri in entities_named(known, "In Lima the reds are strong.")]
    ['id/actor/reds', 'id/place/lima']
    """
    mentions = entities.mentions(words_of(text), misspelt=False)
    mentions.sort(key=lambda mention: (-len(mention.name), mention.name))
    return list(dict.fromkeys(iri for mention in mentions for iri in sorted(mention.iris)))


def _kind(store: Readable, iri: str) -> str:
    """The kind of a thing that people speak of by name; empty for what claims imply in detail, such as a mechanism."""
    if iri.startswith(ENTITY):
        kind = iri.removeprefix(ENTITY).partition("/")[0]
        return kind if kind in (*PROPER, *COMMON) else ""
    return kind_of(store, iri) or ""
