"""From a question in plain words to the stored question that is meant, and how sure that is.

Titles, example phrasings and keywords of the stored questions are held in a full-text index (SQLite FTS5) in memory,
with the things that a text names replaced by their kinds: who charges levies on illegal mining is asked as who charges
levies on drug trafficking is. Words are cut to their beginnings, which stems three languages well enough.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from nexuskg.answers.function_words import ASKING, SMALL, language_of
from nexuskg.answers.plain_words_parameters import fill_parameters, parameters_taking
from nexuskg.answers.unused_words import ValueWords, unused_words
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.search.mentions import COMMON, PROPER, Mention, names_of_things, words_of

SURE: Final = 85
"""From this sureness on (0 to 100) a question is answered; below it, the nearest are shown."""
NEAREST: Final = 3
"""So many readings are shown where none is sure enough."""
STEM: Final = 5

# How much tokens count: words of the subject, words that ask, kinds of what is named, and what is named itself.
_TOPIC, _ASK, _KIND, _NAMED = 1.0, 0.8, 0.6, 0.2
_SECOND, _COVERED, _FITTING = 0.3, 2.0, 0.3
"""What the second best phrasing, the share of the words that the question knows, and what it can take add."""

_SURENESS: Final = (-2.6, 3.4, 1.8, 2.2, -4.5)
"""Fitted on the questions in tests/answers/words that are for tuning, the decoys, and phrasings outside the index."""


def stem(word: str) -> str:
    """The beginning of a folded word, which its forms have in common.

    >>> [stem(word) for word in ("tax", "taxes", "taxation", "cobra", "cobran", "minas", "mina")]
    ['tax', 'tax', 'taxat', 'cobra', 'cobra', 'mina', 'mina']
    """
    cut = word[:STEM]
    if len(word) <= STEM and cut.endswith("s") and len(cut) > 3:
        return cut[:-2] if cut[-3:] in ("xes", "hes") else cut[:-1]
    return cut


@dataclass(frozen=True, slots=True)
class Reading:
    """A stored question that may be meant, its parameters as one would type them, and how sure that is, 0 to 100.

    `needs` are parameters without which it cannot be asked, and for which the words name nothing; `aside` is what the
    words name and the question cannot take; `unused` are words that it has no place for.
    """

    question: str
    parameters: tuple[tuple[str, tuple[str, ...]], ...]
    sure: int
    needs: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """What the words say and the question would not ask, names first."""
        named = {word for name in self.aside for word in words_of(name)}
        return (*self.aside, *(word for word in self.unused if word not in named))

    @property
    def call(self) -> str:
        """The command line that asks exactly this."""
        given = [f"{name}={_quote(value)}" for name, values in self.parameters for value in values]
        return " ".join(["nexuskg ask", self.question, *given, *(f"{name}=…" for name in self.needs)])


@dataclass(frozen=True, slots=True)
class Understood:
    """What plain words may mean: the language they are in, and the readings, the likeliest first."""

    language: str
    readings: tuple[Reading, ...]

    @property
    def meant(self) -> Reading | None:
        """The reading to answer; None where none is sure enough, or where it leaves out something of what was asked."""
        first = self.readings[0] if self.readings else None
        return first if first and first.sure >= SURE and not (first.needs or first.left_out) else None


@dataclass(frozen=True, slots=True)
class _Text:
    """A text taken apart: tokens with their weights, those among them that are its subject, and what it names."""

    tokens: dict[str, float]
    topic: frozenset[str]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well a question fits a text: in all, by its best phrasings, and by the share of the words that it knows."""

    question: str
    score: float
    phrasing: float
    covered: float


class Index:
    """The stored questions, ready to be understood; a class because it is made once for many texts."""

    def __init__(self, data: Compiled, questions: Iterable[StoredQuery] | None = None) -> None:
        self.data = data
        self.names = names_of_things(data.store)
        self.questions = {q.name: q for q in (data.catalogue.values() if questions is None else questions)}
        self._rows: list[tuple[str, bool, dict[str, float]]] = []
        for query in self.questions.values():
            for language, text in (*query.titles.items(), *query.phrasings, ("en", query.name.replace("-", " "))):
                self._rows.append((query.name, True, self.read(text, language, misspelt=False).tokens))
            for language in SMALL:
                words = " ".join(word for of, word in query.keywords if of == language)
                self._rows.append((query.name, False, self.read(words, language, misspelt=False).tokens))
        self._table = sqlite3.connect(":memory:", check_same_thread=False)
        self._table.execute("CREATE VIRTUAL TABLE asked USING fts5(tokens, detail=none, tokenize='ascii')")
        rows = ((number, " ".join(tokens)) for number, (_, _, tokens) in enumerate(self._rows))
        self._table.executemany("INSERT INTO asked(rowid, tokens) VALUES (?, ?)", rows)

    @cached_property
    def _values(self) -> ValueWords:
        return ValueWords(self.data, self.names.kinds)

    @cached_property
    def _asked_with(self) -> dict[tuple[str, str], frozenset[str]]:
        """The words that a question is put with in a language: by its title, its phrasings and its keywords."""
        found: dict[tuple[str, str], set[str]] = {}
        for name, query in self.questions.items():
            for language, text in (*query.titles.items(), *query.phrasings, *query.keywords, ("en", name)):
                found.setdefault((name, language), set()).update(words_of(text))
        return {key: frozenset(words) for key, words in found.items()}

    @cached_property
    def rarity(self) -> dict[str, float]:
        """How much a token tells: the fewer questions have it, the more."""
        holders: dict[str, set[str]] = {}
        for name, _, tokens in self._rows:
            for token in tokens:
                holders.setdefault(token, set()).add(name)
        return {token: math.log(1 + len(self.questions) / len(names)) for token, names in holders.items()}

    def read(self, text: str, language: str, misspelt: bool = True) -> _Text:
        """The text taken apart; names in it may be misspelt."""
        words = words_of(text)
        mentions = self.names.mentions(words, misspelt)
        named = {at: mention for mention in mentions for at in range(mention.start, mention.end)}
        tokens: dict[str, float] = {}
        topic = set()
        for at, word in enumerate(words):
            mention = named.get(at)
            if mention is not None and at == mention.start and mention.kind in (*PROPER, *COMMON):
                tokens[f"kind{mention.kind.replace('-', '')}"] = _KIND
            if mention is not None and mention.kind in PROPER:
                tokens[f"named{''.join(words_of(mention.iris[0].rsplit('/', 1)[-1]))}"] = _NAMED
            elif word in ASKING[language]:
                tokens[f"asked{word}"] = _ASK
            elif word not in SMALL[language]:
                tokens[stem(word)] = _TOPIC
                topic.add(stem(word))
        return _Text(tokens, frozenset(topic), tuple(mentions))

    def understand(self, text: str, language: str | None = None) -> Understood:
        """The readings of the text, the likeliest first, at most NEAREST; none where no word is known."""
        language = language or language_of(text, words_of(text))
        apart = self.read(text, language)
        scored = self._scores(apart)
        readings = []
        for fit in scored[:NEAREST]:
            best_other = next((other.score for other in scored if other.question != fit.question), 0.0)
            filling = fill_parameters(self.data, self.questions[fit.question], apart.mentions, text, language)
            sure = self._sure(apart, fit, fit.score - best_other)
            unused = unused_words(
                self._values,
                self.questions[fit.question],
                dict(filling.parameters),
                words_of(text),
                apart.mentions,
                self._asked_with.get((fit.question, language), frozenset()),
                language,
            )
            readings.append(Reading(fit.question, filling.parameters, sure, filling.needs, filling.aside, unused))
        return Understood(language, tuple(readings))

    def _scores(self, text: _Text, without: int = -1) -> list[_Fit]:
        """The questions by how well they fit the text, best first; a row may be left out, to judge the index by it."""
        weights = {token: weight * self._rarity(token) for token, weight in text.tokens.items()}
        length = math.hypot(*weights.values()) if weights else 0.0
        if not length:
            return []
        wanted = " OR ".join(f'"{token}"' for token in weights)
        hits = self._table.execute("SELECT rowid FROM asked WHERE asked MATCH ?", (wanted,)).fetchall()
        likeness: dict[str, list[float]] = {}
        known: dict[str, set[str]] = {}
        for (number,) in hits:
            if number == without:
                continue
            name, phrase, tokens = self._rows[number]
            shared = tokens.keys() & weights.keys()
            known.setdefault(name, set()).update(shared)
            if phrase:
                dot = sum(weights[token] ** 2 for token in shared)
                likeness.setdefault(name, []).append(dot / (length * self._lengths[number]))
        total = sum(weights.values())
        found = []
        for name, tokens in known.items():
            best = sorted(likeness.get(name, ()), reverse=True)[:2]
            phrasing = sum(like * share for like, share in zip(best, (1.0, _SECOND), strict=False))
            covered = sum(weights[token] for token in sorted(tokens)) / total
            score = phrasing + _COVERED * covered + _FITTING * self._parameter_fit(name, text.mentions)
            found.append(_Fit(name, score, phrasing, covered))
        return sorted(found, key=lambda fit: (-fit.score, fit.question))

    @cached_property
    def _lengths(self) -> list[float]:
        rarity = self.rarity
        return [math.hypot(*(w * rarity[t] for t, w in tokens.items())) or 1.0 for _, _, tokens in self._rows]

    def _rarity(self, token: str) -> float:
        return self.rarity.get(token) or math.log(1 + 2 * len(self.questions))

    def _parameter_fit(self, name: str, mentions: Sequence[Mention]) -> float:
        """From -1, where the question can take nothing of what is named, to 1, where it can take all."""
        named = [mention for mention in mentions if mention.kind in (*PROPER, *COMMON)]
        if not named:
            return 0.0
        return (2 * len(parameters_taking(self.data, self.questions[name], named)) - len(named)) / len(named)

    def _sure(self, text: _Text, fit: _Fit, margin: float) -> int:
        """How sure it is that the question is meant: it is put like that, knows the words, and fits better than others.

        Words that no question knows speak against it.
        """
        unknown = sum(token not in self.rarity for token in text.topic) / max(1, len(text.topic))
        values = (1.0, fit.phrasing, fit.covered, margin, unknown)
        return round(100 / (1 + math.exp(-sum(w * value for w, value in zip(_SURENESS, values, strict=True)))))


def _quote(value: str) -> str:
    return value if all(c.isalnum() or c in ":-_./" for c in value) else f'"{value}"'
