"""The numbers that README, CHANGELOG and pages state are those that are counted in the graph and its files."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import FACTS, WHOLE
from nexuskg.rdf.store import select

ROOT = Path(__file__).resolve().parents[2]
WORDS = {"forty": 40, "thirteen": 13, "thirty-five": 35}
TERM = "?x rdfs:isDefinedBy <https://w3id.org/nexuskg/ontology> "
COUNTS = {
    "terms": TERM,
    "terms with a definition": TERM + "; skos:definition ?y",
    "terms with an example": TERM + "; skos:example ?y",
    "terms with a source": TERM + "; dcterms:source ?y",
    "classes": TERM + "; a owl:Class",
    "object properties": TERM + "; a owl:ObjectProperty",
    "datatype properties": TERM + "; a owl:DatatypeProperty",
    "annotation properties": TERM + "; a owl:AnnotationProperty",
    "schemes": "?x a skos:ConceptScheme",
    "concepts": "?x a skos:Concept",
    "claims": "?x a nx:Claim",
    "claims of the article": "?x a nx:Claim ; nx:fromSource source:ellis-2015",
    "sources": "?claim a nx:Claim ; nx:fromSource ?x",
    "towns": "?x a geo:Geometry ; dcterms:source ?y FILTER(STRSTARTS(?y, 'GeoNames'))",
    "countries": "?x a geo:Geometry ; dcterms:source ?y FILTER(STRSTARTS(?y, 'Natural Earth'))",
    "comparisons": "?x a nx:Comparison",
    "comparisons that say there is none": "?x a nx:Comparison ; nx:verdict verdict:no-contradiction",
}

STATED = [
    (
        "README.md",
        r"(\d+) terms, (\d+) vocabularies .*?, (\d+) claims of (\d+) sources, (\d+) stored questions and (\d+) checks",
        ("terms", "schemes", "claims", "sources", "questions", "checks"),
    ),
    ("README.md", r"claims of (\d+) other public", ("other sources",)),
    ("CHANGELOG.md", r"- (\d+) terms in OWL", ("terms",)),
    (
        "CHANGELOG.md",
        r"(\d+) have an example \(all (\d+) classes\), (\d+) name a source",
        ("terms with an example", "classes", "terms with a source"),
    ),
    ("CHANGELOG.md", r"- (\d+) SKOS schemes", ("schemes",)),
    ("CHANGELOG.md", r"Ellis \(2015\): (\d+) claims", ("claims of the article",)),
    ("CHANGELOG.md", r"- (\d+) claims of (\d+) further public sources", ("other claims", "other sources")),
    (
        "CHANGELOG.md",
        r"(\d+) comparisons by hand with their reasons, of which (\d+) say",
        ("comparisons", "comparisons that say there is none"),
    ),
    ("CHANGELOG.md", r"- (\d+) stored questions in (\d+) groups", ("questions", "groups")),
    ("CHANGELOG.md", r"golden rows; (\d+) checks", ("checks",)),
    ("CHANGELOG.md", r"Points of (\d+) towns .*? label points of (\d+) countries", ("towns", "countries")),
    ("src/docs/asking.md", r"^(\w+) stored questions in (\w+) groups", ("questions", "groups")),
    (
        "src/docs/benchmarks.md",
        r"(\d+) classes, (\d+) object properties, (\d+) datatype properties and (\d+) annotation properties",
        ("classes", "object properties", "datatype properties", "annotation properties"),
    ),
    (
        "src/docs/benchmarks.md",
        r"All (\d+) have a definition .*?; (\d+) terms name the literature",
        ("terms with a definition", "terms with a source"),
    ),
    ("src/docs/benchmarks.md", r"The (\d+) stored questions .*? the (\d+) checks", ("questions", "checks")),
    ("src/docs/tutorial.md", r"There are (\w+), in groups", ("questions",)),
    ("src/docs/tutorial.md", r"`--evidence locator` (\S+) more sources", ("other sources",)),
]
"""Where a number is stated: the page, the words around it, and what it counts."""


@pytest.fixture(scope="module")
def counted(home: Path) -> dict[str, int]:
    """What there is, counted."""
    data = compiled(WHOLE, home)
    found = {name: _count(data, pattern) for name, pattern in COUNTS.items()}
    for kind in ("questions", "checks"):
        found[kind] = len(list((home / "queries" / kind).glob("*.rq")))
    questions = [data.catalogue[name] for name in data.catalogue]
    found["groups"] = len({query.tags[0] for query in questions})
    found["other claims"] = found["claims"] - found["claims of the article"]
    found["other sources"] = found["sources"] - 1
    return found


def _count(data: Compiled, pattern: str) -> int:
    text = f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }}"
    value = select(data.store, text, "count", data.prefixes).rows[0][0]
    return int(value.value)  # type: ignore[union-attr]


@pytest.mark.parametrize(("page", "words", "names"), STATED, ids=lambda value: str(value)[:40])
def test_a_number_is_what_is_counted(page: str, words: str, names: tuple[str, ...], counted: dict[str, int]) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.search(words, text, re.MULTILINE | re.DOTALL)
    assert found, f"{page} no longer says how many {', '.join(names)} there are"
    stated = [WORDS.get(word.lower()) or int(word) for word in found.groups()]
    assert dict(zip(names, stated, strict=True)) == {name: counted[name] for name in names}


def test_every_class_has_an_example_and_every_term_a_definition(counted: dict[str, int], home: Path) -> None:
    assert counted["terms with a definition"] == counted["terms"]
    data = compiled(WHOLE, home)
    assert _count(data, COUNTS["classes"] + "; skos:example ?y") == counted["classes"]


def test_who_is_named_is_named_by_a_public_authority_wrote_a_source_or_spoke_in_office(home: Path) -> None:
    data = compiled(WHOLE, home)
    named = "{ ?c nx:claimSubject ?x } UNION { ?c nx:claimObject ?x } UNION { ?c nx:claimedBy ?x }"
    official = f"{named} ?c nx:fromSource/dcterms:publisher ?by . ?by a nx:StateBody"
    wrote, spoke = "?source dcterms:creator ?x", "?c nx:claimedBy ?x"
    described = '?x skos:scopeNote ?note FILTER(CONTAINS(?note, "name is not recorded here"))'
    assert _count(data, "?x a nx:Person") > 5
    reasons = "".join(f" FILTER NOT EXISTS {{ {reason} }}" for reason in (official, wrote, spoke, described))
    assert _count(data, f"?x a nx:Person{reasons}") == 0


def test_what_the_picture_shows_is_in_the_graph(home: Path) -> None:
    data = compiled(FACTS, home)
    root = ET.parse(ROOT / "src/docs/walk-back.svg").getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title")
    assert root.findtext(f"{space}desc")
    shown = " ".join("".join(text.itertext()) for text in root.iter(f"{space}text"))
    ties = {
        "claim:ellis-2015.c074": ("span:ellis-2015.1920-1956", "span:ellis-2015.3558-3594"),
        "claim:ellis-2015.c082": ("span:ellis-2015.1895-1956", "span:ellis-2015.2108-2143"),
    }
    assert set(re.findall(r"\b(?:claim|span):[\w.-]+\d", shown)) == {
        *ties,
        *(span for both in ties.values() for span in both),
    }
    for claim, spans in ties.items():
        for span in spans:
            said = f"{claim} nx:supportedBy ?x FILTER(?x = {span})"
            assert _count(data, said) == 1, (claim, span)
    for claim, mode, score in (
        ("claim:ellis-2015.c074", "presupposed", 60),
        ("claim:ellis-2015.c082", "asserted", 60),
    ):
        assert _count(data, f"{claim} nx:confidenceScore ?x ; nx:modality modality:{mode} FILTER(?x = {score})") == 1
        assert f"{mode} · " in shown
        assert f"confidence {score}" in shown
    (length,) = re.findall(r"(\d+) characters", shown)
    (digest,) = re.findall(r"SHA-256 (\w+)", shown)
    said = f'text:ellis-2015 nx:sha256 ?x ; nx:textLength ?n FILTER(STRSTARTS(?x, "{digest}") && ?n = {length})'
    assert _count(data, said) == 1
    for phrase in re.findall(r"at “([^”]+)”", shown):
        assert _count(data, f'?x nx:anchorPhrase "{phrase}"') >= 1, phrase
    assert _count(data, "?x a nx:NarcoTaxingTerroristGroup") == 1
