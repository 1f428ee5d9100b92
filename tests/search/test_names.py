"""Every name has somebody who uses it, or is said to be ours alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

from nexuskg.answers import rows
from nexuskg.answers.question import question_of
from nexuskg.base.namespaces import BASE, GRAPH, nx
from nexuskg.cli.main import program_group
from nexuskg.explain import why
from nexuskg.formats.cite import cite_text
from nexuskg.pipeline import compilation
from nexuskg.pipeline.dataset import Local
from nexuskg.pipeline.views import WHOLE
from nexuskg.search import describe, names

ENTITY = BASE + "id/"
SENDERO = NamedNode(ENTITY + "actor/sendero-luminoso")


@pytest.fixture(scope="module")
def whole(home: Path) -> Local:
    return compilation.compiled(WHOLE, home)


def further_names(data: Local) -> list[Triple]:
    """Every alias and misspelling of an entity."""
    return [
        quad.triple
        for naming in names.NAMING[1:]
        for quad in data.store.quads_for_pattern(None, naming, None, DefaultGraph())
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(ENTITY)
    ]


def test_why_names_who_uses_a_name_or_says_that_it_is_ours(whole: Local) -> None:
    found = further_names(whole)
    assert len(found) > 15
    for triple in found:
        ((reason,),) = why.explain_statement(whole, triple).reasons
        assert isinstance(triple.object, Literal)
        uses = names.name_uses(whole.store, triple.subject, triple.object.value)
        own = triple.object in {q.object for q in whole.store.quads_for_pattern(triple.subject, nx("ownName"), None)}
        assert bool(reason.claims) == any(use.is_claim for use in uses)
        assert bool(reason.naming) != bool(reason.claims)
        assert own == (not uses) == (reason.naming == "a name of our own")


def test_a_name_of_a_record_is_told_with_the_record_everywhere(whole: Local) -> None:
    run = CliRunner().invoke
    told = run(program_group, ["why", "Sendero Luminoso", "skos:altLabel", "Shining Path"]).output
    assert "so called by the record http://dbpedia.org/resource/Shining_Path (links/dbpedia)" in told
    shown = " ".join(run(program_group, ["show", "Sendero Luminoso"]).output.split())
    assert "Shining Path: so called by the record http://dbpedia.org/resource/Shining_Path" in shown
    assert "Sendero Luninoso: so called by ellis-2015 (claim:ellis-2015.c087-2)" in shown
    asked = question_of(whole, "what-is-a-group-called", {"actor": "actor:sendero-luminoso"})
    found = rows.answer(whole, asked)
    by = {str(row.cells[1].value): row.cells[3] for row in found.rows}  # type: ignore[union-attr]
    assert by["Shining Path"] == NamedNode("http://dbpedia.org/resource/Shining_Path")
    assert by["Sendero Luminoso"] == Literal(names.OURS)
    assert by["PCP"] is None
    assert next(row for row in found.rows if row.cells[1].value == "PCP").evidence  # type: ignore[union-attr]
    said = [line for line in cite_text(whole, found).splitlines() if line.startswith("Actor ")]
    cited = {line.split(", ")[1]: line for line in said}
    assert "the name in a record elsewhere" in cited["name Shining Path"]
    assert "of our own" in cited["name Sendero Luminoso"]


def test_only_what_is_the_same_lends_its_name(whole: Local) -> None:
    valley = NamedNode(ENTITY + "place/ene-valley")
    assert "Ene River" not in names.outside_names(whole.store, valley)
    assert "Shining Path" in names.outside_names(whole.store, SENDERO)


def test_every_description_of_an_entity_tells_of_its_names(whole: Local) -> None:
    for triple in further_names(whole):
        told = describe.describe(whole.store, {}, f"<{triple.subject.value}>", prefixes=whole.prefixes)
        assert triple.object.value in dict(told.names)


def test_the_names_of_records_stand_with_the_links(whole: Local) -> None:
    quads = list(whole.store.quads_for_pattern(None, NamedNode("https://schema.org/name"), None, None))
    assert len(quads) > 50
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode):
            assert quad.graph_name.value.startswith(GRAPH + "links/")
