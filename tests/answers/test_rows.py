"""Answers: every row with what it rests on."""

from __future__ import annotations

from pathlib import Path

import pytest

from nexuskg.answers import rows, table
from nexuskg.errors import BadParameter, UnknownQuery
from nexuskg.pipeline import compilation
from support.answers import real_data, stored_answer

PREFIX = "".join(
    f"PREFIX {name}: <https://w3id.org/nexuskg/{path}> "
    for name, path in (("nx", "ontology#"), ("actor", "id/actor/"), ("activity", "id/activity/"))
)


def asked(home: Path, text: str, view: str = "facts") -> list[tuple[list[str], list[str], str]]:
    """The rows of an ad-hoc question: cells, claims, what it rests on."""
    (home / "queries/questions/sample.rq").write_text(f"#+ summary: A sample.\n{PREFIX}{text}\n")
    data = compilation.compiled(view)
    found = rows.answer_typed(data, "sample")
    short = [(row, [item.claim.value.rpartition(".")[2] for item in row.evidence]) for row in found.rows]
    return [([cell.label for cell in row], c, row.rests_on) for row, c in short]


def test_a_claim_gives_hedge_source_paragraph_and_anchor(small: Path) -> None:
    data = compilation.compiled("implied")
    columns, texts = table.answer_table(rows.answer_typed(data, "who-taxes-what"), limit=3)
    assert columns == ("group", "activity", "hedge", "source", "paragraph", "anchor")
    assert texts == [
        ("The Reds", "growing", "mainly", "t", "1", "they tax"),
        ("The Reds", "selling", "", "t", "2", "and sell [2]"),
    ]


def test_a_group_rests_on_the_union_and_an_inference_on_its_claims(small: Path) -> None:
    text = "SELECT ?group (COUNT(?a) AS ?n) WHERE { ?group nx:derivesRevenueFrom ?a } GROUP BY ?group"
    assert asked(small, text) == [(["The Reds", "1"], ["c1"], "claims")]
    assert asked(small, text, "implied") == [(["The Reds", "2"], ["c1", "c2"], "claims")]


def test_absence_and_curation_are_said(small: Path) -> None:
    text = "SELECT ?actor WHERE { ?actor a nx:Actor FILTER NOT EXISTS { ?actor nx:taxes ?any } }"
    assert asked(small, text) == [(["The Blues"], [], "absence")]
    assert asked(small, "SELECT ?a WHERE { VALUES ?a { actor:blues } ?a a nx:Actor }") == [
        (["The Blues"], [], "curation")
    ]
    text = "SELECT ?group WHERE { ?group nx:taxes ?any MINUS { ?group nx:partOf ?whole } }"
    assert asked(small, text) == [(["The Reds"], ["c1"], "claims and absence")]


def test_yes_and_no(small: Path) -> None:
    assert asked(small, "ASK { actor:reds nx:taxes ?activity }") == [(["true"], ["c1"], "claims")]
    assert asked(small, "ASK { actor:blues nx:taxes ?activity }") == [(["false"], [], "absence")]


def test_patterns_that_did_not_match_give_no_evidence(small: Path) -> None:
    text = "SELECT ?a WHERE { ?a a nx:Actor { ?a nx:taxes ?b } UNION { ?a nx:partOf ?b } OPTIONAL { ?b nx:partOf ?c } }"
    assert asked(small, text) == [(["The Reds"], ["c1"], "claims")]


def test_exists_paths_and_sub_selects_have_evidence(small: Path) -> None:
    text = "SELECT ?b WHERE { VALUES ?a { actor:reds } ?a (nx:taxes|nx:partOf)+/^nx:taxes ?b }"
    assert asked(small, text) == [(["The Reds"], ["c1"], "claims")]
    text = "SELECT ?a ?n WHERE { ?a a nx:Actor { SELECT ?a (COUNT(?b) AS ?n) WHERE { ?a nx:taxes ?b } GROUP BY ?a } }"
    assert asked(small, text) == [(["The Reds", "1"], ["c1"], "claims")]


def test_what_a_filter_used_is_told_apart(small: Path) -> None:
    pattern = "?a a nx:Actor FILTER(?a = actor:nobody || EXISTS { ?a nx:taxes ?b })"
    assert asked(small, f"SELECT ?a WHERE {{ {pattern} }}") == [(["The Reds"], [], "curation")]
    (row,) = rows.answer_typed(compilation.compiled("facts"), "sample").rows
    assert [item.curie for item in row.found_by] == ["claim:t.c1"]
    # With what the row says by itself, and where the filter lets it through without.
    (home_row,) = asked(small, f"SELECT ?a ?b WHERE {{ ?a nx:taxes ?b . {pattern} }}")
    assert home_row == (["The Reds", "growing"], ["c1"], "claims")
    (row,) = rows.answer_typed(compilation.compiled("facts"), "sample").rows
    assert row.found_by == ()
    asked(small, f"SELECT ?a WHERE {{ {pattern.replace('nobody', 'reds')} }}")
    (row,) = rows.answer_typed(compilation.compiled("facts"), "sample").rows
    assert (row.evidence, row.found_by) == ((), ())


def test_a_branch_that_did_not_match_gives_no_evidence(small: Path) -> None:
    taxes, watched = "?a nx:taxes activity:growing", "?a nx:hasObservation ?seen"
    text = f"""SELECT ?a ?how WHERE {{ VALUES ?seen {{ <https://w3id.org/nexuskg/id/observation/members> }}
      {{ {taxes} BIND("taxes" AS ?how) }} UNION {{ {watched} BIND("seen" AS ?how) }} }} ORDER BY ?how"""
    assert asked(small, text) == [
        (["The Reds", "seen"], ["c5"], "claims"),
        (["The Reds", "taxes"], ["c1"], "claims"),
    ]
    text = f"SELECT ?a ?none WHERE {{ {watched} OPTIONAL {{ {taxes} . ?a nx:partOf ?none }} }}"
    assert asked(small, text) == [(["The Reds", ""], ["c5"], "claims")]
    text = f"""SELECT ?a ?how WHERE {{ {{ ?a a nx:Actor FILTER EXISTS {{ {taxes} }} BIND("taxes" AS ?how) }}
      UNION {{ {watched} FILTER NOT EXISTS {{ ?a nx:partOf ?b }} BIND("seen" AS ?how) }} }} ORDER BY ?how"""
    assert asked(small, text) == [
        (["The Reds", "seen"], ["c5"], "claims and absence"),
        (["The Reds", "taxes"], [], "curation"),
    ]
    assert [[item.curie for item in row.found_by] for row in rows.answer_typed(compilation.compiled(), "sample")] == [
        [],
        ["claim:t.c1"],
    ]


def test_a_sub_select_that_computes_its_columns_gives_each_row_its_own_evidence(small: Path) -> None:
    text = """SELECT ?name WHERE { { SELECT (STR(?o) AS ?name) WHERE { actor:reds ?p ?o
      VALUES ?p { nx:taxes nx:hasObservation } } } } ORDER BY ?name"""
    assert [claims for _, claims, _ in asked(small, text)] == [["c1"], ["c5"]]


@pytest.mark.parametrize(
    ("made", "claims"),
    [
        ("(MIN(STR(?c)) AS ?m)", ["c1"]),
        ("(MAX(DISTINCT(STR(?c))) AS ?m)", ["c5"]),
        ("(MIN(STR(?c)) AS ?m) (MAX(STR(?c)) AS ?n)", ["c1", "c2", "c4", "c5"]),  # more than the two; less is not known
        ("(IF(COUNT(?c) > 2, MIN(STR(?c)), 0) AS ?m)", ["c1", "c2", "c4", "c5"]),
    ],
)
@pytest.mark.parametrize("within", [False, True])
def test_an_extreme_rests_on_what_has_it(made: str, claims: list[str], within: bool, small: Path) -> None:
    text = f"SELECT ?group {made} WHERE {{ ?c nx:claimSubject ?group }} GROUP BY ?group"
    if within:
        text = f"SELECT ?group ?m WHERE {{ {{ {text} }} ?group a nx:Actor }}"
    (_, found, _) = asked(small, text, "implied")[1]
    assert sorted(found) == claims


def test_values_behind_the_query_count(small: Path) -> None:
    text = "SELECT ?a WHERE { ?a ?p ?o } VALUES ?p { nx:hasObservation }"
    assert asked(small, text) == [(["The Reds"], ["c5"], "claims")]


@pytest.mark.parametrize("test", ["!EXISTS { ?a nx:taxes ?b }", "! BOUND(?taxed)"])
def test_a_negation_in_a_filter_is_absence(test: str, small: Path) -> None:
    text = f"SELECT ?a WHERE {{ ?a a nx:Actor OPTIONAL {{ ?a nx:taxes ?taxed }} FILTER({test}) }}"
    assert asked(small, text) == [(["The Blues"], [], "absence")]


def test_an_exists_among_the_columns_has_evidence(small: Path) -> None:
    text = "SELECT ?a (EXISTS { ?a nx:taxes ?b } AS ?yes) WHERE { VALUES ?a { actor:reds } ?a a nx:Actor }"
    assert asked(small, text) == [(["The Reds", "true"], ["c1"], "claims")]


def test_a_row_whose_claim_is_not_bound_rests_on_its_patterns(small: Path) -> None:
    text = "SELECT ?a ?claim WHERE { ?a nx:taxes ?b OPTIONAL { ?claim nx:claimSubject ?b } }"
    assert asked(small, text) == [(["The Reds", ""], ["c1"], "claims")]


def test_a_query_of_ones_own_that_cannot_be_traced_is_still_answered(small: Path) -> None:
    data = compilation.compiled()
    for text in (
        "SELECT ?a FROM <https://w3id.org/nexuskg/graph/facts> { ?a nx:taxes ?b }",
        "SELECT (COUNT(?b) AS ?n) { ?a nx:taxes ?b } GROUP BY ?a",
        "SELECT (COUNT(?b) AS ?n) { ?a nx:taxes ?b } GROUP BY STR(?a)",
    ):
        found = rows.answer_text(data, text)
        assert [row.rests_on for row in found.rows] == ["not traced"], text
        assert found.untraced, text


def test_a_commented_prefix_is_supplied(small: Path) -> None:
    found = rows.answer_text(compilation.compiled(), "# PREFIX nx: is supplied\nSELECT ?a { ?a nx:taxes ?b }")
    assert (found.untraced, len(found.rows[0].evidence)) == ("", 1)


def test_a_claim_bound_but_not_shown_is_evidence(small: Path) -> None:
    text = "SELECT ?word WHERE { ?c nx:hedge ?word }"
    assert asked(small, text) == [(["mainly"], ["c1"], "claims")]


def test_parameters_by_label_curie_and_iri(small: Path) -> None:
    for value in ("growing", "activity:growing", "<https://w3id.org/nexuskg/id/activity/growing>", "GROWING", "any"):
        found = rows.ask("who-taxes-what", activity=value)
        assert len(found.rows) == 1, value
    assert not rows.ask("who-taxes-what", activity="selling").rows
    assert len(rows.ask("who-taxes-what", "implied", activity=["selling", "growing"]).rows) == 2


def test_what_nobody_knows_is_met_with_something_close(small: Path) -> None:
    with pytest.raises(BadParameter, match="growing"):
        rows.ask("who-taxes-what", activity="growin")
    with pytest.raises(UnknownQuery, match="who-taxes-what"):
        rows.ask("who-taxes-wat")


@pytest.mark.parametrize("view", ["facts", "implied"])
def test_every_row_of_every_stored_question_has_evidence(view: str) -> None:
    for name, query in real_data(accept=view).catalogue.items():
        for row in stored_answer(name, accept=view).rows:
            assert (row.rests_on == "curation") == ("vocabulary" in query.tags), (name, row.cells)
