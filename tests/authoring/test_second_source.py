"""A second source beside the first, known only by a locator: nothing assumes a single text."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nexuskg.answers import rows
from nexuskg.base.namespaces import BASE, prefixes
from nexuskg.evidence import coverage
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import WHOLE
from nexuskg.rdf.turtle import canonical_turtle
from nexuskg.validation import checks

SOURCE = """
source:rival-2016
    a nx:SourceDocument ;
    dcterms:language "en" ;
    dcterms:provenance "Made up for a test."@en ;
    dcterms:title "A made-up report of 2016"@en ;
    skos:prefLabel "A made-up report of 2016"@en ;
.
"""
CLAIM = """
claim:rival-2016.c001
    a nx:Claim ;
    nx:claimObject activity:drug-trafficking ;
    nx:claimPredicate nx:engagesIn ;
    nx:claimSubject actor:sendero-luminoso ;
    nx:evidenceGrade evidence-grade:locator ;
    nx:fromSource source:rival-2016 ;
    nx:kind kind:state-of-affairs ;
    nx:locator "page 3"@en ;
    nx:modality modality:asserted ;
    nx:polarity polarity:positive ;
    nx:voice voice:author ;
    skos:prefLabel "Sendero Luminoso traffics drugs itself."@en ;
    prov:wasGeneratedBy curation:rival-2016.1 ;
.
curation:rival-2016.1
    a nx:Curation ;
    dcterms:date "2026-11-30"^^xsd:date ;
    prov:wasAssociatedWith curator:nexuskg-curators ;
    nx:curationMethod curation-method:by-hand ;
.
"""


COMPARISON = """
comparison:rival-role
    a nx:Comparison ;
    nx:compares claim:ellis-2015.c082 , claim:rival-2016.c001 ;
    nx:reason "Who mainly taxes a trade does not do it."@en ;
    nx:verdict verdict:contradiction ;
    skos:prefLabel "taxing against trafficking"@en ;
.
"""


@pytest.fixture(scope="module")
def two(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The graph with a rival account in it."""
    folder = tmp_path_factory.mktemp("home")
    for part in ("ontology", "queries"):
        shutil.copytree(home / part, folder / part)
    for kind in ("sources", "claims"):  # the article alone, and the rival beside it
        paths = list((folder / "ontology/data" / kind).glob("*.ttl"))
        assert "ellis-2015" in {path.stem for path in paths}
        for path in paths:
            if path.stem != "ellis-2015":
                path.unlink()
    table = prefixes(home)
    head = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in table.items())
    for kind, text in (("sources", SOURCE), ("claims", CLAIM)):
        path = folder / "ontology" / "data" / kind / "rival-2016.ttl"
        path.write_text(canonical_turtle((head + text).encode(), table), encoding="utf-8")
    path = folder / "ontology/data/comparisons.ttl"
    path.write_text(canonical_turtle((head + COMPARISON).encode(), table), encoding="utf-8")
    return compiled(WHOLE, folder)


@pytest.mark.slow
def test_it_passes_every_check(two: Compiled) -> None:
    # What is said of entities is said of those of the sources that are left out here.
    assert [f for f in checks.check_dataset(two) if not (f.file or "").startswith("ontology/data/entities")] == []


def test_its_fact_walks_back_to_its_locator(two: Compiled) -> None:
    found = rows.answer_text(two, "SELECT ?who { ?who nx:engagesIn activity:drug-trafficking }")
    (evidence,) = found.rows[0].evidence
    assert (evidence.source, evidence.paragraph, evidence.anchor) == ("rival-2016", "page 3", "")


def test_both_accounts_stay_and_are_contested(two: Compiled) -> None:
    found = rows.answer_text(two, "SELECT ?c { ?c a nx:ContestedClaim } ORDER BY ?c")
    assert [str(getattr(row.cells[0], "value", "")).removeprefix(BASE + "claim/") for row in found.rows] == [
        "ellis-2015.c082",
        "rival-2016.c001",
    ]
    assert rows.answer_typed(two, "who-taxes-what").rows


def test_the_reasoner_follows_the_rival_only_where_it_leads(two: Compiled) -> None:
    # A terrorist organization that traffics is no drug trafficking organization: nobody calls it criminal as a fact.
    found = rows.answer_text(two, "SELECT ?who { ?who a nx:DrugTraffickingOrganization }")
    assert not found.rows


def test_coverage_speaks_of_each_text_alone(two: Compiled) -> None:
    report = coverage.coverage(two.store, BASE + "source/ellis-2015")
    assert not report.gaps
    assert not any("rival" in name for row in report.rows for name in row.claims)
