"""Words -> entities, terms, concepts and questions, by label in any language, alias, misspelling or name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from nexuskg.base.namespaces import (
    DEFAULT_GRAPH,
    ENTITY,
    NX,
    OWL,
    SKOS,
    SOURCE,
    TYPE,
    VOCAB,
    compact,
    expand,
)
from nexuskg.errors import BadParameter, UnknownTerm
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import Readable

KINDS: Final = ("entity", "class", "property", "vocabulary", "concept", "source", "question")
"""What can be found; where two things bear one name, the kind that comes first here is meant."""

WEAKEST: Final = 60.0
"""Below this score nothing counts as found."""
LONGEST: Final = 300
"""The characters that words may have; no name is as long."""
SPREAD: Final = 30.0
"""What scores this much less than the best is left out: beside a real hit it is noise."""

_NAMES: Final = (
    (SKOS + "prefLabel", "label", 0.0),
    (SKOS + "altLabel", "alias", 0.5),
    (SKOS + "hiddenLabel", "misspelling", 1.0),
)
_CLASSES: Final = {
    OWL + "Class": "class",
    OWL + "ObjectProperty": "property",
    OWL + "DatatypeProperty": "property",
    OWL + "AnnotationProperty": "property",
    SKOS + "ConceptScheme": "vocabulary",
    SKOS + "Concept": "concept",
}
_SMALL: Final = re.compile(r"an?|and|as|by|da|del?|do|el|em|en|for|in|is|las?|los|na|no|of?|on|os|por|the|to|um|una|y")


@dataclass(frozen=True, slots=True)
class Match:
    """One thing found; `matched` says by what ("alias: Shining Path"), `score` how well (0 to 100).

    A question has no IRI of its own: its iri is empty and its curie is its name.
    """

    iri: str
    curie: str
    label: str
    kind: str
    matched: str
    score: float


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a thing: how it bears it (label, alias, misspelling, name), and what it costs to be found by it."""

    iri: str
    how: str
    text: str
    language: str
    cost: float


def fold_name(text: str) -> str:
    """The text without accents, case and punctuation, camel case taken apart, its words one space apart.

    >>> fold_name("Sendero Luminoso (Perú), drug-traffickingOrganization")
    'sendero luminoso peru drug trafficking organization'
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain)
    return " ".join(re.findall(r"[^\W_]+", apart.casefold()))


def kind_of(store: Readable, iri: str) -> str | None:
    """The kind of a node, one of KINDS; None for claims, spans and whatever else is no subject of a search."""
    for start, kind in ((ENTITY, "entity"), (SOURCE, "source")):
        if iri.startswith(start):
            return kind
    if not iri.startswith((NX, VOCAB)):
        return None
    types = store.quads_for_pattern(NamedNode(iri), TYPE, None, DEFAULT_GRAPH)
    found = {_CLASSES.get(quad.object.value) for quad in types if isinstance(quad.object, NamedNode)}
    return next((kind for kind in KINDS if kind in found), None)


def find_things(
    store: Readable,
    words: str,
    limit: int = 10,
    *,
    queries: Iterable[StoredQuery] = (),
    prefixes: Mapping[str, str] | None = None,
    language: str = "en",
) -> list[Match]:
    """The things that the words may mean, best first; empty where nothing is alike.

    Looked through are preferred labels in every language, aliases, known misspellings and local names of the store's
    default graph, and names and summaries of the queries. Accents, case and word order do not matter.
    """
    wanted = fold_name(words)
    if not 0 < len(wanted) <= LONGEST:
        return []
    table = prefixes or {}
    best: dict[str, tuple[tuple[float, bool, bool, str, str], Name]] = {}
    for name in (*names(store), *_question_names(queries)):
        score = _likeness(wanted, fold_name(name.text)) - name.cost
        if score < WEAKEST:
            continue
        # of labels alike the one as typed is shown, else the English one, else the first
        other = name.text.casefold() != words.strip().casefold()
        rank = (-score, other, name.language != "en", name.language, name.text)
        if name.iri not in best or rank < best[name.iri][0]:
            best[name.iri] = (rank, name)
    top = max((-rank[0] for rank, _ in best.values()), default=0.0)
    found = [_match(store, name, -rank[0], table, language) for rank, name in best.values() if -rank[0] >= top - SPREAD]
    return sorted(found, key=lambda m: (-m.score, KINDS.index(m.kind), m.curie))[:limit]


def resolve_name(
    store: Readable,
    words: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    among: Callable[[str], bool] | None = None,
) -> NamedNode:
    """The one node that the words mean: an <iri>, a CURIE, or a label, alias, misspelling or local name as it is.

    Where several things bear the name, those that are `among` what is asked for go before the rest, then the kind that
    comes first in KINDS, and a label before an alias. Raises BadParameter where there still are several, UnknownTerm
    with the closest labels where there is none.
    """
    table = prefixes or {}
    typed = words.strip()
    iri = typed[1:-1] if typed.startswith("<") and typed.endswith(">") else expand(typed, table)
    if iri is not None:
        if _is_known(store, iri):
            return NamedNode(iri)
        raise UnknownTerm(typed, _closest(store, re.split(r"[/#:]", iri.rstrip("/#:"))[-1], table))
    wanted = fold_name(typed)
    bearers = {
        (among is not None and not among(n.iri), KINDS.index(_kind(store, n)), n.cost, n.iri)
        for n in names(store)
        if wanted and fold_name(n.text) == wanted
    }
    if not bearers:
        raise UnknownTerm(typed, _closest(store, typed, table))
    first = min(bearers)[:3]
    meant = sorted({iri for *rank, iri in bearers if tuple(rank) == first})
    if len(meant) > 1:
        each = ", ".join(compact(iri, table) for iri in meant)
        raise BadParameter(typed, f"this names several things; write the one you mean: {each}.")
    return NamedNode(meant[0])


def _closest(store: Readable, words: str, table: Mapping[str, str]) -> list[str]:
    return [match.curie for match in find_things(store, words, 3, prefixes=table)]


def _is_known(store: Readable, iri: str) -> bool:
    try:
        node = NamedNode(iri)
    except ValueError:
        return False
    patterns = ((node, None, None), (None, None, node))
    return any(next(iter(store.quads_for_pattern(s, p, o, DEFAULT_GRAPH)), None) is not None for s, p, o in patterns)


def _kind(store: Readable, name: Name) -> str:
    return "question" if name.how.startswith("question") else kind_of(store, name.iri) or "entity"


def names(store: Readable) -> Iterator[Name]:
    """Every name in the default graph of whatever can be searched for; local names last."""
    nodes: dict[str, None] = {}
    skipped: set[str] = set()
    for predicate, how, cost in _NAMES:
        for quad in store.quads_for_pattern(None, NamedNode(predicate), None, DEFAULT_GRAPH):
            if not isinstance(quad.subject, NamedNode) or not isinstance(quad.object, Literal):
                continue
            iri = quad.subject.value
            if iri not in nodes:
                if iri in skipped or kind_of(store, iri) is None:
                    skipped.add(iri)
                    continue
                nodes[iri] = None
            yield Name(iri, how, quad.object.value, quad.object.language or "", cost)
    for iri in nodes:
        yield Name(iri, "name", re.split(r"[/#]", iri)[-1], "", 3.0)


def _question_names(queries: Iterable[StoredQuery]) -> Iterator[Name]:
    for query in queries:
        yield Name(f"question {query.name}", "question", query.name, "", 0.0)
        for language, title in {"": query.summary, **query.titles}.items():
            yield Name(f"question {query.name}", "question about", title, language, 5.0)
        for tag in query.tags:
            yield Name(f"question {query.name}", "question with the tag", tag, "", 5.0)


def _match(store: Readable, name: Name, score: float, table: Mapping[str, str], language: str) -> Match:
    tongue = f" ({name.language})" if name.language else ""
    matched, kind = f"{name.how}: {name.text}{tongue}", _kind(store, name)
    if kind == "question":
        return Match("", name.iri.removeprefix("question "), name.text, kind, matched, round(score, 1))
    return Match(
        name.iri, compact(name.iri, table), label_or_name(store, name.iri, language), kind, matched, round(score, 1)
    )


def _likeness(wanted: str, text: str) -> float:
    """How well a folded text fits the folded words, 0 to 100.

    100 the same; 90 on, every word is in it; 80 on, every word begins one in it; below that, misspelt words; from
    WEAKEST on, half of the words.
    """
    from rapidfuzz import fuzz

    if wanted == text:
        return 100.0
    there = text.split()
    asked = [word for word in wanted.split() if not _SMALL.fullmatch(word)] or wanted.split()
    share = min(1.0, len(wanted) / len(text)) if text else 0.0
    if all(word in there for word in asked):
        return 90.0 + 9.0 * share
    if all(any(word == other or (len(word) > 2 and other.startswith(word)) for other in there) for word in asked):
        return 80.0 + 9.0 * share
    whole = fuzz.ratio(wanted.replace(" ", ""), text.replace(" ", ""))
    by_word = [max((fuzz.ratio(word, other) for other in there), default=0.0) for word in asked]
    # a short word with a letter changed is another word
    alike = [score for word, score in zip(asked, by_word, strict=True) if score >= (75.0 if len(word) > 4 else 100.0)]
    if len(alike) == len(asked):
        words = 0.8 * (sum(alike) / len(alike)) * (0.9 + 0.1 * share)
    else:
        words = WEAKEST + 5.0 * len(alike) / len(asked) + 5.0 * share if 2 * len(alike) >= len(asked) else 0.0
    return max(words, 0.8 * whole if whole >= 85.0 else 0.0)
