"""Axioms in plain words: what the ontology says of a class or property, one sentence each.

Words are the English labels; a property stands in quotation marks, as it may be a verb, a phrase or a noun.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode

from nexuskg.base.namespaces import DEFAULT_GRAPH, NX, OWL, RDF, RDFS, TYPE, XSD
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import Readable, Term, property_values
from nexuskg.reasoning.axioms import UnsupportedAxiom, list_members
from nexuskg.reasoning.verbalize import with_article

_Node: TypeAlias = NamedNode | BlankNode

_RESTRICTIONS = (
    ("someValuesFrom", "some"),
    ("allValuesFrom", "nothing but"),
    ("hasValue", ""),
)
_NUMBERS = (
    ("minQualifiedCardinality", "at least"),
    ("maxQualifiedCardinality", "at most"),
    ("qualifiedCardinality", "exactly"),
    ("minCardinality", "at least"),
    ("maxCardinality", "at most"),
    ("cardinality", "exactly"),
)
_FEATURES = {
    "TransitiveProperty": "Where x {p} y and y {p} z, x {p} z.",
    "SymmetricProperty": "Where x {p} y, y {p} x.",
    "AsymmetricProperty": "Where x {p} y, y never {p} x.",
    "ReflexiveProperty": "Everything {p} itself.",
    "IrreflexiveProperty": "Nothing {p} itself.",
    "FunctionalProperty": "Nothing has more than one value of {p}.",
    "InverseFunctionalProperty": "No two things {p} the same one.",
}


def sentences(store: Readable, iri: str) -> list[str]:
    """The axioms of the store's default graph about a class or property, a sentence each, sorted by sort of axiom.

    Inferred sub-class and sub-property triples cannot be told from stated ones there, and are given as well.

    >>> from pyoxigraph import Quad, Store
    >>> collector, group = NamedNode(NX + "Collector"), NamedNode(NX + "Group")
    >>> store = Store()
    >>> store.add(Quad(collector, NamedNode(RDFS + "subClassOf"), group))
    >>> sentences(store, collector.value)
    ['Every Collector is a Group.']
    """
    node = NamedNode(iri)
    return [*_class(store, node), *_property(store, node)]


def _named_nodes(terms: Iterable[Term]) -> list[NamedNode]:
    return [term for term in terms if isinstance(term, NamedNode)]


def _lists(store: Readable, node: _Node, predicate: str) -> Iterator[list[Term]]:
    """The members of each list that is a value of a property; a list that breaks off is left to the rules to refuse."""
    for head in property_values(store, node, predicate):
        with suppress(UnsupportedAxiom):
            yield list_members(store, head)


def _members(store: Readable, node: _Node, predicate: str) -> list[Term]:
    return [member for members in _lists(store, node, predicate) for member in members]


def _noun(store: Readable, term: Term) -> str:
    """A class expression as a noun with its article: "an organization that “taxes” some drug activity"."""
    if isinstance(term, NamedNode):
        return with_article(label_or_name(store, term.value)) if term.value != OWL + "Thing" else "anything"
    if not isinstance(term, BlankNode):
        return str(term)
    parts = _members(store, term, OWL + "intersectionOf")
    if parts:
        nouns = [_noun(store, part) for part in parts if not property_values(store, _node(part), OWL + "onProperty")]
        clauses = [
            _clause(store, _node(part)) for part in parts if property_values(store, _node(part), OWL + "onProperty")
        ]
        clauses[:0] = [f"is also {noun}" for noun in nouns[1:]]
        base = nouns[0] if nouns else "anything"
        return f"{base} that {' and '.join(clauses)}" if clauses else base
    for predicate, joint in (("unionOf", " or "), ("oneOf", " or ")):
        parts = _members(store, term, OWL + predicate)
        if parts:
            return joint.join(_noun(store, p) if predicate == "unionOf" else _word(store, p) for p in parts)
    if property_values(store, term, OWL + "complementOf"):
        return f"anything but {_noun(store, property_values(store, term, OWL + 'complementOf')[0])}"
    return f"anything that {_clause(store, term)}"


def _clause(store: Readable, restriction: _Node) -> str:
    """A restriction as the rest of a relative clause: "“taxes” some drug activity"."""
    verb = next((_quote(store, p) for p in property_values(store, restriction, OWL + "onProperty")), "“?”")
    for name, word in _RESTRICTIONS:
        for value in property_values(store, restriction, OWL + name):
            what = _word(store, value) if name == "hasValue" else _bare(_noun(store, value))
            return f"{verb} {word} {what}".replace("  ", " ").replace("some anything", "something")
    for name, word in _NUMBERS:
        for value in property_values(store, restriction, OWL + name):
            of = property_values(store, restriction, OWL + "onClass")
            count = value.value if isinstance(value, Literal) else str(value)
            return f"{verb} {word} {count} {_bare(_noun(store, of[0])) if of else 'things'}"
    return f"{verb} something"


def _node(term: Term) -> _Node:
    return term if isinstance(term, NamedNode | BlankNode) else BlankNode()


def _bare(noun: str) -> str:
    return noun.removeprefix("an ").removeprefix("a ")


def _word(store: Readable, term: Term) -> str:
    return label_or_name(store, term.value) if isinstance(term, NamedNode) else getattr(term, "value", str(term))


def _quote(store: Readable, term: Term) -> str:
    return f"“{_word(store, term)}”"


def _in_order(store: Readable, terms: Iterable[Term]) -> list[Term]:
    """What has a name by its IRI, then class expressions by their words: how they are called differs between builds."""

    def key(term: Term) -> tuple[bool, str]:
        nameless = isinstance(term, BlankNode)
        return nameless, _noun(store, term) if nameless else str(term)

    return sorted(terms, key=key)


def _class(store: Readable, node: NamedNode) -> Iterator[str]:
    me = label_or_name(store, node.value)
    for parent in _in_order(store, property_values(store, node, RDFS + "subClassOf")):
        if parent not in (node, NamedNode(OWL + "Thing")):
            yield f"Every {me} is {_noun(store, parent)}."
    for same in _in_order(store, property_values(store, node, OWL + "equivalentClass")):
        if same != node:
            yield f"{with_article(me).capitalize()} is the same as {_noun(store, same)}."
    graph = DEFAULT_GRAPH
    below = (quad.subject for quad in store.quads_for_pattern(None, NamedNode(RDFS + "subClassOf"), node, graph))
    for expression in _in_order(store, [kind for kind in below if isinstance(kind, BlankNode)]):
        yield f"Whatever is {_noun(store, expression)} is {with_article(me)}."
    others = set(_named_nodes(property_values(store, node, OWL + "disjointWith")))
    for quad in store.quads_for_pattern(None, NamedNode(OWL + "disjointWith"), node, graph):
        others.update(_named_nodes([quad.subject]))
    for quad in store.quads_for_pattern(None, TYPE, NamedNode(OWL + "AllDisjointClasses"), graph):
        members = _members(store, _node(quad.subject), OWL + "members")
        others.update(_named_nodes(members) if node in members else [])
    names = sorted(label_or_name(store, other.value) for other in others if other != node)
    if names:
        yield f"Nothing that is {with_article(me)} is ever: {', '.join(names)}."


def _property(store: Readable, node: NamedNode) -> Iterator[str]:
    me = _quote(store, node)
    for domain in _in_order(store, property_values(store, node, RDFS + "domain")):
        yield f"Whatever {me} something is {_noun(store, domain)}."
    for target in _in_order(store, property_values(store, node, RDFS + "range")):
        data = isinstance(target, NamedNode) and target.value.startswith(XSD)
        yield (
            f"The value of {me} is {with_article(_word(store, target))}."
            if data
            else f"Whatever something {me} is {_noun(store, target)}."
        )
    for above in property_values(store, node, RDFS + "subPropertyOf"):
        if above != node:
            yield f"Where x {me} y, x {_quote(store, above)} y."
    inverses = {*_named_nodes(property_values(store, node, OWL + "inverseOf"))}
    for quad in store.quads_for_pattern(None, NamedNode(OWL + "inverseOf"), node, DEFAULT_GRAPH):
        inverses.update(_named_nodes([quad.subject]))
    for inverse in sorted(inverses, key=str):
        yield f"Where x {me} y, y {_quote(store, inverse)} x, and the other way round."
    for steps in _lists(store, node, OWL + "propertyChainAxiom"):
        names = "xyzuvw"
        links = [f"{names[i]} {_quote(store, step)} {names[i + 1]}" for i, step in enumerate(steps[:5])]
        yield f"Where {' and '.join(links)}, x {me} {names[len(links)]}."
    for kind in _named_nodes(property_values(store, node, RDF + "type")):
        sentence = _FEATURES.get(kind.value.removeprefix(OWL))
        if sentence:
            yield sentence.format(p=me)
    for made in property_values(store, node, NX + "nodeClass"):
        roles = [
            f"{_quote(store, role)} its {end}"
            for end, name in (("subject", "subjectRole"), ("object", "objectRole"))
            for role in property_values(store, node, NX + name)
        ]
        yield f"A claim with {me} also makes {_noun(store, made)} that {' and '.join(roles)}."
