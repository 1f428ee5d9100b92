"""What the peers do, as tasks of a child process; they read the same files, and none needs the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from nexuskg.base import data_home
from nexuskg.pipeline import derivation
from nexuskg.queries import catalogue
from ours import CLOSED, DATES, PLAIN, SHAPES, STATED, ask_each, individuals_of, questions_of
from work import Outcome, peak, timed, write


def rdflib_load(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures rdflib's parser and in-memory store."""
    graph = timed(outcome, runs, lambda: None, lambda _: _rdflib(folder / PLAIN))
    outcome.count = len(graph)


def oxrdflib_load(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures rdflib on the store of pyoxigraph, with the parser of that."""
    graph = timed(outcome, runs, lambda: None, lambda _: _oxrdflib(folder / PLAIN))
    outcome.count = len(graph)


def owlready2_load(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures owlready2's quad store. (It reasons through HermiT, which refuses dates and durations.)"""
    import owlready2

    def read(world: Any) -> Any:
        world.get_ontology(f"file://{folder / PLAIN}").load(format="ntriples")
        return world

    world = timed(outcome, runs, owlready2.World, read)
    outcome.count = len(world.graph)


def rdflib_derive(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures the stored CONSTRUCTs on rdflib."""
    graph = _rdflib(folder / PLAIN)
    found = catalogue.read_catalogue(data_home.home())
    texts = [found["derive", name].text for name in derivation.STATED]

    def derive(_: None) -> set[Any]:
        return {triple for text in texts for triple in graph.query(text)}

    triples = timed(outcome, runs, lambda: None, derive)
    outcome.memory = peak()
    dates = {date.value for date in DATES}
    outcome.count = write(folder, "rdflib", "derive", (_line(t) for t in triples if str(t[1]) not in dates))


def owlrl_closure(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures owlrl, without what it adds to every input (axiomatic triples, datatypes)."""
    import owlrl

    def close(graph: Any) -> Any:
        owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
        return graph

    graph = timed(outcome, runs, lambda: _rdflib(folder / STATED), close)
    outcome.memory = peak()
    _write_closure(outcome, folder, "owlrl", graph)


def reasonable_closure(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures reasonable, which ignores property chains; reading its file is not counted."""
    import reasonable

    # It goes by the name of the file, and N-Triples are Turtle.
    turtle = folder / "stated.ttl"
    turtle.unlink(missing_ok=True)
    turtle.hardlink_to(folder / STATED)

    def read() -> Any:
        reasoner = reasonable.PyReasoner()
        reasoner.load_file(str(turtle))
        return reasoner

    triples = timed(outcome, runs, read, lambda reasoner: reasoner.reason())
    outcome.memory = peak()
    _write_closure(outcome, folder, "reasonable", triples)


def pyshacl_validate(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures pySHACL on loaded graphs."""
    import pyshacl

    data, shapes = _rdflib(folder / STATED), _rdflib(folder / SHAPES)
    _, report, _ = timed(
        outcome,
        runs,
        lambda: None,
        lambda _: pyshacl.validate(data, shacl_graph=shapes, inference="none", do_owl_imports=False),
    )
    outcome.memory = peak()
    outcome.count = write(folder, "pyshacl", "validate", _findings(report))


def rdflib_questions(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures the stored questions on rdflib."""
    _questions(outcome, folder, runs, "rdflib", _rdflib)


def oxrdflib_questions(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures the stored questions on rdflib's interface to pyoxigraph."""
    _questions(outcome, folder, runs, "oxrdflib", _oxrdflib)


def virtuoso_load(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures the bulk loader of a Virtuoso that is started for it."""
    import virtuoso

    with virtuoso.server(folder) as server:
        timed(outcome, 1, lambda: None, lambda _: virtuoso.load(server, folder / PLAIN))
        outcome.count, outcome.memory = virtuoso.size(server), virtuoso.memory(server)


def virtuoso_questions(outcome: Outcome, folder: Path, runs: int) -> None:
    """Nothing; measures the stored questions over HTTP on a Virtuoso that is started for it."""
    import virtuoso

    with virtuoso.server(folder) as server:
        virtuoso.load(server, folder / CLOSED)
        answers = ask_each(outcome, runs, lambda text, _: virtuoso.ask(server, text))
        outcome.memory = virtuoso.memory(server)
        lines = (f"{name}\t{row}" for name, rows in answers.items() for row in rows)
        outcome.count = write(folder, "virtuoso", "questions", lines)


def _questions(outcome: Outcome, folder: Path, runs: int, peer: str, read: Callable[[Path], Any]) -> None:
    graph = read(folder / CLOSED)
    outcome.memory = peak()
    answers = ask_each(outcome, runs, lambda text, _: list(graph.query(text)))
    rows = ((name, _rows(found)) for name, found in answers.items())
    outcome.count = write(folder, peer, "questions", (f"{name}\t{row}" for name, found in rows for row in found))
    assert set(answers) == set(questions_of())


def _rows(found: Iterable[Any]) -> Iterable[str]:
    # An ASK gives one truth value.
    return ("\t".join(map(_cell, row)) if isinstance(row, tuple) else str(row) for row in found)


def _write_closure(outcome: Outcome, folder: Path, peer: str, triples: Iterable[Any]) -> None:
    """Nothing; what the peer says of individuals in declared terms is written, but for what was there before."""
    import rdflib
    from pyoxigraph import RdfFormat, Store

    store = Store()
    store.bulk_load(path=str(folder / STATED), format=RdfFormat.N_TRIPLES)
    classes, properties = ({item.value for item in items if hasattr(item, "value")} for items in individuals_of(store))
    kept = set()
    for subject, predicate, value in triples:
        if not isinstance(subject, rdflib.URIRef) or isinstance(value, rdflib.BNode):
            continue
        if str(subject) in classes or str(subject) in properties:
            continue
        if str(predicate) in properties or (predicate == rdflib.RDF.type and str(value) in classes):
            kept.add(_line((subject, predicate, value)))
    # As lines: a plain string and an xsd:string are one.
    kept.difference_update(map(_line, _rdflib(folder / STATED)))
    outcome.count = write(folder, peer, "closure", kept)


def _findings(report: Any) -> Iterable[str]:
    from rdflib import SH

    for node in report.objects(None, SH.result):
        focus, shape = report.value(node, SH.focusNode), report.value(node, SH.sourceShape)
        component, severity = report.value(node, SH.sourceConstraintComponent), report.value(node, SH.resultSeverity)
        value = report.value(node, SH.value)
        yield "\t".join(
            (
                str(focus),
                str(shape),
                str(component),
                severity.split("#")[1].lower(),
                "" if value is None else str(value),
            )
        )


def _line(triple: Iterable[Any]) -> str:
    return " ".join(map(_cell, triple))


def _cell(part: Any) -> str:
    """A term as in `ours.cell`."""
    import rdflib

    if part is None:
        return ""
    if isinstance(part, rdflib.Literal):
        kind = f"@{part.language}" if part.language else f"^^{(part.datatype or '').partition('#')[2]}"
        return repr(str(part)) + ("" if kind in ("^^string", "^^") else kind)
    return str(part)


def _rdflib(path: Path) -> Any:
    import rdflib

    # As it is written: rdflib would change "0.10" to "0.1".
    rdflib.NORMALIZE_LITERALS = False
    return rdflib.Graph().parse(path, format="nt")


def _oxrdflib(path: Path) -> Any:
    import rdflib

    return rdflib.Graph(store="Oxigraph").parse(path, format="ox-nt")


TASKS = {
    ("rdflib", "load"): rdflib_load,
    ("oxrdflib", "load"): oxrdflib_load,
    ("owlready2", "load"): owlready2_load,
    ("virtuoso", "load"): virtuoso_load,
    ("rdflib", "derive"): rdflib_derive,
    ("owlrl", "closure"): owlrl_closure,
    ("reasonable", "closure"): reasonable_closure,
    ("pyshacl", "validate"): pyshacl_validate,
    ("rdflib", "questions"): rdflib_questions,
    ("oxrdflib", "questions"): oxrdflib_questions,
    ("virtuoso", "questions"): virtuoso_questions,
}
