"""What the first source does not say and nobody may conclude: one ASK each, false here, true once it is stated."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, QueryBoolean, RdfFormat, Store, parse

from nexuskg.base import data_home
from nexuskg.base.namespaces import BASE, GRAPH, graph_iri, prefixes
from nexuskg.pipeline import compilation, views

FOLDER = Path(__file__).with_name("must_not_infer")
QUERIES = sorted(FOLDER.glob("*.rq"))
COMPUTED = {
    "facts": ("facts", "labels"),
    "implied": ("facts", "labels", "implied"),
    "facts, closed": ("facts", "labels", "loops", "inferred"),
    "implied, closed": ("facts", "labels", "loops", "inferred", "implied", "inferred-implied"),
}


@cache
def store_of(view: str) -> Store:
    """What is stated, with the computed graphs of the view."""
    store = compilation.compiled("facts", data_home.home()).store
    graphs = [g for g in store.named_graphs() if isinstance(g, NamedNode)]
    stated = [g for g in graphs if g.value.removeprefix(GRAPH).startswith(("terms/", "vocab/", "data/", "links/"))]
    return views.merge(store, [*stated, *(graph_iri(name) for name in COMPUTED[view])])


def ask(store: Store, path: Path) -> bool:
    answer = store.query(path.read_text(encoding="utf-8"))
    assert isinstance(answer, QueryBoolean)
    return bool(answer)


@pytest.mark.parametrize("view", COMPUTED)
@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_it_is_neither_stated_nor_inferred(path: Path, view: str) -> None:
    assert not ask(store_of(view), path)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_the_question_can_be_answered_with_yes(path: Path) -> None:
    store = Store()
    store.extend(store_of("facts"))
    wrong = parse(path.with_suffix(".fail.ttl").read_bytes(), RdfFormat.TURTLE)
    views.add_triples(store, [quad.triple for quad in wrong])
    assert ask(store, path)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_the_question_is_about_things_there_are(path: Path) -> None:
    text, table = path.read_text(encoding="utf-8"), prefixes(data_home.home())
    body = re.sub(r'"[^"]*"|<[^>]*>', "", "\n".join(line for line in text.splitlines() if not line.startswith("#")))
    names = {table[prefix] + name for prefix, name in re.findall(r"\b([a-z][a-z-]*):([A-Za-z][\w-]*)", body)}
    store = store_of("facts")
    for iri in sorted(name for name in names if name.startswith(BASE)):
        assert any(True for _ in store.quads_for_pattern(NamedNode(iri), None, None)), iri


def test_the_reasons_that_keep_the_graph_from_it_are_there() -> None:
    """The curated list has 22 rows; each has a question and a wrong statement that answers it with yes."""
    assert len(QUERIES) == 22
    assert {path.stem for path in QUERIES} == {path.name.split(".")[0] for path in FOLDER.glob("*.fail.ttl")}
