"""The published catalogue: complete, readable by others, and its headers by the tool whose form they have."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import rdflib
import yaml
from pyoxigraph import QuerySolutions, RdfFormat, Store, parse

from nexuskg.base import data_home, namespaces
from nexuskg.pipeline.compilation import compiled
from nexuskg.publish import release
from nexuskg.queries import catalogue, shacl_executables
from nexuskg.queries.catalogue import StoredQuery
from support import needs

HOME = data_home.home()
QUERIES = catalogue.read_catalogue(HOME)
PREFIXES = namespaces.prefixes(HOME)
PATHS = data_home.query_files(HOME)
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")


@pytest.fixture(scope="module")
def published() -> rdflib.Graph:
    data = release.release_files(compiled(home=HOME))["queries.ttl"]
    return rdflib.Graph().parse(data=data, format="turtle")


def test_every_query_is_published_with_what_it_needs(published: rdflib.Graph) -> None:
    assert len(QUERIES) > 90
    forms = {SH.select: "select", SH.ask: "ask", SH.construct: "construct"}
    assert set(published.subjects(rdflib.RDF.type, SH.SPARQLExecutable)) == {
        rdflib.URIRef(shacl_executables.query_iri(query).value) for query in QUERIES.values()
    }
    for query in QUERIES.values():
        node = rdflib.URIRef(shacl_executables.query_iri(query).value)
        texts = [str(text) for form in forms for text in published.objects(node, form)]
        assert texts == [query.text]
        assert str(published.value(node, SH.prefixes)) == "https://w3id.org/nexuskg/ontology"
        assert {str(word) for word in published.objects(node, DCAT.keyword)} >= set(query.tags)
        assert {str(name) for name in published.objects(node, SH.parameter / SH.name)} == {p.name for p in query.params}
        if query.kind == "question":
            labels = {label.language for label in published.objects(node, rdflib.RDFS.label)}  # type: ignore[attr-defined]
            assert labels == {"en", "es", "pt"}
            assert published.value(node, rdflib.RDFS.comment) is not None


def test_the_published_text_runs_with_the_declared_prefixes(published: rdflib.Graph) -> None:
    store = Store()
    texts = [str(text) for text in published.objects(None, SH.select)]
    assert len(texts) > 40
    for text in texts:
        assert isinstance(store.query(text), QuerySolutions)


def test_a_default_is_the_term_that_the_query_has(published: rdflib.Graph) -> None:
    base = "https://w3id.org/nexuskg/"
    node = rdflib.URIRef(f"{base}query/question/how-much")
    assert published.value(rdflib.URIRef(f"{node}/thing"), SH.defaultValue) == rdflib.URIRef(f"{base}id/place/peru")
    assert published.value(rdflib.URIRef(f"{node}/measuredIn"), SH.defaultValue) is None
    most = published.value(rdflib.URIRef(f"{base}query/question/is-linked-to/most"), SH.defaultValue)
    assert most == rdflib.Literal(1)


def test_nothing_published_is_without_a_name() -> None:
    assert not any(
        "BlankNode" in type(term).__name__
        for triple in shacl_executables.executable_triples(QUERIES.values(), PREFIXES)
        for term in (triple.subject, triple.object)
    )


def test_an_ask_and_a_construct_are_what_they_are() -> None:
    for text, kind in (("ASK { ?s ?p ?o }", "Ask"), ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "Construct")):
        query = StoredQuery("sample", "s", "", (), (), text, "question")
        kinds = [
            str(t.object)
            for t in shacl_executables.executable_triples([query], PREFIXES)
            if t.predicate.value.endswith("#type")
        ]
        assert any(f"SPARQL{kind}Executable" in name for name in kinds)


@pytest.mark.slow
def test_the_catalogue_is_part_of_a_build(tmp_path: Path) -> None:
    release.write_release(compiled(home=HOME), tmp_path / "dist")
    triples = list(parse((tmp_path / "dist" / "queries.ttl").read_bytes(), format=RdfFormat.TURTLE))
    assert len(triples) == len(set(shacl_executables.executable_triples(QUERIES.values(), PREFIXES)))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_header_reads_as_grlc_reads_it(path: Path) -> None:
    # It takes the lines that begin with "#+", strips these two signs from the left, and joins the rest as YAML.
    lines = path.read_text(encoding="utf-8").split("\n")
    header = yaml.safe_load("\n".join(line.lstrip("#+") for line in lines if line.startswith("#+")))
    query = catalogue.read_query(path)
    assert header["summary"] == query.summary
    assert tuple(header.get("tags") or ()) == query.tags
    assert list(header.get("params") or {}) == [parameter.name for parameter in query.params]


_GRLC = """
import json, pathlib, sys
import grlc.gquery
found = {}
for name in sys.argv[1:]:
    found[name] = grlc.gquery.get_metadata(pathlib.Path(name).read_text(encoding="utf-8"), "http://127.0.0.1/none")
keys = ("summary", "tags", "type", "variables")
print(json.dumps({name: {key: found[name].get(key) for key in keys} for name in found}, default=str))
"""


@pytest.mark.slow
def test_grlc_itself_reads_every_question(tmp_path: Path) -> None:
    """Only where grlc is installed beside the tests (as `grlc` on the path): it brings a web server along."""
    program = shutil.which("grlc-server")
    with needs.or_skip():
        if program is None:
            raise needs.Missing("grlc is not installed: pip install grlc, in an environment of its own")
    assert program is not None
    python = Path(program).resolve().parent / "python"
    names = [str(path) for path in PATHS if path.parent.name == "questions"]
    assert len(names) >= 40
    command = [str(python if python.exists() else sys.executable), "-c", _GRLC, *names]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    answers = json.loads(done.stdout.splitlines()[-1])
    assert set(answers) == set(names)
    for name, found in answers.items():
        query = catalogue.read_query(Path(name))
        assert (found["summary"], tuple(found["tags"]), found["type"]) == (query.summary, query.tags, "SelectQuery")
        assert len(found["variables"]) > 0
