"""What the words of a draft mean in the graph, and whether a predicate may join two things."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from nexuskg.base import edtf
from nexuskg.base.namespaces import (
    BASE,
    CURIE,
    DCTERMS,
    DEFAULT_GRAPH,
    NX,
    OWL,
    RDF,
    RDFS,
    SKOS,
    TYPE,
    VOCAB,
    XSD,
    compact,
    expand,
)
from nexuskg.errors import BadDate, BadDraft, NexuskgError, closest, did_you_mean
from nexuskg.pipeline.dataset import Compiled
from nexuskg.rdf.store import Readable, classes_above, first_value
from nexuskg.reasoning.axioms import list_members
from nexuskg.search import find

OTHERS: Final = tuple(
    prefix + name
    for prefix, name in (
        (RDF, "type"),
        (SKOS, "altLabel"),
        (SKOS, "hiddenLabel"),
        (DCTERMS, "title"),
    )
)
"""The predicates of other vocabularies that claims have."""
ALIKE: Final = 60
"""Per cent of likeness from which on a name is offered instead of one that nothing bears."""
NOT_CLAIMED: Final = tuple(
    NX + name for name in ["Claim", "EvidenceSpan", "TextSegment", "CausalLoop", "LoopStep", "Curation", "Review"]
)
"""Classes whose members are not what claims speak about: predicates with such a domain qualify claims and the like."""
_MACHINERY: Final = """
nodeClass nodeKind subjectRole objectRole derivedFrom earliest latest bestValue lowerBound upperBound sign
sha256 textLength textOf paragraph startOffset endOffset spanOf segmentOf noClaimReason locator
claimSubject claimPredicate claimObject claimValue correctedIn draftFile formerValue
"""
"""Predicates that the records and the build have, and no claim."""

_PROPERTIES: Final = ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
_NAMES: Final = tuple(SKOS + name for name in ("prefLabel", "altLabel", "hiddenLabel"))
_BEARERS: Final = tuple(BASE + folder for folder in ("id/", "vocab/", "source/"))
_LANGUAGE: Final = re.compile(r"(.+)@([a-z]{2,3})", re.DOTALL)


@dataclass(frozen=True)
class Vocabulary:
    """A compiled graph with what its vocabulary says, looked up once."""

    data: Compiled

    @property
    def store(self) -> Readable:
        """The store of the graph."""
        return self.data.store

    def curie(self, iri: str) -> str:
        """The CURIE of an IRI."""
        return compact(iri, self.data.prefixes)

    @cached_property
    def predicates(self) -> dict[str, str]:
        """What a claim may state of something: each predicate by its CURIE, local name and labels, folded."""
        found: dict[str, str] = {}
        typed, claim = TYPE, NamedNode(NX + "Claim")
        claims = [quad.subject for quad in self.store.quads_for_pattern(None, typed, claim, DEFAULT_GRAPH)]
        qualifying = {
            q.predicate.value for one in claims for q in self.store.quads_for_pattern(one, None, None, DEFAULT_GRAPH)
        }
        qualifying -= {NX + "edtf", *OTHERS}
        iris = [*OTHERS]
        for kind in _PROPERTIES:
            quads = self.store.quads_for_pattern(None, typed, NamedNode(OWL + kind), DEFAULT_GRAPH)
            iris += [q.subject.value for q in quads if isinstance(q.subject, NamedNode)]
        for iri in sorted(iri for iri in set(iris) if iri.startswith(NX) or iri in OTHERS):
            domain = first_value(self.store, iri, RDFS + "domain")
            if domain in NOT_CLAIMED or iri.removeprefix(NX) in _MACHINERY.split() or iri in qualifying:
                continue
            found[self.curie(iri)] = iri
            for name in (re.split(r"[/#]", iri)[-1], *_labels(self.store, iri)):
                found.setdefault(find.fold_name(name), iri)
        found.setdefault("a", RDF + "type")
        return found

    def predicate(self, words: str) -> NamedNode:
        """The predicate that a CURIE, a local name or a label means; raises BadDraft with the closest."""
        typed = words.strip().strip("<>")
        iri = self.predicates.get(typed) or self.predicates.get(find.fold_name(typed))
        if iri is None and typed in self.predicates.values():
            iri = typed
        if iri is None:
            curies = [name for name in self.predicates if CURIE.fullmatch(name)]
            close = closest(typed.split(":")[-1], [name.split(":")[1] for name in curies])
            hint = did_you_mean([next(c for c in curies if c.endswith(f":{name}")) for name in close])
            raise BadDraft(f"no claim can have the predicate {typed[:60]!r}.{hint}")
        return NamedNode(iri)

    @cached_property
    def schemes(self) -> dict[str, dict[str, str]]:
        """The concepts of each scheme, by CURIE, slug and labels, folded."""
        found: dict[str, dict[str, str]] = {}
        concepts = self.store.quads_for_pattern(None, TYPE, NamedNode(SKOS + "Concept"), DEFAULT_GRAPH)
        for quad in concepts:
            iri = quad.subject.value if isinstance(quad.subject, NamedNode) else ""
            if not iri.startswith(VOCAB):
                continue
            scheme, _, slug = iri.removeprefix(VOCAB).partition("/")
            names = found.setdefault(scheme, {})
            names[self.curie(iri)] = iri
            names.setdefault(find.fold_name(slug), iri)
            for name in _labels(self.store, iri):
                names.setdefault(find.fold_name(name), iri)
        return found

    def concept(self, scheme: str, words: str) -> NamedNode:
        """The concept of a scheme that a CURIE, slug or label means; raises BadDraft with the closest, or all."""
        names = self.schemes.get(scheme, {})
        iri = names.get(words.strip()) or names.get(find.fold_name(words))
        if iri is None:
            slugs = sorted({iri.rsplit("/", 1)[-1] for iri in names.values()})
            close = closest(words, slugs)
            hint = did_you_mean(close) if close else f" There are: {', '.join(slugs)}." if len(slugs) < 16 else ""
            raise BadDraft(f"the scheme {scheme} has no concept {words[:60]!r}.{hint}")
        return NamedNode(iri)

    def node(self, words: str) -> NamedNode:
        """The thing that a label, CURIE or <iri> means, as `nexuskg show` has it; raises BadDraft with the closest."""
        if words not in self._resolutions:
            try:
                self._resolutions[words] = self._node(words)
            except BadDraft as error:
                self._resolutions[words] = str(error)
        found = self._resolutions[words]
        if isinstance(found, str):
            raise BadDraft(found)
        return found

    @cached_property
    def _resolutions(self) -> dict[str, NamedNode | str]:
        return {}  # looking through all labels takes a while, and drafts name the same things over and over

    def _node(self, words: str) -> NamedNode:
        iri = parse_iri(words, self.data.prefixes)
        named = find.fold_name(words) in self._names if iri is None else is_described(self.store, iri)
        if not named:
            close = self._alike(words if iri is None else re.split(r"[/#]", iri)[-1], iri)
            hint = did_you_mean([self.curie(one) for one in close])
            raise BadDraft(f"Nothing is called {words[:60]!r}.{hint} Or describe it as a new entity.")
        try:
            found = find.resolve_name(self.store, words, prefixes=self.data.prefixes)
        except (NexuskgError, ValueError) as error:
            raise BadDraft(str(error)) from None
        if not found.value.startswith(BASE):
            raise BadDraft(f"{words[:60]!r} is nothing of this graph.")
        return found

    def _alike(self, words: str, iri: str | None) -> list[str]:
        """What bears a name like the words, at most three; for an IRI only what is of its kind."""
        from rapidfuzz import fuzz, process

        space = "" if iri is None else iri[: -len(words)]
        names = [name for name, bearer in self._names.items() if bearer and bearer.startswith(space)]
        hits = process.extract(find.fold_name(words), names, scorer=fuzz.ratio, limit=9, score_cutoff=ALIKE)
        return list(dict.fromkeys(self._names[hit[0]] for hit in hits))[:3]

    @cached_property
    def _names(self) -> dict[str, str]:
        """Every name, folded, and what bears it; empty where that is nothing that claims speak about."""
        found: dict[str, str] = {}
        for prop in _NAMES:
            for quad in self.store.quads_for_pattern(None, NamedNode(prop), None, DEFAULT_GRAPH):
                if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                    iri = quad.subject.value
                    # A scheme is named as well, but it is nothing that has a CURIE.
                    bearer = iri if iri.startswith(_BEARERS) and self.curie(iri) != iri else ""
                    for name in (quad.object.value, re.split(r"[/#]", iri)[-1]):
                        found[find.fold_name(name)] = found.get(find.fold_name(name)) or bearer
        return found

    @cached_property
    def classes(self) -> frozenset[str]:
        """The classes of the ontology."""
        quads = self.store.quads_for_pattern(None, TYPE, NamedNode(OWL + "Class"), DEFAULT_GRAPH)
        return frozenset(iri for quad in quads if (iri := _iri(quad.subject)).startswith(NX))

    # ---- what may be said of what ------------------------------------------------------------------------------------

    @cached_property
    def _disjoint(self) -> list[frozenset[str]]:
        pairs = self.store.quads_for_pattern(None, NamedNode(OWL + "disjointWith"), None, DEFAULT_GRAPH)
        lists = self.store.quads_for_pattern(None, NamedNode(OWL + "members"), None, DEFAULT_GRAPH)
        heads = [quad.object for quad in lists if isinstance(quad.object, BlankNode)]
        return [
            *(frozenset((_iri(quad.subject), _iri(quad.object))) for quad in pairs),
            *(frozenset(_iri(member) for member in list_members(self.store, head)) for head in heads),
        ]

    def kinds(self, node: str) -> set[str]:
        """The classes of a node in the graph, those that follow among them."""
        quads = self.store.quads_for_pattern(NamedNode(node), TYPE, None, DEFAULT_GRAPH)
        return {kind for quad in quads for kind in self.above(_iri(quad.object))}

    def above(self, kind: str) -> set[str]:
        """A class and those above it."""
        return {each.value for each in classes_above(self.store, [NamedNode(kind)])}

    def disjoint_pair(self, some: Iterable[str], others: Iterable[str]) -> tuple[str, str] | None:
        """The first two classes, one of each, of which nothing can be both; None where there are none such."""
        wanted = set(others)
        for kind in sorted(some):
            for group in self._disjoint:
                if kind in group and (clash := sorted((group & wanted) - {kind})):
                    return kind, clash[0]
        return None

    def misfit(self, predicate: str, end: str, node: str, kinds: Iterable[str]) -> str:
        """Why a node of some kinds cannot be an end of a predicate ("domain" or "range"); empty where it can."""
        for quad in self.store.quads_for_pattern(NamedNode(predicate), NamedNode(RDFS + end), None, DEFAULT_GRAPH):
            wanted = _iri(quad.object)
            if not wanted.startswith(NX):
                continue
            clash = self.disjoint_pair(kinds, self.above(wanted))
            if clash is not None:
                side = "subject" if end == "domain" else "object"
                return (
                    f"{side}: the {side} of {self.curie(predicate)} is a {self.curie(wanted)}, but "
                    f"{self.curie(node)} is a {self.curie(clash[0])}."
                )
        return ""

    def literal(self, predicate: str, words: str, language: str) -> Literal:
        """The value that words are for a predicate: a number, a date or text in a language; raises BadDraft.

        Text in another language than the source's is written with it at its end: Sendero Luminoso@es.
        """
        wanted = first_value(self.store, predicate, RDFS + "range") or ""
        if predicate == NX + "hasObservation" or wanted in (XSD + "decimal", XSD + "integer"):
            return _number(words)
        if predicate == NX + "edtf":
            try:
                edtf.bounds(words)
            except BadDate as error:
                raise BadDraft(f"value: {error}") from None
            return Literal(words)
        if wanted.startswith(XSD):
            return Literal(words) if wanted == XSD + "string" else Literal(words, datatype=NamedNode(wanted))
        tagged = _LANGUAGE.fullmatch(words)
        return Literal(tagged[1], language=tagged[2]) if tagged else Literal(words, language=language)

    def is_literal(self, predicate: str) -> bool:
        """Whether the objects of a predicate are literals."""
        kinds = {_iri(q.object) for q in self.store.quads_for_pattern(NamedNode(predicate), None, None, DEFAULT_GRAPH)}
        return OWL + "ObjectProperty" not in kinds and predicate != RDF + "type"


def _number(words: str) -> Literal:
    try:
        number = Decimal(words)
    except InvalidOperation:
        raise BadDraft(f"value: {words[:40]!r} is not a number such as 7.6 or 200.") from None
    if not number.is_finite():
        raise BadDraft(f"value: {words[:40]!r} is not a number.")
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return Literal(text or "0", datatype=NamedNode(XSD + "decimal"))


def _labels(store: Readable, iri: str) -> list[str]:
    quads = [
        q for name in _NAMES for q in store.quads_for_pattern(NamedNode(iri), NamedNode(name), None, DEFAULT_GRAPH)
    ]
    return sorted(quad.object.value for quad in quads if isinstance(quad.object, Literal))


def is_described(store: Readable, iri: str) -> bool:
    """Whether the graph says anything of a node; no where the text is no IRI at all."""
    try:
        return next(store.quads_for_pattern(NamedNode(iri), None, None, DEFAULT_GRAPH), None) is not None
    except ValueError:
        return False


def _iri(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def parse_iri(words: str, prefixes: Mapping[str, str]) -> str | None:
    """The IRI of a CURIE or an <iri>; None where the words are neither."""
    typed = words.strip()
    return typed[1:-1] if typed.startswith("<") and typed.endswith(">") else expand(typed, prefixes)
