"""All there is to say of one term, entity, concept, claim or question, and who uses it."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from nexuskg.base.headings import message
from nexuskg.base.namespaces import BASE, CLAIM, DEFAULT_GRAPH, GRAPH, NX, RDF, SKOS, TYPE, compact
from nexuskg.errors import UnknownTerm, closest
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import Readable, classes_above
from nexuskg.search.axiom_sentences import owner, property_values, sentences
from nexuskg.search.find import kind_of, resolve_name

LANGUAGES: Final = ("en", "es", "pt")
WIDTH: Final = 100

_LABELS: Final = (("label", "prefLabel"), ("alias", "altLabel"), ("misspelling", "hiddenLabel"))
_TEXTS: Final = (
    ("definition", SKOS + "definition"),
    ("example", SKOS + "example"),
    ("note", SKOS + "scopeNote"),
    ("note", SKOS + "note"),
    ("editorial note", SKOS + "editorialNote"),
    ("citation", "http://purl.org/dc/terms/source"),
)
_MATCHES: Final = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
_HIERARCHY: Final = ("broader", "narrower", "related", "inScheme", "topConceptOf")
_ENDS: Final = ("claimSubject", "claimPredicate", "claimObject", "describesNode", "claimedBy")
_QUALIFIERS: Final = (
    "kind modality polarity voice claimedBy hedge degree comparator unit measures valueAsStated quantityWord edtf "
    "timeAsStated placeAsStated mentionedAs causalRelation describesNode footnote footnoteNear openList contradicts "
    "corroborates evidenceGrade"
)


@dataclass(frozen=True, slots=True)
class ClaimSummary:
    """A claim about the thing: its wording by us, how it is said, and where (paragraph and anchors, or locator)."""

    claim: str
    label: str
    modality: str
    hedges: tuple[str, ...]
    source: str
    place: str
    anchors: tuple[str, ...]
    start: int = -1


@dataclass(frozen=True, slots=True)
class Description:
    """What there is to say of one thing.

    labels, texts, links and details are (name, value) pairs, a label's name with its language ("alias, es"); facts are
    plain sentences; used_by is (kind of user, names); body is a question's SPARQL.
    """

    iri: str
    curie: str
    kind: str
    label: str
    labels: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    axioms: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    facts: tuple[str, ...] = ()
    claims: tuple[ClaimSummary, ...] = ()
    used_by: tuple[tuple[str, tuple[str, ...]], ...] = ()
    body: str = field(default="", repr=False)


def describe(
    store: Readable,
    catalogue: Mapping[str, StoredQuery],
    name: str,
    *,
    prefixes: Mapping[str, str] | None = None,
    language: str = "en",
) -> Description:
    """The description of what a name means: a question, else a term, entity, concept or claim by label, CURIE or <iri>.

    Labels, definitions and notes are those in the language, where there are any. Axioms are told in English.

    Uses by shapes are there only where the store has its named graphs. Raises UnknownTerm with the closest names, and
    BadParameter where several things bear the name.
    """
    table = prefixes or {}
    if name in catalogue:
        return _question(catalogue[name], language)
    try:
        node = resolve_name(store, name, prefixes=table)
    except UnknownTerm as error:
        close = dict.fromkeys([*closest(name, list(catalogue), 2), *error.close_matches])
        raise UnknownTerm(name, list(close)[:4]) from None
    if node.value.startswith(CLAIM):
        return _claim(store, node, table, language)
    iri = node.value
    kind = kind_of(store, iri) or "node"
    return Description(
        iri,
        compact(iri, table),
        _kind_words(store, node, kind, language),
        label_or_name(store, iri, language),
        _labels(store, node, language),
        _texts(store, node, language),
        tuple(sentences(store, iri)) if kind in ("class", "property") else (),
        _links(store, node, table, language),
        (),
        _facts(store, node, language) if kind not in ("class", "property") else _members(store, node, language),
        _claims(store, node, table, language),
        tuple((user, names) for user, names in _users(store, node, catalogue, table, language) if names),
    )


def _kind_words(store: Readable, node: NamedNode, kind: str, language: str) -> str:
    """The kind, for an entity by its classes: "entity: group, organization; by claims: terrorist organization".

    What is in its record, and what that is under, goes first; the rest is what somebody calls it, or follows from that.
    """
    if kind not in ("entity", "source", "node"):
        return kind
    types = {
        t for t in property_values(store, node, RDF + "type") if isinstance(t, NamedNode) and t.value.startswith(NX)
    }
    quads = store.quads_for_pattern(node, TYPE, None, None)
    recorded = {
        q.object for q in quads if isinstance(q.graph_name, NamedNode) and GRAPH + "data/" in q.graph_name.value
    }
    above = types & classes_above(store, types & recorded)
    own, claimed = (
        ", ".join(sorted(label_or_name(store, each.value, language) for each in some))
        for some in ((above, types - above) if above else (types, ()))
    )
    words = f"{kind}: {own}" if own else kind
    return f"{words}; {message('by claims', language)}: {claimed}" if claimed else words


def _question(query: StoredQuery, language: str) -> Description:
    terms = sorted({f"{m[1]}:{m[2]}" for m in re.finditer(r"(?<![\w<])([a-z][\w-]*):([\w][\w.-]*\b)", query.text)})
    details = [("tags", ", ".join(query.tags))] if query.tags else []
    details += [(f"parameter {p.name} ({p.takes}), default {p.shown_default}", p.meaning) for p in query.params]
    details += [(f"asked in {other}", words) for other, words in query.phrasings]
    details.append(("terms", ", ".join(terms)))
    texts = (("description", query.description),) if query.description else ()
    titles = {"en": query.summary, **query.titles}
    others = ((other, title) for other, title in titles.items() if other != language)
    labels = ((language, query.title(language)), *others)  # the first is the heading
    return Description(
        "", query.name, query.kind, query.title(language), labels, texts, details=tuple(details), body=query.text
    )


def _claim(store: Readable, node: NamedNode, table: Mapping[str, str], language: str) -> Description:
    ends = [
        _words(store, node, NX + end, table, language)
        for end in ("claimSubject", "claimPredicate", "claimObject", "claimValue")
    ]
    details = [("says", " — ".join(", ".join(end) for end in ends if end))]
    for name in _QUALIFIERS.split():
        values = _words(store, node, NX + name, table, language)
        if values:
            details.append((label_or_name(store, NX + name, language), ", ".join(values)))
    evidence = _claim_summary(store, node, table, language)
    return Description(
        node.value,
        compact(node.value, table),
        "claim",
        label_or_name(store, node.value, language),
        texts=_texts(store, node, language),
        details=tuple(details),
        claims=(evidence,),
    )


def _labels(store: Readable, node: NamedNode, language: str) -> tuple[tuple[str, str], ...]:
    found = []
    for name, predicate in _LABELS:
        values = [v for v in property_values(store, node, SKOS + predicate) if isinstance(v, Literal)]
        order = {each: i for i, each in enumerate(sorted(LANGUAGES, key=lambda each: each != language))}
        values.sort(key=lambda v: (order.get(v.language or "", len(order)), v.language or "", v.value))
        found += [(f"{name}, {v.language}" if v.language else name, v.value) for v in values]
    return tuple(found)


def _texts(store: Readable, node: NamedNode, language: str) -> tuple[tuple[str, str], ...]:
    found = []
    for name, predicate in _TEXTS:
        values = [v for v in property_values(store, node, predicate) if isinstance(v, Literal)]
        # a reader gets his language where there is any of it, else English where there is any
        own = [v for v in values if v.language in (language, None)] or [v for v in values if v.language == "en"]
        found += sorted((name, v.value) for v in own or values)
    found.sort(key=lambda pair: ([n for n, _ in _TEXTS].index(pair[0]), pair[1].startswith("Negative")))
    return tuple(found)


def _links(store: Readable, node: NamedNode, table: Mapping[str, str], language: str) -> tuple[tuple[str, str], ...]:
    found = []
    for name in _HIERARCHY:
        found += [(f"skos:{name}", words) for words in _words(store, node, SKOS + name, table, language)]
    for value in property_values(store, node, SKOS + "notation"):
        if isinstance(value, Literal):
            found.append((f"notation, {compact(value.datatype.value, table).rsplit(':', 1)[-1]}", value.value))
    for name in _MATCHES:
        found += [
            (f"skos:{name}", v.value) for v in property_values(store, node, SKOS + name) if isinstance(v, NamedNode)
        ]
    see = property_values(store, node, "http://www.w3.org/2000/01/rdf-schema#seeAlso")
    return tuple(found) + tuple(("see also", v.value) for v in see if isinstance(v, NamedNode))


def _words(store: Readable, node: NamedNode, predicate: str, table: Mapping[str, str], language: str) -> list[str]:
    """The values of a property: literals as they are, nodes by label with the CURIE."""
    found = []
    for value in property_values(store, node, predicate):
        if isinstance(value, NamedNode):
            found.append(f"{label_or_name(store, value.value, language)} ({compact(value.value, table)})")
        elif isinstance(value, Literal):
            found.append(value.value)
    return found


def _facts(store: Readable, node: NamedNode, language: str) -> tuple[str, ...]:
    """The plain triples about an entity or concept, stated and inferred, as sentences; not the claims themselves."""
    found = set()
    for quad in store.quads_for_pattern(node, None, None, DEFAULT_GRAPH):
        if quad.predicate.value.startswith(NX) and quad.predicate.value != NX + "derivedFrom":
            found.add((0, label_or_name(store, quad.predicate.value, language), _term(store, quad.object, language)))
    for quad in store.quads_for_pattern(None, None, node, DEFAULT_GRAPH):
        subject = quad.subject
        if not quad.predicate.value.startswith(NX) or not isinstance(subject, NamedNode):
            continue
        if not subject.value.startswith((CLAIM, BASE + "span/", BASE + "segment/")):
            found.add(
                (1, label_or_name(store, quad.predicate.value, language), label_or_name(store, subject.value, language))
            )
    mine = label_or_name(store, node.value, language)
    return tuple(
        f"{mine} — {verb} — {other}" if not incoming else f"{other} — {verb} — {mine}"
        for incoming, verb, other in sorted(found)
    )


def _term(store: Readable, term: object, language: str) -> str:
    return (
        label_or_name(store, term.value, language) if isinstance(term, NamedNode) else getattr(term, "value", str(term))
    )


def _members(store: Readable, node: NamedNode, language: str) -> tuple[str, ...]:
    """How many members a class has, or how many pairs a property holds of, with the labels of the first."""
    quads = store.quads_for_pattern(None, TYPE, node, DEFAULT_GRAPH)
    things = sorted(label_or_name(store, q.subject.value, language) for q in quads if isinstance(q.subject, NamedNode))
    if not things:
        pairs = store.quads_for_pattern(None, node, None, DEFAULT_GRAPH)
        things = sorted(
            f"{label_or_name(store, q.subject.value, language)} — {_term(store, q.object, language)}"
            for q in pairs
            if isinstance(q.subject, NamedNode) and not isinstance(q.object, BlankNode)
        )
    return tuple(things)


def _claims(store: Readable, node: NamedNode, table: Mapping[str, str], language: str) -> tuple[ClaimSummary, ...]:
    claims = {
        quad.subject
        for end in _ENDS
        for quad in store.quads_for_pattern(None, NamedNode(NX + end), node, DEFAULT_GRAPH)
        if isinstance(quad.subject, NamedNode)
    }
    return tuple(
        sorted(
            (_claim_summary(store, claim, table, language) for claim in claims),
            key=lambda s: (s.source, s.start, s.claim),
        )
    )


def _claim_summary(store: Readable, claim: NamedNode, table: Mapping[str, str], language: str) -> ClaimSummary:
    def first(subject: NamedNode, name: str) -> str:
        return next((_term(store, value, language) for value in property_values(store, subject, NX + name)), "")

    spans = sorted(
        (s for s in property_values(store, claim, NX + "supportedBy") if isinstance(s, NamedNode)),
        key=lambda s: (first(s, "startOffset").zfill(12), s.value),
    )
    span = next(iter(spans), None)
    source = next((s.value for s in property_values(store, claim, NX + "fromSource") if isinstance(s, NamedNode)), "")
    start = first(span, "startOffset") if span else ""
    return ClaimSummary(
        compact(claim.value, table),
        label_or_name(store, claim.value, language),
        first(claim, "modality"),
        tuple(_term(store, value, language) for value in property_values(store, claim, NX + "hedge")),
        source.rsplit("/", 1)[-1],
        f"paragraph {first(span, 'paragraph')}" if span else f"{first(claim, 'locator')} [locator only]",
        tuple(anchor for span in spans if (anchor := first(span, "anchorPhrase"))),
        int(start) if start.isdecimal() else -1,
    )


def _users(
    store: Readable, node: NamedNode, catalogue: Mapping[str, StoredQuery], table: Mapping[str, str], language: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    curie = compact(node.value, table)
    named = re.compile(rf"(?<![\w.-]){re.escape(curie)}(?![\w-])|<{re.escape(node.value)}>")
    yield "questions", tuple(sorted(name for name, query in catalogue.items() if named.search(query.text)))
    shapes: set[str] = set()
    for quad in store.quads_for_pattern(None, None, node, None):
        graph = quad.graph_name
        if isinstance(graph, NamedNode) and graph.value.startswith(GRAPH + "shapes/"):
            shape = owner(store, _subject(quad.subject), graph)
            shapes.update([compact(shape.value, table)] if shape else [])
    yield "shapes", tuple(sorted(shapes))
    axioms: set[str] = set()
    for quad in store.quads_for_pattern(None, None, node, DEFAULT_GRAPH):
        user = owner(store, _subject(quad.subject), DEFAULT_GRAPH)
        if user and user != node and user.value.startswith(NX):
            axioms.add(compact(user.value, table))
    yield "axioms of", tuple(sorted(axioms))
    roles = Counter(
        quad.predicate.value
        for quad in store.quads_for_pattern(None, None, node, DEFAULT_GRAPH)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(CLAIM)
    )
    counts = [
        f"{n} by “{label_or_name(store, role, language)}”"
        for role, n in sorted(roles.items())
        if role[len(NX) :] not in _ENDS
    ]
    yield "claims", tuple(counts)


def _subject(subject: object) -> NamedNode | BlankNode:
    return subject if isinstance(subject, NamedNode | BlankNode) else BlankNode()


def description_text(description: Description, limit: int = 12) -> str:
    """The description as plain text, at most `limit` facts and claims of it (0 for all)."""
    d = description
    lines = [f"{d.label}", f"{d.curie}  ({d.kind})"]
    if d.iri and d.iri != d.curie:
        lines.append(d.iri)
    for title, pairs in (
        ("", d.labels[1:] if d.labels else ()),
        ("", d.texts),
        ("Details", d.details),
        ("Links", d.links),
    ):
        lines += _block(title, [f"{name}: {value}" for name, value in pairs])
    lines += _block("Axioms", d.axioms)
    several = d.kind in ("class", "property")
    lines += _block(f"Holds of ({len(d.facts)})" if several else "Facts", _cut(d.facts, limit))
    title = "Evidence" if d.kind == "claim" else f"What sources say ({len(d.claims)} claims)"
    lines += _block(title, _cut([_where(said) for said in d.claims], limit))
    lines += _block("Used by", [f"{user}: {', '.join(names)}" for user, names in d.used_by])
    if d.body:
        lines += ["", d.body.rstrip()]
    return "\n".join(lines) + "\n"


def _where(said: ClaimSummary) -> str:
    hedges = f" [{', '.join(said.hedges)}]" if said.hedges else ""
    anchor = "".join(f', "{anchor}"' for anchor in said.anchors)
    place = f", {said.place}" if said.place else ""
    return f"{said.label}{hedges} ({said.modality}; {said.claim}: {said.source}{place}{anchor})"


def _cut(items: Iterable[str], limit: int) -> list[str]:
    all_items = list(items)
    rest = len(all_items) - limit
    return [*all_items[:limit], f"… and {rest} more"] if limit and rest > 0 else all_items


def _block(title: str, items: Iterable[str]) -> list[str]:
    """A block of wrapped lines under its title, after an empty line; nothing where there are no items."""
    wrapped = [
        line
        for item in items
        for line in textwrap.wrap(
            item, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
        )
    ]
    return ["", *([title] if title else []), *wrapped] if wrapped else []
