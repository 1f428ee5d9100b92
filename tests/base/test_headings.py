"""Headings and labels in Spanish and Portuguese: nothing that a stored question shows is left in English by chance."""

from __future__ import annotations

from pathlib import Path

import pytest

from nexuskg.answers import rows, table
from nexuskg.base import headings
from nexuskg.base.headings import HEADINGS, LANGUAGES, heading
from nexuskg.pipeline import compilation, views
from nexuskg.rdf.store import select


def test_every_column_of_every_stored_question_has_a_heading_in_every_language(home: Path) -> None:
    data = compilation.compiled(views.WHOLE, home)
    columns = {name for each in data.catalogue.values() for name in select(data.store, each.text).columns}
    ours = {*table.EVIDENCE, "grade", "claims", "spans", "restsOn", "evidenceClaims", "evidence", "answer"}
    assert not sorted((columns | ours) - set(HEADINGS))
    for name, others in HEADINGS.items():
        assert len(others) == len(LANGUAGES) - 1, name
        assert all(other.strip() == other != "" for other in others), name


def test_a_column_of_ones_own_is_taken_apart() -> None:
    assert [heading("myOwnColumn", language) for language in LANGUAGES] == ["my own column"] * 3


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_labels_are_in_the_language_wherever_there_is_one(language: str, home: Path) -> None:
    data = compilation.compiled(views.WHOLE, home)
    from nexuskg.rdf.labels import label

    for question in ("who-taxes-what", "is-linked-to", "feedback-loops", "what-does-the-source-say-about"):
        for row in rows.answer_typed(data, question, language=language):
            for cell in row:
                if cell.iri:
                    assert cell.label == (label(data.store, cell.term, language) or cell.curie)  # type: ignore[arg-type]


def test_every_standing_and_message_is_told_in_every_language() -> None:
    for standing in ("claims", "absence", "claims and absence", "curation", "not traced"):
        assert len({headings.basis(standing, language) for language in LANGUAGES}) == 3
    values = dict.fromkeys(["view", "here", "every", "title", "sure", "call", "names", "rows", "value", "values"], "x")
    for name in headings.MESSAGES:
        assert len({headings.message(name, language, **values) for language in LANGUAGES}) == 3
