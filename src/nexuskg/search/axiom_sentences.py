"""Axioms in plain words: what the ontology says of a class or property, one sentence each.

Words are the English labels; a property stands in quotation marks, as it may be a verb, a phrase or a noun.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Triple

from nexuskg.base.namespaces import DEFAULT_GRAPH, NX, OWL, RDF, RDFS, TYPE, XSD
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import Readable

Node: TypeAlias = NamedNode | BlankNode
Term: TypeAlias = NamedNode | BlankNode | Literal | Triple

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
    """
    node = NamedNode(iri)
    return [*_class(store, node), *_property(store, node)]


def owner(store: Readable, node: Node, graph: NamedNode | DefaultGraph, depth: int = 20) -> NamedNode | None:
    """The named node in whose axiom, shape or list a node without a name stands; a named node is its own owner."""
    while isinstance(node, BlankNode):
        incoming = [q.subject for q in store.quads_for_pattern(None, None, node, graph)]
        outgoing = property_values(
            store, node, RDFS + "subClassOf", graph
        )  # a general axiom: the class it puts things in
        above = [n for n in (*incoming, *outgoing) if isinstance(n, NamedNode | BlankNode)]
        if not above or depth <= 0:
            return None
        node, depth = min(above, key=lambda n: (isinstance(n, BlankNode), str(n))), depth - 1
    return node


def property_values(
    store: Readable, subject: Node, predicate: str, graph: NamedNode | DefaultGraph | None = None
) -> list[Term]:
    """The values of a property of a node, sorted."""
    quads = store.quads_for_pattern(subject, NamedNode(predicate), None, graph or DEFAULT_GRAPH)
    return sorted((quad.object for quad in quads), key=str)


def _named_nodes(terms: list[Term]) -> list[NamedNode]:
    return [term for term in terms if isinstance(term, NamedNode)]


def _members(store: Readable, head: Term) -> list[Term]:
    """The members of an RDF list."""
    found: list[Term] = []
    while isinstance(head, BlankNode) and len(found) < 1000:
        found += property_values(store, head, RDF + "first")[:1]
        head = next(iter(property_values(store, head, RDF + "rest")), NamedNode(RDF + "nil"))
    return found


def with_article(noun: str) -> str:
    """A noun with its indefinite article, by its first letter.

    >>> with_article("organization"), with_article("market"), with_article("unit")
    ('an organization', 'a market', 'a unit')
    """
    return f"{'an' if noun[:1].lower() in 'aeiou' and not noun.startswith(('uni', 'use', 'one')) else 'a'} {noun}"


def _noun(store: Readable, term: Term) -> str:
    """A class expression as a noun with its article: "an organization that “taxes” some drug activity"."""
    if isinstance(term, NamedNode):
        return with_article(label_or_name(store, term.value)) if term.value != OWL + "Thing" else "anything"
    if not isinstance(term, BlankNode):
        return str(term)
    parts = [m for head in property_values(store, term, OWL + "intersectionOf") for m in _members(store, head)]
    if parts:
        nouns = [_noun(store, part) for part in parts if not property_values(store, _node(part), OWL + "onProperty")]
        clauses = [
            _clause(store, _node(part)) for part in parts if property_values(store, _node(part), OWL + "onProperty")
        ]
        clauses[:0] = [f"is also {noun}" for noun in nouns[1:]]
        base = nouns[0] if nouns else "anything"
        return f"{base} that {' and '.join(clauses)}" if clauses else base
    for predicate, joint in (("unionOf", " or "), ("oneOf", " or ")):
        parts = [m for head in property_values(store, term, OWL + predicate) for m in _members(store, head)]
        if parts:
            return joint.join(_noun(store, p) if predicate == "unionOf" else _word(store, p) for p in parts)
    if property_values(store, term, OWL + "complementOf"):
        return f"anything but {_noun(store, property_values(store, term, OWL + 'complementOf')[0])}"
    return f"anything that {_clause(store, term)}"


def _clause(store: Readable, restriction: Node) -> str:
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


def _node(term: Term) -> Node:
    return term if isinstance(term, NamedNode | BlankNode) else BlankNode()


def _bare(noun: str) -> str:
    return noun.removeprefix("an ").removeprefix("a ")


def _word(store: Readable, term: Term) -> str:
    return label_or_name(store, term.value) if isinstance(term, NamedNode) else getattr(term, "value", str(term))


def _quote(store: Readable, term: Term) -> str:
    return f"“{_word(store, term)}”"


def _class(store: Readable, node: NamedNode) -> Iterator[str]:
    me = label_or_name(store, node.value)
    for parent in property_values(store, node, RDFS + "subClassOf"):
        if parent not in (node, NamedNode(OWL + "Thing")):
            yield f"Every {me} is {_noun(store, parent)}."
    for same in property_values(store, node, OWL + "equivalentClass"):
        if same != node:
            yield f"{with_article(me).capitalize()} is the same as {_noun(store, same)}."
    graph = DEFAULT_GRAPH
    for quad in sorted(store.quads_for_pattern(None, NamedNode(RDFS + "subClassOf"), node, graph), key=str):
        if isinstance(quad.subject, BlankNode):
            yield f"Whatever is {_noun(store, quad.subject)} is {with_article(me)}."
    others = set(_named_nodes(property_values(store, node, OWL + "disjointWith")))
    for quad in store.quads_for_pattern(None, NamedNode(OWL + "disjointWith"), node, graph):
        others.update(_named_nodes([quad.subject]))
    for quad in store.quads_for_pattern(None, TYPE, NamedNode(OWL + "AllDisjointClasses"), graph):
        members = [
            m for head in property_values(store, _node(quad.subject), OWL + "members") for m in _members(store, head)
        ]
        others.update(_named_nodes(members) if node in members else [])
    names = sorted(label_or_name(store, other.value) for other in others if other != node)
    if names:
        yield f"Nothing that is {with_article(me)} is ever: {', '.join(names)}."


def _property(store: Readable, node: NamedNode) -> Iterator[str]:
    me = _quote(store, node)
    for domain in property_values(store, node, RDFS + "domain"):
        yield f"Whatever {me} something is {_noun(store, domain)}."
    for target in property_values(store, node, RDFS + "range"):
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
    for head in property_values(store, node, OWL + "propertyChainAxiom"):
        steps = _members(store, head)
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
