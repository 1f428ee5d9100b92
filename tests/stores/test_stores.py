"""Real stores: every stored question answers alike on all of them, and a push leaves there what it should.

The servers are started on loopback, each with the default dataset and the one in which every claim counts.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, QueryResultsFormat, RdfFormat, parse_query_results

from nexuskg.answers import rows
from nexuskg.base import data_home
from nexuskg.base.namespaces import graph_iri
from nexuskg.cli.main import run
from nexuskg.errors import EndpointError
from nexuskg.explain import render, why, why_not
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled, Local
from nexuskg.pipeline.views import FACTS, WHOLE, View
from nexuskg.queries.catalogue import read_query
from nexuskg.rdf.store import Table, select
from nexuskg.search import describe
from nexuskg.search.description import description_text
from nexuskg.search.find import find_things
from nexuskg.stores import layout, push, remote
from nexuskg.stores.mapped_store import canonical_literal
from nexuskg.stores.push_remote import GraphStore, Server, Updates
from support import jena, needs, servers

pytestmark = pytest.mark.stores

HOME = data_home.home()
QUESTIONS = sorted(path.stem for path in (HOME / "queries" / "questions").glob("*.rq"))
THINGS = ("TaxationArrangement", "nx:HybridActor", "Sendero Luminoso", "claim:ellis-2015.c051-1")
VIEWS = {"span": FACTS, "locator": WHOLE}
SERVERS = ("oxigraph", "virtuoso")
LONG_IN_RDFLIB = ("is-linked-to", "to-whom-is-an-actor-tied")
"""Questions that rdflib asks of every node first: on all claims each takes it a minute, so it gets two sources."""
FOREIGN = "https://example.org/mine"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The real files, whatever other tests set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEXUSKG_HOME", str(HOME))
        yield


@dataclass
class Filled:
    """A server that runs, with what was pushed to it."""

    at: Any
    pushed: dict[str, push.Pushed]
    data: dict[str, Compiled]


@pytest.fixture(scope="module")
def filled(files: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Filled]]:
    """Each server by name, once it was first asked for."""
    started: dict[str, Filled] = {}
    with _Lazily(started, tmp_path_factory) as found:
        yield found


class _Lazily(dict[str, Filled]):
    """Servers by name, each started when it is first asked for; a skip of one is no skip of the other."""

    def __init__(self, started: dict[str, Filled], folders: pytest.TempPathFactory) -> None:
        super().__init__(started)
        self._folders, self._open = folders, list[Any]()
        self._failed: dict[str, BaseException] = {}

    def __enter__(self) -> _Lazily:
        return self

    def __exit__(self, *error: object) -> None:
        for one in self._open:
            one.__exit__(None, None, None)

    def __missing__(self, name: str) -> Filled:
        if name in self._failed:  # once is enough
            raise self._failed[name]
        try:
            self[name] = self._filled(name)
        except BaseException as error:
            self._failed[name] = error
            raise
        return self[name]

    def _filled(self, name: str) -> Filled:
        context = getattr(servers, name)(self._folders.mktemp(name))
        with needs.or_skip():
            at = context.__enter__()
        self._open.append(context)
        with pytest.MonkeyPatch.context() as patch:
            for key, value in at.environ.items():
                patch.setenv(key, value)
            done = {kind: push.push(compilation.compiled(view), Server(at.endpoint)) for kind, view in VIEWS.items()}
            data = {kind: remote.open_endpoint(at.endpoint, view) for kind, view in VIEWS.items()}
        return Filled(at, done, data)


@pytest.fixture(scope="module")
def local(files: None) -> dict[str, Local]:
    """The same datasets embedded."""
    return {kind: compilation.compiled(view) for kind, view in VIEWS.items()}


@pytest.fixture(scope="module")
def by_jena(local: dict[str, Local]) -> dict[str, dict[str, Any]]:
    """The answers of Jena by view and question."""
    texts = {name: read_query(HOME / f"queries/questions/{name}.rq").text for name in QUESTIONS}
    with needs.or_skip():
        return {kind: jena.answers(_dumped(data), texts) for kind, data in local.items()}


@pytest.fixture(scope="module")
def few(files: None) -> Local:
    """The dataset of two sources."""
    return compilation.compiled(views.view(evidence="locator", sources=["treasury-2015", "dialogo-2014"]))


@pytest.fixture(scope="module")
def in_rdflib(local: dict[str, Local], few: Local) -> dict[str, Any]:
    """The default graphs of these datasets as graphs of rdflib."""
    import rdflib

    every = {**local, "few": few}
    return {kind: rdflib.Graph().parse(data=_dumped(data), format="nt") for kind, data in every.items()}


def _dumped(data: Local) -> bytes:
    return data.store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()) or b""


def _table(answer: object) -> Table:
    """A table of SPARQL JSON, its literals in canonical form."""
    found: Any = parse_query_results(json.dumps(answer), QueryResultsFormat.JSON)
    columns = tuple(variable.value for variable in found.variables)
    return Table(columns, tuple(tuple(_canonical(solution[name]) for name in columns) for solution in found))


def _canonical(term: Any) -> Any:
    if not isinstance(term, Literal) or term.language:
        return term
    return Literal(canonical_literal(term.value, term.datatype.value)["value"], datatype=term.datatype)


# --- the same rows everywhere


def test_every_question_is_asked() -> None:
    assert len(QUESTIONS) >= 40


@pytest.mark.parametrize("kind", VIEWS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_jena_gives_the_same_rows(
    question: str, kind: str, by_jena: dict[str, dict[str, Any]], local: dict[str, Local]
) -> None:
    data = local[kind]
    assert _table(by_jena[kind][question]) == select(data.store, data.catalogue[question].text)


@pytest.mark.parametrize("kind", VIEWS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_rdflib_gives_the_same_rows(
    question: str, kind: str, in_rdflib: dict[str, Any], local: dict[str, Local], few: Local
) -> None:
    kind = "few" if question in LONG_IN_RDFLIB else kind
    data = {**local, "few": few}[kind]
    text = data.catalogue[question].text
    assert _table(json.loads(in_rdflib[kind].query(text).serialize(format="json"))) == select(data.store, text)


@pytest.mark.parametrize("kind", VIEWS)
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("server", SERVERS)
def test_a_server_gives_the_same_rows_with_the_same_evidence(
    server: str, question: str, kind: str, filled: dict[str, Filled], local: dict[str, Local]
) -> None:
    here, there = local[kind], filled[server].data[kind]
    text = here.catalogue[question].text
    theirs, ours = select(there.store, text), select(here.store, text)
    assert theirs.columns == ours.columns
    for a, b in zip(ours.rows, theirs.rows, strict=False):
        assert " ".join(map(str, a)) == " ".join(map(str, b))
    assert theirs == ours
    assert rows.answer_typed(there, question) == rows.answer_typed(here, question)


# --- whatever else reads


@pytest.mark.parametrize("server", SERVERS)
def test_an_inference_is_explained_as_it_is_at_home(
    server: str, filled: dict[str, Filled], local: dict[str, Local]
) -> None:
    words = ("actor:sendero-luminoso", "a", "nx:NarcoTaxingTerroristGroup")
    told = [
        render.explanation_text(why.explain_statement(data, why.parse_triple(data, *words), every=True))
        for data in (local["span"], filled[server].data["span"])
    ]
    assert told[0] == told[1]
    assert "claim:ellis-2015" in told[0]


@pytest.mark.parametrize("server", SERVERS)
def test_what_is_missing_is_told_as_it_is_at_home(
    server: str, filled: dict[str, Filled], local: dict[str, Local]
) -> None:
    words = ("actor:sendero-luminoso", "a", "nx:HybridActor")
    told = [
        why_not.absence_text(why_not.explain_absence(data, why.parse_triple(data, *words)))
        for data in (local["span"], filled[server].data["span"])
    ]
    assert told[0] == told[1]
    assert "--evidence locator counts it" in told[0]  # the other dataset, which lies there too


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    "name", ["TaxationArrangement", "nx:HybridActor", "Sendero Luminoso", "claim:ellis-2015.c051-1"]
)
def test_a_thing_is_described_as_it_is_at_home(
    name: str, server: str, filled: dict[str, Filled], local: dict[str, Local]
) -> None:
    told = [
        description_text(describe.describe(data.store, data.catalogue, name, prefixes=data.prefixes))
        for data in (local["span"], filled[server].data["span"])
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("server", SERVERS)
def test_a_misspelt_name_is_found_as_it_is_at_home(
    server: str, filled: dict[str, Filled], local: dict[str, Local]
) -> None:
    found = [find_things(data.store, "sendero luninoso") for data in (local["locator"], filled[server].data["locator"])]
    assert found[0] == found[1]


@pytest.mark.parametrize("server", SERVERS)
def test_every_quad_is_read_back(server: str, filled: dict[str, Filled], local: dict[str, Local]) -> None:
    here, there = local["span"].store, filled[server].data["span"].store
    assert {str(name) for name in there.named_graphs()} == {str(name) for name in here.named_graphs()}
    assert len(there) == len(here)
    for name in (DefaultGraph(), graph_iri("data/entities/actors"), graph_iri("terms/actors")):
        theirs, ours = (set(_plain(store.quads_for_pattern(None, None, None, name))) for store in (there, here))
        assert theirs == ours


def _plain(quads: Any) -> Iterator[str]:
    """The quads, all nodes without a name as one."""
    for quad in quads:
        yield " ".join("_" if str(part).startswith("_:") else str(part) for part in quad.triple)


@pytest.mark.parametrize("server", SERVERS)
def test_the_commands_read_an_endpoint(
    server: str, filled: dict[str, Filled], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = filled[server].at
    file = tmp_path / "mine.rq"
    file.write_text("SELECT ?g ?who WHERE { GRAPH ?g { ?who a nx:Claim } } ORDER BY ?who LIMIT 1", encoding="utf-8")
    for command in (
        ["list"],
        ["ask", "who-taxes-what"],
        ["sparql", str(file)],
        ["why", "who-taxes-what", "--row", "2"],
        ["show", "actor:sendero-luminoso"],
        ["find", "shining path"],
    ):
        assert run([*command, "--endpoint", at.endpoint]) == 0, capsys.readouterr().err
        assert capsys.readouterr().out.count("\n") > 2
    for command in (["without", "claim:ellis-2015.c125"], ["linchpins"]):
        assert run([*command, "--endpoint", at.endpoint]) == 2
        assert "derived anew" in capsys.readouterr().err


@pytest.mark.parametrize("server", SERVERS)
def test_a_view_that_is_not_there_is_met_with_the_command_that_puts_it_there(
    server: str, filled: dict[str, Filled]
) -> None:
    at = filled[server].at
    with pytest.raises(EndpointError) as error:
        remote.open_endpoint(at.endpoint, views.view(evidence="locator", sources="treasury-2015"))
    assert f"nexuskg push --endpoint {at.endpoint} --evidence locator --source treasury-2015" in str(error.value)
    assert "evidence locator" in str(error.value).split("There is:")[1]


# --- pushing, on a small graph


@pytest.fixture
def pushable(server: str, small: Path, filled: dict[str, Filled], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server to push the small home to, under a view of its own, beside what is there."""
    at = filled[server].at
    for key, value in at.environ.items():
        monkeypatch.setenv(key, value)
    yield at
    names = layout.space_of(OWN)
    target = Server(at.endpoint)
    found = target.manifest(names)
    for name in (*(found.graphs if found else ()), names.manifest.value, FOREIGN):
        Server(at.endpoint).replace(NamedNode(name), ())


OWN: View = views.view(sources="t")
"""The view that these tests push: its graphs are nobody else's."""


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("how", ["graph store", "updates"])
def test_a_push_loads_once_and_then_leaves_alone(how: str, server: str, pushable: Any) -> None:
    def target() -> Server:
        return Server(pushable.endpoint, update=pushable.update if how == "updates" else None)

    data, one = compilation.compiled(OWN), target()
    first = push.push(data, one)
    assert isinstance(one.writer, Updates if how == "updates" else GraphStore)
    assert (first.wrong, first.kept) == ((), ())
    assert set(first.loaded) == {graph.name.value for graph in layout.stored_graphs(data)}
    second = push.push(data, target())
    assert (second.loaded, second.triples, set(second.kept)) == ((), 0, set(first.loaded))
    there = remote.open_endpoint(pushable.endpoint, OWN)
    assert rows.answer_typed(there, "who-taxes-what") == rows.answer_typed(data, "who-taxes-what")
    assert rows.answer_typed(there, "which-actors-tax-nothing") == rows.answer_typed(data, "which-actors-tax-nothing")


@pytest.mark.parametrize("server", SERVERS)
def test_a_dry_run_writes_nothing(server: str, pushable: Any) -> None:
    done = push.push(compilation.compiled(OWN), Server(pushable.endpoint), dry=True)
    assert done.dry
    assert done.loaded
    assert Server(pushable.endpoint).manifest(layout.space_of(OWN)) is None
    assert all(Server(pushable.endpoint).count(NamedNode(name)) == 0 for name in done.loaded)


@pytest.mark.parametrize("server", SERVERS)
def test_what_was_changed_or_is_no_longer_there_is_put_right(server: str, pushable: Any, small: Path) -> None:
    endpoint = pushable.endpoint
    Server(endpoint).replace(NamedNode(FOREIGN), [b"<urn:a> <urn:b> <urn:c> ."])
    extra = small / "ontology/data/claims/u.ttl"
    extra.write_text("@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n<urn:u> skos:note 'x'@en .\n")
    push.push(compilation.compiled(OWN), Server(endpoint))
    extra.unlink()
    names = layout.space_of(OWN)
    facts = names.view("facts")
    other = Server(endpoint)
    other.replace(facts, [b"<urn:a> <urn:b> <urn:c> ."])  # somebody meddles
    done = push.push(compilation.compiled(OWN), Server(endpoint))
    assert facts.value in done.loaded
    assert f"{names.prefix}data/claims/u" in done.dropped
    assert other.count(NamedNode(f"{names.prefix}data/claims/u")) == 0
    assert done.kept
    assert other.count(NamedNode(FOREIGN)) == 1
    assert remote.open_endpoint(endpoint, OWN).catalogue


@pytest.mark.parametrize("server", SERVERS)
def test_an_interrupted_push_is_told_and_completed_by_the_next(
    server: str, pushable: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import os, signal, sys\n"
        "from nexuskg.pipeline import compilation, views\n"
        "from nexuskg.stores import push\n"
        "from nexuskg.stores.push_remote import Server\n"
        "def note(what):\n"
        "    if what.startswith('Loading 4 of'):\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "push.push(compilation.compiled(views.view(sources='t')), Server(sys.argv[1]), note=note)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, pushable.endpoint], check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(EndpointError, match="a push of it was not finished"):
        remote.open_endpoint(pushable.endpoint, OWN)
    done = push.push(compilation.compiled(OWN), Server(pushable.endpoint))
    assert (len(done.kept), done.wrong) == (3, ())
    assert remote.open_endpoint(pushable.endpoint, OWN).catalogue


def test_the_file_for_loaders_is_loaded_by_oxigraph(small: Path, tmp_path: Path) -> None:
    file, folder = tmp_path / "nexuskg.nq", tmp_path / "my-store"
    assert run(["push", "--file", str(file)]) == 0
    with needs.or_skip():
        program = servers.oxigraph_program()
    command = [program, "load", "--location", str(folder), "--file", str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert run(["ask", "who-taxes-what", "--store", str(folder)]) == 0


@pytest.mark.parametrize("server", ["virtuoso"])
def test_the_file_for_loaders_is_loaded_by_virtuoso(server: str, pushable: Any) -> None:
    file = pushable.folder / "nexuskg.nq"
    assert run(["push", "--file", str(file), "--source", "t"]) == 0
    with needs.or_skip():
        servers.isql(pushable, f"ld_dir('{pushable.folder}', 'nexuskg.nq', 'urn:none'); rdf_loader_run(); checkpoint;")
    assert remote.open_endpoint(pushable.endpoint, OWN).catalogue
    done = push.push(compilation.compiled(OWN), Server(pushable.endpoint))
    assert done.loaded == ()


def test_the_whole_dataset_was_pushed_with_the_right_counts(filled: dict[str, Filled], local: dict[str, Local]) -> None:
    for server in SERVERS:
        for kind, done in filled[server].pushed.items():
            assert done.wrong == ()
            assert done.triples == sum(graph.triples for graph in layout.stored_graphs(local[kind]))
