"""The codebook of src/docs/authoring.md: a question and a case for every modality, kind and voice, as in its note."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from nexuskg.base.namespaces import BASE, SKOS
from nexuskg.reasoning import grounds

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "src/docs/authoring.md").read_text(encoding="utf-8")


def _table(scheme: str) -> list[tuple[str, str, str]]:
    """The rows of the table of a scheme: concept, question, case."""
    start = PAGE.index(f"| {scheme} | deciding question | borderline case |")
    rows = PAGE[start:].split("\n\n")[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows]  # type: ignore[misc]


def _notes(scheme: str) -> dict[str, str]:
    """The scope notes of the concepts of a scheme, all together, by local name."""
    store, space = Store(), f"{BASE}vocab/{scheme}/"
    store.load(path=ROOT / f"ontology/vocab/{scheme}.ttl", format=RdfFormat.TURTLE)
    found: dict[str, str] = {}
    for quad in store.quads_for_pattern(None, NamedNode(SKOS + "prefLabel"), None):
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(space):
            notes = store.quads_for_pattern(quad.subject, NamedNode(SKOS + "scopeNote"), None)
            texts = [note.object.value for note in notes if isinstance(note.object, Literal)]
            found[quad.subject.value.removeprefix(space)] = " ".join(texts)
    return found


@pytest.mark.parametrize("scheme", ["modality", "kind", "voice"])
def test_every_concept_has_a_question_and_a_case_in_the_page_and_in_its_note(scheme: str) -> None:
    table, notes = _table(scheme), _notes(scheme)
    assert sorted(name for name, _, _ in table) == sorted(notes)
    for name, question, case in table:
        assert question.endswith((".", "?")), name
        assert case.endswith("."), name
        assert f"Ask: {question}" in notes[name], name
        assert f"Borderline: {case}" in notes[name], name


def test_what_yields_a_fact_is_said_as_the_build_does_it() -> None:
    notes = _notes("modality")
    factual = {modality.value.rpartition("/")[2] for modality in grounds.FACTUAL}
    assert {name for name, note in notes.items() if note.startswith("Yields facts.")} == factual
    assert {name for name, note in notes.items() if note.startswith("Yields facts in the implied view only.")} == {
        "implied"
    }
    assert all(re.match(r"Yields (facts|no fact)", note) for note in notes.values())


def test_the_order_of_the_questions_is_that_of_the_scheme() -> None:
    scheme = (ROOT / "ontology/vocab/modality.ttl").read_text(encoding="utf-8")
    order = ", ".join(name for name, _, _ in _table("modality"))
    assert f"the first yes decides: {order}." in scheme
