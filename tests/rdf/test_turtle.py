"""Canonical Turtle: idempotent, lossless, atomic; and where a block stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nexuskg.errors import NotCanonical, ParseFailure
from nexuskg.rdf.turtle import canonical_turtle, format_files, line_of

TABLE = {"nx": "https://w3id.org/nexuskg/ontology#", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}
ROUGH = b"@prefix z: <https://w3id.org/nexuskg/ontology#> .\nz:b z:p 'x', z:a . z:a z:p [ z:q (z:a z:b) ] .\n"


def test_the_canonical_form_is_flat_and_uses_the_table() -> None:
    text = canonical_turtle(ROUGH, TABLE)
    assert text.startswith("PREFIX nx:")
    assert [line for line in text.splitlines() if line.startswith("nx:")] == ["nx:a", "nx:b"]
    assert text.endswith("\n.\n")
    assert canonical_turtle(text.encode(), TABLE) == text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_formatting_keeps_any_literal_and_is_idempotent(words: str) -> None:
    from pyoxigraph import Literal, RdfFormat, parse

    text = canonical_turtle(f"<urn:a:s> <urn:a:p> {Literal(words, language='en')} .".encode(), TABLE)
    assert [quad.object.value for quad in parse(text, RdfFormat.TURTLE)] == [words]  # type: ignore[union-attr]
    assert canonical_turtle(text.encode(), TABLE) == text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('"200"^^xsd:decimal', '"200"^^xsd:decimal'),
        ("200.0", "200.0"),
        ("7.60", "7.60"),
        ('"007"^^xsd:integer', "007"),
        ('"5"^^xsd:integer', "5"),
        ("1E3", '"1E3"^^xsd:double'),
        ("true", "true"),
        ('"1"^^xsd:boolean', '"1"^^xsd:boolean'),
        ('"2014-09"^^xsd:gYearMonth', '"2014-09"^^xsd:gYearMonth'),
        ('"two\\nlines"', '"""two\nlines"""'),
        ('"a \\"quote\\""@en', '"a \\"quote\\""@en'),
    ],
)
def test_every_literal_keeps_its_lexical_form(written: str, kept: str) -> None:
    table = {**TABLE, "xsd": "http://www.w3.org/2001/XMLSchema#"}
    text = canonical_turtle(f"@prefix xsd: <{table['xsd']}> . <urn:s> <urn:p> {written} .".encode(), table)
    assert f"    <urn:p> {kept} ;\n" in text
    assert canonical_turtle(text.encode(), table) == text


def test_check_writes_nothing_and_formatting_writes_once(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_bytes(ROUGH)
    assert [item.changed for item in format_files([path], TABLE, check=True)] == [True]
    assert path.read_bytes() == ROUGH
    assert [item.changed for item in format_files([path], TABLE)] == [True]
    assert [item.changed for item in format_files([path], TABLE, check=True)] == [False]
    assert [file.name for file in tmp_path.iterdir()] == ["a.ttl"]


def test_one_malformed_file_and_none_is_written(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.ttl", tmp_path / "b.ttl"
    good.write_bytes(ROUGH)
    bad.write_text("<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> ] .\n")
    with pytest.raises(ParseFailure) as failure:
        format_files([good, bad], TABLE)
    assert (failure.value.line, Path(failure.value.path).name) == (2, "b.ttl")
    assert good.read_bytes() == ROUGH


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("[ z:p " * 1500 + "1" + " ]" * 1500, "deep"),
        ("(" * 1500 + ")" * 1500, "deep"),
        ("<<( z:a z:p z:b )>>", "a triple stands as the object"),
    ],
)
def test_what_cannot_be_written_canonically_is_left_alone(value: str, problem: str) -> None:
    with pytest.raises(NotCanonical, match=problem):
        canonical_turtle(f"@prefix z: <urn:z:> . z:a z:p {value} .".encode(), TABLE)


@pytest.mark.slow
@pytest.mark.parametrize("value", ["[ z:p " * 150 + "1" + " ]" * 150, "(" + " 1" * 190 + ")", "(" * 150 + ")" * 150])
def test_long_lists_and_deep_nodes_are_written(value: str) -> None:
    assert canonical_turtle(f"@prefix z: <urn:z:> . z:a z:p {value} .".encode(), TABLE)


def test_a_byte_order_mark_is_called_so() -> None:
    with pytest.raises(ParseFailure, match=":1:1: the file starts with a byte-order mark"):
        canonical_turtle("\ufeff@prefix z: <urn:z:> .".encode(), TABLE)


def test_a_subject_is_found_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(canonical_turtle(ROUGH + b"<urn:x:y> z:p z:a .", TABLE))
    lines = path.read_text().splitlines()
    for iri, written in ((TABLE["nx"] + "b", "nx:b"), ("urn:x:y", "<urn:x:y>")):
        line = line_of(path, iri, TABLE)
        assert line is not None
        assert lines[line - 1] == written
    assert line_of(path, TABLE["nx"] + "nothing", TABLE) is None
