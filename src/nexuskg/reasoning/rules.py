"""Reasoning as data: the OWL 2 RL axioms that the ontology may use, and the domain rules, as clauses.

`RULES` is the whole of the logic of OWL: which axiom calls for a rule, what the rule needs, what it concludes. For a
store each rule is specialized to the axioms found there (`clauses`); class expressions are unfolded on the way, so no
conclusion ever speaks of a blank node. The same clauses are run to a fixpoint (nexuskg.reasoning.closure) and explain
one step (nexuskg.reasoning.steps).

Outside the set, and refused by name rather than passed over: sameAs and keys (they merge what the sources keep apart),
cardinalities, nominals, reflexive properties, statements that things differ, and whatever OWL 2 RL has no place for.
Necessary conditions beyond it stand in ontology/dl and are for `nexuskg.validation.owl_consistency`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import BlankNode, NamedNode, Triple

from nexuskg.base.namespaces import DEFAULT_GRAPH, OWL, TYPE
from nexuskg.rdf.store import Readable
from nexuskg.reasoning.axioms import (
    SPACES,
    Part,
    Pattern,
    UnsupportedAxiom,
    ground_triples,
    list_members,
    parse_patterns,
    substitute,
    unfold,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: where an axiom stands, from the premises follows the head; without a head they exclude each other.

    The axiom, premises and head are triple patterns; `where` says what else holds of the axiom, `apart` names two
    variables of the premises that must stand for different things.
    """

    name: str
    sentence: str
    axiom: str
    premises: str
    head: str
    where: str = ""
    apart: tuple[str, str] | None = None


# Where a class axiom speaks of names only, and where a description (a blank node) stands on one side.
_NAMED: Final = "FILTER(isIRI(?c) && isIRI(?d))"
_DESCRIBED: Final = "FILTER(isBlank(?c) || isBlank(?d))"
_PAIRS: Final = "?list rdf:rest*/rdf:first ?c , ?d FILTER(STR(?c) < STR(?d))"
_PAIRS_OF_CLASSES: Final = f"?all a owl:AllDisjointClasses . {_PAIRS}"
_PAIRS_OF_PROPERTIES: Final = f"?all a owl:AllDisjointProperties . {_PAIRS}"
_SAME_PAIRS: Final = "Equivalent properties hold of the same pairs."
_BACKWARDS: Final = "What a property says in one direction, its inverse says in the other."
_SAME_MEMBERS: Final = "Equivalent classes have the same members."
_FITS: Final = "Whatever fits the description is a member of the class."
_MUST_FIT: Final = "A member of the class fits the description."
_APART: Final = "Nothing is a member of two disjoint classes."
_NOT_BOTH: Final = "Two disjoint properties never hold of the same pair."
_ONE: Final = "The property has one value at most."
_ONE_OF: Final = "The property has each value of one thing at most."
_REACH: Final = "What is so related to a second thing is so related to what the second is so related to."
_BOTH: Final = "?x ?c ?y . ?x ?d ?y"

RULES: Final = (
    Rule("sub-property", "A property implies its super-property.", "?p rdfs:subPropertyOf ?q", "?x ?p ?y", "?x ?q ?y"),
    Rule("equivalent property", _SAME_PAIRS, "?p owl:equivalentProperty ?q", "?x ?p ?y", "?x ?q ?y"),
    Rule("equivalent property", _SAME_PAIRS, "?p owl:equivalentProperty ?q", "?x ?q ?y", "?x ?p ?y"),
    Rule("inverse", _BACKWARDS, "?p owl:inverseOf ?q", "?x ?p ?y", "?y ?q ?x", "FILTER(isIRI(?p))"),
    Rule("inverse", _BACKWARDS, "?p owl:inverseOf ?q", "?x ?q ?y", "?y ?p ?x", "FILTER(isIRI(?p))"),
    Rule("symmetric", "It holds in both directions.", "?p a owl:SymmetricProperty", "?x ?p ?y", "?y ?p ?x"),
    Rule("transitive", _REACH, "?p a owl:TransitiveProperty", "?x ?p ?y . ?y ?p ?z", "?x ?p ?z"),
    Rule("domain", "Whatever has the property is in its domain.", "?p rdfs:domain ?c", "?x ?p ?y", "?x a ?c"),
    Rule("range", "Whatever is a value of the property is in its range.", "?p rdfs:range ?c", "?x ?p ?y", "?y a ?c"),
    Rule("sub-class", "A class lies within its super-class.", "?c rdfs:subClassOf ?d", "?x a ?c", "?x a ?d", _NAMED),
    Rule("sufficient", _FITS, "?c rdfs:subClassOf ?d", "?x a ?c", "?x a ?d", "FILTER(isBlank(?c))"),
    Rule("necessary", _MUST_FIT, "?c rdfs:subClassOf ?d", "?x a ?c", "?x a ?d", "FILTER(isIRI(?c) && isBlank(?d))"),
    Rule("equivalent class", _SAME_MEMBERS, "?c owl:equivalentClass ?d", "?x a ?c", "?x a ?d", _NAMED),
    Rule("equivalent class", _SAME_MEMBERS, "?c owl:equivalentClass ?d", "?x a ?d", "?x a ?c", _NAMED),
    Rule("sufficient", _FITS, "?c owl:equivalentClass ?d", "?x a ?d", "?x a ?c", _DESCRIBED),
    Rule("necessary", _MUST_FIT, "?c owl:equivalentClass ?d", "?x a ?c", "?x a ?d", _DESCRIBED),
    Rule("disjoint", _APART, "?c owl:disjointWith ?d", "?x a ?c . ?x a ?d", ""),
    Rule("disjoint", _APART, "?all owl:members ?list", "?x a ?c . ?x a ?d", "", _PAIRS_OF_CLASSES),
    Rule("disjoint properties", _NOT_BOTH, "?c owl:propertyDisjointWith ?d", _BOTH, ""),
    Rule("disjoint properties", _NOT_BOTH, "?all owl:members ?list", _BOTH, "", _PAIRS_OF_PROPERTIES),
    Rule("asymmetric", "It never holds in both directions.", "?p a owl:AsymmetricProperty", "?x ?p ?y . ?y ?p ?x", ""),
    Rule("irreflexive", "Nothing is so related to itself.", "?p a owl:IrreflexiveProperty", "?x ?p ?x", ""),
    Rule("functional", _ONE, "?p a owl:FunctionalProperty", "?x ?p ?y . ?x ?p ?z", "", apart=("y", "z")),
    Rule(
        "inverse functional",
        _ONE_OF,
        "?p a owl:InverseFunctionalProperty",
        "?x ?p ?y . ?z ?p ?y",
        "",
        apart=("x", "z"),
    ),
    Rule("nothing", "The empty class has no members.", "", "?x a owl:Nothing", ""),
)


def chain(length: int) -> Rule:
    """The rule of property chains with so many links.

    >>> chain(2).premises
    '?x0 ?p1 ?x1 . ?x1 ?p2 ?x2'
    """
    links = range(1, length + 1)
    where = " . ".join(f"?r{i} rdf:first ?p{i} ; rdf:rest ?r{i + 1}" for i in links)
    return Rule(
        "chain",
        "Properties that follow each other along a chain give the property the chain stands for.",
        "?p owl:propertyChainAxiom ?r1",
        " . ".join(f"?x{i - 1} ?p{i} ?x{i}" for i in links),
        f"?x0 ?p ?x{length}",
        f"{where} FILTER(?r{length + 1} = rdf:nil)",
    )


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule specialized to one axiom: only what varies from individual to individual is still a variable.

    A domain rule has no axiom; its `body` is SPARQL, and holds its premises and what else it asks of them.
    """

    rule: Rule
    axioms: tuple[Triple, ...]
    premises: tuple[Pattern, ...]
    head: Pattern | None
    body: str = ""


def key(pattern: Iterable[Any]) -> Part:
    """What a pattern or triple is looked up by: its predicate, or the class where the predicate is rdf:type.

    >>> [str(key(pattern)) for pattern in parse_patterns("?x a owl:Thing . ?x rdfs:label ?y")]
    ['<http://www.w3.org/2002/07/owl#Thing>', '<http://www.w3.org/2000/01/rdf-schema#label>']
    """
    _, predicate, value = pattern
    found: Part = value if predicate == TYPE else predicate
    return found


# What OWL has and the rules do not: the predicates, and the classes of axioms.
_REFUSED: Final = (
    "VALUES ?p { owl:hasKey owl:disjointUnionOf owl:sameAs owl:differentFrom owl:distinctMembers owl:onProperties "
    "owl:assertionProperty } ?s ?p ?o",
    "VALUES (?p ?o) { (rdf:type owl:ReflexiveProperty) (rdf:type owl:AllDifferent) "
    "(rdf:type owl:NegativePropertyAssertion) } ?s ?p ?o",
    "VALUES ?p { owl:intersectionOf owl:unionOf owl:complementOf owl:oneOf owl:onProperty } ?s ?p ?o FILTER(isIRI(?s))",
)


def clauses(store: Readable, domain: Iterable[Clause] = (), concluding: bool = False) -> tuple[Clause, ...]:
    """The rules specialized to the axioms in the default graph, and the domain rules; raises UnsupportedAxiom.

    With `concluding` those that only exclude are left out: most, and nothing follows from them.

    >>> from pyoxigraph import Store
    >>> store = Store()
    >>> store.update("INSERT DATA { <urn:p> a <http://www.w3.org/2002/07/owl#SymmetricProperty> }")
    >>> [(found.rule.name, [str(part) for part in found.head]) for found in clauses(store, concluding=True)]
    [('symmetric', ['?y', '<urn:p>', '?x'])]
    """
    for refused in (row for pattern in _REFUSED for row in _select(store, pattern)):
        raise UnsupportedAxiom(" ".join(str(refused[name]) for name in "spo"))
    chains = store.quads_for_pattern(None, NamedNode(OWL + "propertyChainAxiom"), None, DEFAULT_GRAPH)
    lengths = sorted({len(list_members(store, quad.object)) for quad in chains})
    out: dict[Clause, None] = dict.fromkeys(domain)
    for rule in (*map(chain, lengths), *(rule for rule in RULES if rule.head or not concluding)):
        premises, head = parse_patterns(rule.premises), next(iter(parse_patterns(rule.head)), None)
        about = parse_patterns(rule.axiom)
        for row in _select(store, f"{rule.axiom} . {rule.where}") if rule.axiom else [{}]:
            axioms = ground_triples(about, row)
            for body, end in unfold(store, [substitute(p, row) for p in premises], head and substitute(head, row)):
                # What is still a blank node here: an inverse written on the spot, or a nameless individual.
                if any(isinstance(part, BlankNode) for pattern in (*body, end or ()) for part in pattern):
                    raise UnsupportedAxiom(" ".join(map(str, axioms)))
                out[Clause(rule, axioms, tuple(body), end)] = None
    return tuple(out)


def _select(store: Readable, pattern: str) -> list[dict[str, Any]]:
    """The solutions in the order of their own text: the store's order may differ between runs."""
    prefixes = " ".join(f"PREFIX {prefix}: <{space}>" for prefix, space in SPACES.items())
    found: Any = store.query(f"{prefixes} SELECT * WHERE {{ {pattern} }}")
    names = [variable.value for variable in found.variables]
    return sorted(({name: row[name] for name in names} for row in found), key=lambda row: [*map(str, row.values())])


def order(triple: Triple) -> tuple[str, str, str]:
    """A sort key of triples that does not depend on the store.

    >>> order(Triple(NamedNode("urn:a"), NamedNode("urn:p"), NamedNode("urn:b")))
    ('<urn:a>', 'urn:p', '<urn:b>')
    """
    return str(triple.subject), triple.predicate.value, str(triple.object)
