"""Reasoning: the OWL 2 RL axioms that the ontology may use, as rules on a store.

`RULES` is the whole of the logic, as data: which axiom calls for a rule, what the rule needs, what it concludes. For a
store each rule is specialized to the axioms found there (`clauses`); class expressions are unfolded on the way, so no
conclusion ever speaks of a blank node. The same clauses derive (`close`), explain one step (`justifications`) and find
what cannot be (`contradictions`).

Outside the set, and refused by name rather than passed over: sameAs, keys, cardinalities, complements, disjoint
properties, and whatever OWL 2 RL has no place for. Necessary conditions beyond it stand in ontology/dl and are for
`nexuskg.consistency`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store, Triple, Variable

from nexuskg.axioms import (
    SPACES,
    TYPE,
    Part,
    Pattern,
    UnsupportedAxiom,
    bound,
    match,
    members,
    patterns,
    solutions,
    triples,
    unfold,
)
from nexuskg.namespaces import OWL

_HERE: Final = DefaultGraph()


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
_PAIRS: Final = "?all a owl:AllDisjointClasses . ?list rdf:rest*/rdf:first ?c , ?d FILTER(STR(?c) < STR(?d))"
_SAME_PAIRS: Final = "Equivalent properties hold of the same pairs."
_BACKWARDS: Final = "What a property says in one direction, its inverse says in the other."
_SAME_MEMBERS: Final = "Equivalent classes have the same members."
_FITS: Final = "Whatever fits the description is a member of the class."
_MUST_FIT: Final = "A member of the class fits the description."
_APART: Final = "Nothing is a member of two disjoint classes."
_ONE: Final = "The property has one value at most."
_REACH: Final = "What is so related to a second thing is so related to what the second is so related to."

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
    Rule(
        "disjoint",
        _APART,
        "?all owl:members ?list",
        "?x a ?c . ?x a ?d",
        "",
        _PAIRS,
    ),
    Rule("functional", _ONE, "?p a owl:FunctionalProperty", "?x ?p ?y . ?x ?p ?z", "", apart=("y", "z")),
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
    """A rule specialized to one axiom: only what varies from individual to individual is still a variable."""

    rule: Rule
    axioms: tuple[Triple, ...]
    premises: tuple[Pattern, ...]
    head: Pattern | None


@dataclass(frozen=True, slots=True)
class Justification:
    """One step: by this rule and these axioms the conclusion follows from these premises."""

    rule: Rule
    axioms: tuple[Triple, ...]
    premises: tuple[Triple, ...]


@dataclass(frozen=True, slots=True)
class Contradiction(Justification):
    """Premises that cannot hold together by this rule and these axioms."""


# ---- from axioms to clauses ---------------------------------------------------------------------------------------

_REFUSED: Final = (
    "VALUES (?p ?o) { (owl:hasKey UNDEF) (owl:propertyDisjointWith UNDEF) (owl:disjointUnionOf UNDEF) "
    "(owl:sameAs UNDEF) (owl:complementOf UNDEF) (rdf:type owl:InverseFunctionalProperty) "
    "(rdf:type owl:ReflexiveProperty) (rdf:type owl:IrreflexiveProperty) (rdf:type owl:AsymmetricProperty) "
    "(rdf:type owl:AllDisjointProperties) (rdf:type owl:NegativePropertyAssertion) } ?s ?p ?o",
    "VALUES ?p { owl:intersectionOf owl:unionOf owl:oneOf owl:onProperty } ?s ?p ?o FILTER(isIRI(?s))",
)


def clauses(store: Store) -> tuple[Clause, ...]:
    """The rules specialized to the axioms in the store's default graph; raises UnsupportedAxiom."""
    for refused in (row for pattern in _REFUSED for row in _select(store, pattern)):
        raise UnsupportedAxiom(" ".join(str(refused[name]) for name in "spo"))
    chains = store.quads_for_pattern(None, NamedNode(OWL + "propertyChainAxiom"), None, _HERE)
    lengths = sorted({len(members(store, quad.object)) for quad in chains})
    out: dict[Clause, None] = {}
    for rule in (*map(chain, lengths), *RULES):
        premises, head = patterns(rule.premises), next(iter(patterns(rule.head)), None)
        for row in _select(store, f"{rule.axiom} . {rule.where}") if rule.axiom else [{}]:
            axioms = triples(patterns(rule.axiom), row)
            for body, end in unfold(store, [bound(p, row) for p in premises], head and bound(head, row)):
                # What is still a blank node here: an inverse written on the spot, or a nameless individual.
                if any(isinstance(part, BlankNode) for pattern in (*body, end or ()) for part in pattern):
                    raise UnsupportedAxiom(" ".join(map(str, axioms)))
                out[Clause(rule, axioms, tuple(body), end)] = None
    return tuple(out)


def _select(store: Store, pattern: str) -> list[dict[str, Any]]:
    """The solutions in the order of their own text: the store's order may differ between runs."""
    prefixes = " ".join(f"PREFIX {prefix}: <{space}>" for prefix, space in SPACES.items())
    found: Any = store.query(f"{prefixes} SELECT * WHERE {{ {pattern} }}")
    names = [variable.value for variable in found.variables]
    return sorted(({name: row[name] for name in names} for row in found), key=lambda row: [*map(str, row.values())])


# ---- running them -------------------------------------------------------------------------------------------------

_Row: TypeAlias = tuple[Any, ...]
_CONSTANT: Final = re.compile(r"\?k\d+\b")


@dataclass(frozen=True, slots=True)
class _Shape:
    """What clauses with different constants have in common, as SPARQL; the constants are ?k1, ?k2, ..."""

    body: str
    head: str

    def constants(self) -> list[str]:
        return sorted(set(_CONSTANT.findall(f"{self.body} {self.head}")), key=lambda name: int(name[2:]))

    def query(self, form: str, rows: Iterable[_Row]) -> str:
        """The query of that form over those rows; what is there already is no conclusion."""
        table = " ".join(f"({' '.join(map(str, row))})" for row in rows)
        fresh = f"FILTER NOT EXISTS {{ {self.head} }}" if self.head else ""
        return f"{form} WHERE {{ VALUES ({' '.join(self.constants())}) {{ {table} }} {self.body} {fresh} }}"


def _tables(known: Iterable[Clause]) -> dict[_Shape, dict[_Row, Clause]]:
    """Clauses by shape, and there by their constants: one query a shape, one row of its VALUES a clause."""
    out: dict[_Shape, dict[_Row, Clause]] = {}
    for clause in known:
        # A part is called by its place: clauses of one shape need not have the same variables.
        names: dict[Part, str] = {TYPE: str(TYPE)}
        for part in (
            part for pattern in (*clause.premises, *([clause.head] if clause.head else [])) for part in pattern
        ):
            names.setdefault(part, f"?{'v' if isinstance(part, Variable) else 'k'}{len(names)}")
        body = " . ".join(" ".join(names[part] for part in premise) for premise in clause.premises)
        head = " ".join(names[part] for part in clause.head or ())
        if clause.rule.apart:
            one, other = (names[Variable(name)] for name in clause.rule.apart)
            body += f" FILTER(STR({one}) < STR({other}))"
        row = tuple(part for part in names if part != TYPE and not isinstance(part, Variable))
        out.setdefault(_Shape(body, head), {}).setdefault(row, clause)
    return out


def _key(predicate: Part, value: Part) -> Part:
    """What a premise waits for: a predicate, or the class where the predicate is rdf:type."""
    return value if predicate == TYPE else predicate


def close(store: Store, known: Sequence[Clause] | None = None) -> list[Triple]:
    """The triples that follow from the default graph, sorted; they are then in it. Blank nodes are left alone.

    Clauses of one shape run as one query. After the first round only those clauses run again that have a premise whose
    predicate or class has gained a triple. `known` saves compiling the clauses where the axioms have not changed.

    >>> store = Store()
    >>> super_class = SPACES["rdfs"] + "subClassOf"
    >>> store.update(f"INSERT DATA {{ <urn:A> <{super_class}> <urn:B> . <urn:x> a <urn:A> }}")
    >>> [triple.object.value for triple in close(store)]
    ['urn:B']
    """
    tables = _tables(clause for clause in (clauses(store) if known is None else known) if clause.head)
    due = {shape: dict.fromkeys(rows) for shape, rows in tables.items()}
    waiting: dict[Part, list[tuple[_Shape, _Row]]] = defaultdict(list)
    for shape, rows in tables.items():
        for row, clause in rows.items():
            for _, predicate, value in clause.premises:
                waiting[_key(predicate, value)].append((shape, row))
    inferred: set[Triple] = set()
    while any(due.values()):
        for shape in [shape for shape, rows in due.items() if rows]:
            now, due[shape] = due[shape], {}
            found: Any = store.query(shape.query(f"CONSTRUCT {{ {shape.head} }}", now))
            new = {t for t in found if not isinstance(t.subject, BlankNode) and not isinstance(t.object, BlankNode)}
            store.extend(Quad(triple.subject, triple.predicate, triple.object, _HERE) for triple in new)
            inferred |= new
            for key in {_key(triple.predicate, triple.object) for triple in new}:
                for other, row in waiting[key]:
                    due[other][row] = None
    return sorted(inferred, key=order)


def contradictions(store: Store, known: Sequence[Clause] | None = None) -> list[Contradiction]:
    """What cannot hold together in a closed default graph, sorted; empty where nothing is wrong."""
    tables = _tables(clause for clause in (clauses(store) if known is None else known) if not clause.head)
    out: dict[Contradiction, None] = {}
    for shape, rows in tables.items():
        hits: Any = store.query(shape.query(f"SELECT DISTINCT {' '.join(shape.constants())}", rows))
        for clause in [rows[tuple(hit)] for hit in hits]:
            for found in solutions(store, clause.premises, {}):
                apart = [found[name].value for name in clause.rule.apart or ()]
                if apart == sorted(set(apart)):
                    out[Contradiction(clause.rule, clause.axioms, triples(clause.premises, found))] = None
    return sorted(out, key=_rank)


def justifications(store: Store, triple: Triple, known: Sequence[Clause] | None = None) -> list[Justification]:
    """Every last step by which the triple follows in a closed default graph, sorted; empty where none leads to it."""
    out: dict[Justification, None] = {}
    for clause in clauses(store) if known is None else known:
        start = match(clause.head, triple, {}) if clause.head else None
        for found in () if start is None else solutions(store, clause.premises, start):
            out[Justification(clause.rule, clause.axioms, triples(clause.premises, found))] = None
    return sorted(out, key=_rank)


def order(triple: Triple) -> tuple[str, str, str]:
    """A sort key of triples that does not depend on the store."""
    return str(triple.subject), triple.predicate.value, str(triple.object)


def _rank(step: Justification) -> tuple[object, ...]:
    return [*map(order, step.premises)], step.rule.name, [*map(order, step.axioms)]
