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

from nexuskg.answers import plain_words
from nexuskg.answers.function_words import language_of
from nexuskg.answers.plain_words import SURE, Index, Reading, Understood
from nexuskg.answers.question import question_of
from nexuskg.cli.main import run
from nexuskg.pipeline import compilation, views
from nexuskg.search.mentions import NameIndex, words_of
from support import plain_words_score

WORDS = Path(__file__).parent / "words"
AGREED: list[dict[str, Any]] = yaml.safe_load((WORDS / "questions.yaml").read_text(encoding="utf-8"))
FRESH: list[dict[str, Any]] = yaml.safe_load((WORDS / "fresh.yaml").read_text(encoding="utf-8"))
FINAL: list[dict[str, Any]] = yaml.safe_load((WORDS / "final.yaml").read_text(encoding="utf-8"))
ASKED = [*AGREED, *FRESH, *FINAL]
DECOYS: dict[str, list[str]] = yaml.safe_load((WORDS / "decoys.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def index(home: Path) -> Index:
    return Index(compilation.compiled(views.WHOLE, home))


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


# What was measured for this release: right at once, right among three, answered and right, wrong though sure; a call
# that leaves out what was asked counts as wrong. A change that makes it worse is to be looked at; nobody tunes on
# "score" or "final". The table of src/docs/benchmarks.md is printed by plain_words_score.py.
MEASURED = {
    "tune": (0.56, 0.60, 0.08, 0.0),
    "score": (0.54, 0.59, 0.13, 0.0),
    "fresh": (0.54, 0.63, 0.08, 0.0),
    "final": (0.51, 0.64, 0.17, 0.017),
}


@pytest.mark.parametrize("half", MEASURED)
def test_plain_words_are_understood(half: str, index: Index) -> None:
    found = plain_words_score.score(index, plain_words_score.own_sets()[half])
    first, near, right, wrong = MEASURED[half]
    assert found.first / found.answerable >= first, found
    assert found.near / found.answerable >= near, found
    assert found.right / found.answerable >= right, found
    assert len(found.wrong) / found.asked <= wrong, found


def test_the_table_of_the_documents_is_what_the_command_prints(index: Index) -> None:
    page = (Path(__file__).parents[2] / "src/docs/benchmarks.md").read_text(encoding="utf-8")
    for half, items in plain_words_score.own_sets().items():
        cells = plain_words_score.score(index, items).cells
        assert f"| {half} | {len(items)} | {' | '.join(cells)} |" in page, half


def test_a_call_that_leaves_out_what_was_asked_is_wrong(index: Index) -> None:
    calls = [("who-taxes-what", {"activity": ["activity:illegal-mining"]})]
    asked = Reading("who-taxes-what", (("activity", ("activity:illegal-mining",)),), 99)
    assert plain_words_score.is_right(index, calls, asked)
    assert not plain_words_score.is_right(index, calls, Reading("who-taxes-what", (), 99))
    assert not plain_words_score.is_right(index, calls, Reading("who-earns-from-what", asked.parameters, 99))
    assert plain_words_score.is_misled(index, calls, Understood("en", (Reading("who-taxes-what", (), 99),)))
    assert not plain_words_score.is_misled(index, calls, Understood("en", (Reading("who-taxes-what", (), 9),)))


def test_decoys_mislead_nobody(index: Index) -> None:
    texts = [text for several in DECOYS.values() for text in several]
    wrong = [text for text in texts if plain_words_score.is_misled(index, [], index.understand(text))]
    assert len(wrong) / len(texts) < 0.02, wrong


def test_nothing_is_answered_in_which_a_word_was_not_used(index: Index) -> None:
    texts = [item["text"] for item in ASKED] + [text for several in DECOYS.values() for text in several]
    for reading in (index.understand(text).meant for text in texts):
        assert reading is None or not reading.left_out


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Which groups do NOT tax drug trafficking?", "not"),
        ("Who does not operate in the VRAEM?", "not"),
        ("¿Quién no cobra cupos al narcotráfico?", "no"),
        ("Quem não cobra taxas do narcotráfico?", "nao"),
        ("How much gold is exported illegally?", "gold"),
        ("Is Sendero Luminoso involved in illegal gold mining?", "gold"),
        ("Which Mexican cartels operate in Peru?", "mexican"),
        ("who leads sendero", "sendero"),
        ("¿Quién cobra cupos al narcotráfico en el VRAEM?", "VRAEM"),
        ("Do more groups tax drug trafficking than illegal mining?", "than"),
    ],
)
def test_a_word_that_the_reading_leaves_out_is_told_and_nothing_answered(text: str, word: str, index: Index) -> None:
    found = index.understand(text)
    assert found.meant is None
    assert any(word in reading.left_out for reading in found.readings), found


@pytest.mark.parametrize(
    "text",
    [
        "Who taxes drug trafficking?",
        "¿Quién cobra cupos al narcotráfico?",
        "Who are the leaders of Sendero Luminoso?",
        "Quem lidera o Sendero Luminoso?",
        "Is the Sinaloa Cartel believed to be in Peru?",
        "When did OFAC sanction the PCC?",
    ],
)
def test_what_is_used_to_the_last_word_is_answered(text: str, index: Index) -> None:
    assert index.understand(text).meant is not None


# --- what is understood


@pytest.mark.parametrize(
    ("text", "question", "parameters"),
    [
        (
            "¿Quién cobra cupos al narcotráfico?",
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
    assert run(["ask", "¿Quién cobra cupos al narcotráfico?"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0].split()[:2] == ["grupo", "actividad"]
    assert "Sendero Luminoso" in out
    assert "Exactamente: nexuskg ask who-taxes-what activity=activity:drug-trafficking" in err


def test_a_reading_without_rows_is_not_taken_for_what_the_sources_say(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ask", "who", "taxes", "illegal", "mining"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "This question found no rows." in err
    assert "Not stated" not in err
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
