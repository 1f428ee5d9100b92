"""The data against the curated claims and the source text, where these lie beside the project; the use of each term."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyoxigraph import DefaultGraph, NamedNode

from nexuskg.base.namespaces import BASE, NX, SKOS
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import WHOLE

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
CURATED = SHARED / "curation" / "claims.yaml"
TEXT = SHARED / "source" / "ellis-2015-excerpt.txt"
KEY = "ellis-2015"

beside = pytest.mark.skipif(not CURATED.exists(), reason="the curated claims are not beside the project (../shared)")


@pytest.fixture(scope="module")
def data(home: Path) -> Compiled:
    return compiled("facts", home)


@pytest.fixture(scope="module")
def curated() -> list[dict[str, Any]]:
    claims: list[dict[str, Any]] = yaml.safe_load(CURATED.read_text(encoding="utf-8"))["claims"]
    return claims


def _claims(data: Compiled) -> dict[str, dict[str, set[str]]]:
    """The values of each claim's properties, by the claim's id."""
    out: dict[str, dict[str, set[str]]] = {}
    kind = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    for claim in data.store.quads_for_pattern(None, kind, NamedNode(NX + "Claim"), DefaultGraph()):
        values = out.setdefault(str(getattr(claim.subject, "value", "")).rpartition(".")[2], {})
        for quad in data.store.quads_for_pattern(claim.subject, None, None, DefaultGraph()):
            values.setdefault(quad.predicate.value.removeprefix(NX), set()).add(quad.object.value)  # type: ignore[union-attr]
    return out


def _blocks(data: Compiled, curated_id: str) -> list[dict[str, set[str]]]:
    wanted = re.compile(rf"{curated_id.lower()}(-\d+)?")
    return [values for name, values in _claims(data).items() if wanted.fullmatch(name)]


REREAD = {
    "C016": "a noun that points back to the factory is no name of it",
    "C026": "estimated is the amount only; that Peru exports cocaine is taken for granted",
    "C046": "that a market grows can be checked",
    "C047": "that a market grows can be checked",
    "C048": "that a market grows can be checked",
    "C063": "but means only, and weakens nothing",
    "C064": "that an economy gets larger can be checked",
    "C065": "that an economy gets more complex can be checked",
    "C073": "to complicate matters is to bear on them",
    "C075": "a residual group has that form; the word is no hedge of itself",
    "C086": "the value is no hedge of itself",
    "C087": "the value is no hedge of itself",
    "C148": "impunity is a state, and here a possible one",
    "C149": "to have implications is no grade",
    "C150": "to have implications is no grade",
}
"""Statements of the curation whose hedge, kind or modality did not stand up to a second reading of the text."""


@beside
def test_every_curated_id_has_a_block_with_a_span_where_the_curation_has_its_own(
    data: Compiled, curated: list[dict[str, Any]]
) -> None:
    assert len(curated) == 156
    for claim in (one for one in curated if one["id"] != "C016"):
        spans = {span for block in _blocks(data, claim["id"]) for span in block["supportedBy"]}
        places = [tuple(map(int, span.rpartition(".")[2].split("-"))) for span in spans]
        assert any(start < claim["end"] and claim["start"] < end for start, end in places), claim["id"]
    ids = {claim["id"].lower() for claim in curated}
    assert {name.partition("-")[0] for name in _claims(data)} == ids


LEFT_OUT = {
    "SRC14.05": "the sum of two figures that are there",
}
"""The facts whose figure stands in no claim, and why. No reason is good enough for a fact in no claim at all."""


@beside
def test_every_other_source_is_there_with_its_address_and_its_figures(home: Path) -> None:
    store = compiled(WHOLE, home).store
    curated = yaml.safe_load((SHARED / "curation" / "sources.yaml").read_text(encoding="utf-8"))["sources"]
    address = NamedNode("http://purl.org/dc/terms/identifier")
    records = {
        getattr(q.object, "value", ""): q.subject for q in store.quads_for_pattern(None, address, None, DefaultGraph())
    }
    missing, untold = set(), set()
    for source in curated[1:]:  # the first is the article itself
        here = [records[url] for url in (source["url"], *source.get("also", ())) if url in records]
        here = here or [records["https://github.com/MISP/misp-galaxy"]] * source["url"].startswith("github MISP")
        assert here, source["url"]
        figures: set[float] = set()
        numbers_of_claims: set[int] = set()
        for record in here:
            for claim in store.quads_for_pattern(None, NamedNode(NX + "fromSource"), record, DefaultGraph()):
                numbers_of_claims |= {
                    int(number) for number in re.findall(r"[.]c(\d+)(?:-\d+)?>?$", str(claim.subject))
                }
                values = store.quads_for_pattern(claim.subject, NamedNode(NX + "claimValue"), None, DefaultGraph())
                numbers = [getattr(quad.object, "value", "") for quad in values]
                figures |= {abs(float(number)) for number in numbers if re.fullmatch(r"-?[0-9.]+", number)}
        for fact in source["facts"]:
            wanted = {float(fact[name]) for name in ("value", "value_min", "value_max") if name in fact}
            missing |= {fact["id"]} if wanted - figures else set()
            untold |= {fact["id"]} if int(fact["id"].partition(".")[2]) not in numbers_of_claims else set()
    assert missing == set(LEFT_OUT)
    assert not untold  # a claim bears the number of its fact


def test_every_claim_of_the_other_sources_is_worded_in_three_languages(home: Path) -> None:
    store = compiled(WHOLE, home).store
    told = store.quads_for_pattern(None, NamedNode(NX + "claimPredicate"), None, DefaultGraph())
    claims = {quad.subject for quad in told}
    others = [claim for claim in claims if f"/{KEY}." not in str(claim)]
    assert len(others) > 400
    for claim in others:
        labels = store.quads_for_pattern(claim, NamedNode(SKOS + "prefLabel"), None, DefaultGraph())
        found = {quad.object.language: quad.object.value for quad in labels}  # type: ignore[union-attr]
        assert set(found) == {"en", "es", "pt"}, claim
        assert all(re.fullmatch(r"[A-ZÁÉÍÓÚÑÇ0-9«“].*[.]", text) for text in found.values()), found


@beside
def test_the_text_at_each_curated_span_is_the_text_meant(curated: list[dict[str, Any]]) -> None:
    text = TEXT.read_text(encoding="utf-8")
    for claim in curated:
        span = text[claim["start"] : claim["end"]]
        assert hashlib.sha1(span.encode()).hexdigest()[:10] == claim["span_sha1"], claim["id"]


@beside
def test_qualifiers_of_the_curation_are_kept(data: Compiled, curated: list[dict[str, Any]]) -> None:
    for claim in curated:
        blocks, wanted = _blocks(data, claim["id"]), claim.get("qualifiers") or {}

        def somewhere(name: str, value: str, blocks: list[dict[str, set[str]]] = blocks) -> bool:
            return any(value in block.get(name, ()) for block in blocks)

        if "hedge" in wanted and claim["id"] not in REREAD:
            assert somewhere("hedge", wanted["hedge"]), claim["id"]
        if "degree" in wanted:
            assert somewhere("degree", wanted["degree"]), claim["id"]
        if wanted.get("polarity") == "negative":
            assert all(block["polarity"] == {f"{BASE}vocab/polarity/negative"} for block in blocks), claim["id"]
        if "value" in wanted:
            assert somewhere("claimValue", str(wanted["value"])), claim["id"]
        if "footnote" in claim:
            assert all(block["footnote"] == {str(claim["footnote"])} for block in blocks), claim["id"]
        if wanted.get("status") == "presupposed":
            assert somewhere("modality", f"{BASE}vocab/modality/presupposed"), claim["id"]
        if claim["modality"] == "estimated" and claim["id"] not in REREAD:
            assert somewhere("modality", f"{BASE}vocab/modality/estimated"), claim["id"]
        if claim["modality"] == "evaluative" and claim["id"] not in REREAD:
            assert somewhere("kind", f"{BASE}vocab/kind/evaluation"), claim["id"]


@beside
def test_every_causal_edge_is_a_claim_of_a_cause_a_part_or_a_condition(data: Compiled) -> None:
    edges = yaml.safe_load(CURATED.read_text(encoding="utf-8"))["causal_edges"]
    causal = {NX + name for name in ("contributesTo", "componentOf", "underCondition")}
    for edge in edges:
        assert any(block["claimPredicate"] & causal for block in _blocks(data, edge["claim"])), edge["claim"]


@beside
def test_no_run_of_nine_words_of_the_source_is_in_the_project() -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.lower())
        return {tuple(words[at : at + 9]) for at in range(len(words) - 8)}

    names = (
        "The Evolving Transnational Crime-Terrorism Nexus in Peru and Its Strategic Relevance for the U.S. "
        "and the Region",
        "PRISM: a Journal of the Center for Complex Operations",
    )
    source = runs(TEXT.read_text(encoding="utf-8")).difference(*map(runs, names))
    parts = ("ontology", "queries", "src", "tests")
    files = [path for part in parts for path in (ROOT / part).rglob("*") if path.is_file()] + list(ROOT.glob("*.*"))
    kinds = {".ttl", ".md", ".rq", ".py", ".csv", ".tsv", ".toml", ".cff", ".jsonld", ".xml"}
    texts = [path for path in files if path.suffix in kinds]
    assert {path.suffix for path in texts} == kinds
    assert len(texts) > 500
    for path in texts:
        found = runs(path.read_text(encoding="utf-8")) & source
        assert not found, f"{path}: {' '.join(next(iter(found)))}"


def test_every_term_is_used(data: Compiled) -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "ontology" / "data").rglob("*.ttl")]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "ontology" / "shapes").glob("*.ttl")]
    assert len(texts) > 50
    texts += [query.text for query in data.catalogue.values()]
    texts.append((ROOT / "tests" / "reasoning" / "test_axioms.py").read_text(encoding="utf-8"))
    used = set(re.findall(r"\bnx:(\w+)", "\n".join(texts)))
    isdefinedby = NamedNode("http://www.w3.org/2000/01/rdf-schema#isDefinedBy")
    terms = {
        quad.subject.value.removeprefix(NX)
        for quad in data.store.quads_for_pattern(None, isdefinedby, None, DefaultGraph())
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(NX)
    }
    assert len(terms) > 200
    assert terms <= used
