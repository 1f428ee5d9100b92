"""The stored questions: what they answer on two engines, what they rest on, and how their files are written.

The golden rows were read against the claims of the source one by one. In a golden file a node is a CURIE, a literal is
its bare text, a number without needless zeros, and what is not bound is empty; the order of the rows counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store

from nexuskg.answers import rows, table
from nexuskg.answers.question import Question
from nexuskg.base import data_home, namespaces
from nexuskg.base.namespaces import XSD, compact, expand
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled, Dataset
from nexuskg.queries import catalogue, evidence_plan, query_lint
from nexuskg.queries.catalogue import StoredQuery, Value
from nexuskg.queries.tokens import tokenize
from nexuskg.rdf.store import select
from support import goldens
from support.answers import stored_answer
from support.goldens import cells_of, golden, golden_rows

if TYPE_CHECKING:
    import rdflib

HOME = data_home.home()
PREFIXES = namespaces.prefixes(HOME)
PATHS = {path.stem: path for path in sorted((HOME / "queries" / "questions").glob("*.rq"))}
QUESTIONS = {name: catalogue.read_query(path) for name, path in PATHS.items()}
GROUPS = [
    "actors",
    "relations",
    "financing",
    "supply-chain",
    "places",
    "economy",
    "causes",
    "quantities",
    "evidence",
    "disagreement",
    "gaps",
    "vocabulary",
    "dataset",
]
CURATED = [name for name, query in QUESTIONS.items() if query.tags[0] == "vocabulary"]
NUMBERS = {XSD + name for name in ("integer", "decimal", "positiveInteger", "nonNegativeInteger")}

# The claims that each competency question has to lead back to.
GROUNDS = {
    "CQ01": "c002 c003",
    "CQ02": "c004 c005 c006 c007",
    "CQ03": "c019 c020 c024 c025",
    "CQ04": "c015 c017",
    "CQ05": "c009 c010 c012 c014",
    "CQ06": "c027",
    "CQ07": "c029 c030 c031",
    "CQ08": "c039 c040 c041 c042 c043 c044 c045",
    "CQ09": "c046 c047 c048",
    "CQ10": "c052 c053 c055 c056 c058 c059",
    "CQ11": "c063 c066 c067 c068 c069",
    "CQ12": "c076 c078 c079 c080",
    "CQ13": "c081 c082 c083 c087",
    "CQ14": "c115",
    "CQ15": "c112 c113",
    "CQ16": "c108 c109 c112 c116",
    "CQ17": "",
    "CQ18": "",
}


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    """The dataset of the real files, made without any cache."""
    return compilation.compile_dataset(HOME)


@pytest.fixture(scope="session")
def data(dataset: Dataset) -> Compiled:
    """The view of stated facts."""
    return compilation.of_view(dataset, "facts")


@pytest.fixture(scope="session")
def implied(dataset: Dataset) -> Compiled:
    """The view that admits implied claims too."""
    return compilation.of_view(dataset, "implied")


@pytest.fixture(scope="session")
def whole() -> Compiled:
    """The view in which claims count that are known by a locator only, too."""
    return compilation.of_view(compilation.compile_dataset(HOME, views.WHOLE), views.WHOLE)


@pytest.fixture(scope="session")
def by_rdflib(data: Compiled) -> dict[str, list[list[str]]]:
    """The answer of rdflib to every question on the same view."""
    import rdflib

    graph = rdflib.Graph()
    view = data.store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()) or b""
    graph.parse(data=view, format="nt")
    return {name: [columns_of(query), *by_rdflib_rows(graph, query.text)] for name, query in QUESTIONS.items()}


def by_rdflib_rows(graph: rdflib.Graph, text: str) -> list[list[str]]:
    result = graph.query(text)
    assert result.vars is not None
    return [[rendered(row.get(name)) for name in result.vars] for row in result.bindings]


def rendered(term: object) -> str:
    """A term of either engine as it stands in a golden file."""
    if term is None:
        return ""
    if isinstance(term, Literal):
        text, datatype = term.value, term.datatype.value
    elif isinstance(term, NamedNode):
        return compact(term.value, PREFIXES)
    elif type(term).__name__ == "Literal":  # of rdflib
        text, datatype = str(term), str(getattr(term, "datatype", None) or "")
    else:
        return compact(str(term), PREFIXES)
    return f"{Decimal(text).normalize():f}" if datatype in NUMBERS else text


def answered(store: Store, query: StoredQuery, values: dict[str, list[Value]] | None = None) -> list[list[str]]:
    """The header and the rows of a question on this store, as in a golden file."""
    table = select(store, catalogue.bind(query, values or {}), query.name)
    return [list(table.columns), *([rendered(term) for term in row] for row in table.rows)]


def columns_of(query: StoredQuery) -> list[str]:
    """The projected variables, by the text alone."""
    return query_lint.columns(tokenize(query.text))


def bound(store: Store, name: str, **values: str | Sequence[str] | None) -> list[list[str]]:
    """The rows of a question with these CURIEs or words as its parameters; None is anything."""
    given: dict[str, list[Value]] = {}
    for parameter, value in values.items():
        words = [value] if value is None or isinstance(value, str) else list(value)
        given[parameter] = [None if word is None else term(word) for word in words]
    return answered(store, QUESTIONS[name], given)[1:]


def term(word: str) -> NamedNode | Literal:
    iri = expand(word, PREFIXES)
    return NamedNode(iri) if iri else Literal(word)


def with_facts(store: Store, *facts: str) -> Store:
    """A copy of the default graph, with these facts ("subject predicate object") added to it."""
    copy = views.merge(store, [])
    copy.extend(store.quads_for_pattern(None, None, None, DefaultGraph()))
    for fact in facts:
        subject, predicate, value = (term(part) for part in fact.split(" ", 2))
        assert isinstance(subject, NamedNode)
        assert isinstance(predicate, NamedNode)
        copy.add(Quad(subject, predicate, value))
    return copy


# --- the answers


@pytest.mark.parametrize("folder", goldens.GRADES)
def test_every_question_has_golden_rows_and_the_reverse(folder: str) -> None:
    assert len(QUESTIONS) >= 40
    assert {path.name for path in (goldens.ANSWERS / folder).iterdir()} == {f"{name}.csv" for name in QUESTIONS}


@pytest.mark.parametrize("name", QUESTIONS)
def test_pyoxigraph_gives_the_golden_rows(name: str, data: Compiled) -> None:
    """The cells as the engine has them, and the claims of each row as they are told."""
    expected = golden("questions", name)
    assert answered(data.store, QUESTIONS[name]) == cells_of(expected)
    assert golden_rows(data, stored_answer(name)) == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", QUESTIONS)
def test_rdflib_gives_the_golden_rows(name: str, by_rdflib: dict[str, list[list[str]]]) -> None:
    assert by_rdflib[name] == cells_of(golden("questions", name))


# Of a stored question that answers two of them, the one that is asked with these parameters.
ASKED = {
    "CQ09": {"word": "rapidly expanding markets"},
    "CQ12": {"group": "actor:sendero-luminoso"},
    "CQ14": {"thing": "economy:national-peru", "quantity": "quantity:economic-growth", "measuredIn": "unit:percent"},
}


def test_each_competency_question_is_one_stored_question() -> None:
    tagged = sorted(tag for query in QUESTIONS.values() for tag in query.tags if tag.startswith("CQ"))
    assert tagged == sorted(GROUNDS)


@pytest.mark.parametrize("name", [name for name, query in QUESTIONS.items() if "negative" in query.tags])
def test_what_no_source_says_has_no_row_in_any_view(name: str, data: Compiled, implied: Compiled) -> None:
    assert len(golden("questions", name)) == 1
    assert answered(data.store, QUESTIONS[name])[1:] == []
    assert answered(implied.store, QUESTIONS[name])[1:] == []


CLAN = "actor:trujillo-family-clan"


def tied(tie: str) -> list[str]:
    """The row that says of the example of is-linked-to that they are linked."""
    return ["1", "actor:sendero-luminoso", tie, "", "", "actor:sinaloa-cartel"]


@pytest.mark.parametrize(
    ("name", "wrong", "row"),
    [
        ("is-linked-to", "actor:sendero-luminoso nx:linkedTo actor:sinaloa-cartel", tied("nx:linkedTo")),
        ("is-linked-to", "actor:sinaloa-cartel nx:memberOf actor:sendero-luminoso", tied("nx:memberOf")),
        ("what-is-a-group-called", f"{CLAN} skos:altLabel Clan X", [CLAN, "Clan X", "skos:altLabel", ""]),
        ("what-is-a-group-called", f"{CLAN} foaf:name Clan X", [CLAN, "Clan X", "foaf:name", ""]),
    ],
)
def test_a_question_without_a_row_can_have_one(name: str, wrong: str, row: list[str], data: Compiled) -> None:
    assert answered(with_facts(data.store, wrong), QUESTIONS[name])[1:] == [row]


def test_a_relationship_of_both_is_a_link(data: Compiled) -> None:
    facts = [f"relationship:wrong nx:hasParty actor:{name}" for name in ("sendero-luminoso", "sinaloa-cartel")]
    assert bound(with_facts(data.store, *facts), "is-linked-to") == [tied("relationship:wrong")]


def test_implied_claims_are_kept_out_of_the_facts(data: Compiled, implied: Compiled) -> None:
    for store, expected in ((data.store, []), (implied.store, ["nx:concealedIn"])):
        triples = store.quads_for_pattern(
            term("consignment:trujillo-load"), term("nx:concealedIn"), None, DefaultGraph()
        )
        assert [compact(quad.predicate.value, PREFIXES) for quad in triples] == expected


# --- what the answers are where every claim counts


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_golden_rows_where_every_claim_counts(name: str, whole: Compiled) -> None:
    expected = golden("whole", name)
    assert answered(whole.store, QUESTIONS[name]) == cells_of(expected)
    assert golden_rows(whole, stored_answer(name, "locator")) == expected


@pytest.mark.slow
def test_both_engines_answer_alike_where_every_claim_counts(whole: Compiled) -> None:
    import rdflib

    oracle = rdflib.Graph()
    oracle.parse(data=whole.store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()) or b"", format="nt")
    for name, query in QUESTIONS.items():
        theirs = [columns_of(query), *by_rdflib_rows(oracle, query.text)]
        assert answered(whole.store, query) == theirs, name


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_row_has_evidence_with_its_grade_where_every_claim_counts(name: str) -> None:
    found = stored_answer(name, "locator")
    for row in found.rows:
        if name in CURATED:
            assert row.rests_on == "curation"
            continue
        assert row.evidence, [str(cell) for cell in row.cells]
        for item in row.evidence:
            assert item.grade == ("span" if item.source == "ellis-2015" else "locator")
            assert item.paragraph
    assert "grade" in table.answer_table(found)[0]


# --- what the answers rest on


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_row_has_evidence(name: str) -> None:
    for row in stored_answer(name).rows:
        if name in CURATED:
            assert row.rests_on == "curation"
            continue
        assert row.evidence, f"{[rendered(cell) for cell in row.cells]} rests on {row.rests_on}"
        assert all(item.source and item.paragraph for item in row.evidence)


@pytest.mark.parametrize(
    ("tag", "name"), [(tag, name) for name, query in QUESTIONS.items() for tag in query.tags if tag in GROUNDS]
)
def test_a_competency_question_leads_back_to_its_claims(tag: str, name: str, data: Compiled) -> None:
    values = {parameter: [term(word)] for parameter, word in ASKED.get(tag, {}).items()}
    found = {
        item.claim.value
        for row in rows.answer(data, Question(data.catalogue[name], values)).rows
        for item in row.evidence
    }
    ids = {iri.rpartition(".")[2].partition("-")[0] for iri in found}
    assert set(GROUNDS[tag].split()) <= ids


@pytest.mark.parametrize(
    ("tag", "name", "expected"),
    [
        (
            "CQ09",
            "which-markets-are-supplied",
            [["place:peru", f"place:{p}", "rapidly expanding markets"] for p in ("asia", "brazil", "chile")],
        ),
        (
            "CQ12",
            "where-is-a-group-concentrated",
            [["actor:sendero-luminoso", "place:vraem", f"place:{p}-valley"] for p in ("apurimac", "ene", "mantaro")],
        ),
    ],
)
def test_a_competency_question_has_its_exact_rows(
    tag: str, name: str, expected: list[list[str]], data: Compiled
) -> None:
    assert bound(data.store, name, **ASKED[tag]) == expected


def test_growth_fell_to_one_rate_in_one_year(data: Compiled) -> None:
    (row,) = bound(data.store, "how-much", **ASKED["CQ14"])
    found = dict(zip(columns_of(QUESTIONS["how-much"]), row, strict=True))
    assert (found["value"], found["unit"], found["time"], found["comparator"]) == (
        "2.4",
        "unit:percent",
        "2015",
        "comparator:equal-to",
    )


def test_evidence_stays_with_its_row(data: Compiled) -> None:
    found = {rendered(row.cells[1]): row for row in rows.answer_typed(data, "which-markets-are-supplied").rows}
    claims = {name: [rendered(item.claim) for item in row.evidence] for name, row in found.items()}
    assert claims["place:canada"] == ["claim:ellis-2015.c040"]
    assert claims["place:united-states"] == ["claim:ellis-2015.c039"]


def test_a_hedge_is_shown_with_the_answer(data: Compiled) -> None:
    for row in rows.answer_typed(data, "who-operates-where", {"tie": "nx:concentratedIn"}).rows:
        assert "principally" in {item.hedge for item in row.evidence}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_evidence_of_a_question_can_be_planned(name: str) -> None:
    assert evidence_plan.plan(QUESTIONS[name]).main.patterns


# --- parameters


def test_header_and_values_name_the_same_parameters() -> None:
    for name, query in QUESTIONS.items():
        written = re.findall(r"\bVALUES\s+\?(\w+)\s*\{", query.text)
        assert written == [parameter.name for parameter in query.params], name
        for parameter in query.params:
            assert parameter.meaning, f"{name}: {parameter.name}"


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, p.name) for name, query in QUESTIONS.items() for p in query.params if p.type in catalogue.NODES],
)
def test_nothing_is_said_of_an_unknown_entity(name: str, parameter: str, data: Compiled) -> None:
    assert bound(data.store, name, **{parameter: "place:nowhere-at-all"}) == []


RESTING = ["event:trujillo-seizure"] * 5
CASES: list[tuple[str, dict[str, str | Sequence[str] | None], list[str]]] = [
    ("who-taxes-what", {"activity": "activity:drug-trafficking"}, ["actor:sendero-luminoso"]),
    ("who-taxes-what", {"group": "actor:urabenos"}, []),
    ("which-markets-are-supplied", {"supplier": "place:colombia"}, []),
    ("what-is-planned", {"aspect": None}, ["plan:trujillo-shipment"] * 5),
    ("what-is-planned", {"aspect": "nx:plannedCargo"}, ["plan:trujillo-shipment"]),
    ("is-linked-to", {"actor": "actor:local-groups-peru"}, ["1", "1"]),
    ("is-linked-to", {"actor": "actor:peruvian-national-police", "other": "actor:dirandro"}, ["1"]),
    ("is-linked-to", {"actor": "actor:peruvian-state", "other": "actor:local-communities"}, ["1"]),
    ("is-linked-to", {"actor": "actor:urabenos", "other": "actor:sinaloa-cartel"}, []),
    ("who-earns-from-what", {"activity": "activity:other-taxed-activities"}, ["actor:sendero-luminoso"]),
    ("who-operates-where", {"tie": "nx:confinedTo"}, []),
    ("concepts-of-a-vocabulary", {"scheme": "scheme:polarity", "language": "pt"}, ["scheme:polarity"] * 2),
    ("timeline", {"since": "2014-09-30"}, ["2014-09"]),
    ("timeline", {"since": "2014-10"}, []),
    ("timeline", {"until": "2014-09"}, ["2014-09"]),
    ("timeline", {"until": "2014-08"}, []),
    ("timeline", {"actor": "actor:sendero-luminoso"}, []),
    ("qualified-statements", {"word": "could"}, ["activity:development-projects", "place:marginal-regions"]),
    (
        "qualified-statements",
        {"polarity": "polarity:negative", "thing": "actor:peruvian-state"},
        ["actor:informal-sector-workers"] * 2,
    ),
    (
        "feedback-loops",
        {"closure": "loop-closure:closed-by-reading"},
        ["loop:blocked-development-projects-dependence-on-illicit-economy-20b6b386"] * 3
        + ["loop:crime-terror-dynamic-92e7b9ca"],
    ),
    ("counts-by-type", {"type": "nx:Seizure"}, ["nx:Seizure"]),
    (
        "outside-identifiers",
        {"thing": "actor:sendero-luminoso", "match": "skos:exactMatch"},
        ["actor:sendero-luminoso"] * 2,
    ),
    ("what-rests-on-one-claim", {"thing": "event:trujillo-seizure"}, RESTING),
    (
        "direct-causes",
        {"effect": None, "condition": "condition:limited-state-presence"},
        ["condition:expansion-of-illicit-activities"],
    ),
    (
        "what-is-a-group-called",
        {"actor": "actor:sendero-luminoso"},
        ["actor:sendero-luminoso"] * 4,
    ),
    (
        "what-belongs-to-the-illicit-economy",
        {"economy": "economy:national-peru"},
        ["economy:national-peru"],
    ),
    ("what-belongs-to-the-illicit-economy", {"economy": "economy:criminal-peru"}, []),
    ("how-much", {"thing": "place:colombia"}, []),
    ("how-much", {"quantity": "quantity:coca-leaf-production"}, ["place:peru"]),
    ("how-much", {"thing": None, "quantity": None, "measuredIn": "unit:metric-ton"}, ["event:trujillo-seizure"]),
    ("how-much", {"thing": "actor:many-players", "quantity": None}, []),  # many is taken for granted
    ("how-much", {"thing": "economy:national-peru", "quantity": None}, ["economy:national-peru"]),
    (
        "direct-causes",
        {"effect": "condition:fall-of-growth"},
        ["condition:mining-social-unrest", "factor-set:lower-export-prices"],
    ),
    (
        "direct-causes",
        {"effect": None, "cause": "condition:expansion-of-illicit-activities"},
        ["condition:expansion-of-illicit-activities"] * 2,
    ),
    (
        "direct-causes",
        {"effect": None, "cause": "condition:greater-criminal-revenues"},
        [],  # to what they can lead is an ability, and only possible
    ),
    ("causal-chain", {"start": "condition:limited-state-presence"}, []),
    ("who-is-called-terrorist-or-criminal", {"label": "nx:TerroristOrganization"}, ["actor:sendero-luminoso"]),
    (
        "who-operates-where",
        {"place": ["place:brazil", "place:mexico"]},
        ["actor:first-capital-command", "actor:sinaloa-cartel"],
    ),
    ("which-markets-are-supplied", {"word": "shrinking"}, []),
    ("which-markets-are-supplied", {"market": "place:chile"}, ["place:peru"]),
    ("what-is-planned", {"plan": "event:trujillo-seizure"}, []),
    ("claims-of-a-paragraph", {"paragraph": "99"}, []),
]


@pytest.mark.parametrize(("name", "values", "first"), CASES)
def test_parameters_change_the_answer(
    name: str, values: dict[str, str | Sequence[str] | None], first: list[str], data: Compiled
) -> None:
    assert sorted(row[0] for row in bound(data.store, name, **values)) == first


def test_what_is_said_about_a_thing_includes_its_nodes(data: Compiled) -> None:
    about = {row[0] for row in bound(data.store, "what-does-the-source-say-about", thing="actor:other-criminal-groups")}
    assert about == {
        "actor:other-criminal-groups",
        "revenue:criminal-groups-from-drug-trafficking",
        "revenue:criminal-groups-from-other-illicit-activities",
    }


def test_all_claims_are_reached_paragraph_by_paragraph(data: Compiled) -> None:
    everything = {row[-1] for row in bound(data.store, "claims-of-a-paragraph", source=None, paragraph=None)}
    counted = sum(int(row[-1]) for row in bound(data.store, "claims-by-modality"))
    located = "SELECT DISTINCT ?c { ?c <https://w3id.org/nexuskg/ontology#locator> ?l }"
    assert len(everything) + len(select(data.store, located).rows) == counted


def test_the_steps_of_a_loop_lead_on(data: Compiled) -> None:
    steps: dict[str, dict[int, tuple[str, str]]] = {}
    closing: dict[str, tuple[str, str, str]] = {}
    for loop, closure, _, position, start, end, *_, missing_from, missing_to, _ in bound(data.store, "feedback-loops"):
        steps.setdefault(loop, {})[int(position)] = (start, end)
        closing[loop] = (closure, missing_from, missing_to)
    assert len(steps) > 2
    for loop, (closure, missing_from, missing_to) in closing.items():
        ordered = [steps[loop][position] for position in range(1, len(steps[loop]) + 1)]
        assert all(one[1] == two[0] for one, two in pairwise(ordered)), loop
        closed = ordered[-1][1] == ordered[0][0]
        assert closed == (closure != "loop-closure:open"), loop
        assert closed == (missing_from == missing_to == ""), loop


def test_two_ties_lead_through_somebody(data: Compiled) -> None:
    ends = {"actor": "actor:urabenos", "other": "actor:sinaloa-cartel"}
    table = select(
        data.store,
        catalogue.bind(QUESTIONS["is-linked-to"], {**{k: [term(v)] for k, v in ends.items()}, "most": [Literal(2)]}),
    )
    assert [[rendered(cell) for cell in row] for row in table.rows] == [
        ["2", ends["actor"], "nx:linkedTo", "actor:local-groups-peru", "nx:linkedTo", ends["other"]]
    ]


# --- how the files are written


def test_files_are_named_after_their_question() -> None:
    for name, query in QUESTIONS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name), name
        assert query.summary.endswith("?"), name
        assert query.description, name
        assert query.tags[0] in GROUPS, name
        assert set(query.titles) == {"en", "es", "pt"}, name
        assert query.titles["es"].startswith("¿"), name
        assert all(title.endswith("?") for title in query.titles.values()), name
    assert {query.tags[0] for query in QUESTIONS.values()} == set(GROUPS)
    assert 25 <= len(QUESTIONS) <= 50
    summaries = [query.summary for query in QUESTIONS.values()]
    assert len(set(summaries)) == len(summaries)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_keeps_the_rules(name: str) -> None:
    assert query_lint.query_problems(QUESTIONS[name], PREFIXES) == []


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_order_is_total(name: str, data: Compiled, whole: Compiled) -> None:
    for view in (data, whole):
        assert query_lint.order_problem(QUESTIONS[name], select(view.store, QUESTIONS[name].text)) == ""


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_can_be_asked_in_other_words(name: str) -> None:
    told = [language for language, _ in QUESTIONS[name].phrasings]
    assert all(told.count(language) >= 4 for language in ("en", "es", "pt"))
    assert len(set(QUESTIONS[name].phrasings)) == len(told)
