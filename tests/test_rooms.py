"""Imports go downwards only, and what is heavy is imported late."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "nexuskg"
LARGEST = 15
"""So many modules may a room have."""

ROOMS = {
    "errors": "",
    "base": "errors",
    "rdf": "base errors",
    "queries": "rdf base errors",
    "reasoning": "queries rdf base errors",
    "search": "reasoning queries rdf base errors",
    "pipeline": "reasoning queries rdf base errors",
    "answers": "pipeline search reasoning queries rdf base errors",
    "evidence": "rdf base errors",
    "stores": "pipeline reasoning queries rdf base errors",
    "explain": "answers pipeline search reasoning queries rdf base errors",
    "formats": "answers search reasoning queries rdf base errors",
    "validation": "evidence pipeline reasoning queries rdf base errors",
    "server.sandbox": "queries rdf base errors",
    "server.state": "server.sandbox explain stores answers pipeline queries rdf base errors",
    "server.api": "server.sandbox formats explain evidence answers search queries rdf base errors",
    "server.pages": "server.api server.state formats explain evidence answers pipeline search reasoning queries rdf "
    "base errors",
    "server.app": "server.pages server.api server.state server.sandbox queries base errors",
    "authoring": "validation evidence pipeline search reasoning rdf base errors",
    "publish": "evidence pipeline search queries rdf base errors",
    "graph": "formats explain stores answers pipeline search rdf base errors",
    "cli": "publish authoring server.app server.state server.sandbox validation formats explain stores evidence "
    "answers pipeline search queries rdf base errors",
    "__main__": "cli",
    "": "base",
}
"""The rooms, each with the rooms it may import from: those that stand above it here, and of them no more than listed.

What stands at the top of the package is a room of one module; the package itself is ""."""

HEAVY = ("rdflib", "pyshacl", "owlready2", "networkx", "yaml", "SPARQLWrapper", "starlette", "uvicorn")


def modules() -> dict[str, Path]:
    """The modules of the package by their names below it."""
    paths = sorted(PACKAGE.rglob("*.py"))
    assert len(paths) > 140
    names = {path: path.relative_to(PACKAGE).with_suffix("").parts for path in paths}
    return {".".join(parts[:-1] if parts[-1] == "__init__" else parts): path for path, parts in names.items()}


MODULES = modules()


def room(module: str) -> str:
    """The room that a module is in."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "server" and len(parts) > 1 else parts[0]


def imports(path: Path) -> set[str]:
    """The modules of the package that a module imports when it runs; those for type checkers only are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    skipped = {id(inner) for node in typing for inner in ast.walk(node)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "nexuskg":
            source = str(node.module).removeprefix("nexuskg").removeprefix(".")
            names = {f"{source}.{alias.name}".removeprefix(".") for alias in node.names}
            found |= {name if name in MODULES else source for name in names}
        elif isinstance(node, ast.Import):
            assert not any(alias.name.startswith("nexuskg") for alias in node.names), f"{path}: say from ... import"
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_from_the_rooms_that_its_room_may_know(module: str) -> None:
    assert room(module) in ROOMS or module == "server", "give the module a room"
    for name in imports(MODULES[module]):
        assert room(name) in {room(module), *ROOMS[room(module)].split()}, f"{module} imports {name}"


def test_rooms_know_only_rooms_above_them_and_are_all_that_they_need() -> None:
    seen = list[str]()
    for name, above in ROOMS.items():
        assert set(above.split()) <= set(seen)
        seen.append(name)
        used = {room(target) for module in MODULES if room(module) == name for target in imports(MODULES[module])}
        assert used - {name} == set(above.split()), f"{name}: say what it imports, and no more"


def test_no_module_imports_in_a_circle() -> None:
    edges = {name: imports(path) - {""} for name, path in MODULES.items()}
    while free := {name for name, targets in edges.items() if not targets & set(edges)}:
        edges = {name: targets for name, targets in edges.items() if name not in free}
    assert not edges


def test_no_room_is_crowded() -> None:
    """Nothing at the top but four modules, and in no folder more than a person can take in."""
    folders: dict[Path, list[str]] = {}
    for path in MODULES.values():
        if path.stem != "__init__":
            folders.setdefault(path.parent.relative_to(PACKAGE), []).append(path.stem)
    assert {str(folder).replace("/", ".") for folder in folders if folder.parts} == {
        name for name in ROOMS if name and (PACKAGE / name.replace(".", "/")).is_dir()
    }
    assert sorted(folders.pop(Path())) == ["__main__", "errors", "graph"]
    assert not {str(folder): len(names) for folder, names in folders.items() if len(names) > LARGEST}


def test_a_room_says_what_it_is_for() -> None:
    for module, path in MODULES.items():
        if path.stem == "__init__":
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), module


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
