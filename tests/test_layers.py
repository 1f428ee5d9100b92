"""Imports go downwards only, and what is heavy is imported late."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "nexuskg"
LAYERS = {
    0: "__init__ atomic jobs errors namespaces resources untrusted edtf printing headings frames",
    1: "credentials wire protocol turtle graph catalogue paths tokens plans context views store links",
    2: "guard updating negotiation "
    "axioms vernacular steps closure domain grounds verbalize preference phrases segmenting drafts claims anchors "
    "coverage evidence sources rules consistency explain lint querylint places validators shapes causality void",
    3: "dataset cache build increment restrict rivals clashes whatif linchpins why whynot telling traces checks "
    "executables publish picture sentences find recognition parameters filling understanding describe answers rows "
    "tables tabular formats geojson graphml subgraph references wording citing knowledge vocabulary entities mentions "
    "holdings spanning bibliography records qualifying authoring staging intake layout mapped opening ledger durable "
    "disk keeping remote server push evaluating sandbox caged withdrawing hosted live endpoint calling answering api "
    "openapi pages schemaorg linked browsing",
    4: "__main__ cli console reporting viewing hearing asking_cli explaining_cli authoring_cli claim_cli "
    "placing push_cli store_cli handling serving listening serve_cli",
}
LAYER = {name: layer for layer, names in LAYERS.items() for name in names.split()}
HEAVY = ("rdflib", "pyshacl", "owlready2", "networkx", "yaml", "SPARQLWrapper", "starlette", "uvicorn")


def imports(path: Path) -> set[str]:
    """The modules of the package that a module imports when it runs; those for type checkers only are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    skipped = {id(inner) for node in typing for inner in ast.walk(node)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "nexuskg":
            found |= {alias.name if (PACKAGE / f"{alias.name}.py").exists() else "__init__" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nexuskg."):
            found.add(str(node.module).split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("nexuskg.")}
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_imports_go_downwards(path: Path) -> None:
    assert path.stem in LAYER, "give the module a layer"
    for name in imports(path):
        assert LAYER[name] <= LAYER[path.stem], f"{path.stem} imports {name}"


def test_no_module_imports_in_a_circle() -> None:
    edges = {path.stem: imports(path) - {"__init__"} for path in PACKAGE.glob("*.py")}
    while free := {name for name, targets in edges.items() if not targets & set(edges)}:
        edges = {name: targets for name, targets in edges.items() if name not in free}
    assert not edges


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
    from nexuskg import build, views

    build.compiled()
    build.compiled(views.WHOLE)
    code = (
        "import sys; from nexuskg.cli import run; code = run(sys.argv[1:]);"
        f"print(code, *(name for name in {HEAVY} if name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "0"
