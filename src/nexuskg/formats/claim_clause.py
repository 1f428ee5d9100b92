"""What a claim says as a clause at its source's own strength, with nothing of its reserve left out.

The clause is the claim's own wording in the language, to which is added what that does not show; words of the source
stay in its language. A claim without a wording in Spanish or Portuguese is told by its English one, between quotation
marks and marked as English: nothing is put together from the labels of its parts, whose gender and number nobody gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.base.namespaces import DEFAULT_GRAPH, ENTITY, NX, SKOS, TYPE, VOCAB, nx
from nexuskg.base.safe_text import one_line
from nexuskg.formats.claim_frames import BELIEFS, COMPARED, WORDS
from nexuskg.formats.reserve_words import shows, stands_in
from nexuskg.rdf.labels import label, term_text
from nexuskg.rdf.store import Term, holds, object_nodes

if TYPE_CHECKING:
    from nexuskg.pipeline.dataset import Compiled

_TEXTS: Final = [
    SKOS + name for name in ("prefLabel", "altLabel", "definition", "scopeNote", "example", "editorialNote")
]
# A word of its own: no part of a CURIE, an address or a path.
_WORD: Final = re.compile(r"(?<![\w:/.#-])[^\W\d_]+(?:-[^\W\d_]+)*(?![\w:/#-])")
_WITHIN: Final = re.compile(r"(?<=[^\s.!?:] )[A-Z\u00c0-\u00de][\w-]*")
_SMALL: Final = {
    "en": "the an in it its by what some about more most at on no there being all both many few several one two three "
    "four five six seven eight nine ten eleven twelve",
    "es": "el la los las un una unos unas en a al de del por para con sin desde hasta entre según durante tras casi "
    "más menos alrededor cerca este esta estos estas ese esa su sus no hay lo que quienes todo toda todos todas "
    "dos tres cuatro cinco seis siete ocho nueve diez",
    "pt": "o a os as um uma uns umas em ao à aos às de do da dos das no na nos nas por pelo pela pelos pelas para com "
    "sem desde até entre segundo durante após quase mais menos cerca este esta estes estas esse essa seu sua seus suas "
    "não há quem todo toda todos todas dois duas três quatro cinco seis sete oito nove dez",
}
_POSSIBLE: Final = {"en": "possible", "es": "posible", "pt": "possível"}
_LETTERS: Final = ("A", "O", "E", "Y")
"""Words of one letter with which a sentence may begin."""
_THE: Final = frozenset(
    (
        *("administration", "agency", "army", "bank", "bureau", "center", "centre", "command", "commission"),
        *("committee", "congress", "council", "court", "department", "division", "forces", "forum", "government"),
        *("institute", "ministry", "navy", "office", "organization", "parliament", "police", "republic", "service"),
        *("state", "states", "treasury", "union", "university"),
    )
)
"""The words on which the name of a body ends that has an article in English."""
_WITH_ARTICLE: Final = ("the ", "el ", "la ", "los ", "las ", "o ", "a ", "os ", "as ")


@dataclass(frozen=True, slots=True)
class ClaimParts:
    """A claim as its clause is made of: its wording, its qualifiers, and who speaks in it."""

    wording: str
    modality: str
    kind: str
    voice: str
    cited: tuple[tuple[str, str], ...]
    """Who is cited: the name, and how it stands after "citing"."""
    notes: tuple[str, ...]
    """What the wording does not show of the source's reserve: hedges, comparator, time, that it denies."""
    hedges: tuple[str, ...]
    belief: tuple[str, str] | None
    """How a source says that somebody holds what is possible, where its hedge tells: see BELIEFS."""


class _Lexicon(NamedTuple):
    """What texts of the graph in a language show of capitals, in small letters.

    Words that some text writes small: at the start of a sentence their capital is not their own; words that some text
    writes with a capital where no sentence starts; and the one or two words with which the name of a thing begins.
    """

    small: frozenset[str]
    great: frozenset[str]
    names: frozenset[str]


class Wording:
    """How the claims of a dataset are worded in a language."""

    def __init__(self, data: Compiled, language: str = "en") -> None:
        self.data, self.language = data, language
        self.words = WORDS[language]

    def statement(self, claim: NamedNode) -> ClaimParts:
        """The statement that a claim makes."""
        own = self._own_label(claim)
        english = one_line(label(self.data.store, claim, "en") or self.term_name(claim))
        clause = self._inside(own) if own else self.in_english(english)
        cited = tuple(self._speakers(claim))
        modality, voice = self._concept(claim, "modality"), self._concept(claim, "voice")
        hedges = tuple(self._texts(claim, "hedge"))
        beliefs = BELIEFS[self.language] if modality == "possible" else {}
        belief = next((verbs for word, verbs in beliefs.items() if word in hedges), None)
        tongue = self.language if own else "en"
        # Every frame of what is possible says that it is, and may say that it is believed.
        held = (*(belief or ()), _POSSIBLE[tongue]) if modality == "possible" else ()
        notes = self._notes(claim, " ".join((*held, clause)), tongue, english)
        return ClaimParts(
            clause,
            modality,
            self._concept(claim, "kind"),
            voice,
            cited,
            tuple(one_line(note) for note in notes),
            hedges,
            belief,
        )

    def _own_label(self, claim: NamedNode) -> str:
        """The wording of the claim in the language, on one line; empty where it has none."""
        quads = self.data.store.quads_for_pattern(claim, NamedNode(SKOS + "prefLabel"), None, DEFAULT_GRAPH)
        texts = [quad.object for quad in quads if isinstance(quad.object, Literal)]
        return min((one_line(text.value) for text in texts if text.language == self.language), default="")

    def in_english(self, sentence: str) -> str:
        """English words as they stand in a sentence: in another language between quotation marks, and marked."""
        sentence = sentence.removesuffix(".")
        return sentence if self.language == "en" else f"«{sentence}» [{self.words['in English']}]"

    def _speakers(self, claim: NamedNode) -> Iterable[tuple[str, str]]:
        for speaker in self._values(claim, "claimedBy"):
            name = self.term_name(speaker)
            if self.language == "en":
                yield name, f"the {name}" if self._has_article(speaker, name) else name
            else:
                yield name, re.sub(r" \(([^()]*)\)$", r", \1", name)

    def _has_article(self, speaker: Term, name: str) -> bool:
        """Whether a speaker's English name has an article: a description, which begins small, or that of a body."""
        if isinstance(speaker, NamedNode) and holds(self.data.store, Triple(speaker, TYPE, nx("Person"))):
            return False
        words = name.split()
        if len(words) < 2 or name.casefold().startswith(_WITH_ARTICLE):
            return False
        return name[0].islower() or any(w in ("of", "on", "for") for w in words) or words[-1].casefold() in _THE

    def _notes(self, claim: NamedNode, shown: str, language: str, english: str) -> Iterable[str]:
        """What the words shown, in that language, do not say of the claim's qualifiers.

        Of time and number a wording in another language is trusted to say what the English one says.
        """
        words = self.words
        if self._concept(claim, "polarity") == "negative":
            # Said in any case: whether a wording is read as denying is not to hang on one small word in it.
            yield words["denial"]
        fields = (("hedge",), ("degree",), ("timeAsStated",), ("valueAsStated", "quantityWord"))
        for names, word in zip(fields, ("hedge", "degree", "time", "stated"), strict=True):
            said = [text for name in names for text in self._texts(claim, name)]
            trusted = english if word in ("time", "stated") else ""
            unseen = [t for t in dict.fromkeys(said) if not (shows(shown, t, language) or shows(trusted, t, "en"))]
            if unseen:
                yield f"{words[word]}: {self.quote(unseen)}"
        for comparator in object_nodes(self.data.store, claim, nx("comparator")):
            name = _local(comparator)
            known = (*COMPARED[language].get(name, ()), label(self.data.store, comparator, language) or name)
            if name != "equal-to" and not any(stands_in(shown, word) for word in known):
                yield f"{words['read as']}: {self.term_name(comparator)}"
        if any(isinstance(value, Literal) and value.value == "true" for value in self._values(claim, "openList")):
            yield words["open"]

    def quote(self, words: Iterable[str]) -> str:
        """Words of a source between quotation marks of the language."""
        return ", ".join(f'"{word}"' if self.language == "en" else f"«{word}»" for word in words)

    # ---- the wording of the claim ------------------------------------------------------------------------

    def _inside(self, sentence: str) -> str:
        """The sentence as a clause within another: no full stop, and a capital only where the word has one anyway."""
        clause = one_line(sentence).removesuffix(".")
        first = re.match(r"\w+(?:-\w+)*", clause)
        if first and (first[0] in _LETTERS or first[0][1:].islower()) and self._is_small(clause):
            return clause[0].lower() + clause[1:]
        return clause

    def _is_small(self, clause: str) -> bool:
        """Whether the word at the start of a clause is no name, nor begins one."""
        words = self._lexicon
        start = re.findall(r"[\w-]+", clause.casefold())[:2]
        word, pair = start[0], " ".join(start)
        if word in words.names or pair in words.names:
            return False
        if word in words.small or word.removesuffix("s") in words.small:
            return True
        return self.language == "en" and word not in words.great

    @cached_property
    def _lexicon(self) -> _Lexicon:
        store = self.data.store
        small, great, names = set(_SMALL[self.language].split()), set[str](), set[str]()
        for name in _TEXTS:
            for quad in store.quads_for_pattern(None, NamedNode(name), None, DEFAULT_GRAPH):
                if isinstance(quad.object, Literal) and quad.object.language == self.language:
                    said = quad.object.value
                    small.update(word for word in _WORD.findall(said) if word.islower())
                    great.update(word.casefold() for word in _WITHIN.findall(said))
                    if _is_thing(quad.subject) and name == _TEXTS[0] and said[:1].isupper():
                        names.add(" ".join(re.findall(r"[\w-]+", said.casefold())[:2]))
        return _Lexicon(frozenset(small), frozenset(great), frozenset(names))

    # ---- reading --------------------------------------------------------------------------------------------------

    def _values(self, claim: NamedNode, name: str) -> list[Term]:
        quads = self.data.store.quads_for_pattern(claim, NamedNode(NX + name), None, DEFAULT_GRAPH)
        return sorted((quad.object for quad in quads), key=str)

    def _texts(self, claim: NamedNode, name: str) -> list[str]:
        return [self.term_name(value) for value in self._values(claim, name)]

    def term_name(self, term: Term) -> str:
        """How a term is called in the language, on one line."""
        return one_line(term_text(term, self.data.store, self.data.prefixes, self.language))

    def concept(self, scheme: str, name: str) -> str:
        """How a concept is called in the language; the name itself where the graph has no such concept."""
        return label(self.data.store, NamedNode(f"{VOCAB}{scheme}/{name}"), self.language) or name if name else ""

    def _concept(self, claim: NamedNode, name: str) -> str:
        return next((_local(value) for value in self._values(claim, name)), "")


def _is_thing(term: object) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith(ENTITY)


def _local(term: Term) -> str:
    return term.value.rsplit("/", 1)[-1] if isinstance(term, NamedNode) else str(term)
