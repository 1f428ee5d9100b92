"""Triple patterns, and class expressions taken apart into them: how to be a member, and what membership says.

What comes out has no class expression left in it, so that a rule made of it speaks of things alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any, Final, TypeAlias, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Triple, Variable

from nexuskg.base.namespaces import DEFAULT_GRAPH, OWL, RDF, RDFS, TYPE, XSD
from nexuskg.errors import NexuskgError
from nexuskg.rdf.store import Readable

Term: TypeAlias = NamedNode | BlankNode | Literal
Part: TypeAlias = Term | Variable
Pattern: TypeAlias = tuple[Part, Part, Part]
UnfoldedRule: TypeAlias = tuple[list[Pattern], Pattern | None]
Bindings: TypeAlias = Mapping[str, Term]

SPACES: Final = {"owl": OWL, "rdf": RDF, "rdfs": RDFS}
"""The prefixes that rules are written with."""


class UnsupportedAxiom(NexuskgError):
    """An axiom that the rules do not cover: leaving it out in silence would lose inferences."""

    def __init__(self, axiom: str) -> None:
        self.axiom = axiom
        super().__init__(
            f"The rules do not cover this axiom: {axiom}. Say it with the constructs of nexuskg.reasoning.rules, "
            "or move it to ontology/dl, which only the consistency check reads."
        )


# ---- class expressions -----------------------------------------------------------------------------------------------


def unfold(store: Readable, premises: list[Pattern], head: Pattern | None) -> Iterator[UnfoldedRule]:
    """Premises and head without class expressions: a pair for each way to meet the first and each part of the last.

    >>> from pyoxigraph import Store
    >>> store, x = Store(), Variable("x")
    >>> store.update(
    ...     "PREFIX owl: <http://www.w3.org/2002/07/owl#>"
    ...     "INSERT DATA { [] owl:onProperty <urn:p> ; owl:someValuesFrom <urn:B> ; <urn:of> <urn:A> }"
    ... )
    >>> some = next(store.quads_for_pattern(None, NamedNode("urn:of"), None)).subject
    >>> [(body, head)] = unfold(store, [(x, TYPE, some)], (x, TYPE, NamedNode("urn:A")))
    >>> [str(part) for _, *rest in body for part in rest[:1]], str(head[2])
    (['<urn:p>', '<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>'], '<urn:A>')
    """
    ends = _entailments(store, head[0], head[2]) if head and head[1] == TYPE else [([], head)]
    ways = [_ways(store, s, o) if p == TYPE else [[(s, p, o)]] for s, p, o in premises]
    for chosen in product(*ways):
        for more, end in ends:
            body = [pattern for way in (*chosen, more) for pattern in way]
            if not body:
                raise UnsupportedAxiom(f"everything is a member of {head[2] if head else head}")
            if end not in body:
                yield body, end


def _ways(store: Readable, node: Part, kind: Part) -> list[list[Pattern]]:
    """The ways in which a node is a member of a class, each a list of patterns."""
    if not isinstance(kind, BlankNode):
        return [[]] if kind == NamedNode(OWL + "Thing") else [[(node, TYPE, kind)]]
    parts = _expression(store, kind)
    match parts:
        case {"intersectionOf": several}:
            each = [_ways(store, node, member) for member in list_members(store, several)]
            return [[pattern for way in chosen for pattern in way] for chosen in product(*each)]
        case {"unionOf": several}:
            return [way for member in list_members(store, several) for way in _ways(store, node, member)]
        case {"onProperty": predicate, "hasValue": value}:
            return [[(node, predicate, value)]]
        case {"onProperty": predicate, "someValuesFrom": filler} if not _is_datatype(filler):
            far = _value_of(node, kind)
            return [[(node, predicate, far), *way] for way in _ways(store, far, filler)]
    raise UnsupportedAxiom(f"a class expression with {', '.join(sorted(parts))} as a sufficient condition")


def _entailments(store: Readable, node: Part, kind: Part) -> list[UnfoldedRule]:
    """What membership of a class says of a node: pairs of further premises and a head (none where they exclude it)."""
    if not isinstance(kind, BlankNode):
        return [] if kind == NamedNode(OWL + "Thing") or _is_datatype(kind) else [([], (node, TYPE, kind))]
    parts = _expression(store, kind)
    match parts:
        case {"intersectionOf": several}:
            return [end for member in list_members(store, several) for end in _entailments(store, node, member)]
        case {"complementOf": other}:
            return [(way, None) for way in _ways(store, node, other)]
        case {"onProperty": predicate, "hasValue": value}:
            return [([], (node, predicate, value))]
        case {"onProperty": predicate, "allValuesFrom": filler}:
            far = _value_of(node, kind)
            return [([(node, predicate, far), *more], end) for more, end in _entailments(store, far, filler)]
    raise UnsupportedAxiom(f"a class expression with {', '.join(sorted(parts))} as a necessary condition")


def _expression(store: Readable, kind: BlankNode) -> dict[str, Any]:
    quads = store.quads_for_pattern(kind, None, None, DEFAULT_GRAPH)
    return {q.predicate.value.removeprefix(OWL): q.object for q in quads if q.predicate.value.startswith(OWL)}


def list_members(store: Readable, head: object) -> list[Any]:
    """The members of an RDF list, in order.

    >>> from pyoxigraph import Store
    >>> store = Store()
    >>> store.update("INSERT DATA { <urn:a> <urn:p> ( 1 2 ) }")
    >>> [member.value for quad in store.quads_for_pattern(NamedNode("urn:a"), None, None)
    ...  for member in list_members(store, quad.object)]
    ['1', '2']
    """
    out, seen = [], set()
    while isinstance(head, BlankNode):
        cell = {quad.predicate.value: quad.object for quad in store.quads_for_pattern(head, None, None, DEFAULT_GRAPH)}
        if head in seen or not {RDF + "first", RDF + "rest"} <= set(cell):
            raise UnsupportedAxiom("a list that runs in a circle or breaks off")
        seen.add(head)
        out.append(cell[RDF + "first"])
        head = cell[RDF + "rest"]
    return out


def _value_of(node: Part, kind: BlankNode) -> Variable:
    return Variable(f"{node.value}_{kind.value}")


def _is_datatype(kind: Part) -> bool:
    return isinstance(kind, NamedNode) and kind.value.startswith((XSD, RDFS + "Literal", RDF + "langString"))


# ---- patterns --------------------------------------------------------------------------------------------------------


@cache
def parse_patterns(text: str) -> tuple[Pattern, ...]:
    """The triple patterns of a text, parted by " . ", as the rules are written.

    >>> [str(part) for part in parse_patterns("?x a ?c")[0][::2]]
    ['?x', '?c']
    """

    def part(word: str) -> Part:
        prefix, _, local = word.partition(":")
        return Variable(word[1:]) if word[0] == "?" else TYPE if word == "a" else NamedNode(SPACES[prefix] + local)

    return tuple((part(s), part(p), part(o)) for s, p, o in (triple.split() for triple in text.split(" . ") if triple))


def ground_triples(body: Iterable[Pattern], bindings: Bindings) -> tuple[Triple, ...]:
    """The triples that patterns become when all their variables are bound.

    >>> x, p = NamedNode("urn:x"), NamedNode("urn:p")
    >>> str(ground_triples([(Variable("x"), p, x)], {"x": x})[0])
    '<urn:x> <urn:p> <urn:x>'
    """
    full: Iterable[Any] = (substitute(pattern, bindings) for pattern in body)
    return tuple(Triple(*pattern) for pattern in full)


def substitute(pattern: Pattern, bindings: Bindings) -> Pattern:
    """The pattern with those variables replaced that are bound.

    >>> [str(part) for part in substitute(parse_patterns("?x a ?c")[0], {"c": NamedNode("urn:C")})[::2]]
    ['?x', '<urn:C>']
    """
    s, p, o = pattern  # spelled out: this is the innermost step of compiling clauses
    return (
        bindings.get(s.value, s) if isinstance(s, Variable) else s,
        bindings.get(p.value, p) if isinstance(p, Variable) else p,
        bindings.get(o.value, o) if isinstance(o, Variable) else o,
    )


def match(pattern: Pattern, triple: Iterable[Any], bindings: Bindings) -> Bindings | None:
    """The bindings, with those given, under which the pattern is the triple; None where there are none.

    >>> a, p, b = (NamedNode(f"urn:{name}") for name in "apb")
    >>> match((Variable("x"), p, b), (a, p, b), {}), match((Variable("x"), p, b), (a, p, b), {"x": b})
    ({'x': <NamedNode value=urn:a>}, None)
    """
    out = dict(bindings)
    for part, term in zip(pattern, triple, strict=True):
        if (out.setdefault(part.value, term) if isinstance(part, Variable) else part) != term:
            return None
    return out


def solutions(store: Readable, body: Sequence[Pattern], bindings: Bindings) -> Iterator[Bindings]:
    """Every way in which the patterns hold in the default graph, the most definite pattern looked up first.

    >>> from pyoxigraph import Store
    >>> store, p = Store(), NamedNode("urn:p")
    >>> store.update("INSERT DATA { <urn:a> <urn:p> <urn:b> . <urn:b> <urn:p> <urn:c> }")
    >>> x, y, z = map(Variable, "xyz")
    >>> [found["z"].value for found in solutions(store, [(x, p, y), (y, p, z)], {})]
    ['urn:c']
    """
    if not body:
        yield bindings
        return
    now = [substitute(pattern, bindings) for pattern in body]
    at = min(range(len(now)), key=lambda i: sum(isinstance(part, Variable) for part in now[i]))
    s, p, o = (cast(Any, None if isinstance(part, Variable) else part) for part in now[at])
    if not isinstance(s, Literal):
        for quad in store.quads_for_pattern(s, p, o, DEFAULT_GRAPH):
            more = match(body[at], quad.triple, bindings)
            if more is not None:
                yield from solutions(store, [*body[:at], *body[at + 1 :]], more)
