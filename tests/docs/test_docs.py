"""The README and the pages of src/docs: their blocks are run or say why not, what they show is printed, links lead on.

A page is a session: its blocks are run from top to bottom in one empty folder. What a block is, its language says:

- `sh`: commands, each of which ends with 0; what they print is not shown.
- `console`: commands after "$ ", each with what it prints; "…" stands for anything, on a line of its own for any lines.
  A command that ends with "# exit 1" ends with that.
- `python`: run in one namespace a page; a `text` block right behind it is what it prints.
- any other: shown only.

Marks stand above a block, each a comment of one line: "not run: why", "file: name" (the block is a file of the folder),
"append: name" (it is the end of one), "slow", "stores" (run beside a server of the test), "shown by: test".
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from nexuskg.cli.main import program_group, run
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import WHOLE
from nexuskg.publish.model_diagram import model_picture
from nexuskg.rdf.store import select
from support import needs, servers

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "src/docs").rglob("*.md"))]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}

LONGEST = 150
"""The lines that the README may have."""

RUN = {"sh", "console", "python"}
SHOWN = {"csv", "dockerfile", "ini", "json", "mermaid", "nginx", "python-part", "sparql", "text", "turtle", "yaml"}
MARKS = re.compile(r"not run: \S.+|file: \S+|append: \S+|slow|stores|test-command|shown by: test_\w+")
SHELL = {"cat", "cp", "echo", "grep", "head", "ls", "mkdir", "mv", "python", "rm", "sed", "sort", "tail", "wc"}
"""The programs beside nexuskg that a block may call."""

FENCE = re.compile(r"(?P<marks>(?:^<!--.*-->\n)*)^```(?P<language>.*)\n(?P<text>(?:.*\n)*?)^```$", re.MULTILINE)
ENDPOINT = "http://localhost:7878"


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its marks, and where it stands."""

    page: str
    line: int
    language: str
    text: str
    marks: tuple[str, ...]
    printed: str | None
    """Of a python block: what it prints, where that is shown."""

    def mark(self, name: str) -> str | None:
        """What a mark says, "" if it says nothing more; None where the block has no such mark."""
        return next((mark.partition(":")[2].strip() for mark in self.marks if mark.partition(":")[0] == name), None)

    @property
    def when(self) -> str:
        """In which session it is run: quick, slow or stores; "" where it is not."""
        if self.mark("not run") is not None or self.mark("test-command") is not None:
            return ""
        if self.language not in RUN and self.mark("file") is None and self.mark("append") is None:
            return ""
        return next((mark for mark in ("slow", "stores") if self.mark(mark) is not None), "quick")

    @property
    def commands(self) -> list[tuple[str, str | None]]:
        """The commands of a sh or console block, each with what it prints, None where that is not shown."""
        text = re.sub(r"\\\n\s*", "", self.text)
        if self.language == "sh":
            return [(line, None) for line in text.splitlines() if line and not line.startswith("#")]
        if self.language != "console":
            return []
        found: list[tuple[str, str | None]] = []
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            found.append((command, printed or None))
        return found


def blocks(page: str, text: str) -> list[Block]:
    """The blocks of a page, in order."""
    found = list(FENCE.finditer(text))
    result = []
    for number, match in enumerate(found):
        following = found[number + 1] if number + 1 < len(found) else None
        shown = (
            following is not None
            and match["language"] == "python"
            and following["language"] == "text"
            and not text[match.end() : following.start()].strip()
        )
        result.append(
            Block(
                page,
                text[: match.start()].count("\n") + 1 + match["marks"].count("\n"),
                match["language"],
                match["text"],
                tuple(re.findall(r"^<!-- (.*) -->$", match["marks"], re.MULTILINE)),
                following["text"] if shown and following else None,
            )
        )
    return result


BLOCKS = {page: blocks(page, text) for page, text in TEXTS.items()}
ALL = [block for found in BLOCKS.values() for block in found]


class Given(io.BytesIO):
    """What is given on standard input, which has a name."""

    name = "<stdin>"


class Session:
    """A page that is being followed: its folder is the current one, its environment that of the process."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, endpoint: str = "") -> None:
        self.patch, self.endpoint = patch, endpoint
        self.names: dict[str, Any] = {"__name__": "page"}
        patch.chdir(folder)
        patch.setenv("PWD", str(folder))
        patch.setenv("COLUMNS", "400")
        patch.delenv("NEXUSKG_HOME", raising=False)
        patch.delenv("NEXUSKG_CURATOR", raising=False)

    def follow(self, block: Block) -> None:
        """Do what the block says, and hold what is printed against what it shows."""
        where = f"{block.page}:{block.line}"
        if (name := block.mark("file")) is not None:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(block.text, encoding="utf-8")
        elif (name := block.mark("append")) is not None:
            Path(name).write_text(Path(name).read_text(encoding="utf-8") + "\n" + block.text, encoding="utf-8")
        elif block.language == "python":
            with printed() as out:
                exec(compile(block.text, where, "exec"), self.names)
            if block.printed is not None:
                agrees(block.printed, seen(out), where)
        for command, shown in block.commands:
            code, out_text = self.command(command)
            expected = re.search(r"# exit (\d)$", command)
            assert code == (int(expected[1]) if expected else 0), f"{where}: {command} ended with {code}\n{out_text}"
            if shown is not None:
                agrees(shown, out_text, f"{where}: {command}")

    def command(self, line: str) -> tuple[int, str]:
        """The exit code of a command line and all that it prints; pipes, ">", "cd" and "export" are understood."""
        line = re.sub(r"\s+#\s.*$", "", line)
        if self.endpoint:
            line = line.replace(ENDPOINT, self.endpoint)
        words = os.path.expandvars(line).strip()
        if words.startswith("export "):
            name, _, value = words.removeprefix("export ").partition("=")
            self.patch.setenv(name, value.strip("'\""))
            return 0, ""
        stages: list[list[str]] = [[]]
        target, tokens = "", iter(_tokens(words))
        for token in tokens:
            if token == "|":
                stages.append([])
            elif token == ">":
                target = next(tokens)
            else:
                stages[-1].append(token)
        code, passed, told = 0, "", ""
        for stage in stages:
            code, passed, told = self.stage(stage, passed, merged=stage is stages[-1] and not target)
        if target:
            Path(target).write_text(passed, encoding="utf-8")
            return code, told
        return code, passed

    def stage(self, words: list[str], given: str, merged: bool) -> tuple[int, str, str]:
        """One program of a pipe: its exit code, what it prints, and what it tells on stderr unless that is merged."""
        if words[0] == "cd":
            self.patch.chdir(words[1])
            self.patch.setenv("PWD", os.getcwd())
            return 0, "", ""
        if words[0] == "nexuskg":
            self.patch.setattr(sys, "stdin", io.TextIOWrapper(Given(given.encode()), "utf-8"))
            with printed() as out, told(out if merged else None) as err:
                code = run(words[1:])
            return code, seen(out), "" if merged else seen(err)
        assert words[0] in SHELL, words
        program = [sys.executable, *words[1:]] if words[0] == "python" else words
        done = subprocess.run(program, input=given, capture_output=True, text=True, check=False, timeout=300)
        return done.returncode, done.stdout + (done.stderr if merged else ""), done.stderr


def _tokens(words: str) -> list[str]:
    lexer = shlex.shlex(words, posix=True, punctuation_chars="|>")
    lexer.whitespace_split, lexer.commenters = True, ""
    return list(lexer)


@contextlib.contextmanager
def printed() -> Iterator[io.TextIOWrapper]:
    """What is printed meanwhile."""
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)) as out:
        yield out


@contextlib.contextmanager
def told(beside: io.TextIOWrapper | None) -> Iterator[io.TextIOWrapper]:
    """What is told on stderr meanwhile; beside what is printed, where that is given."""
    other = beside or io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with contextlib.redirect_stderr(other) as err:
        yield err


def seen(out: io.TextIOWrapper) -> str:
    """The text of a stream."""
    buffer = out.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


def _narrow(text: str) -> str:
    """The text with columns no wider than they must be: how wide they are depends on rows that are not shown."""
    lines = (re.sub(r"-{3,}", "---", re.sub(r"(?<=\S) {2,}", "  ", line.rstrip())) for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines)


def agrees(shown: str, text: str, where: str) -> None:
    """Fail where the text is not what is shown but for the width of columns; "…" stands for anything."""
    pattern = ""
    for line in _narrow(shown.rstrip("\n")).splitlines():
        if line.strip() == "…":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.rstrip().split("…")) + "\n"
    plain = _narrow(text.rstrip("\n"))
    assert re.fullmatch(pattern, plain), f"{where} shows\n{shown}\nbut prints\n{plain}"


FIRST_PAGES = {"README.md", "src/docs/tutorial.md"}
"""What a newcomer does first is done in the quick tier; the other pages are followed by CI."""


def _sessions() -> Iterator[Any]:
    for page, found in BLOCKS.items():
        kinds = {block.when for block in found}
        for kind in ("quick", "slow", "stores"):
            if kind in kinds and (kind != "quick" or any(b.when == kind and b.language in RUN for b in found)):
                tier = kind if kind != "quick" else "" if page in FIRST_PAGES else "slow"
                marks = [getattr(pytest.mark, tier)] if tier else []
                yield pytest.param(page, kind, marks=marks, id=f"{page}-{kind}")


@pytest.mark.parametrize(("page", "kind"), list(_sessions()))
def test_a_page_can_be_followed(
    page: str, kind: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.ExitStack() as stack:
        endpoint = ""
        if kind == "stores":
            (tmp_path / "server").mkdir()
            with needs.or_skip():
                server = stack.enter_context(servers.oxigraph(tmp_path / "server"))
            endpoint = server.endpoint.removesuffix("/query")
        (tmp_path / "here").mkdir()
        session = Session(tmp_path / "here", monkeypatch, endpoint)
        for block in BLOCKS[page]:
            if block.when in ("quick", kind):
                session.follow(block)


def test_what_is_run_is_as_much_as_there_is() -> None:
    assert len(TEXTS) >= 17
    run_here = Counter(block.when for block in ALL)
    assert run_here["quick"] >= 50, run_here
    assert run_here["slow"] >= 20, run_here
    assert run_here["stores"] >= 1, run_here
    not_run = [block for block in ALL if block.language in RUN and not block.when]
    assert len(not_run) <= 20, [(block.page, block.line) for block in not_run]


@pytest.mark.parametrize("page", list(TEXTS))
def test_every_block_is_of_a_known_kind(page: str) -> None:
    text = TEXTS[page]
    assert text.count("```") == 2 * len(BLOCKS[page])
    outside = FENCE.sub("", text)
    assert not re.search(r"^(?: {4}|\t)(?![-*\d])", outside, re.MULTILINE), "a block without a fence is run by nothing"
    for block in BLOCKS[page]:
        assert block.language in RUN | SHOWN, f"{page}:{block.line}"
        for mark in block.marks:
            assert MARKS.fullmatch(mark), f"{page}:{block.line}: {mark}"
            if mark.startswith("shown by: "):
                assert mark.removeprefix("shown by: ") in globals()
        if block.language == "console":
            assert block.text.startswith("$ "), f"{page}:{block.line}"


def _calls() -> Iterator[tuple[str, list[str]]]:
    for block in ALL:
        if block.language in ("sh", "console"):
            for command, _ in block.commands:
                plain = re.sub(r"\s+#\s.*$", "", command)
                for part in re.split(r"\s(?:\||>|&&)\s", plain):
                    if match := re.match(r"(?:[A-Z_]+=\S+ )*(?:\S*/)?nexuskg(?= |$)(.*)", part):
                        yield f"{block.page}:{block.line}", shlex.split(match[1])


def test_every_command_is_named_and_every_option_exists() -> None:
    named = set()
    for where, words in _calls():
        command: click.Command = program_group
        name: tuple[str, ...] = ()
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            assert words[0] in command.commands, f"{where}: {words[0]}"
            name = (*name, words[0])
            command = command.commands[words.pop(0)]
        named.add(name)
        known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)} | {"--help"}
        for word in words:
            if word.startswith("-") and word != "-":
                assert word.partition("=")[0] in known, f"{where}: {word}"
    assert named - {()} >= set(_commands(program_group, ())), set(_commands(program_group, ())) - named


def _commands(group: click.Group, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*above, name))
        else:
            yield (*above, name)


# --- links ------------------------------------------------------------------------------------------------------------


def _anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: Counter[str] = Counter()
    result = set()
    for line in FENCE.sub("", text).splitlines():
        if match := re.match(r"#+ (.*)", line):
            plain = re.sub(r"[^\w\- ]", "", match[1].lower()).replace(" ", "-")
            result.add(plain if not found[plain] else f"{plain}-{found[plain]}")
            found[plain] += 1
    return result


def _links() -> Iterator[tuple[str, str, str]]:
    """Of each link: the page, the file that it leads to, from the root, and the anchor there."""
    for page, text in TEXTS.items():
        for target in re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", FENCE.sub("", text)):
            link = target[0] or target[1]
            if not re.match(r"https?:", link):
                path, _, anchor = link.partition("#")
                full = (ROOT / page).parent / path if path else ROOT / page
                yield page, os.path.relpath(full.resolve(), ROOT), anchor


def test_every_link_leads_somewhere() -> None:
    links = list(_links())
    assert len(links) > 40
    for page, path, anchor in links:
        assert (ROOT / path).exists(), f"{page}: {path}"
        if anchor:
            assert anchor in _anchors(TEXTS[path]), f"{page}: {path}#{anchor}"


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {path for page, path, _ in _links() if page == "README.md"}
    assert set(TEXTS) - {"README.md"} <= linked, set(TEXTS) - linked


def test_every_file_that_is_named_is_there() -> None:
    for page, text in TEXTS.items():
        for name in re.findall(r"`((?:src|tests|ontology|queries|\.ci)/[\w./-]*)`", text):
            assert "NAME" in name or (ROOT / name).exists(), f"{page}: {name}"


# --- the README -------------------------------------------------------------------------------------------------------


def test_the_readme_is_short() -> None:
    assert len(TEXTS["README.md"].splitlines()) <= LONGEST


def test_both_forms_of_both_commands_are_there() -> None:
    for start in (
        "python3 -m venv .venv && .venv/bin/pip install -q",
        "py -m venv .venv && .venv\\Scripts\\pip install -q",
    ):
        assert len(re.findall(re.escape(start), TEXTS["README.md"])) == 2


def test_the_first_table_is_what_the_first_command_prints(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, table = (block for block in BLOCKS["README.md"][:2])
    assert first.text.rstrip().endswith(".venv/bin/nexuskg ask who-taxes-what")
    assert run(["ask", "who-taxes-what"]) == 0
    agrees(table.text, capsys.readouterr().out, "README.md")


# --- the model --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def data(home: Path) -> Compiled:
    return compiled(WHOLE, home)


def test_the_picture_is_drawn_from_the_ontology(data: Compiled) -> None:
    (picture,) = (
        block.text for block in ALL if block.mark("shown by") == "test_the_picture_is_drawn_from_the_ontology"
    )
    assert picture == model_picture(data.store)


PATTERNS = [
    cell
    for text in TEXTS.values()
    for line in text.splitlines()
    if line.startswith("| ")
    for cell in re.findall(r"`(\?[^`]+)`", line)
    if " " in cell
]


def test_the_patterns_of_the_map_are_found() -> None:
    assert len(PATTERNS) >= 20


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_of_the_map_finds_something(pattern: str, data: Compiled) -> None:
    found = select(data.store, f"SELECT * WHERE {{ {pattern} }} LIMIT 1", "pattern", data.prefixes)
    assert found.rows, pattern


MADE_UP = {"nx:Kidnapping"}
"""Terms that the pages make up in a copy, to show how one is added."""


def test_the_terms_of_the_pages_exist(data: Compiled) -> None:
    names = {name for text in TEXTS.values() for name in re.findall(r"\bnx:\w+", text)} - MADE_UP
    assert len(names) > 40
    for name in names:
        iri = data.prefixes["nx"] + name.removeprefix("nx:")
        assert select(data.store, f"SELECT ?t {{ <{iri}> a ?t }}").rows, name
