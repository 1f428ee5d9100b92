"""Attacks by files that somebody loads, and by servers that somebody asks: each is told in a sentence, in time."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from nexuskg.base import input_limits
from nexuskg.base.namespaces import GRAPH
from nexuskg.cli.main import run
from nexuskg.errors import EndpointError, NotCanonical, ParseFailure, QueryFailure
from nexuskg.queries import catalogue
from nexuskg.rdf import load, sssom, turtle
from nexuskg.stores.layout import Manifest, Space
from nexuskg.stores.mapped_store import Mapped

PACKAGE = Path(__file__).parent.parent / "src" / "nexuskg"
FORMS = {"TURTLE", "N_TRIPLES", "N_QUADS", "TRIG", "N3", "JSON_LD", "STREAMING_JSON_LD", "RDF_XML"}
DEEP = "<urn:a> <urn:b> " + "<<( <urn:a> <urn:b> " * 100_000 + "1" + " )>>" * 100_000 + " ."
TERM = '{"type":"triple","value":{"subject":{"type":"uri","value":"urn:a"},"predicate":{"type":"uri","value":"urn:b"},'
RESULT = '{"head":{"vars":["x"]},"results":{"bindings":[{"x":%s}]}}'
DEEP_RESULT = RESULT % ((TERM + '"object":') * 20_000 + '{"type":"uri","value":"urn:a"}' + "}}" * 20_000)
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(9)
)
CLIENT = """
import sys
from pathlib import Path
from nexuskg.errors import EndpointError
from nexuskg.stores.layout import Manifest, Space
from nexuskg.stores.mapped_store import Mapped
from nexuskg.base.namespaces import GRAPH

class Source:
    def ask(self, *_):
        return Path(sys.argv[1]).read_bytes()

    def store_name(self):
        return "there"

try:
    list(Mapped(Source(), Space(GRAPH), "facts", Manifest("all", "0", None, {})).query(sys.argv[2]))
except EndpointError as error:
    print(error)
"""


class Answering:
    """A store that gives every query the same answer."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def ask(self, *_: object) -> bytes:
        return self.data

    def store_name(self) -> str:
        return "there"


def apart(*command: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own: what ends that does not end the tests."""
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("command", [["list"], ["check"], ["fmt", "--check"], ["ask", "who-taxes-what"]], ids=" ".join)
def test_triples_within_triples_do_not_end_the_program(small: Path, command: list[str]) -> None:
    (small / "ontology/data/claims/evil.ttl").write_text(DEEP)
    done = apart("-m", "nexuskg", *command)
    assert done.returncode in (1, 2), done.stderr[-300:]
    said = done.stdout + done.stderr
    assert "evil.ttl" in said
    assert "triples within triples" in said
    assert "Traceback" not in said


def test_some_triples_within_triples_are_read(small: Path) -> None:
    some = "<urn:a> <urn:b> " + "<<( <urn:a> <urn:b> " * 100 + "1" + " )>>" * 100 + " ."
    (small / "ontology/data/claims/fine.ttl").write_text(some)
    assert len(load.load_files(small, [small / "ontology/data/claims/fine.ttl"])) == 1
    with pytest.raises(NotCanonical, match="a triple stands as the object"):
        turtle.canonical_turtle(some.encode(), {})


@pytest.mark.parametrize("name", ["ontology/data/claims/evil.ttl", "ontology/prefixes.ttl"])
def test_half_a_file_is_no_file(small: Path, name: str) -> None:
    """Cut anywhere, it is refused, and nothing of it is there."""
    whole = (small / "ontology/data/claims/t.ttl").read_bytes()
    path = small / name
    for cut in (len(whole) // 3, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:cut])
        with pytest.raises(ParseFailure) as failure:
            load.load_files(small, [path])
        assert str(path) in str(failure.value)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x WHERE { " + "{" * 20_000 + "}" * 20_000 + " }",
        "SELECT ?x WHERE { " + "FILTER EXISTS {" * 3_000 + "}" * 3_000 + " }",
        "SELECT ?x WHERE { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }",
        "SELECT ?x WHERE { FILTER(" + "!" * 30_000 + "true) }",
        "SELECT ?x WHERE { FILTER(1" + "+1" * 20_000 + " > 0) }",
        "SELECT ?x WHERE { " + "UNION".join(["{}"] * 7_000) + " }",
    ],
    ids=["braces", "exists", "brackets", "negations", "sum", "unions"],
)
def test_a_stored_query_that_would_end_the_program_is_refused(small: Path, text: str) -> None:
    path = small / "queries/questions/evil.rq"
    path.write_text(f"#+ summary: Evil?\n{text}\nORDER BY ?x\n")
    with pytest.raises(QueryFailure, match="longer or more nested"):
        catalogue.read_query(path)
    assert run(["ask", "evil"]) == 2


@pytest.mark.parametrize(
    "header",
    [LAUGHS + "tags: *j\n", "tags: " + "[" * 5000 + "]" * 5000 + "\n", "tags: !!python/object/apply:os.getcwd []\n"],
    ids=["laughs", "deep", "object"],
)
def test_a_header_is_data_and_small(small: Path, header: str) -> None:
    lines = "".join(f"#+ {line}\n" for line in ("summary: Evil?", *header.splitlines()))
    path = small / "queries/questions/evil.rq"
    path.write_text(f"{lines}SELECT ?x WHERE {{ ?x ?y ?z }}\nORDER BY ?x\n")
    with pytest.raises(QueryFailure, match="header is not YAML"):
        catalogue.read_query(path)
    table = small / "ontology/links/evil.sssom.tsv"
    table.parent.mkdir(exist_ok=True)
    table.write_text("".join(f"#{line}\n" for line in header.splitlines()) + "subject_id\tpredicate_id\tobject_id\n")
    with pytest.raises(ParseFailure, match="metadata are not YAML"):
        sssom.read_sssom(table)
    with pytest.raises((yaml.YAMLError, ValueError)):
        input_limits.yaml_value(header)
    assert input_limits.yaml_value("tags: [a, b]\n") == {"tags": ["a", "b"]}


@pytest.mark.parametrize(
    ("query", "data"),
    [("SELECT ?x { ?x ?y ?z }", DEEP_RESULT), ("CONSTRUCT WHERE { ?x ?y ?z }", DEEP)],
    ids=["select", "construct"],
)
def test_no_answer_of_a_server_ends_the_program(tmp_path: Path, query: str, data: str) -> None:
    (tmp_path / "answer").write_text(data)
    done = apart("-c", CLIENT, str(tmp_path / "answer"), query)
    assert done.returncode == 0, done.stderr[-300:]
    assert done.stdout.startswith("there: the answer is ")


@pytest.mark.parametrize(
    "data",
    [
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "URL">]><r>&x;</r>',
        '<?xml version="1.0"?><!DOCTYPE r SYSTEM "URL"><r/>',
        '{"@context": "URL", "@id": "urn:a", "b": 1}',
        "@prefix owl: <http://www.w3.org/2002/07/owl#> . <urn:o> owl:imports <URL> .",
        "<URL> <URL> <URL> .",
    ],
    ids=["entity", "doctype", "context", "imports", "names"],
)
def test_nothing_is_fetched_for_what_a_server_or_a_file_says(
    small: Path, trap: tuple[int, list[str]], data: str
) -> None:
    port, seen = trap
    text = data.replace("URL", f"http://127.0.0.1:{port}/x")
    is_turtle = "> " in text and text.endswith(" .")
    answer = Mapped(Answering(text.encode()), Space(GRAPH), "facts", Manifest("all", "0", None, {}))  # type: ignore[arg-type]
    path = small / "ontology/data/claims/evil.ttl"
    path.write_text(text)
    if is_turtle:
        assert len(list(answer.query("CONSTRUCT WHERE { ?x ?y ?z }"))) == 1  # type: ignore[call-overload]
        assert run(["list"]) == 0
    else:
        with pytest.raises(EndpointError, match="not Turtle"):
            answer.query("CONSTRUCT WHERE { ?x ?y ?z }")
        assert run(["list"]) == 2
    run(["check"])
    assert not seen


def test_nothing_but_turtle_triples_and_quads_is_ever_parsed() -> None:
    """JSON-LD, whose contexts are addresses, and RDF/XML, whose entities are, are written and never read."""
    readers = {"parse", "load", "bulk_load", "bulk_extend"}
    found = set[str]()
    modules = list(PACKAGE.rglob("*.py"))
    assert len(modules) > 140
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in readers:
                found |= FORMS & {getattr(part, "attr", "") for part in ast.walk(node)}
    assert "TURTLE" in found
    assert found <= {"TURTLE", "N_TRIPLES", "N_QUADS"}
