"""The real graph as a person meets it: a question, all questions, a cold compile, all checks, beside rdflib and owlrl.

Each line is the median of N runs of ours and of a peer that does the same work on the same data; what both return is
compared first, and a line whose results differ says so.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import DefaultGraph, RdfFormat

from nexuskg.base import data_home
from nexuskg.pipeline import compilation
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries import catalogue
from nexuskg.rdf import store

QUESTION = "who-taxes-what"
ASK_PEER = """
import sys, rdflib
graph = rdflib.Graph().parse(sys.argv[1], format="nt")
for row in graph.query(open(sys.argv[2]).read()): print(*row)
"""
COMPILE = """
from nexuskg.base import data_home
from nexuskg.pipeline import compilation
from nexuskg.validation import checks
data = compilation.of_view(compilation.compile_dataset(data_home.home()), "facts")
assert not [f for f in checks.check_dataset(data, with_shacl=False) if f.severity == "violation"]
"""


@dataclass(frozen=True)
class Line:
    """One line of the table: what was done, seconds of ours and of the peer (None: no peer), and whether both agree."""

    what: str
    ours: float
    peer: str
    theirs: float | None
    equal: str


def table(runs: int) -> str:
    """The lines of the real graph as Markdown."""
    data = compilation.compiled("facts", data_home.home())
    lines = ["| what | nexuskg | peer | peer's time | ratio | same result |", "|---|--:|---|--:|--:|---|"]
    with tempfile.TemporaryDirectory() as folder:
        for line in (
            ask(data, Path(folder), runs),
            questions(data, runs),
            compile_and_check(data.home, runs),
            check(runs),
        ):
            ratio = f"{line.theirs / line.ours:.1f}x" if line.theirs is not None else ""
            theirs = f"{line.theirs:.3f} s" if line.theirs is not None else ""
            lines.append(f"| {line.what} | {line.ours:.3f} s | {line.peer} | {theirs} | {ratio} | {line.equal} |")
    return "\n".join(lines)


def ask(data: Compiled, folder: Path, runs: int) -> Line:
    """One stored question on a warm cache as a whole process, against rdflib on the same view."""
    view, query = folder / "view.nt", folder / "query.rq"
    view.write_bytes(data.store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()) or b"")
    query.write_text(data.catalogue[QUESTION].text, encoding="utf-8")
    ours = _process([sys.executable, "-m", "nexuskg", "ask", QUESTION], runs)
    theirs = _process([sys.executable, "-c", ASK_PEER, str(view), str(query)], max(1, runs // 2))
    return Line("ask on a warm cache, whole process", ours, "rdflib", theirs, "next line")


def questions(data: Compiled, runs: int) -> Line:
    """All stored questions on a loaded view, against rdflib; the rows are compared."""
    import rdflib

    graph = rdflib.Graph()
    graph.parse(data=data.store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()), format="nt")
    texts = {name: query.text for name, query in data.catalogue.items()}
    differ = [name for name, text in texts.items() if _rows_ours(data, name, text) != _rows_rdflib(graph, text)]
    ours = _median(lambda: [store.select(data.store, text, name) for name, text in texts.items()], runs)
    theirs = _median(lambda: [list(graph.query(text)) for text in texts.values()], max(1, runs // 2))
    equal = f"{len(texts)} of {len(texts)}" if not differ else f"differs: {', '.join(differ)}"
    return Line(f"the {len(texts)} stored questions, summed", ours, "rdflib", theirs, equal)


def compile_and_check(home: Path, runs: int) -> Line:
    """Files to closed views and the fast checks, as a whole process; the peers parse, derive and close, no more."""
    import owlrl
    import rdflib

    derive = [query.text for (kind, _), query in catalogue.read_catalogue(home).items() if kind == "derive"]
    parts = tuple(home / "ontology" / part for part in ("terms", "vocab", "data"))

    def peers() -> None:
        graph = rdflib.Graph()
        for path in data_home.turtle_files(home):
            if any(part in path.parents for part in parts):
                graph.parse(path, format="turtle")
        for text in derive:
            for triple in graph.query(text):
                graph.add(triple)
        owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)

    ours = _process([sys.executable, "-c", COMPILE], runs)
    return Line("cold compile with facts, closure and fast checks", ours, "rdflib + owlrl", _median(peers, 1), "")


def check(runs: int) -> Line:
    """Every check, as a whole process on a warm cache; beside it the same with pySHACL for an engine."""
    command = [sys.executable, "-m", "nexuskg", "check"]
    ours, theirs = _process(command, runs), _process([*command, "--engine", "pyshacl"], max(1, runs // 2))
    return Line("every check, whole process", ours, "the same with pySHACL", theirs, "")


def _process(command: list[str], runs: int) -> float:
    def once() -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)

    once()
    return _median(once, runs)


def _median(work: Callable[[], object], runs: int) -> float:
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def _rows_ours(data: Compiled, name: str, text: str) -> Counter[tuple[str, ...]]:
    return Counter(tuple(_plain(cell) for cell in row) for row in store.select(data.store, text, name).rows)


def _rows_rdflib(graph: Any, text: str) -> Counter[tuple[str, ...]]:
    return Counter(tuple("" if cell is None else str(cell) for cell in row) for row in graph.query(text))


def _plain(term: Any) -> str:
    return "" if term is None else str(getattr(term, "value", term))
