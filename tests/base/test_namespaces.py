"""The prefix table and CURIEs."""

from __future__ import annotations

from pathlib import Path

import pytest

from nexuskg.base.namespaces import BASE, compact, expand, prefixes
from nexuskg.errors import ParseFailure


def test_the_table_holds_our_namespaces_and_the_borrowed_ones(home: Path) -> None:
    table = prefixes(home)
    assert table["nx"] == BASE + "ontology#"
    assert table["actor"] == BASE + "id/actor/"
    assert table["modality"] == BASE + "vocab/modality/"
    assert table["schema"] == "https://schema.org/"
    assert list(table) == sorted(table)
    assert len(set(table.values())) == len(table)


def test_curies_go_both_ways(home: Path) -> None:
    table = prefixes(home)
    for curie in ("nx:taxes", "actor:sendero-luminoso", "claim:ellis-2015.c116-1", "span:ellis-2015.2108-2143"):
        iri = expand(curie, table)
        assert iri is not None
        assert compact(iri, table) == curie


@pytest.mark.parametrize("text", ["taxes", "unknown:thing", "nx:", "nx:two words", "https://example.org/a"])
def test_what_is_no_curie_has_no_iri(text: str, home: Path) -> None:
    assert expand(text, prefixes(home)) is None


def test_an_iri_that_no_curie_can_write_stays_an_iri(home: Path) -> None:
    assert compact(BASE + "id/actor/a/b", prefixes(home)) == BASE + "id/actor/a/b"


def test_a_malformed_table_is_refused_with_its_line(small: Path) -> None:
    (small / "ontology/prefixes.ttl").write_text("@prefix a: <urn:a:> .\na:b a:c ] .\n")
    with pytest.raises(ParseFailure, match=r"prefixes\.ttl:2:"):
        prefixes(small)
