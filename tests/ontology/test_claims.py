"""The wording of the shipped claims: in each language one sentence, which stands alone and says not who says it."""

from __future__ import annotations

import re
from functools import cache

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode

from nexuskg.base import data_home
from nexuskg.base.namespaces import NX, SKOS, TYPE
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.views import WHOLE

LANGUAGES = ("en", "es", "pt")

POINTING = {
    "en": r"(?i)^(That|It|They|He|She|Its|Their|Such|Here|The same|The latter|The former|So) "
    r"|\b(this|these|those(?! (from|in|of|that|which|who|with)\b))\b"
    r"|\b(that|such|the same) (dynamic|combination|growth|economy|areas?|zones?|groups?|projects?|load|role)\b"
    r"|\b(mentioned|named|listed) (above|below|before)\b|\bis meant\b|\bmeant\.$",
    "es": r"(?i)^(Eso|Ello|Él|Ella|Ellos|Ellas|Tal|Tales|Aquí|Lo mismo) "
    r"|\b(est[eao]s?|es[eao]s?|aquel(l[ao]s?)?|dich[ao]s?)\b"
    r"|\b(citad|mencionad)[ao]s? (arriba|antes)\b",
    "pt": r"(?i)^(Isso|Isto|Ele|Ela|Eles|Elas|Tal|Tais|Aqui|O mesmo) "
    r"|\b([dn]?(est|ess)[ea]s?|[dn]?ist?so|[dn]?isto|[dn]?aquel[ea]s?|dit[ao]s?)\b",
}
"""Words that point out of the sentence."""

THOUSAND_MILLION = r"(?:billion|bilh(?:ão|ões)|mil millones)\b"
"""In Spanish a number of millions, where English and Portuguese have a word for a thousand of them."""

LONE = (
    r"^The (activity|agreement|ambush|area|attack|blocking|capture|case|clan|cocaine|combination|condition|dynamic|"
    r"expansion|facility|faction|factory|find|group|growth|haul|house|intimidation|link|list|listing|load|location|"
    r"market|operation|organization|partners?|place|plan|raid|region|remnants|role|route|sector|seizure|shipment|"
    r"site|sum|taxing|valley|violence|warehouse|zone)s? "
    r"(are|blocks?|came|contains?|dates?|fell|had|has|have|is|killed|lies|means?|rests?|rose|serves?|shows?|took|"
    r"was|were|will|would)\b"
)
"""A noun with an article, and nothing that says which one is meant."""

SAYING = {
    "en": r"(?i)\b(says?|said|stated|declare[sd]?|estimate[sd]?|reports|reported|claims|claimed|calls|"
    r"believes?|believed|suspects?|suspected|forecasts?|expects?|expected|considers?|considered|deems?|deemed|describes?|described|"
    r"rated|glossed|according to|reportedly|allegedly|names)\b|(?<!also )\bcalled\b|\bputs? .* at [0-9]"
    r"|\bput (the|its|cocaine|exports|growth) ",
    "es": r"(?i)\b(dice|dijo|declara|afirma|estima|estimó|señala|informa|reporta|considera|califica|describe|cree|"
    r"sospecha|prevé|espera|según)\b|(?<!también se )(?<!también se le )\bllama(n|da|do)?\b",
    "pt": r"(?i)\b(diz|disse|declara|afirma|estima|estimou|assinala|informa|relata|considera|qualifica|descreve|"
    r"acredita|suspeita|prevê|espera|conforme)\b|(?<!também se )(?<!também é )\bchama(m|da|do)?\b|de acordo com",
}
"""What the citation says before the sentence, or somebody else's word for it."""


@cache
def labels() -> dict[str, dict[str, tuple[str, ...]]]:
    """The labels of each claim that the project ships, by claim and language."""
    store = compiled(WHOLE, data_home.home()).store
    found = {}
    for quad in store.quads_for_pattern(None, NamedNode(TYPE.value), NamedNode(NX + "Claim"), DefaultGraph()):
        texts = [
            label.object
            for label in store.quads_for_pattern(quad.subject, NamedNode(SKOS + "prefLabel"), None, DefaultGraph())
            if isinstance(label.object, Literal)
        ]
        name = getattr(quad.subject, "value", "").rpartition("/")[2]
        found[name] = {tongue: tuple(t.value for t in texts if t.language == tongue) for tongue in LANGUAGES}
    return found


def sentences(language: str) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in sorted(labels().items()) for text in texts[language]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_has_one_sentence(language: str) -> None:
    assert len(labels()) > 450
    assert [name for name, texts in sorted(labels().items()) if len(texts[language]) != 1] == []
    assert [name for name, text in sentences(language) if not re.fullmatch(r'["(«]?[^\W_].*\w.*[^.]\.', text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_points_at_nothing_outside_of_it(language: str) -> None:
    assert [(name, text) for name, text in sentences(language) if re.search(POINTING[language], text)] == []


def test_a_sentence_says_which_thing_it_speaks_of() -> None:
    assert [(name, text) for name, text in sentences("en") if re.search(LONE, text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_leaves_to_the_citation_that_somebody_says_it(language: str) -> None:
    quoted = [(name, re.sub(r'"[^"]*"|«[^»]*»', "", text)) for name, text in sentences(language)]
    assert [(name, text) for name, text in quoted if re.search(SAYING[language], text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_claims_of_a_source_are_worded_alike(language: str) -> None:
    seen: dict[tuple[str, str], str] = {}
    alike = []
    for name, text in sentences(language):
        key = (name.partition(".")[0], text)
        if key in seen:
            alike.append((seen[key], name, text))
        seen[key] = name
    assert alike == []


@pytest.mark.parametrize("language", ["es", "pt"])
def test_figures_are_those_of_the_english_sentence(language: str) -> None:
    def figures(text: str, decimal: str) -> list[str]:
        found = re.finditer(rf"(?<!\w)([0-9](?:[0-9., \u00a0\u202f]*[0-9])?)(?P<thousand> {THOUSAND_MILLION})?", text)
        plain = [(re.sub(rf"[^0-9{re.escape(decimal)}]", "", one[1]).strip(decimal), one["thousand"]) for one in found]
        return sorted(float(one.replace(decimal, ".")) * (1000 if thousand else 1) for one, thousand in plain)

    wrong = []
    for name, texts in sorted(labels().items()):
        for english, other in zip(texts["en"], texts[language], strict=False):
            if figures(english, ".") != figures(other, ","):
                wrong.append((name, english, other))
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "That dynamic is destructive."),
        ("en", "Fishing complemented this growth."),
        ("en", "The intimidation is part of the violence and pressures meant."),
        ("es", "La pesca complementó ese crecimiento."),
        ("pt", "A pesca complementou esse crescimento."),
        ("pt", "Nesta região há cocaína."),
    ],
)
def test_a_word_that_points_is_found(language: str, text: str) -> None:
    assert re.search(POINTING[language], text)


@pytest.mark.parametrize(
    "text", ["The load was cocaine.", "The listing is as a terrorist entity.", "The group is a family-based clan."]
)
def test_a_noun_that_could_be_any_is_found(text: str) -> None:
    assert re.search(LONE, text)
    first, second, rest = text.split(" ", 2)
    assert not re.search(LONE, f"{first} {second} of the Trujillo case {rest}")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The article calls Sendero Luminoso a terrorist group."),
        ("en", "Peru is called the top producer of coca."),
        ("en", "INEI put the growth of 2014 at 2.35 percent."),
        ("en", "The role of Sendero Luminoso is rated as marginal."),
        ("es", "Según el INEI, el Perú creció."),
        ("pt", "O INEI estima o crescimento em 2,4 por cento."),
    ],
)
def test_a_verb_of_saying_is_found(language: str, text: str) -> None:
    assert re.search(SAYING[language], text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The First Capital Command is also called PCC."),
        ("en", "The cocaine of the Trujillo case was put, or was to be put, into blocks of coal."),
        ("en", "There is social unrest in Peru's mining sector."),
        ("es", "El Primer Comando de la Capital también se llama PCC."),
        ("pt", "O Peru é o segundo maior produtor."),
    ],
)
def test_a_good_sentence_is_let_be(language: str, text: str) -> None:
    assert not re.search(SAYING[language], text)
    assert not re.search(POINTING[language], text)
