"""All there is to say of one term, entity, concept, claim or question, and who uses it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from nexuskg.base.headings import LANGUAGES, message
from nexuskg.base.namespaces import BASE, CLAIM, DEFAULT_GRAPH, GRAPH, NX, RDF, SKOS, TYPE, compact, expand
from nexuskg.errors import UnknownTerm, closest
from nexuskg.queries.catalogue import Parameter, StoredQuery
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import Readable, classes_above, property_values
from nexuskg.reasoning.axiom_sentences import sentences
from nexuskg.search.description import ClaimSummary, Description
from nexuskg.search.find import kind_of, resolve_name
from nexuskg.search.names import names_told
from nexuskg.search.properties import class_properties
from nexuskg.search.record_history import WithdrawnRecord, curation_history, withdrawn_record
from nexuskg.search.usage import CLAIM_ENDS, users_of

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
_QUALIFIERS: Final = (
    "kind modality polarity voice claimedBy hedge degree comparator unit measures valueAsStated quantityWord edtf "
    "timeAsStated placeAsStated mentionedAs causalRelation describesNode footnote footnoteNear openList contradicts "
    "corroborates evidenceGrade"
)


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
        record = withdrawn_record(store, expand(name, table) or name.strip("<>"))
        if record is not None:
            return _withdrawn(store, record, table, language)
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
        names_told(store, node, table) if kind == "entity" else (),
        _texts(store, node, language),
        tuple(sentences(store, iri)) if kind in ("class", "property") else (),
        _links(store, node, table, language),
        class_properties(store, node, table, language) if kind == "class" else curation_history(store, node, language),
        _facts(store, node, language) if kind not in ("class", "property") else _members(store, node, language),
        _claims(store, node, table, language),
        tuple((user, names) for user, names in users_of(store, node, catalogue, table, language) if names),
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
    details += [(f"parameter {p.name} ({p.takes}), {_default(p)}", p.meaning) for p in query.params]
    details += [(f"asked in {other}", words) for other, words in query.phrasings]
    details.append(("terms", ", ".join(terms)))
    texts = (("description", query.description),) if query.description else ()
    titles = {"en": query.summary, **query.titles}
    others = ((other, title) for other, title in titles.items() if other != language)
    labels = ((language, query.title(language)), *others)  # the first is the heading
    return Description(
        "", query.name, query.kind, query.title(language), labels, texts=texts, details=tuple(details), body=query.text
    )


def _default(parameter: Parameter) -> str:
    example = ", an example that is open once any parameter is given" if parameter.default_is == "example" else ""
    return f"default {parameter.shown_default}{example}"


def _claim(store: Readable, node: NamedNode, table: Mapping[str, str], language: str) -> Description:
    ends = [
        _words(store, node, NX + end, table, language)
        for end in ("claimSubject", "claimPredicate", "claimObject", "claimValue")
    ]
    details = [("says", " — ".join(", ".join(end) for end in ends if end))]
    for name in _QUALIFIERS.split():
        values = _words(store, node, NX + name, table, language)
        if values:
            named = f"{label_or_name(store, NX + name, language)} ({compact(NX + name, table)})"
            details.append((named, ", ".join(values)))
    evidence = _claim_summary(store, node, table, language)
    details += curation_history(store, node, language)
    return Description(
        node.value,
        compact(node.value, table),
        "claim",
        label_or_name(store, node.value, language),
        texts=_texts(store, node, language),
        details=tuple(details),
        claims=(evidence,),
    )


def _withdrawn(store: Readable, record: WithdrawnRecord, table: Mapping[str, str], language: str) -> Description:
    """What stands of a claim that was withdrawn, or of an entity that was merged."""
    details = [("no longer counts", record.words(table))]
    details += [
        (label_or_name(store, prop, language), _name_and_curie(store, term, table, language))
        for prop, term in record.said
        if prop.startswith(NX) and prop != NX + "status"
    ]
    kind = "withdrawn claim" if record.iri.startswith(CLAIM) else "merged entity"
    label = record.label or compact(record.iri, table)
    return Description(record.iri, compact(record.iri, table), kind, label, details=tuple(details))


def _name_and_curie(store: Readable, term: object, table: Mapping[str, str], language: str) -> str:
    if isinstance(term, NamedNode):
        return f"{label_or_name(store, term.value, language)} ({compact(term.value, table)})"
    return _term(store, term, language)


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
        for end in CLAIM_ENDS
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
