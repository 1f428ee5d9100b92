"""Citing: no sentence says more than its source, whatever the language, and every footnote leads to the place."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from nexuskg.answers import rows
from nexuskg.answers.answer import Answer
from nexuskg.base.headings import LANGUAGES
from nexuskg.base.namespaces import BASE, SKOS, TYPE, nx
from nexuskg.evidence.records import bibliographic_record
from nexuskg.formats import cite, registry
from nexuskg.formats.claim_frames import BELIEFS, COMPARED, HELD, VERBS, WORDS
from nexuskg.formats.reserve_words import shows, stands_in
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.rdf.labels import term_text
from nexuskg.reasoning.grounds import STRENGTH

CHECKOUT = Path(__file__).parents[2]
HERE = DefaultGraph()
SAID_APART = {"asserted": "states", "reported": "reports", "estimated": "estimate", "implied": "only implies"} | {
    "presupposed": "for granted",
    "predicted": "predict|forecast",
    "possible": "possible",
    "counterfactual": "contrary to fact",
    "normative": "ought",
    "denied": "denial",
}
"""By which words an English sentence shows each modality."""


@cache
def _whole() -> Compiled:
    return compilation.compiled(views.WHOLE, CHECKOUT)


@pytest.fixture
def whole() -> Compiled:
    return _whole()


def _texts(data: Compiled, claim: NamedNode, name: str) -> list[str]:
    quads = data.store.quads_for_pattern(claim, nx(name), None, HERE)
    return [quad.object.value for quad in quads if isinstance(quad.object, NamedNode | Literal)]


def _local(data: Compiled, claim: NamedNode, name: str) -> str:
    return next(iter(_texts(data, claim, name)), "").rsplit("/", 1)[-1]


def _claims(data: Compiled) -> list[NamedNode]:
    quads = data.store.quads_for_pattern(None, TYPE, nx("Claim"), HERE)
    return sorted((quad.subject for quad in quads if isinstance(quad.subject, NamedNode)), key=str)


def _cited(data: Compiled, claim: NamedNode, language: str) -> str:
    found = rows.answer_text(
        data, f"SELECT ?claim {{ VALUES ?claim {{ {claim} }} ?claim a nx:Claim }}", language=language
    )
    return cite.cite_text(data, found).partition("\n\n[^")[0]


def _sentences(data: Compiled, found: Answer) -> list[str]:
    told = cite.cite_text(data, found).partition("\n\n[^1]: ")[0]
    return told.split("\n\n") if told else []


def _in_language(data: Compiled, claim: NamedNode, language: str) -> str:
    """The language of the wording by which a claim is told in a language: English where it has none in that."""
    quads = data.store.quads_for_pattern(claim, NamedNode(SKOS + "prefLabel"), None, HERE)
    tags = {quad.object.language for quad in quads if isinstance(quad.object, Literal)}
    return language if language in tags else "en"


def _faults(data: Compiled, claim: NamedNode, sentence: str, language: str) -> list[str]:
    """What of the reserve of a claim a sentence does not show."""
    words, tongue = WORDS[language], _in_language(data, claim, language)
    said = [
        value
        for name in ("hedge", "degree", "timeAsStated", "valueAsStated", "quantityWord")
        for value in _texts(data, claim, name)
    ]
    english = "" if language == "en" else term_text(claim, data.store, data.prefixes, "en")
    told = _texts(data, claim, "hedge") + _texts(data, claim, "degree")  # of the others a wording is trusted
    faults = [
        f"words {each}"
        for each in said
        if not shows(sentence, " ".join(each.split()), tongue) and (each in told or not shows(english, each, "en"))
    ]
    for iri in _texts(data, claim, "comparator"):
        name = iri.rsplit("/", 1)[-1]
        known = [term_text(NamedNode(iri), data.store, data.prefixes, each) for each in (language, tongue)]
        known += COMPARED[tongue].get(name, ())
        if name != "equal-to" and not any(stands_in(sentence, each) for each in known):
            faults.append(f"comparator {name}")
    if _local(data, claim, "polarity") == "negative" and words["denial"] not in sentence:
        faults.append("denial")
    cited = [_speaker(data, iri, language) for iri in _texts(data, claim, "claimedBy")]
    verbs = [*VERBS[language][_local(data, claim, "modality")]]
    if _local(data, claim, "modality") == "possible":
        verbs += [verb for pair in BELIEFS[language].values() for verb in pair]
        verbs += [HELD] if language == "en" else []
    if not any(verb.removesuffix(":") in sentence for verb in verbs):
        faults.append("modality")
    who = bibliographic_record(data.store, _local(data, claim, "fromSource"), language).who
    page = words["page"][0].upper() + words["page"][1:]
    if not sentence.removeprefix(page).strip().startswith(who):
        faults.append("source")
    if "publishing-page" in _local(data, claim, "voice") or _local(data, claim, "kind") == "bibliographic":
        return faults + ["author"] * (not sentence.casefold().startswith(words["page"]))
    return faults + [f"cited {name}" for name in cited if name not in sentence]


def _speaker(data: Compiled, iri: str, language: str) -> str:
    name = term_text(NamedNode(iri), data.store, data.prefixes, language)
    return name if language == "en" else re.sub(r" \(([^()]*)\)$", r", \1", name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_claim_of_the_graph_loses_its_reserve(language: str, whole: Compiled) -> None:
    claims = _claims(whole)
    assert len(claims) > 400
    found = rows.answer_text(whole, "SELECT ?claim { ?claim a nx:Claim } ORDER BY ?claim", language=language)
    sentences = _sentences(whole, found)
    assert len(sentences) == len(claims)
    for claim, sentence in zip([row.cells[0] for row in found], sentences, strict=True):
        assert isinstance(claim, NamedNode)
        assert not _faults(whole, claim, sentence, language), sentence


def test_each_modality_has_a_verb_that_no_other_has() -> None:
    for language in LANGUAGES:
        assert set(VERBS[language]) == {*STRENGTH, "normative"}
        for voice in (0, 1):
            verbs = [pair[voice] for pair in VERBS[language].values()]
            assert len(set(verbs)) == len(verbs)
        assert set(WORDS[language]) == set(WORDS["en"])
    for name, shown in SAID_APART.items():
        assert all(re.search(shown, verb) for verb in VERBS["en"][name])


WORDINGS = st.text("abc DEno.(;\"'\n", min_size=1, max_size=30).filter(lambda said: said.strip(" .\n") != "")
QUOTED = st.text("abc é", min_size=1, max_size=8).filter(lambda said: said.strip() == said)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    wording=WORDINGS,
    modality=st.sampled_from([*STRENGTH, "normative"]),
    negative=st.booleans(),
    voice=st.sampled_from(["author", "named-authority", "unnamed-experts", "publishing-page"]),
    cited=st.booleans(),
    hedge=st.none() | QUOTED,
    comparator=st.none() | st.sampled_from([*COMPARED["en"], "equal-to"]),
    language=st.sampled_from(LANGUAGES),
)
def test_no_claim_that_could_be_made_loses_its_reserve(
    wording: str,
    modality: str,
    negative: bool,
    voice: str,
    cited: bool,
    hedge: str | None,
    comparator: str | None,
    language: str,
) -> None:
    whole = _whole()
    claim, store = NamedNode(BASE + "claim/t.x1"), Store()
    store.extend(whole.store.quads_for_pattern(None, None, None, HERE))
    vocab = BASE + "vocab/"
    said: dict[str, object] = {
        "claimSubject": NamedNode(BASE + "id/actor/sendero-luminoso"),
        "claimPredicate": nx("hasObservation") if comparator else nx("taxes"),
        "fromSource": NamedNode(BASE + "source/ellis-2015"),
        "locator": Literal("page 3"),
        "modality": NamedNode(f"{vocab}modality/{modality}"),
        "polarity": NamedNode(f"{vocab}polarity/{'negative' if negative else 'positive'}"),
        "voice": NamedNode(f"{vocab}voice/{voice}"),
    }
    if cited:
        said["claimedBy"] = NamedNode(BASE + "id/actor/dirandro")
    if hedge:
        said["hedge"] = Literal(hedge, language="en")
    if comparator:
        said |= {"comparator": NamedNode(f"{vocab}comparator/{comparator}"), "claimValue": Literal(7)}
    store.add(Quad(claim, TYPE, nx("Claim")))
    store.add(Quad(claim, NamedNode(SKOS + "prefLabel"), Literal(wording, language="en")))
    for name, value in said.items():
        store.add(Quad(claim, nx(name), value))  # type: ignore[arg-type]
    data = Compiled(whole.home, whole.view, store, whole.queries, whole.prefixes)
    sentence = _cited(data, claim, language)
    assert not _faults(data, claim, sentence, language), sentence
    assert "\n" not in sentence
    if voice == "publishing-page":
        assert sentence.casefold().startswith(WORDS[language]["page"])
    elif voice != "author" and not cited:
        assert WORDS[language]["citing"] in sentence


def test_what_follows_is_no_firmer_than_what_it_follows_from(home: Path) -> None:
    for accept in views.VIEWS:
        data = compilation.compiled(views.view(accept, evidence="locator"), home)
        for name in ("nexus-actors", "is-linked-to", "causal-chain"):
            found = rows.answer_typed(data, name)
            sentences = _sentences(data, found)
            for row, sentence in zip(found, sentences, strict=True):
                modalities = {_local(data, item.claim, "modality") for item in row.evidence}
                if not row.follows or "claim" in found.columns:
                    continue
                plain = sentence.startswith("It follows that ")
                assert not plain or modalities == {"asserted"}, sentence
                if "implied" in modalities:
                    assert sentence.startswith("It follows, only if") or "no firmer" in sentence, sentence
                for item in row.evidence:
                    assert all(shows(sentence, hedge, "en") for hedge in filter(None, item.hedge.split("; "))), sentence


def test_sides_of_a_contradiction_are_both_cited(whole: Compiled) -> None:
    found = rows.answer_typed(whole, "what-do-sources-disagree-on")
    first = cite.cite_text(whole, found).partition("\n")[0]
    assert "contradicts" in first
    assert first.count("[^") == 2


def test_absence_and_curation_are_said(small: Path) -> None:
    data = compilation.compiled()
    told = cite.cite_text(data, rows.answer_typed(data, "which-actors-tax-nothing"))
    assert told == (
        "Actor The Blues: no source in this graph says otherwise: this rests on absence, not on a statement.\n"
    )
    assert "diz o contrário" in cite.cite_text(data, rows.answer_typed(data, "which-actors-tax-nothing", language="pt"))
    told = cite.cite_text(data, rows.answer_text(data, "ASK { actor:blues nx:taxes ?a }"))
    assert "no source in this graph says so" in told
    told = cite.cite_text(data, rows.answer_text(data, "SELECT ?a { VALUES ?a { actor:blues } ?a a nx:Actor }"))
    assert "which no source states" in told
    text = "SELECT ?group WHERE { ?group nx:taxes ?any MINUS { ?group nx:partOf ?whole } }"
    assert "it rests on absence, too" in cite.cite_text(data, rows.answer_text(data, text))


def test_footnotes_are_numbered_used_and_lead_to_the_place(whole: Compiled) -> None:
    for name in ("who-taxes-what", "feedback-loops", "timeline"):
        told = registry.format_answer(whole, rows.answer_typed(whole, name), "cite")
        notes = [int(number) for number in re.findall(r"^\[\^(\d+)\]: ", told, re.MULTILINE)]
        assert notes == list(range(1, len(notes) + 1))
        assert {int(number) for number in re.findall(r"\[\^(\d+)\](?!:)", told)} == set(notes)
        # Numbers rise as they are met for the first time.
        met = list(dict.fromkeys(int(number) for number in re.findall(r"\[\^(\d+)\](?!:)", told)))
        assert all(one < other for one, other in pairwise(met))
    told = registry.format_answer(whole, rows.answer_typed(whole, "who-taxes-what"), "cite")
    assert 'R. Evan Ellis, "The Evolving' in told
    assert 'PRISM 5(4), 2015-01, paragraph 3, at "residual elements", "principally taxing".' in told
    assert "opening part of the page [locator only], <https://" in told


def test_an_answer_that_cannot_be_traced_is_not_cited(small: Path) -> None:
    data = compilation.compiled()
    with pytest.raises(registry.UnfitFormat, match=r"traced.*table, csv"):
        registry.format_answer(data, rows.answer_text(data, "SELECT * { ?a nx:taxes ?b }"), "cite")
