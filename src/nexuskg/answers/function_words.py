"""The small words of the languages in which questions are put, and how they tell a text's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nexuskg.base.headings import LANGUAGES


def words_by_language(*texts: str) -> Mapping[str, frozenset[str]]:
    """The words of texts in English, Spanish and Portuguese, by their language.

    >>> words_by_language("no not", "no", "nao")["es"]
    frozenset({'no'})
    """
    return {language: frozenset(text.split()) for language, text in zip(LANGUAGES, texts, strict=True)}


_SMALL_EN = """
a an the of in on at to for from by with and or is are was were be been do does did has have had it its this that these
those there s as into about which what any some their they he she his her me us our you i can need know want would like
please wonder wondering looking could may find out am im id just show give
"""
_SMALL_ES = """
el la los las un una unos unas de del al a en con por para y o u e es son fue fueron era ser esta estan estaba ha han
hay su sus se lo le les que este estos eso esa cual cuales me nos tu yo mas necesito saber quiero quisiera gustaria
favor busco deseo muestrame dame dime puedes podrias conocer
"""
_SMALL_PT = """
o a os as um uma uns umas de do da dos das no na nos nas ao aos em com por pelo pela para e ou sao foi foram era ser
esta estao ha seu sua seus suas se lhe lhes que este isso essa qual quais me mais preciso saber quero queria gostaria
favor procuro desejo mostre diga pode poderia conhecer
"""
SMALL: Final[Mapping[str, frozenset[str]]] = words_by_language(_SMALL_EN, _SMALL_ES, _SMALL_PT)
"""Words without a meaning of their own, folded."""

_ASKING_EN = "who whom whose where when why how much many"
_ASKING_ES = "quien quienes donde cuando porque como cuanto cuanta cuantos cuantas adonde"
_ASKING_PT = "quem onde quando porque como quanto quanta quantos quantas aonde"
ASKING: Final[Mapping[str, frozenset[str]]] = words_by_language(_ASKING_EN, _ASKING_ES, _ASKING_PT)
"""Words that ask: they tell questions apart, but are no proof that one is about the same subject."""

_TELLING_EN = "the of and is are was what which who how does did in to from by with there when where many much"
_TELLING_ES = """
el los las del y en quien quienes cuanto cuantos cuanta donde hay esta son fue segun cual con al una cuando porque es
que como un de la
"""
_TELLING_PT = """
o os as do da dos das em no na quem quanto quantos quanta onde ha sao foi segundo qual com ao uma pelo pela quando um e
que como de
"""
_TELLING: Final = {
    "en": frozenset(_TELLING_EN.split()),
    "es": frozenset(_TELLING_ES.split()),
    "pt": frozenset(_TELLING_PT.split()),
}


def language_of(text: str, words: Sequence[str]) -> str:
    """The language of a text, of which the folded words are given; English where nothing tells.

    >>> [language_of(t, t.casefold().split()) for t in ("Who is there", "quien manda en el lugar", "onde fica o porto")]
    ['en', 'es', 'pt']
    """
    scores = {language: sum(word in telling for word in words) * 1.0 for language, telling in _TELLING.items()}
    if "¿" in text or "¡" in text or "ñ" in text.casefold():
        scores["es"] += 3
    if any(letter in text.casefold() for letter in "ãõç") or "ões" in text:
        scores["pt"] += 3
    return max(scores, key=lambda language: (scores[language], language == "en", language == "es"))
