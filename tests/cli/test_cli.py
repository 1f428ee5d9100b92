"""The command line: what is printed where, exit codes, and never a traceback."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from nexuskg.cli.main import program_group, run


def test_no_arguments_say_what_this_is_and_what_to_try(small: Path, call) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call()
    assert (code, err) == (0, "")
    assert out.count("nexuskg ask ") == 3
    assert "nexuskg list" in out


def test_list_and_tags(small: Path, call) -> None:  # type: ignore[no-untyped-def]
    assert call("list")[1].count("\n") == 2 + 3
    assert call("list", "--tag", "economy")[1].count("\n") == 2 + 1
    code, out, err = call("list", "--tag", "nonsense")
    assert (code, out) == (2, "")
    assert "economy" in err


def test_ask_as_table_csv_and_json(small: Path, call) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = call("ask", "who-taxes-what")
    assert code == 0
    assert out.splitlines()[0].split() == ["group", "activity", "hedge", "source", "paragraph", "anchor"]
    assert out.splitlines()[2].split("  ")[0] == "The Reds"
    rows = list(csv.DictReader(io.StringIO(call("ask", "who-taxes-what", "--format", "csv", "--accept", "implied")[1])))
    assert [(row["activity"], row["claim"], row["anchor"]) for row in rows] == [
        ("growing", "claim:t.c1", "they tax"),
        ("selling", "claim:t.c2", "and sell [2]"),
    ]
    data = json.loads(call("ask", "how-many-sources-of-revenue", "--format", "json")[1])
    assert data["rows"][0]["cells"]["activities"] == {"text": "1"}
    assert data["rows"][0]["evidence"][0]["claim"] == "claim:t.c1"


def test_no_rows_are_said_on_stderr(small: Path, call) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("ask", "who-taxes-what", "activity=selling")
    assert (code, out) == (0, "")
    assert "No rows" in err


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (["ask", "who-tax-what"], "who-taxes-what"),
        (["ask", "who-taxes-what", "activty=growing"], "Did you mean activity?"),
        (["ask", "who-taxes-what", "activity=growin"], "growing"),
        (["ask", "who-taxes-what", "growing"], "NAME=VALUE"),
        (["ask", "who-taxes-what", "activity=<not an iri>"], "activity"),
        (["ask"], "QUESTION"),
        (["aks"], "Did you mean ask?"),
        (["ask", "who-taxes-what", "--format", "xml"], "'table', 'csv', 'tsv', 'json'"),
        (["fmt", "nowhere.ttl"], "nowhere.ttl"),
        (["find", "--limit", "0", "reds"], "--limit"),
    ],
)
def test_usage_errors_are_one_line_with_a_hint(args: list[str], hint: str, small: Path, call) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert hint in err


def test_malformed_turtle_names_file_and_line(small: Path, call) -> None:  # type: ignore[no-untyped-def]
    path = small / "ontology/data/claims/t.ttl"
    path.write_text(path.read_text() + "claim:t.c9 a ] .\n")
    line = len(path.read_text().splitlines())
    for args in (["ask", "who-taxes-what"], ["fmt", "--check"], ["list"]):
        code, out, err = call(*args)
        assert (code, out) == (2, "")
        assert f"t.ttl:{line}:" in err
        assert "not a valid" in err


def test_fmt_both_sides(small: Path, call) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = call("fmt", "--check")
    assert code == 1
    assert "ontology/terms/all.ttl" in out
    assert call("fmt")[0] == 0
    assert call("fmt", "--check")[:2] == (0, "")
    assert call("fmt", "--check", str(small / "ontology/terms"))[:2] == (0, "")


def test_the_real_files_are_canonical(home: Path, call) -> None:  # type: ignore[no-untyped-def]
    assert call("fmt", "--check")[:2] == (0, "")


@pytest.mark.usefixtures("small")
def test_an_unexpected_error_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from nexuskg.pipeline import compilation

    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(compilation, "compiled", broken)
    code = run(["list"])
    err = capsys.readouterr().err
    assert code == 2
    assert "Traceback" not in err
    assert err.count("\n") == 1
    assert "RuntimeError: two lines" in err
    assert "report" in err


def test_a_reader_that_leaves_is_no_error(small: Path) -> None:
    command = f"{sys.executable} -m nexuskg list | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.parametrize(
    ("redirected", "code", "said"),
    [
        (">&-", 0, ""),
        ("--format csv > /dev/full", 2, "nexuskg: the output cannot be written (No space left on device).\n"),
        ("> /dev/full", 2, "nexuskg: the output cannot be written (No space left on device).\n"),
    ],
)
def test_an_output_that_cannot_be_written(redirected: str, code: int, said: str, small: Path) -> None:
    if "full" in redirected and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    command = f"{sys.executable} -m nexuskg ask who-taxes-what {redirected}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", said)


def test_an_interruption_is_for_the_caller(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nexuskg.pipeline import compilation

    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(compilation, "compiled", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(["list"])


def test_no_message_is_endless_or_steers_the_terminal(small: Path, call) -> None:  # type: ignore[no-untyped-def]
    code, _, err = call("show", "\x1b[31m" + "x" * 100_000)
    assert code == 2
    assert len(err) < 3000
    assert "\x1b" not in err


def test_a_home_without_questions_has_an_empty_list(small: Path, call) -> None:  # type: ignore[no-untyped-def]
    for path in (small / "queries/questions").iterdir():
        path.unlink()
    code, _, err = call("list")
    assert (code, err) == (0, "")


@pytest.mark.parametrize("name", [None, *sorted(program_group.commands)])
def test_each_help_ends_with_one_example(name: str | None, call) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = call(*([name] if name else []), "--help")
    assert code == 0
    lines = out.rstrip().splitlines()
    assert lines[-2] == "Example:"
    assert lines[-1].startswith(f"  nexuskg {name or ''}")
    assert all(len(line) <= 100 for line in lines)


def test_the_table_on_a_terminal_fits_100_columns(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nexuskg.base import text_table

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", "80")
    text_table.print_table(("a", "b"), [("short", "word " * 60), ("x[bold]y", "")])
    lines = screen.getvalue().splitlines()
    assert max(len(click.unstyle(line)) for line in lines) <= 100
    assert "x[bold]y" in screen.getvalue()
    assert click.unstyle(screen.getvalue()).split()[:2] == ["a", "b"]


def test_a_table_of_too_many_columns_becomes_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    from nexuskg.base import text_table

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    names = [f"column{letter}" for letter in "ABCDEFGHIJKLMNOP"]
    text_table.print_table(names, [["reinforcement"] * len(names)])
    lines = [click.unstyle(line).split() for line in screen.getvalue().splitlines() if line.strip()]
    assert lines[0] == ["column", "a", "reinforcement"]
    assert len(lines) == len(names)


def _query(folder: Path, text: str) -> str:
    path = folder / "mine.rq"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_query_of_ones_own_has_prefixes_and_evidence(home: Path, tmp_path: Path, call) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call(
        "sparql", _query(tmp_path, "SELECT ?who { ?who nx:concentratedIn place:vraem }"), "--format", "csv"
    )
    assert (code, err) == (0, "")
    assert list(csv.reader(io.StringIO(out))) == [
        ["who", "hedge", "source", "paragraph", "anchor"],
        ["Sendero Luminoso", "principally", "ellis-2015", "3", "residual elements; region known"],
    ]


def test_a_query_that_cannot_be_traced_is_answered_and_says_why(home: Path, tmp_path: Path, call) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("sparql", _query(tmp_path, "SELECT * { ?who nx:concentratedIn ?place }"))
    assert code == 0
    assert "VRAEM" in out
    assert "SELECT *" in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT ?a\nWHERE { ?a nx:taxes }", "mine.rq: line 2, column 21"),
        ("SELECT ?a WHERE { ?a nx:taxes ?b ", "nothing more"),
        ("SELECT ?a WHERE { ?a zz:taxes ?b }", "mine.rq: line 1"),
        ("SELECT ?a WHERE { SERVICE <http://127.0.0.1:1/> { ?a ?b ?c } }", "mine.rq: "),
    ],
)
def test_a_query_that_cannot_be_run_says_where(home: Path, tmp_path: Path, call, text: str, said: str) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("sparql", _query(tmp_path, text))
    assert (code, out) == (2, "")
    assert said in err
    assert "fault of ours" not in err


@pytest.mark.parametrize(
    ("args", "shown", "grade"),
    [
        (["ask", "who-taxes-what", "--evidence"], True, False),
        (["ask", "--evidence", "who-taxes-what"], True, False),
        (["ask", "who-taxes-what", "--evidence", "locator"], False, True),
        (["ask", "who-taxes-what", "--evidence=locator"], False, True),
        (["ask", "--evidence", "locator", "who-taxes-what", "--evidence"], True, True),
        (["ask", "who-taxes-what", "--evidence", "--evidence", "locator"], True, True),
        (["ask", "who-taxes-what", "--evidence", "--format", "csv"], True, False),
        (["ask", "who-taxes-what", "--evidence", "span"], False, False),
    ],
)
def test_evidence_alone_shows_it_and_with_a_grade_admits_it(
    args: list[str], shown: bool, grade: bool, small: Path, call
) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = call(*args)
    assert code == 0
    head = re.split(r",|  +", out.splitlines()[0])
    assert ({"claims", "spans"} <= set(head)) is shown
    assert ("grade" in head) is grade
    assert ("span:t.0-9" in out) is shown


def test_evidence_alone_means_nothing_where_there_are_no_rows(small: Path, call) -> None:  # type: ignore[no-untyped-def]
    code, _, err = call("show", "actor:reds", "--evidence")
    assert code == 2
    assert "--evidence" in err


def test_labels_headings_and_messages_in_another_language(small: Path, call) -> None:  # type: ignore[no-untyped-def]
    out = call("ask", "who-taxes-what", "--lang", "es")[1]
    assert out.splitlines()[0].split() == ["grupo", "actividad", "reserva", "fuente", "párrafo", "palabras", "clave"]
    assert out.splitlines()[2].startswith("Los Rojos  growing")
    assert "Sin filas" in call("ask", "who-taxes-what", "activity=selling", "--lang", "es")[2]
    assert call("list", "--lang", "pt")[1].split()[:2] == ["grupo", "pergunta"]
    assert "Los Rojos" in call("find", "reds", "--lang", "es")[1]
    assert call("show", "actor:reds", "--lang", "es")[1].startswith("Los Rojos\n")
    assert call("ask", "who-taxes-what", "--lang", "fr")[0] == 2


def test_explain_prints_what_would_be_run_and_runs_nothing(
    small: Path,
    call,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from nexuskg.answers import rows
    from nexuskg.pipeline import compilation
    from nexuskg.rdf import store

    data = compilation.compiled()
    asked = rows.answer_typed(data, "who-taxes-what", {"activity": "growing"})
    monkeypatch.setattr(rows, "answer", None)
    code, out, err = call("ask", "who-taxes-what", "activity=growing", "--explain")
    assert (code, err) == (0, "")
    assert "VALUES ?activity { <https://w3id.org/nexuskg/id/activity/growing> }" in out
    assert store.select(data.store, out).rows == tuple(row.cells for row in asked)


def test_explain_declares_the_prefixes_of_ones_own_query(home: Path, tmp_path: Path, call) -> None:  # type: ignore[no-untyped-def]
    from nexuskg.pipeline import compilation
    from nexuskg.rdf import store

    code, out, _ = call("sparql", _query(tmp_path, "SELECT ?a\n{ ?a nx:taxes ?b }"), "--explain")
    assert code == 0
    assert store.select(compilation.compiled(home=home).store, out).rows


@pytest.mark.parametrize("query", ["CONSTRUCT WHERE { ?a nx:taxes ?b }", "DESCRIBE actor:sendero-luminoso"])
def test_what_is_constructed_is_turtle(query: str, home: Path, tmp_path: Path, call) -> None:  # type: ignore[no-untyped-def]
    from pyoxigraph import RdfFormat, parse

    for form in ([], ["-f", "ttl"]):
        code, out, err = call("sparql", _query(tmp_path, query), *form)
        assert (code, err) == (0, "")
        assert len(list(parse(out, RdfFormat.TURTLE))) >= 2
        assert "nx:taxes" in out
    code, out, err = call("sparql", _query(tmp_path, query), "-f", "csv")
    assert (code, out) == (2, "")
    assert "These do: ttl." in err


def test_a_format_that_does_not_fit_is_one_line(small: Path, call) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("ask", "who-taxes-what", "-f", "geojson")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "These do: table, csv, tsv, json, md, graphml, ttl, cite, bibtex, csl." in err


@pytest.mark.parametrize(
    "form",
    [
        "table",
        "json",
        *(
            pytest.param(form, marks=pytest.mark.slow)
            for form in ("csv", "tsv", "md", "graphml", "ttl", "cite", "bibtex", "csl")
        ),
    ],
)
def test_a_pipe_gets_no_escape_sequences(form: str, small: Path) -> None:
    path = small / "ontology/data/claims/t.ttl"
    path.write_text(path.read_text().replace('"The Reds"@en', r'"The \u001B[31mReds"@en'))
    command = [sys.executable, "-m", "nexuskg", "ask", "who-taxes-what", "-f", form, "--evidence"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"Reds" in done.stdout or form in ("bibtex", "csl", "cite")


def test_no_color_takes_every_escape_sequence_away(monkeypatch: pytest.MonkeyPatch) -> None:
    from nexuskg.base import text_table

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    for value, sequences in (("1", False), ("", True)):
        screen = Terminal()
        monkeypatch.setattr(sys, "stdout", screen)
        monkeypatch.setenv("NO_COLOR", value)
        text_table.print_table(("a", "b"), [("short", "\x1b[31mred")])
        assert ("\x1b" in screen.getvalue()) is sequences
        assert "\x1b[31m" not in screen.getvalue()
