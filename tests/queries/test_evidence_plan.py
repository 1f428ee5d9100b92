"""Evidence plans: the small parser finds what a full SPARQL parser finds, and refuses what it cannot follow."""

from __future__ import annotations

from pathlib import Path as File
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Variable

from nexuskg.errors import QueryFailure
from nexuskg.queries import catalogue
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.queries.evidence_plan import plan
from nexuskg.queries.plan_parts import Plan
from nexuskg.queries.property_paths import PathStep

NX = "PREFIX nx: <https://w3id.org/nexuskg/ontology#> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
SAMPLES = {
    "lists": "SELECT ?a WHERE { ?a nx:p ?b , ?c ; nx:q 'x}'@en ; a nx:T . # { nx:no ?t\n ?c nx:r 3, 1.5, true }",
    "optional": "SELECT ?a ?b WHERE { ?a nx:p ?x OPTIONAL { ?x nx:q ?b FILTER(?b > 2) } }",
    "union": "SELECT ?a WHERE { { ?a nx:p ?b } UNION { ?b nx:q ?a } UNION { ?a nx:r+ ?b } }",
    "paths": "SELECT ?a WHERE { ?a (nx:p|^nx:q)*/nx:r? ?b . ?b !(nx:p|nx:q) ?c . ?c ^(nx:p/nx:q)+ ?d . ?d a/nx:p ?e }",
    "exists": "SELECT ?a WHERE { ?a nx:p ?b FILTER EXISTS { ?b nx:q ?c } }",
    "exists or": "SELECT ?a WHERE { ?a nx:p ?b FILTER(?a = ?b || EXISTS { ?b nx:q ?c MINUS { ?c nx:r ?d } }) }",
    "not exists": "ASK { ?a nx:p ?b FILTER NOT EXISTS { ?b nx:q ?a } FILTER(NOT EXISTS { ?b nx:r ?a }) }",
    "minus": "SELECT ?a WHERE { VALUES ?a { nx:x UNDEF } ?a nx:p ?b MINUS { ?b nx:q ?a OPTIONAL { ?a nx:r ?c } } }",
    "values": "SELECT ?a WHERE { VALUES (?a ?b) { (nx:x '3'^^xsd:integer) (UNDEF 2) } ?a nx:p ?b BIND(STR(?b) AS ?c) }",
    "group": "SELECT ?a (COUNT(?b) AS ?n) (STR(?a) AS ?s) WHERE { ?a nx:p ?b } GROUP BY ?a HAVING(COUNT(?b) > 1)",
    "sub-select": "SELECT ?a ?m WHERE { ?a nx:p ?b { SELECT ?a (MAX(?v) AS ?m) WHERE { ?a nx:q ?v } GROUP BY ?a } }",
    "sub-sub-select": "SELECT ?a WHERE { { SELECT ?a (COUNT(?b) AS ?n) WHERE { ?a nx:p ?b "
    "{ SELECT ?b WHERE { ?b nx:q ?c } } } GROUP BY ?a HAVING(COUNT(?b) = 1) } }",
    "not bound": "SELECT ?a WHERE { ?a nx:p ?b OPTIONAL { ?a nx:q ?c } FILTER(!BOUND(?c) && ?b != 2) }",
    "literals": r"SELECT ?a WHERE { ?a nx:p 'caf\u00e9\r', 'x'@en-GB }",
    "values behind": "SELECT ?a WHERE { ?a nx:p ?b } ORDER BY ?a LIMIT 5 VALUES ?b { 1 2 }",
    "predicate": 'SELECT ?a WHERE { ?a ?tie ?b . FILTER(?tie IN (nx:p, nx:q)) FILTER regex(STR(?b), "^a{2}") }',
    "graph": "SELECT ?a WHERE { GRAPH ?g { ?a nx:p ?b } }",
}


def stored(text: str) -> StoredQuery:
    return StoredQuery("sample", "", "", (), (), NX + text, "question")


def patterns_of(found: Plan) -> set[tuple[str, str, str]]:
    parts = [found.main, *found.exists]
    return {(_slot(p.subject), _slot(p.predicate), _slot(p.object)) for part in parts for p in part.patterns}


def _slot(slot: object) -> str:
    if isinstance(slot, PathStep):
        if slot.op in "/|":
            return slot.op + "(" + " ".join(_slot(part) for part in slot.parts) + ")"
        if slot.op == "!":
            return "!(" + " ".join(sorted(_slot(part) for part in slot.parts)) + ")"
        return slot.op + "(" + _slot(slot.parts[0]) + ")"
    return "?" + slot.value if isinstance(slot, Variable) else str(slot)


def patterns_by_rdflib(text: str) -> set[tuple[str, str, str]]:
    """All triple patterns of a query that are not below a negation, by rdflib's algebra."""
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery
    from rdflib.plugins.sparql.parserutils import CompValue

    found: set[tuple[str, str, str]] = set()

    def walk(node: Any) -> None:
        if isinstance(node, CompValue):
            if node.name == "Builtin_NOTEXISTS":
                return
            if "triples" in node:
                triples = node.triples
                if node.name == "TriplesBlock":  # in an EXISTS they are not translated: a flat list
                    triples = [tuple(flat[i : i + 3]) for flat in triples for i in range(0, len(flat), 3)]
                found.update((_term(s), _term(p), _term(o)) for s, p, o in triples)
            if node.name == "MinusGraphPattern":
                return
            for key, value in node.items():
                if not (node.name == "Minus" and key == "p2"):
                    walk(value)
        elif isinstance(node, list | tuple | set):
            for item in node:
                walk(item)

    walk(translateQuery(parseQuery(text)).algebra)
    return found


def _term(term: Any) -> str:
    from rdflib import Literal as RdfLiteral
    from rdflib import URIRef
    from rdflib import Variable as RdfVariable
    from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, SequencePath

    if isinstance(term, SequencePath | AlternativePath):
        sign = "/" if isinstance(term, SequencePath) else "|"
        return sign + "(" + " ".join(_term(part) for part in term.args) + ")"
    if isinstance(term, InvPath):
        return f"^({_term(term.arg)})"
    if isinstance(term, MulPath):
        return f"{term.mod}({_term(term.path)})"
    if isinstance(term, NegatedPath):
        return "!(" + " ".join(sorted(_term(part) for part in term.args)) + ")"
    if isinstance(term, RdfVariable):
        return f"?{term}"
    if isinstance(term, URIRef):
        return str(NamedNode(str(term)))
    assert isinstance(term, RdfLiteral)
    if term.language:
        return str(Literal(str(term), language=term.language))
    return str(Literal(str(term), datatype=NamedNode(str(term.datatype))) if term.datatype else Literal(str(term)))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_patterns_are_those_of_a_full_parser(name: str) -> None:
    query = stored(SAMPLES[name])
    assert patterns_of(plan(query)) == patterns_by_rdflib(query.text)


def test_every_stored_question_has_a_plan_with_all_its_patterns(home: File) -> None:
    questions = [query for (kind, _), query in catalogue.read_catalogue(home).items() if kind == "question"]
    assert len(questions) >= 40
    for query in questions:
        assert patterns_of(plan(query)) == patterns_by_rdflib(query.text), query.name


@pytest.mark.parametrize("name", SAMPLES)
def test_the_companion_query_parses_and_negation_is_known(name: str) -> None:
    from pyoxigraph import Store

    found = plan(stored(SAMPLES[name]))
    Store().query(found.text)
    assert bool(found.negations) == (name in ("exists or", "not exists", "minus", "not bound"))


def test_an_inverse_in_a_negated_set_needs_no_brackets() -> None:
    short, long = (plan(stored(f"SELECT ?a WHERE {{ ?a {path} ?b }}")) for path in ("!^nx:p", "!(^nx:p)"))
    assert short.main.patterns == long.main.patterns


def test_numbers_have_the_type_that_their_form_says() -> None:
    found = plan(stored("SELECT ?a WHERE { ?a nx:p -1.5e3, .5, +2 }"))
    kinds = [pattern.object.datatype.value for pattern in found.main.patterns if isinstance(pattern.object, Literal)]
    assert [kind.rpartition("#")[2] for kind in kinds] == ["double", "decimal", "integer"]


def test_keys_are_the_columns_that_solutions_have_too() -> None:
    assert plan(stored(SAMPLES["group"])).keys == ("a", "s")
    assert plan(stored(SAMPLES["sub-select"])).keys == ("a", "m")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("SELECT * WHERE { ?a nx:p ?b }", "name the columns"),
        ("SELECT ?a WHERE { ?a nx:p [] }", "blank node"),
        ("SELECT ?a WHERE { ?a nx:p _:b }", "blank node"),
        ("SELECT ?a WHERE { SERVICE <urn:x> { ?a nx:p ?b } }", "SERVICE"),
        ("CONSTRUCT { ?a nx:p ?b } WHERE { ?a nx:p ?b }", "CONSTRUCT"),
        ("SELECT ?a WHERE { ?v nx:p ?a { SELECT ?a (MAX(?v) AS ?m) WHERE { ?a nx:q ?v } GROUP BY ?a } }", "rename"),
        ("SELECT (COUNT(?b) AS ?n) WHERE { ?a nx:p ?b } GROUP BY ?a", "select it too"),
        ("SELECT (COUNT(?b) AS ?n) WHERE { ?a nx:p ?b } GROUP BY STR(?a)", "without a name"),
        ("SELECT ?n WHERE { { SELECT (MAX(?b) AS ?n) WHERE { ?a nx:p ?b } GROUP BY ?a } }", "select it too"),
        ("SELECT ?a FROM <urn:x> WHERE { ?a nx:p ?b }", "FROM"),
        ("SELECT ?a WHERE { ?a no:p ?b }", "does not declare"),
        ("SELECT ?a WHERE { ?a nx:p ?b", "the end"),
    ],
)
def test_what_cannot_be_followed_is_refused(text: str, what: str) -> None:
    with pytest.raises(QueryFailure, match=what):
        plan(stored(text))
