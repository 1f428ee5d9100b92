"""Imports go downwards only, and what is heavy is imported late."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import room_map

TESTS = Path(__file__).parent
IMPORT = re.compile(r"\bfrom (nexuskg(?:\.\w+)*) import (\w+(?:, \w+)*)")
LARGEST = 15
"""So many modules may a room have."""

ROOMS = {
    "errors": "",
    "base": "errors",
    "rdf": "base errors",
    "evidence": "rdf base errors",
    "queries": "rdf base errors",
    "reasoning": "queries rdf base errors",
    "search": "reasoning queries rdf base errors",
    "pipeline": "reasoning queries evidence rdf base errors",
    "answers": "pipeline search reasoning queries rdf base errors",
    "stores": "pipeline reasoning queries rdf base errors",
    "explain": "answers pipeline search reasoning evidence rdf base errors",
    "formats": "answers search reasoning evidence rdf base errors",
    "validation": "pipeline reasoning queries evidence rdf base errors",
    "server.sandbox": "queries rdf base errors",
    "server.state": "server.sandbox explain stores answers pipeline queries rdf base errors",
    "server.api": "server.sandbox formats explain answers search queries evidence rdf base errors",
    "server.pages": "server.api server.state formats explain answers pipeline search reasoning evidence rdf "
    "base errors",
    "server.app": "server.pages server.api server.state server.sandbox queries base errors",
    "authoring": "validation pipeline search reasoning evidence rdf base errors",
    "readers": "authoring server.pages evidence rdf base errors",
    "corrections": "authoring pipeline search evidence rdf base errors",
    "publish": "stores pipeline queries evidence rdf base errors",
    "graph": "formats explain stores answers pipeline search rdf base errors",
    "cli": "publish corrections readers authoring server.app server.state server.sandbox validation formats explain "
    "stores answers pipeline search queries evidence rdf base errors",
    "__main__": "cli",
    "": "base",
}
"""The rooms, each with the rooms it may import from: those that stand above it here, and of them no more than listed.

What stands at the top of the package is a room of one module; the package itself is ""."""

HEAVY = ("rdflib", "pyshacl", "owlready2", "networkx", "yaml", "SPARQLWrapper", "starlette", "uvicorn")


MODULES = room_map.modules()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_from_the_rooms_that_its_room_may_know(module: str) -> None:
    assert room_map.room(module) in ROOMS or module == "server", "give the module a room"
    for name in room_map.imports(MODULES[module]):
        assert room_map.room(name) in {room_map.room(module), *ROOMS[room_map.room(module)].split()}, (
            f"{module} imports {name}"
        )


def test_rooms_know_only_rooms_above_them_and_are_all_that_they_need() -> None:
    known = {name: {room_map.room(target) for target in room_map.imports(MODULES[name])} for name in MODULES}
    seen = list[str]()
    for name, above in ROOMS.items():
        assert set(above.split()) <= set(seen)
        seen.append(name)
        used = set[str]().union(*(known[module] for module in MODULES if room_map.room(module) == name))
        assert used - {name} == set(above.split()), f"{name}: say what it imports, and no more"


def test_no_module_imports_in_a_circle() -> None:
    edges = {name: room_map.imports(path) - {""} for name, path in MODULES.items()}
    while free := {name for name, targets in edges.items() if not targets & set(edges)}:
        edges = {name: targets for name, targets in edges.items() if name not in free}
    assert not edges


def test_no_room_is_crowded() -> None:
    """Nothing at the top but three modules, and in no folder more than a person can take in."""
    folders: dict[Path, list[str]] = {}
    for path in MODULES.values():
        if path.stem != "__init__":
            folders.setdefault(path.parent.relative_to(room_map.PACKAGE), []).append(path.stem)
    assert {str(folder).replace("/", ".") for folder in folders if folder.parts} == {
        name for name in ROOMS if name and (room_map.PACKAGE / name.replace(".", "/")).is_dir()
    }
    assert sorted(folders.pop(Path())) == ["__main__", "errors", "graph"]
    assert not {str(folder): len(names) for folder, names in folders.items() if len(names) > LARGEST}


def test_the_map_and_its_picture_show_the_rooms_as_they_are() -> None:
    """python tests/support/room_map.py draws and lists them again."""
    text = room_map.MAP.read_text(encoding="utf-8")
    assert room_map.PICTURE.read_text(encoding="utf-8") == room_map.picture()
    assert text == room_map.map_text(text)
    assert "](rooms.svg)" in text
    assert {name for name in ROOMS if name not in ("", "__main__") and f"| `{name}` |" not in text} == set()


def test_every_function_that_the_map_names_is_there() -> None:
    text = room_map.MAP.read_text(encoding="utf-8").partition(room_map.BEGIN)[0]
    names = set(re.findall(r"`([a-z_.]+\.[A-Za-z_.]+)\(\)`", text))
    assert len(names) > 25
    for name in names:
        module = max((known for known in MODULES if known and name.startswith(known + ".")), key=len)
        found: object = importlib.import_module(f"nexuskg.{module}")
        for part in name.removeprefix(module + ".").split("."):
            found = getattr(found, part)


def test_a_room_says_what_it_is_for() -> None:
    for module, path in MODULES.items():
        if path.stem == "__init__":
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), module


def test_code_that_tests_hold_as_text_imports_what_there_is() -> None:
    """No linter looks into a string, and what a benchmark runs in a process of its own no test may run."""
    lines = {line for path in TESTS.rglob("*.py") for line in IMPORT.findall(path.read_text(encoding="utf-8"))}
    assert len(lines) > 200
    for module, names in lines:
        found = importlib.import_module(module)
        for name in names.split(", "):
            assert hasattr(found, name) or f"{module}.{name}".removeprefix("nexuskg.") in MODULES, f"{module}: {name}"


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["list"],
        ["ask", "who-taxes-what"],
        ["ask", "how-many-sources-of-revenue"],
        ["ask", "who-taxes-what", "-f", "json"],
        ["ask", "who-taxes-what", "-f", "cite", "--lang", "es"],
        ["show", "actor:reds"],
        ["find", "reds"],
    ],
    ids=" ".join,
)
def test_a_warm_command_imports_nothing_heavy(command: list[str], small: Path) -> None:
    from nexuskg.pipeline import compilation, views

    compilation.compiled()
    compilation.compiled(views.WHOLE)
    code = (
        "import sys; from nexuskg.cli.main import run; code = run(sys.argv[1:]);"
        f"print(code, *(name for name in {HEAVY} if name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "0"
