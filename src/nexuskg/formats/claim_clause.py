"""What a claim says as a clause at its source's own strength, with nothing of its reserve left out.

In English the clause is the claim's own wording, to which is added what that does not show. There is no wording of
claims in Spanish and Portuguese: there the clause is put together from the labels of what the claim is about, in the
order subject, relation, object, which is plain rather than graceful; words of the source stay in its language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from nexuskg.base.namespaces import DEFAULT_GRAPH, ENTITY, NX, SKOS, TYPE, VOCAB, nx
from nexuskg.base.safe_text import one_line
from nexuskg.formats.claim_frames import COMPARED, WORDS
from nexuskg.rdf.labels import label, term_text
from nexuskg.rdf.store import Term

if TYPE_CHECKING:
    from nexuskg.pipeline.dataset import Compiled

_HAS_OBSERVATION: Final = nx("hasObservation")
_TEXTS: Final = [
    SKOS + name for name in ("prefLabel", "altLabel", "definition", "scopeNote", "example", "editorialNote")
]
# A word of its own: no part of a CURIE, an address or a path.
_WORD: Final = re.compile(r"(?<![\w:/.#-])[^\W\d_]+(?:-[^\W\d_]+)*(?![\w:/#-])")
_WITHIN: Final = re.compile(r"(?<=[^\s.!?:] )[A-Z\u00c0-\u00de][\w-]*")
_SMALL: Final = (
    "the an in it its by what some about more most at on no there being all both many few several one two three four "
    "five six seven eight nine ten eleven twelve"
)


@dataclass(frozen=True, slots=True)
class ClaimParts:
    """A claim as its clause is made of: its wording, its qualifiers, and who speaks in it."""

    wording: str
    modality: str
    negative: bool
    voice: str
    cited: tuple[str, ...]
    notes: tuple[str, ...]
    """What the wording does not show of the source's reserve: hedges, comparator, time, that it denies."""
    hedges: tuple[str, ...]


class _Lexicon(NamedTuple):
    """What English texts of the graph show of capitals, in small letters.

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
        own = label(self.data.store, claim, "en") if self.language == "en" else None
        clause = self._inside(own) if own else self._composition(claim)
        notes = list(self._notes(claim, clause))
        return ClaimParts(
            clause,
            self._concept(claim, "modality"),
            self._concept(claim, "polarity") == "negative",
            self._concept(claim, "voice"),
            tuple(self._texts(claim, "claimedBy")),
            tuple(one_line(note) for note in notes),
            tuple(self._texts(claim, "hedge")),
        )

    def _notes(self, claim: NamedNode, clause: str) -> Iterable[str]:
        words = self.words
        if self._concept(claim, "polarity") == "negative":
            # Said in any case: whether a wording is read as denying is not to hang on one small word in it.
            yield words["denial"]
        for name, word in (("hedge", "hedge"), ("degree", "degree"), ("timeAsStated", "time")):
            unseen = [said for said in self._texts(claim, name) if not _in(said, clause)]
            if unseen:
                yield f"{words[word]}: {_quote(unseen)}"
        stated = [said for name in ("valueAsStated", "quantityWord") for said in self._texts(claim, name)]
        unseen = [said for said in stated if not _in(said, clause)]
        if unseen:
            yield f"{words['stated']}: {_quote(unseen)}"
        for comparator in self._values(claim, "comparator"):
            name = _local(comparator)
            shown = self.term_name(comparator)
            known = (*COMPARED.get(name, ()), shown) if self.language == "en" else (shown,)
            if name != "equal-to" and not any(_in(word, clause) for word in known):
                yield " ".join([shown, *self._amount(claim)])
        if any(isinstance(value, Literal) and value.value == "true" for value in self._values(claim, "openList")):
            yield words["open"]
        if self.language != "en" and self._concept(claim, "kind") == "evaluation":
            yield words["judgment"]

    def _amount(self, claim: NamedNode) -> list[str]:
        return [self._count_phrase(value) for name in ("claimValue", "unit") for value in self._values(claim, name)[:1]]

    def _count_phrase(self, term: Term) -> str:
        """A value or its unit as it stands in a sentence: two persons, not two number of persons."""
        return re.sub(r"^(?:number of|número de) ", "", self.term_name(term))

    # ---- English: the wording of the claim ------------------------------------------------------------------------

    def _inside(self, sentence: str) -> str:
        """The sentence as a clause within another: no full stop, and a capital only where the word has one anyway."""
        clause = one_line(sentence).removesuffix(".")
        first = re.match(r"\w+(?:-\w+)*", clause)
        if first and (first[0] == "A" or (first[0][1:].islower() and self._is_small(clause))):
            return clause[0].lower() + clause[1:]
        return clause

    def _is_small(self, clause: str) -> bool:
        """Whether the word at the start of a clause is no name, nor begins one."""
        words = self._lexicon
        start = re.findall(r"[\w-]+", clause.casefold())[:2]
        word, pair = start[0], " ".join(start)
        if word in words.names or pair in words.names:
            return False
        return word in words.small or word.removesuffix("s") in words.small or word not in words.great

    @cached_property
    def _lexicon(self) -> _Lexicon:
        store = self.data.store
        small, great, names = set(_SMALL.split()), set[str](), set[str]()
        for name in _TEXTS:
            for quad in store.quads_for_pattern(None, NamedNode(name), None, DEFAULT_GRAPH):
                if isinstance(quad.object, Literal) and quad.object.language == "en":
                    said = quad.object.value
                    small.update(word for word in _WORD.findall(said) if word.islower())
                    great.update(word.casefold() for word in _WITHIN.findall(said))
                    if _is_thing(quad.subject) and name == _TEXTS[0] and said[:1].isupper():
                        names.add(" ".join(re.findall(r"[\w-]+", said.casefold())[:2]))
        return _Lexicon(frozenset(small), frozenset(great), frozenset(names))

    # ---- other languages: the labels of what it is about ----------------------------------------------------------

    def _composition(self, claim: NamedNode) -> str:
        subject = ", ".join(self._texts(claim, "claimSubject"))
        verbs = self._values(claim, "claimPredicate")
        ends = self._values(claim, "claimObject") or self._values(claim, "claimValue")
        negation = [self.words["not"]] if self._concept(claim, "polarity") == "negative" else []
        if _HAS_OBSERVATION in verbs:
            measured = self._texts(claim, "measures") or [self.term_name(end) for end in ends]
            value = [self.term_name(each) for each in self._values(claim, "claimValue")]
            compared = [self.term_name(c) for c in self._values(claim, "comparator") if _local(c) != "equal-to"]
            amount = " ".join(
                [*negation, *compared, *value, *(map(self._count_phrase, self._values(claim, "unit")) if value else ())]
            )
            return f"{', '.join(measured)} ({subject}){f': {amount}' if amount else ''}{self._date_phrase(claim)}"
        if TYPE in verbs:
            verb = self.words["is a"]
        else:
            verb = ", ".join(self._texts(claim, "causalRelation") or [self.term_name(each) for each in verbs])
        told = ", ".join(
            f"«{self.term_name(end)}»" if isinstance(end, Literal) else self.term_name(end) for end in ends
        )
        return " ".join([subject, *negation, verb, told]) + self._date_phrase(claim)

    def _date_phrase(self, claim: NamedNode) -> str:
        dates = [] if nx("edtf") in self._values(claim, "claimPredicate") else self._texts(claim, "edtf")
        return f" ({', '.join(dates)})" if dates else ""

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


def _quote(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _in(words: str, clause: str) -> bool:
    """Whether the words stand in the clause as whole words.

    >>> _in("some", "something"), _in("At least", "it is at least 3")
    (False, True)
    """
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", clause, re.IGNORECASE) is not None
