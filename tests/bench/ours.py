"""What nexuskg does, as tasks of a child process: load, derive, closure, validate, questions, adding a source, why."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, RdfFormat, Store, Triple

import generate
from nexuskg.base import data_home
from nexuskg.base.namespaces import graph_iri, nx
from nexuskg.explain import why
from nexuskg.pipeline import compilation, derivation, views
from nexuskg.queries import catalogue
from nexuskg.rdf.load import load_files
from nexuskg.rdf.store import select
from nexuskg.reasoning import causal_loops, closure, rules
from nexuskg.validation import shacl
from work import Outcome, peak, timed, write

PLAIN, STATED, CLOSED = "plain.nt", "stated.nt", "closed.nt"
"""What the tasks read: terms, vocabularies and data; that with the facts; and that with what follows."""
SHAPES = "shapes.nt"
DATES = (nx("earliest"), nx("latest"))


def prepare(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; the folder then has the files that the tasks read, made from generated.nt there."""
    home = data_home.home()
    whole = load_files(home)
    store = views.merge(whole, views.member_graphs(whole, "facts"))
    (folder / SHAPES).write_bytes(shacl.shapes(whole))
    store.bulk_load(path=str(folder / "generated.nt"), format=RdfFormat.N_TRIPLES)
    _dump(store, folder / PLAIN)
    views.add_triples(store, derivation.derive(store, _derivations()))
    _dump(store, folder / STATED)
    if runs:  # none: the size is beyond that of the questions
        closure.infer(store, graph_iri("inferred"))
        views.add_triples(store, causal_loops.loops(store))
        _dump(store, folder / CLOSED)
    outcome.count = len(store)


def load(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures reading N-Triples into a store."""
    store = timed(outcome, runs, lambda: None, lambda _: _load(folder / PLAIN))
    outcome.count = len(store)


def derive(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures the stored CONSTRUCTs."""
    queries, store = _derivations(), _load(folder / PLAIN)
    triples = timed(outcome, runs, lambda: None, lambda _: derivation.derive(store, queries))
    outcome.memory = peak()
    outcome.count = write(folder, "nexuskg", "derive", (line(t) for t in triples if t.predicate not in DATES))


def close(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures the closure, compiling the axioms included, the terms' names and facts being there."""
    loaded = _load(folder / STATED)
    before = individuals_of(loaded)
    del loaded

    def infer(store: Store) -> Store:
        closure.infer(store, graph_iri("inferred"))
        return store

    store = timed(outcome, runs, lambda: _load(folder / STATED), infer)
    outcome.memory = peak()
    triples = [quad.triple for quad in store.quads_for_pattern(None, None, None, graph_iri("inferred"))]
    outcome.count = len(triples)
    write(folder, "nexuskg", "closure", (line(t) for t in triples if about_individuals(t, before)))


def validate(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures the fast engine on text, as it takes it: compiling the shapes included."""
    from shacl import Shapes

    shape_text = (folder / SHAPES).read_text(encoding="utf-8")
    data = (folder / STATED).read_text(encoding="utf-8")
    report = timed(outcome, runs, lambda: None, lambda _: Shapes.from_text(shape_text).validate_text(data, format="nt"))
    outcome.memory = peak()
    outcome.count = write(folder, "nexuskg", "validate", (finding(result) for result in report.results))


def questions(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures every stored question with its default parameters; the time of each is a detail."""
    store = _load(folder / CLOSED)
    outcome.memory = peak()
    answers = ask_each(outcome, runs, lambda text, name: select(store, text, name).rows)
    lines = (f"{name}\t{_cells(row)}" for name, rows in answers.items() for row in rows)
    outcome.count = write(folder, "nexuskg", "questions", lines)


def ask_each(outcome: Outcome, runs: int, ask: Any) -> dict[str, Any]:
    """The rows by question; the outcome then has the time of each, and the sum."""
    answers, each = {}, Outcome()
    for name, query in questions_of().items():
        one = Outcome()
        answers[name] = timed(one, runs, lambda: None, lambda _, q=query: ask(q.text, q.name))
        each.wall.append(statistics.median(one.wall))
        each.cpu.append(statistics.median(one.cpu))
        outcome.detail |= {name: each.wall[-1], f"rows of {name}": len(answers[name])}
    outcome.wall.append(sum(each.wall))
    outcome.cpu.append(sum(each.cpu))
    return answers


def add_source(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures adding one more source to a closed store: its facts, and what follows from it."""
    store, queries = _load(folder / STATED), _derivations()
    known = rules.clauses(store)
    closure.infer(store, graph_iri("inferred"), known)
    number = int((folder / "sources.txt").read_text(encoding="ascii"))
    indexes = iter(range(number, number + runs))

    def more() -> Store:
        text = "".join(generate.lines(iter([generate.source(next(indexes))])))
        one = Store()
        one.load(input=text.encode(), format=RdfFormat.N_TRIPLES)
        return one

    def add(scratch: Store) -> list[Triple]:
        triples = [quad.triple for quad in scratch]
        for name in ("nodeClass", "nodeKind", "subjectRole", "objectRole"):
            views.add_triples(
                scratch, (q.triple for q in store.quads_for_pattern(None, nx(name), None, DefaultGraph()))
            )
        stated = [*triples, *derivation.derive(scratch, queries)]
        views.add_triples(store, stated)
        closure.infer(store, graph_iri("inferred"), known, stated)
        return stated

    timed(outcome, runs, more, add)
    outcome.memory = peak()
    # The same from scratch: all that is stated, closed at once.
    again = _load(folder / STATED)
    for index in range(number, number + len(outcome.wall)):
        text = "".join(generate.lines(iter([generate.source(index)])))
        again.load(input=text.encode(), format=RdfFormat.N_TRIPLES)
    views.add_triples(again, derivation.derive(again, queries))
    closure.close(again)
    # (Blank nodes, those of the axioms, are named anew whenever a file is read.)
    extended = {q.triple for q in store.quads_for_pattern(None, None, None, DefaultGraph()) if _named(q)}
    outcome.count = len(extended)
    outcome.detail["differ"] = len(extended ^ {quad.triple for quad in again if _named(quad)})


def explain(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures `why` for every inferred triple of the real graph, warm; the slowest is a detail."""
    data = compilation.compiled("facts")
    inferred = sorted(
        (q.triple for q in data.store.quads_for_pattern(None, None, None, graph_iri("inferred"))), key=str
    )
    if len(inferred) > 1:
        why.explain_statement(data, inferred[0])
    for triple in inferred:
        one = Outcome()
        timed(one, 1, lambda: None, lambda _, t=triple: why.explain_statement(data, t))
        outcome.wall += one.wall
        outcome.cpu += one.cpu
    outcome.detail["slowest"] = max(outcome.wall)
    outcome.count = len(inferred)


def individuals_of(store: Store) -> tuple[set[Any], set[Any]]:
    """The classes and the properties that are declared in the default graph."""
    kinds: dict[bool, set[Any]] = {True: set(), False: set()}
    owl = "http://www.w3.org/2002/07/owl#"
    a = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    for quad in store.quads_for_pattern(None, a, None, DefaultGraph()):
        if quad.object.value.startswith(owl):
            kinds[quad.object.value == owl + "Class"].add(quad.subject)
    return kinds[True], kinds[False]


def about_individuals(triple: Any, declared: tuple[set[Any], set[Any]]) -> bool:
    """Whether the triple speaks of an individual in declared terms: peers say much of the terms themselves, too."""
    classes, properties = declared
    if triple.subject in classes or triple.subject in properties:
        return False
    return triple.predicate in properties or (triple.predicate.value.endswith("#type") and triple.object in classes)


def line(triple: Any) -> str:
    """A triple in one line, the same for every engine."""
    return " ".join(cell(part) for part in triple)


def cell(part: Any) -> str:
    """A term, the same for every engine; nothing for an unbound one."""
    if part is None:
        return ""
    if isinstance(part, Literal):
        kind = f"@{part.language}" if part.language else f"^^{part.datatype.value.partition('#')[2]}"
        return repr(part.value) + ("" if kind == "^^string" else kind)
    return str(part.value)


def finding(result: Any) -> str:
    """A validation result in one line, the same for every engine."""
    focus, shape = (part.strip("<>") for part in (result.focus_node, result.source_shape))
    parts = (focus, shape, result.component_iri, result.severity.lower(), result.value_plain)
    return "\t".join("" if part is None else part.strip("<>") for part in parts)


def questions_of() -> dict[str, catalogue.StoredQuery]:
    """The stored questions by name."""
    found = catalogue.read_catalogue(data_home.home())
    return {name: query for (kind, name), query in sorted(found.items()) if kind == "question"}


def _derivations() -> dict[str, catalogue.StoredQuery]:
    return {name: q for (kind, name), q in catalogue.read_catalogue(data_home.home()).items() if kind == "derive"}


def _named(triple: Any) -> bool:
    return isinstance(triple.subject, NamedNode) and not isinstance(triple.object, BlankNode)


def _cells(row: Iterable[Any]) -> str:
    return "\t".join(cell(part) for part in row)


def _load(path: Path) -> Store:
    store = Store()
    store.bulk_load(path=str(path), format=RdfFormat.N_TRIPLES)
    return store


def _dump(store: Store, path: Path) -> None:
    store.dump(output=str(path), format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph())


TASKS = {
    ("nexuskg", "prepare"): prepare,
    ("nexuskg", "load"): load,
    ("nexuskg", "derive"): derive,
    ("nexuskg", "closure"): close,
    ("nexuskg", "validate"): validate,
    ("nexuskg", "questions"): questions,
    ("nexuskg", "add"): add_source,
    ("nexuskg", "why"): explain,
}
