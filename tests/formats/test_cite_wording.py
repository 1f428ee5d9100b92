"""Citing claims: each said once, by its own wording, as a person would write it, in three languages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from nexuskg.answers import rows
from nexuskg.base.headings import LANGUAGES
from nexuskg.base.namespaces import BASE, SKOS, TYPE, nx
from nexuskg.formats import cite
from nexuskg.formats.claim_frames import BELIEFS, HELD, VERBS, WORDS
from nexuskg.formats.reserve_words import shows
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled

CHECKOUT = Path(__file__).parents[2]
HERE = DefaultGraph()
LABEL = NamedNode(SKOS + "prefLabel")

# ---- every claim of the data, in every language

AGAIN = {
    "en": r"\b(says?|said|according to|estimates? that|estimated|reportedly|believed|believes?|suspected|likely"
    r"|probably|allegedly|claims that|(?:is|are) rated|put at|puts? [^.]* at \d|forecasts?|said to|the article calls"
    r"|expected|states that|reports that|reported that)\b",
    "es": r"\b(dicen?|dijo|dijeron|según|estiman?|estimó|se cree|creen|sospech\w+|probablemente|presunt\w+"
    r"|supuest\w+|al parecer|afirman?|calific\w+|cifró|prevén?|esperan?|informó que)\b",
    "pt": r"\b(dizem?|disse|disseram|segundo (?:[oa]s?|se|fontes|autoridades)|estimam?|estimou|acredita-se|acreditam"
    r"|suspeit\w+|provavelmente|supost\w+|alegad\w+|afirmam?|classific\w+|avali\w+|preveem?|prevê|esperam?"
    r"|relatou que|informou que)\b",
}
"""Words of saying and believing, which the citation says already."""
PERMITTED: dict[str, str] = {}
"""Claims in whose matter such a word stands for itself, and why."""

BADLY = {
    "en": r"\((?:[^()]*; )?hedged: \"(?:but|also|already)\"|(?<!\w)-\d|\b\d[\d.,]* (?:metric )?ton\b|\ban? an?\b"
    r"|\bthat that\b|\b(?:these|those|this) (?:areas|remnants|regions|groups|supply chains|dynamic|load|combination)\b",
    "es": r"\b(?:de el|a el)\b|\b\d+\.\d{1,2}\b|\bEDTF\b|\b\d{1,3},\d{3}\b",
    "pt": r"\b(?:em|por|(?<!antes )(?<!depois )(?<!apesar )de) (?:o|a|os|as)\b|\ba o\b|\b\d+\.\d{1,2}\b|\bEDTF\b"
    r"|\b\d{1,3},\d{3}\b",
}
"""What no sentence has: broken grammar, English numbers in another language, words that point out of the sentence."""


@cache
def _whole() -> Compiled:
    return compilation.compiled(views.WHOLE, CHECKOUT)


@cache
def _told(language: str) -> list[tuple[str, str]]:
    """Every claim by its short name, with its sentence without footnote mark."""
    data = _whole()
    found = rows.answer_text(data, "SELECT ?claim { ?claim a nx:Claim } ORDER BY ?claim", language=language)
    sentences = cite.cite_text(data, found).partition("\n\n[^1]: ")[0].split("\n\n")
    names = [str(row.cells[0]).strip("<>").rpartition("/")[2] for row in found]
    return [(name, re.sub(r"\[\^\d+\]", "", each)) for name, each in zip(names, sentences, strict=True)]


@cache
def _labels(name: str) -> dict[str, str]:
    quads = _whole().store.quads_for_pattern(NamedNode(f"{BASE}claim/{name}"), LABEL, None, HERE)
    return {q.object.language or "": q.object.value for q in quads if isinstance(q.object, Literal)}


def _clause(name: str, language: str, sentence: str) -> str:
    """The part of a sentence that is the wording of its claim."""
    own = _labels(name).get(language, "").removesuffix(".")
    at = sentence.casefold().find(own.casefold()) if own else -1
    return sentence[at : at + len(own)] if at >= 0 else ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_claim_is_said_to_be_said_twice(language: str) -> None:
    again = re.compile(AGAIN[language], re.IGNORECASE)
    faults = [
        f"{name}: {sentence}"
        for name, sentence in _told(language)
        if name not in PERMITTED and again.search(_clause(name, language, sentence))
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_written_badly(language: str) -> None:
    badly = re.compile(BADLY[language])
    faults = [
        f"{name}: {each}" for name, each in _told(language) if badly.search(re.sub(r"«[^»]*»(?: \[[^]]*\])?", "", each))
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_matter_of_a_sentence_is_the_wording_of_its_claim(language: str) -> None:
    """Nothing is put together: between its frame and its notes a sentence has a text that somebody wrote."""
    verbs = {verb for table in (VERBS, BELIEFS) for pair in table[language].values() for verb in pair}
    words = WORDS[language]
    for name, sentence in _told(language):
        told = re.sub(r"\.$", "", sentence)
        label = _labels(name).get(language, "").removesuffix(".")
        if not label:
            assert language != "en"
            english = _labels(name)["en"].removesuffix(".")
            assert f"«{english}» [{words['in English']}]" in told, sentence
            continue
        frame, matter, notes = _parts(told, label)
        assert matter.casefold() == label.casefold(), sentence
        assert not notes or re.fullmatch(r" \(.*\)", notes), sentence
        assert any(verb.removesuffix(":") in frame for verb in verbs) or HELD in frame, sentence


def _parts(sentence: str, label: str) -> tuple[str, str, str]:
    at = sentence.casefold().find(label.casefold())
    return (
        (sentence, "", "") if at < 0 else (sentence[:at], sentence[at : at + len(label)], sentence[at + len(label) :])
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_note_tells_only_what_the_wording_does_not_show(language: str) -> None:
    for name, sentence in _told(language):
        clause = _clause(name, language, sentence)
        for words in re.findall(r'["«]([^"»]*)["»]', sentence.partition(clause)[2] if clause else ""):
            assert not shows(clause, words, language), sentence


def test_what_a_document_is_is_never_said_by_its_author() -> None:
    data = _whole()
    for language in LANGUAGES:
        page = WORDS[language]["page"]
        for name, sentence in _told(language):
            claim = NamedNode(f"{BASE}claim/{name}")
            kinds = {q.object for q in data.store.quads_for_pattern(claim, nx("kind"), None, HERE)}
            if NamedNode(f"{BASE}vocab/kind/bibliographic") in kinds:
                assert sentence.casefold().startswith(page), sentence


# ---- claims made up


def _sentence(language: str = "en", says: dict[str, str] | None = None, **said: str | list[str]) -> str:
    """A made-up claim of Ellis (2015), cited; values are names of the vocabulary, of actors, or words."""
    whole, claim, store = _whole(), NamedNode(BASE + "claim/t.x1"), Store()
    store.extend(whole.store.quads_for_pattern(None, None, None, HERE))
    store.add(Quad(claim, TYPE, nx("Claim")))
    for tag, text in (says or {"en": "Peru exports coca."}).items():
        store.add(Quad(claim, LABEL, Literal(text, language=tag)))
    store.add(Quad(claim, nx("fromSource"), NamedNode(BASE + "source/ellis-2015")))
    store.add(Quad(claim, nx("locator"), Literal("page 3")))
    given: dict[str, str | list[str]] = {"polarity": "positive", "kind": "state-of-affairs", "voice": "author", **said}
    for name, values in given.items():
        for value in [values] if isinstance(values, str) else values:
            if name == "claimedBy":
                store.add(Quad(claim, nx(name), NamedNode(f"{BASE}id/actor/{value}")))
            elif name in ("hedge", "degree", "timeAsStated", "valueAsStated"):
                store.add(Quad(claim, nx(name), Literal(value, language="en")))
            else:
                store.add(Quad(claim, nx(name), NamedNode(f"{BASE}vocab/{name}/{value}")))
    data = Compiled(whole.home, whole.view, store, whole.queries, whole.prefixes)
    found = rows.answer_text(
        data, f"SELECT ?claim {{ VALUES ?claim {{ {claim} }} ?claim a nx:Claim }}", language=language
    )
    return re.sub(r"\[\^\d+\]", "", cite.cite_text(data, found).partition("\n\n[^")[0])


ES = {"en": "Peru exports coca.", "es": "El Perú exporta coca.", "pt": "O Peru exporta coca."}


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Ellis (2015) states that Peru exports coca."),
        ("es", "Ellis (2015) afirma: el Perú exporta coca."),
        ("pt", "Ellis (2015) afirma: o Peru exporta coca."),
    ],
)
def test_a_claim_is_told_in_its_own_words_of_each_language(language: str, told: str) -> None:
    assert _sentence(language, ES, modality="asserted") == told


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("es", "Ellis (2015) afirma: «Peru exports coca» [en inglés]."),
        ("pt", "Ellis (2015) afirma: «Peru exports coca» [em inglês]."),
    ],
)
def test_without_words_in_a_language_the_english_ones_are_quoted_and_marked(language: str, told: str) -> None:
    assert _sentence(language, modality="asserted") == told


@pytest.mark.parametrize(
    ("hedge", "told"),
    [
        ("believed", "Ellis (2015) reports that DIRANDRO believed that Peru exports coca."),
        ("suspected", "Ellis (2015) reports that DIRANDRO suspected that Peru exports coca."),
        ("likely", "Ellis (2015) reports that DIRANDRO considered it likely that Peru exports coca."),
        ("may", "Ellis (2015) reports that DIRANDRO held it possible that Peru exports coca."),
        ("", "Ellis (2015) reports that DIRANDRO held it possible that Peru exports coca."),
        ("perhaps", 'Ellis (2015) reports that DIRANDRO held it possible that Peru exports coca (hedged: "perhaps").'),
    ],
)
def test_what_somebody_believes_is_reported_as_belief(hedge: str, told: str) -> None:
    said = {"modality": "possible", "voice": "named-authority", "claimedBy": "dirandro"}
    assert _sentence(**said, **({"hedge": hedge} if hedge else {})) == told  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("speaker", "told"),
    [
        ("unodc", "Ellis (2015), citing the United Nations Office on Drugs and Crime, reports that Peru exports coca."),
        ("dirandro", "Ellis (2015), citing DIRANDRO, reports that Peru exports coca."),
        ("el-comercio", "Ellis (2015), citing El Comercio (Lima), reports that Peru exports coca."),
        ("leonardo-longa", "Ellis (2015), citing Leonardo Longa, reports that Peru exports coca."),
        (
            "peruvian-national-police",
            "Ellis (2015), citing the Peruvian National Police, reports that Peru exports coca.",
        ),
        ("central-bank-of-peru", "Ellis (2015), citing the central bank of Peru, reports that Peru exports coca."),
    ],
)
def test_who_is_cited_has_an_article_where_the_name_wants_one(speaker: str, told: str) -> None:
    assert _sentence(modality="reported", voice="named-authority", claimedBy=speaker) == told


@pytest.mark.parametrize(
    ("language", "hedge", "told"),
    [
        ("en", "believed", "Ellis (2015) reports the belief that Peru exports coca."),
        ("en", "could", "Ellis (2015) mentions as possible that Peru exports coca."),
        ("es", "suspected", "Ellis (2015) recoge como sospecha: el Perú exporta coca."),
        ("pt", "likely", "Ellis (2015) menciona como provável: o Peru exporta coca."),
        ("pt", "could", "Ellis (2015) menciona como possível: o Peru exporta coca."),
        ("es", "perhaps", "Ellis (2015) menciona como posible: el Perú exporta coca (con la reserva: «perhaps»)."),
    ],
)
def test_a_belief_of_nobody_named_is_no_possibility_that_the_source_sees(language: str, hedge: str, told: str) -> None:
    assert _sentence(language, ES, modality="possible", hedge=hedge) == told


def test_who_is_cited_stands_beside_the_verb_where_an_article_would_have_a_gender() -> None:
    said = {"modality": "estimated", "voice": "named-authority", "claimedBy": "unodc"}
    assert _sentence("es", ES, **said) == (  # type: ignore[arg-type]
        "Ellis (2015) recoge como estimación (fuente citada: Oficina de las Naciones Unidas contra la Droga y el "
        "Delito): el Perú exporta coca."
    )
    assert _sentence("pt", ES, modality="reported", voice="unnamed-experts") == (
        "Ellis (2015) relata (fonte citada: especialistas não identificados): o Peru exporta coca."
    )


@pytest.mark.parametrize("voice", ["publishing-page", "author"])
def test_the_page_speaks_of_the_document(voice: str) -> None:
    told = _sentence(kind="bibliographic", modality="asserted", voice=voice, says={"en": "The text breaks off."})
    assert told == "The page that carries Ellis (2015) states that the text breaks off."


@pytest.mark.parametrize(
    ("comparator", "clause", "note"),
    [
        ("about", "It fell by almost 14 percent.", ""),
        ("about", "It fell by 14 percent.", " (read here as: about)"),
        ("at-least", "Four tons had been found.", " (read here as: at least)"),
        ("at-least", "Four tons or more had been found.", ""),
        ("so-far", "Four tons were found.", " (read here as: so far)"),
        ("so-far", "Four tons had been found.", ""),
        ("equal-to", "Four tons had been found.", ""),
    ],
)
def test_a_reading_of_a_number_is_not_put_into_the_mouth_of_the_source(comparator: str, clause: str, note: str) -> None:
    told = _sentence(modality="asserted", comparator=comparator, says={"en": clause})
    assert told == f"Ellis (2015) states that {clause[0].lower()}{clause[1:-1]}{note}."


@pytest.mark.parametrize(
    ("language", "name", "words", "clause", "note"),
    [
        ("en", "hedge", "principally", "Peru mainly exports coca.", ""),
        ("en", "hedge", "principally", "Peru exports coca.", ' (hedged: "principally")'),
        ("es", "hedge", "principally", "El Perú exporta sobre todo coca.", ""),
        ("es", "hedge", "principally", "El Perú exporta coca.", " (con la reserva: «principally»)"),
        ("pt", "degree", "increasingly", "O Peru exporta cada vez mais coca.", ""),
        ("es", "timeAsStated", "by late 2014", "A fines de 2014 el Perú exportaba coca.", ""),
        (
            "es",
            "timeAsStated",
            "by late 2014",
            "En 2014 el Perú exportaba coca.",
            " (tiempo según el texto: «by late 2014»)",
        ),
        ("pt", "timeAsStated", "In September, 2014", "O Peru exportou coca em setembro de 2014.", ""),
        ("es", "valueAsStated", "7.6 metric tons", "El Perú exportó 7,6 toneladas métricas.", ""),
        ("es", "valueAsStated", "49,800", "El Perú tenía 49.800 hectáreas.", ""),
    ],
)
def test_notes_know_the_words_of_the_language(language: str, name: str, words: str, clause: str, note: str) -> None:
    told = _sentence(language, {"en": "Peru exports coca.", language: clause}, modality="asserted", **{name: words})
    assert told.endswith(f"{clause[1:-1]}{note}.")


@pytest.mark.parametrize(
    ("text", "said", "language"),
    [
        ("Peru sells some coca", "something", "en"),
        ("Todavía vende coca", "all", "es"),
        ("El Perú vende 76 toneladas", "7.5 tons", "es"),
        ("O Peru vende sobre a mesa", "principally", "pt"),
        ("Peru sells coca", "in the", "en"),
    ],
)
def test_a_word_that_only_looks_alike_shows_nothing(text: str, said: str, language: str) -> None:
    assert not shows(text, said, language)
