"""One name, one thing: what is found by grep is the thing meant, and called by what it is, gives or does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from support import room_map

MODULES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in room_map.modules().items()}
SHARED: dict[str, str] = {}
"""Public names that two modules may define, each with the reason."""

PARTICIPLES = {
    "nexuskg.pipeline.compilation.compiled": "public since 0.1.0: nexuskg.compiled()",
    "nexuskg.graph.written": "public since 0.1.0: Graph.written",
    "nexuskg.answers.plain_words.meant": "public since 0.1.0: Understood.meant",
}
"""Functions that are called by a participle all the same, each with the reason."""

NOUNS = {
    "finding",
    "reading",
    "thing",
    "wording",
    "string",
    "heading",
    "embed",
    "seed",
    "feed",
    "reasoning",
    "authoring",
}
"""What only looks like a participle, and the names of two rooms, which are those of chapters of the subject."""

IRREGULAR = re.compile(
    "said|told|found|written|shown|known|taken|given|chosen|spoken|meant|drawn|gone|hidden|kept|made|held|built|sent|"
    "bound|seen|left|felt|heard|begun|done|worn|born|lost|sought|caught|thought|brought|bought|taught|understood"
)
LONGEST_MODULE, LONGEST_FUNCTION = 310, 60
"""Lines; a module or function that has more is two."""


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return (node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_"))


def is_participle(name: str) -> bool:
    word = name.strip("_")
    return word not in NOUNS and bool(IRREGULAR.fullmatch(word) or re.fullmatch("[a-z]+(ed|ing)", word))


def test_a_public_name_is_defined_once() -> None:
    homes: dict[str, list[str]] = {}
    for module, tree in MODULES.items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith(
                "_"
            ):
                homes.setdefault(node.name, []).append(module)
    assert len(homes) > 600
    assert {name: where for name, where in homes.items() if len(where) > 1 and name not in SHARED} == {}
    assert {name for name in SHARED if len(homes.get(name, [])) < 2} == set()


def test_no_function_is_called_by_a_bare_participle() -> None:
    found = {f"nexuskg.{module}.{each.name}" for module, tree in MODULES.items() for each in functions(tree)}
    assert len(found) > 1200
    assert {name for name in found if is_participle(name.rpartition(".")[2])} == set(PARTICIPLES)


def test_no_module_is_called_by_a_gerund_or_participle() -> None:
    assert {name for name in MODULES if is_participle(name.rpartition(".")[2])} == set()


@pytest.mark.parametrize("module", sorted(MODULES))
def test_what_is_public_says_what_comes_back_or_what_it_does(module: str) -> None:
    for node in public(MODULES[module]):
        text = ast.get_docstring(node) or ""
        assert text, f"{node.name} has no docstring"
        assert not text.startswith("Nothing"), f"{node.name}: say in the imperative what it does"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_modules_and_functions_are_short(module: str) -> None:
    lines = room_map.modules()[module].read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_MODULE
    for each in functions(MODULES[module]):
        assert (each.end_lineno or 0) - each.lineno < LONGEST_FUNCTION, each.name


ONCE = {
    'NamedNode(RDF + "type")': "base.namespaces",
    "DefaultGraph()": "base.namespaces",
    'BASE + "source/"': "base.namespaces",
    'BASE + "claim/"': "base.namespaces",
    'BASE + "id/"': "base.namespaces",
    'BASE + "vocab/"': "base.namespaces",
    '= ("en", "es", "pt")': "base.headings",
    '"http://purl.org/dc/terms/"': "base.namespaces",
}
"""What many modules need, as it is written in the one that says it."""


@pytest.mark.parametrize("text", ONCE)
def test_what_many_need_is_said_once(text: str) -> None:
    homes = {name for name, path in room_map.modules().items() if text in path.read_text(encoding="utf-8")}
    assert homes == {ONCE[text]}


@pytest.mark.parametrize("kind", ["Mapped", "Remote", "Folder", "Store"])
def test_no_room_asks_what_kind_of_store_it_has(kind: str) -> None:
    asked = re.compile(rf"isinstance\([^()]*(\([^()]*\))?[^()]*\b{kind}\b[^()]*\)")
    assert not {name for name, path in room_map.modules().items() if asked.search(path.read_text(encoding="utf-8"))}


def test_nothing_of_ours_is_imported_under_another_name() -> None:
    renamed = re.compile(r"from nexuskg[\w.]* import [^\n]*\bas\b")
    assert not {name for name, path in room_map.modules().items() if renamed.search(path.read_text(encoding="utf-8"))}
