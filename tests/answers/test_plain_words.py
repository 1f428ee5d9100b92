"""Plain words: which stored question is understood, with which parameters, and when none is.

The questions in words/questions.yaml were written before the example phrasings, by somebody who had not seen them. One
half was used for tuning; the other is scored here, once per release, and must not be tuned on. Those in fresh.yaml were
written by somebody else, and the sureness was fitted on them, too. Those in final.yaml came last. The threshold alone
was set on all of them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nexuskg.answers import plain_words, rows
from nexuskg.answers.function_words import language_of
from nexuskg.answers.plain_words import SURE, Index, Understood
from nexuskg.answers.question import question_of
from nexuskg.cli.main import run
from nexuskg.pipeline import compilation, views
from nexuskg.search.mentions import NameIndex, words_of

WORDS = Path(__file__).parent / "words"
AGREED: list[dict[str, Any]] = yaml.safe_load((WORDS / "questions.yaml").read_text(encoding="utf-8"))
FRESH: list[dict[str, Any]] = yaml.safe_load((WORDS / "fresh.yaml").read_text(encoding="utf-8"))
FINAL: list[dict[str, Any]] = yaml.safe_load((WORDS / "final.yaml").read_text(encoding="utf-8"))
ASKED = [*AGREED, *FRESH, *FINAL]
DECOYS: dict[str, list[str]] = yaml.safe_load((WORDS / "decoys.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def index(home: Path) -> Index:
    return Index(compilation.compiled(views.WHOLE, home))


def mistaken(item: dict[str, Any], found: Understood) -> bool:
    """Whether a parameter is bound to something else than what the text names; one that is left open is not."""
    given = dict(found.readings[0].parameters)
    wanted = item.get("parameters") or {}
    return any(
        given.get(name, ("any",)) != ("any",) and not {str(value), f"scheme:{value}"} & set(given[name])
        for name, value in wanted.items()
        if item["question"] == found.readings[0].question
    )


def misled(index: Index, item: dict[str, Any], found: Understood) -> bool:
    """Whether somebody would be shown an answer to something else than was asked.

    That the sources do not say it is the right answer to what they do not say: there only rows would mislead.
    """
    (reading, *_) = found.readings
    if item["question"] is None:
        return bool(rows.answer_typed(index.data, reading.question, dict(reading.parameters)).rows)
    return reading.question not in {item["question"], *(item.get("also") or ())} or mistaken(item, found)


def score(index: Index, half: str) -> dict[str, float]:
    """How a half fares: right at once, among the three shown, answered, and answered wrongly though sure."""
    asked = [item for item in ASKED if item["half"] == half]
    answerable = [item for item in asked if item["question"]]
    found = {item["id"]: index.understand(item["text"]) for item in asked}

    def right(item: dict[str, Any], names: list[str]) -> bool:
        return bool({item["question"], *(item.get("also") or ())} & set(names))

    first = [right(i, [r.question for r in found[i["id"]].readings[:1]]) for i in answerable]
    near = [right(i, [r.question for r in found[i["id"]].readings]) for i in answerable]
    sure = [i for i in asked if found[i["id"]].meant]
    wrong = [i for i in sure if misled(index, i, found[i["id"]])]
    return {
        "top 1": sum(first) / len(answerable),
        "top 3": sum(near) / len(answerable),
        "answered": sum(1 for i in sure if i["question"]) / len(answerable),
        "wrong but sure": len(wrong) / len(asked),
    }


def test_the_questions_are_as_they_were_agreed() -> None:
    for asked, unanswered in (
        (AGREED, 15),
        (FRESH, 14),
        (FINAL, 15),
    ):  # one got an answer when a source was read to the end
        assert len(asked) == 60
        for language in ("en", "es", "pt"):
            assert sum(item["language"] == language for item in asked) == 20
        assert sum(item["question"] is None for item in asked) == unanswered
    assert sum(item["half"] == "score" for item in AGREED) == 30


def test_no_test_question_is_an_example_phrasing(index: Index) -> None:
    examples = {tuple(words_of(text)) for query in index.questions.values() for _, text in query.phrasings}
    assert not [item["id"] for item in ASKED if tuple(words_of(item["text"])) in examples]


# What was measured for this release: right at once, right among three, wrong though sure. A change that makes it worse
# is to be looked at; nobody tunes on "score" or "final".
MEASURED = {
    "tune": (0.78, 0.91, 0.0),
    "score": (0.81, 1.0, 0.0),
    "fresh": (0.84, 0.95, 0.017),
    "final": (0.73, 0.95, 0.017),
}


@pytest.mark.parametrize("half", MEASURED)
def test_plain_words_are_understood(half: str, index: Index) -> None:
    found = score(index, half)
    first, near, wrong = MEASURED[half]
    assert found["top 1"] >= first, found
    assert found["top 3"] >= near, found
    assert found["wrong but sure"] <= wrong, found


def test_decoys_mislead_nobody(index: Index) -> None:
    asked = [{"question": None, "text": text} for texts in DECOYS.values() for text in texts]
    found = {item["text"]: index.understand(item["text"]) for item in asked}
    wrong = [item["text"] for item in asked if found[item["text"]].meant and misled(index, item, found[item["text"]])]
    assert len(wrong) / len(asked) < 0.02, wrong


# --- what is understood


@pytest.mark.parametrize(
    ("text", "question", "parameters"),
    [
        (
            "¿Quién cobra cupos al narcotráfico en el VRAEM?",
            "who-taxes-what",
            {"activity": ("activity:drug-trafficking",)},
        ),
        ("Which groups tax illegal mining?", "who-taxes-what", {"activity": ("activity:illegal-mining",)}),
        ("Quem lidera o Sendero Luminoso?", "who-leads-a-group", {"group": ("actor:sendero-luminoso",)}),
        ("Who are the leaders of Sendero Luninoso?", "who-leads-a-group", {"group": ("actor:sendero-luminoso",)}),
        ("Who are the leaders of the Sendro Luminosso?", "who-leads-a-group", {"group": ("actor:sendero-luminoso",)}),
        (
            "Which markets does Peru supply with cocaine?",
            "which-markets-are-supplied",
            {"supplier": ("place:peru",)},
        ),
        (
            "When was the PCC put on a list by OFAC?",
            "who-was-designated",
            {"authority": ("actor:ofac",), "who": ("actor:first-capital-command",)},
        ),
        ("Which attacks and operations took place after 2014?", "timeline", {"since": ("2014",)}),
    ],
)
def test_words_lead_to_a_question_and_its_parameters(
    text: str, question: str, parameters: dict[str, tuple[str, ...]], index: Index
) -> None:
    found = index.understand(text)
    assert found.meant is not None, found
    assert found.meant.question == question
    given = dict(found.meant.parameters)
    assert {name: given.get(name) for name in parameters} == parameters
    assert all(values == ("any",) for name, values in given.items() if name not in {*parameters, "kind", "until"})


def test_the_call_asks_exactly_what_was_understood(index: Index) -> None:
    for item in ASKED:
        if item["half"] != "tune":
            continue
        for reading in index.understand(item["text"]).readings:
            if not reading.needs:
                texts = dict(reading.parameters)
                assert question_of(index.data, reading.question, texts).text
                assert reading.call.startswith(f"nexuskg ask {reading.question}")


def test_somebody_who_names_nobody_does_not_ask_about_the_example(index: Index) -> None:
    found = index.understand("What is everything that is known about it?")
    assert found.readings[0].question == "what-does-the-source-say-about"
    assert found.readings[0].needs == ("thing",)
    assert found.meant is None
    assert "thing=…" in found.readings[0].call


def test_what_no_parameter_takes_is_told(index: Index) -> None:
    (reading, *_) = index.understand("¿Quién cobra cupos al narcotráfico en el VRAEM?").readings
    assert reading.aside == ("VRAEM",)


def test_a_text_without_a_known_word_has_no_reading(index: Index) -> None:
    assert index.understand("xyzzy plugh").readings == ()
    assert index.understand("?!").readings == ()


@given(st.text(max_size=80))
def test_any_text_is_survived(text: str) -> None:
    found = _index().understand(text)
    assert isinstance(found, Understood)
    assert all(0 <= reading.sure <= 100 for reading in found.readings)


@cache
def _index() -> Index:
    return Index(compilation.compiled(views.WHOLE))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Who leads the group?", "en"),
        ("quien manda en el grupo", "es"),
        ("¿Cuánto?", "es"),
        ("quem manda no grupo", "pt"),
        ("Onde ficam as organizações?", "pt"),
        ("VRAEM", "en"),
    ],
)
def test_the_language_is_told(text: str, language: str) -> None:
    assert language_of(text, words_of(text)) == language


def test_names_are_recognized_the_longest_first(index: Index) -> None:
    names: NameIndex = index.names
    found = names.mentions(words_of("Did the Sinaloa Cartel use the port of Callao in Peru?"))
    assert [(mention.name, mention.kind) for mention in found if mention.kind in ("actor", "place")] == [
        ("sinaloa cartel", "actor"),
        ("callao", "place"),
        ("peru", "place"),
    ]
    assert all(mention.exact for mention in found)
    (misspelt,) = [m for m in names.mentions(words_of("the Sinalloa Cartel")) if m.kind == "actor"]
    assert not misspelt.exact


# --- on the command line


def test_plain_words_are_answered(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "¿Quién cobra cupos al narcotráfico en el VRAEM?"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0].split()[:2] == ["grupo", "actividad"]
    assert "Sendero Luminoso" in out
    assert "Exactamente: nexuskg ask who-taxes-what activity=activity:drug-trafficking" in err
    assert "VRAEM" in err


def test_what_the_sources_do_not_say_is_an_answer(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "who", "taxes", "illegal", "mining"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "Not stated in the sources." in err
    assert run(["ask", "Who are the leaders of Sendero Luminoso?"]) == 0
    assert "--evidence locator" in capsys.readouterr().err


def test_nothing_is_answered_where_none_is_surely_meant(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "What weapons does Sendero Luminoso use?"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("nexuskg ask ") == 3
    assert run(["ask", "xyzzy plugh"]) == 1
    assert "nexuskg list" in capsys.readouterr().err


def test_the_bound_query_of_plain_words_is_printed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "Who are the leaders of Sendero Luminoso?", "--explain"]) == 0
    assert "VALUES ?group { <https://w3id.org/nexuskg/id/actor/sendero-luminoso> }" in capsys.readouterr().out


def test_a_misspelt_name_of_a_question_is_no_plain_words(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "who-tax-what"]) == 2
    assert "who-taxes-what" in capsys.readouterr().err
    assert SURE > 50
    assert plain_words.NEAREST == 3
