"""The README: its commands run, its table and picture are what the program prints, its patterns find something."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from nexuskg.cli.main import run
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import WHOLE
from nexuskg.publish.model_diagram import model_picture
from nexuskg.rdf.store import select

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    re.sub(r"\s+#.*", "", line)
    for kind, text in BLOCKS
    if kind == "sh"
    for line in text.splitlines()
    if line.startswith("nexuskg")
]
PATTERNS = [
    cell
    for line in README.splitlines()
    if line.startswith("| ")
    for cell in re.findall(r"`(\?[^`]+)`", line)
    if " " in cell
]


@pytest.fixture(scope="module")
def data(home: Path) -> Compiled:
    return compiled(WHOLE, home)


def _block(kind: str) -> str:
    return next(text for of, text in BLOCKS if of == kind)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs(
    command: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-question.rq").write_text("SELECT ?a { ?a nx:taxes ?b }", encoding="utf-8")
    (tmp_path / "my-copy.txt").write_text("another text", encoding="utf-8")
    if "--store" in command and "push" not in command:
        assert run(["push", "--store", "my-store"]) == 0
        capsys.readouterr()
    code = run(shlex.split(command)[1:])
    out, err = capsys.readouterr()
    assert code == (1 if "my-copy.txt" in command else 0), err
    assert out or "fmt" in command or "check" in command


def test_every_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--help"])
    commands = re.findall(r"^  ([a-z]+)  ", capsys.readouterr().out.partition("Commands:")[2], re.MULTILINE)
    assert {shlex.split(command)[1] for command in COMMANDS if " " in command} == set(commands)


def test_the_table_is_what_the_first_command_prints(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "who-taxes-what"]) == 0
    assert capsys.readouterr().out == _block("text")


def test_what_is_shown_at_work_is_what_the_program_prints(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = [text.partition("\n") for of, text in BLOCKS if of == "text" and text.startswith("$ nexuskg ")]
    assert shown
    for command, _, printed in shown:
        assert run(shlex.split(command)[2:]) == 0
        assert capsys.readouterr().out == printed


def test_the_picture_is_drawn_from_the_ontology(data: Compiled) -> None:
    assert _block("mermaid") == model_picture(data.store)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_of_the_map_finds_something(pattern: str, data: Compiled) -> None:
    found = select(data.store, f"SELECT * WHERE {{ {pattern} }} LIMIT 1", "pattern", data.prefixes)
    assert found.rows, pattern


def test_the_terms_of_the_map_exist(data: Compiled) -> None:
    for name in set(re.findall(r"`?(nx:\w+)", README)):
        iri = data.prefixes["nx"] + name.removeprefix("nx:")
        assert select(data.store, f"SELECT ?t {{ <{iri}> a ?t }}").rows, name


def test_the_python_example_runs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(_block("python"), "README.md", "exec"), {})
    assert "principally taxing" in capsys.readouterr().out


def test_both_forms_of_both_commands_are_there() -> None:
    for start in (
        "python3 -m venv .venv && .venv/bin/pip install -q",
        "py -m venv .venv && .venv\\Scripts\\pip install -q",
    ):
        assert len(re.findall(re.escape(start), README)) == 2
