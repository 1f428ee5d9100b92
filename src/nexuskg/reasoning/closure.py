"""Running the clauses: to a fixpoint, on from what was added, and against each other.

All of it happens inside the store, as SPARQL: clauses that differ only in their constants are one query with a row of
VALUES each, and after the first round only what the last round added is looked at again (semi-naive evaluation). So the
same code closes a store from scratch and goes on from a few new statements in a large closed one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from pyoxigraph import Literal, NamedNode, Quad, Store, Triple, Variable

from nexuskg.base.namespaces import GRAPH, TYPE
from nexuskg.reasoning.axioms import Part, Pattern, ground_triples, solutions
from nexuskg.reasoning.rules import Clause, clauses, key, order
from nexuskg.reasoning.steps import Contradiction, step_sort_key

_Row: TypeAlias = tuple[Any, ...]

_WORKING: Final = GRAPH + "working/"
_INFERRED: Final = NamedNode(_WORKING + "inferred")


@dataclass(frozen=True, slots=True)
class Shape:
    """What clauses with different constants have in common, as SPARQL; the constants are ?k1, ?k2, ..."""

    premises: tuple[str, ...]
    rest: str
    head: str
    constants: tuple[str, ...] = ()

    def insert(self, rows: Iterable[_Row], into: NamedNode, at: int | None, new: NamedNode | None) -> str:
        """The update that adds what follows to the default graph and to `into`.

        With a premise and a graph of new triples only what follows by that premise from one of those: they are looked
        up first. What is there already is no conclusion, and neither is a statement about a blank node.

        >>> below = Shape(("?v1 ?k2 ?v3",), "", "?v1 ?k4 ?v3", ("?k2", "?k4"))
        >>> below.insert([(NamedNode("urn:p"), NamedNode("urn:q"))], NamedNode("urn:into"), None, None)[:61]
        'INSERT { ?v1 ?k4 ?v3 . GRAPH <urn:into> { ?v1 ?k4 ?v3 } } WHE'
        """
        table = self._table(rows)
        if at is None:
            body = f"{table} {' . '.join(self.premises)}"
        else:
            others = " . ".join(premise for place, premise in enumerate(self.premises) if place != at)
            alone = not (others or self.rest)
            kept = f"DISTINCT {' '.join(part for part in self.head.split() if part[0] == '?')}" if alone else "*"
            body = f"{{ SELECT {kept} WHERE {{ {table} GRAPH {new} {{ {self.premises[at]} }} }} }}"
            # For each of the few new ones the others are looked up; a plain join would look at all of them.
            body += f" LATERAL {{ {others} }}" if others else ""
        body += f" {self.rest}"
        ends = (part for part in self.head.split()[::2] if part[0] == "?" and part not in self.constants)
        blank = "".join(f" FILTER(!isBlank({part}))" for part in dict.fromkeys(ends))
        # Domains and ranges have most statements for candidates: one join tells which of them say nothing new.
        of_kind = f" {TYPE} "
        many = at is None and of_kind in self.head and len(self.premises) == 1 and of_kind not in self.premises[0]
        known = "MINUS" if many else "FILTER NOT EXISTS"
        return (
            f"INSERT {{ {self.head} . GRAPH {into} {{ {self.head} }} }} "
            f"WHERE {{ {body} {known} {{ {self.head} }}{blank} }}"
        )

    def select(self, rows: Iterable[_Row]) -> str:
        """The query for the rows whose premises hold.

        >>> Shape(("?v1 ?k2 ?v3",), "", "", ("?k2",)).select([(NamedNode("urn:p"),), (NamedNode("urn:q"),)])
        'SELECT DISTINCT ?k2 WHERE { VALUES (?k2) { (<urn:p>) (<urn:q>) } ?v1 ?k2 ?v3  }'
        """
        names = " ".join(self.constants) or "(true AS ?k0)"
        return f"SELECT DISTINCT {names} WHERE {{ {self._table(rows)} {' . '.join(self.premises)} {self.rest} }}"

    def _table(self, rows: Iterable[_Row]) -> str:
        lines = " ".join(f"({' '.join(map(str, row))})" for row in rows)
        return f"VALUES ({' '.join(self.constants)}) {{ {lines} }}" if self.constants else ""


def close(store: Store, known: Sequence[Clause] | None = None) -> list[Triple]:
    """The triples that follow from the default graph, sorted; they are then in it. Blank nodes are left alone.

    `known` saves compiling the clauses where the axioms have not changed.

    >>> store = Store()
    >>> below = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
    >>> store.update(f"INSERT DATA {{ <urn:A> {below} <urn:B> . <urn:x> a <urn:A> }}")
    >>> [triple.object.value for triple in close(store)]
    ['urn:B']
    """
    infer(store, _INFERRED, known)
    found = [quad.triple for quad in store.quads_for_pattern(None, None, None, _INFERRED)]
    store.remove_graph(_INFERRED)
    return sorted(found, key=order)


def infer(
    store: Store, into: NamedNode, known: Sequence[Clause] | None = None, added: Iterable[Triple] | None = None
) -> list[Triple]:
    """What follows from `added`, where that is given; what follows from the default graph is then in it and in `into`.

    With `added` the default graph was closed before those triples came into it, and only what they touch is derived.

    >>> store, into = Store(), NamedNode("urn:into")
    >>> both_ways = "<http://www.w3.org/2002/07/owl#SymmetricProperty>"
    >>> store.update(f"INSERT DATA {{ <urn:p> a {both_ways} . <urn:a> <urn:p> <urn:b> }}")
    >>> infer(store, into), [str(quad.triple) for quad in store.quads_for_pattern(None, None, None, into)]
    ([], ['<urn:b> <urn:p> <urn:a>'])
    """
    known = clauses(store, concluding=True) if known is None else known
    tables = _tables(clause for clause in known if clause.head)
    rounds = 0
    if added is None:
        # The first round writes where the result belongs: it is most of it, and need not be copied.
        new = into
        for shape, rows in tables.items():
            store.update(shape.insert(rows, into, None, None))
    else:
        new = NamedNode(f"{_WORKING}{rounds}")
        store.extend(Quad(triple.subject, triple.predicate, triple.object, new) for triple in added)
    working = []
    while next(store.quads_for_pattern(None, None, None, new), None) is not None:
        rounds += 1
        last, new = new, NamedNode(f"{_WORKING}{rounds}")
        working.append(new)
        for (shape, at), due in _due(store, last, tables).items():
            store.update(shape.insert(due, new, at, last))
        if added is not None and rounds == 1:
            store.remove_graph(last)
    followed: list[Triple] = []
    for graph in working:
        if added is not None:
            followed += (quad.triple for quad in store.quads_for_pattern(None, None, None, graph))
        store.update(f"ADD SILENT GRAPH {graph} TO GRAPH {into}")
        store.remove_graph(graph)
    return followed


def _due(
    store: Store, new: NamedNode, tables: Mapping[Shape, Mapping[_Row, Clause]]
) -> dict[tuple[Shape, int], list[_Row]]:
    """For each shape and premise the rows to which one of the new triples can be that premise."""
    found: Any = store.query(f"SELECT DISTINCT ?k {{ GRAPH {new} {{ ?s ?p ?o }} BIND(IF(?p = {TYPE}, ?o, ?p) AS ?k) }}")
    keys = {row[0] for row in found}
    out: dict[tuple[Shape, int], list[_Row]] = {}
    for shape, rows in tables.items():
        for at in range(len(shape.premises)):
            due = [row for row, clause in rows.items() if _can_be(clause.premises[at], keys)]
            if due:
                out[shape, at] = due
    return out


def _can_be(premise: Pattern, keys: set[Part]) -> bool:
    wanted = key(premise)
    return isinstance(wanted, Variable) or wanted in keys


def _tables(known: Iterable[Clause]) -> dict[Shape, dict[_Row, Clause]]:
    """Clauses by shape, and there by their constants: one query a shape, one row of its VALUES a clause."""
    out: dict[Shape, dict[_Row, Clause]] = {}
    for clause in known:
        shape, row = _domain_shape(clause) if clause.body else _shape(clause)
        out.setdefault(shape, {}).setdefault(row, clause)
    return out


def _shape(clause: Clause) -> tuple[Shape, _Row]:
    # A part is called by its place: clauses of one shape need not have the same variables.
    names: dict[Part, str] = {TYPE: str(TYPE)}
    for pattern in (*clause.premises, *([clause.head] if clause.head else [])):
        for part in pattern:
            names.setdefault(part, f"?{'v' if isinstance(part, Variable) else 'k'}{len(names)}")
    premises = tuple(" ".join(names[part] for part in premise) for premise in clause.premises)
    head = " ".join(names[part] for part in clause.head or ())
    rest = ""
    if clause.rule.apart:
        one, other = (names[Variable(name)] for name in clause.rule.apart)
        # Two ways to write one number are one value; whatever cannot be compared is two.
        rest = f"FILTER(!sameTerm({one}, {other}) && !COALESCE({one} = {other}, false))"
    row = {name: part for part, name in names.items() if part != TYPE and not isinstance(part, Variable)}
    return Shape(premises, rest, head, tuple(row)), tuple(row.values())


def _domain_shape(clause: Clause) -> tuple[Shape, _Row]:
    premises = tuple(" ".join(map(str, premise)) for premise in clause.premises)
    return Shape(premises, clause.body, " ".join(map(str, clause.head or ()))), ()


def contradictions(store: Store, known: Sequence[Clause] | None = None) -> list[Contradiction]:
    """What cannot hold together in a closed default graph, sorted; empty where nothing is wrong.

    >>> store = Store()
    >>> apart = "<http://www.w3.org/2002/07/owl#disjointWith>"
    >>> store.update(f"INSERT DATA {{ <urn:A> {apart} <urn:B> . <urn:x> a <urn:A> , <urn:B> }}")
    >>> [[triple.object.value for triple in found.premises] for found in contradictions(store)]
    [['urn:A', 'urn:B']]
    """
    excluding = [clause for clause in (clauses(store) if known is None else known) if not clause.head]
    sizes: Any = store.query(f"SELECT ?c (COUNT(*) AS ?n) {{ ?x {TYPE} ?c }} GROUP BY ?c")
    members = {row[0]: int(row[1].value) for row in sizes}

    def rarest_first(clause: Clause) -> Clause:
        if clause.rule.name != "disjoint" or len(clause.premises) != 2:
            return clause
        return replace(clause, premises=tuple(sorted(clause.premises, key=lambda p: members.get(key(p), 0))))

    # Two classes are compared from the side of the smaller one; what is found is told as the axiom has it.
    written = {rarest_first(clause): clause for clause in excluding}
    tables = _tables(written)
    out: dict[tuple[Clause, frozenset[Triple]], Contradiction] = {}
    for shape, rows in tables.items():
        hits: Any = store.query(shape.select(rows))
        for clause in [written[rows[tuple(hit) if shape.constants else ()]] for hit in hits]:
            for found in solutions(store, clause.premises, {}):
                pair = [found[name] for name in clause.rule.apart or ()]
                if not pair or (str(pair[0]) < str(pair[1]) and not _same(store, *pair)):
                    clash = Contradiction(clause, ground_triples(clause.premises, found))
                    # Said in either order, it is one contradiction.
                    same = clause, frozenset(clash.premises)
                    out[same] = min(clash, out.get(same, clash), key=step_sort_key)
    return sorted(out.values(), key=step_sort_key)


def _same(store: Store, one: Any, other: Any) -> bool:
    """Whether two terms that are written otherwise are one value."""
    if not (isinstance(one, Literal) and isinstance(other, Literal)):
        return False
    return bool(store.query(f"ASK {{ FILTER({one} = {other}) }}"))
