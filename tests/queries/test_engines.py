"""Every stored query on a second engine: derivations and checks give on rdflib what they give on pyoxigraph.

(The questions have a test of their own beside their golden rows.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
import rdflib
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple

from nexuskg.base import data_home
from nexuskg.base.namespaces import BASE, NX
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import FACTS
from nexuskg.queries import catalogue
from nexuskg.rdf.store import construct, select
from nexuskg.reasoning import domain_rules

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")  # its Dataset warns of itself

HOME = data_home.home()
QUERIES = catalogue.read_catalogue(HOME)
DERIVE = sorted(name for kind, name in QUERIES if kind == "derive")
CHECKS = sorted(name for kind, name in QUERIES if kind == "check")


@pytest.fixture(scope="module")
def stated() -> Store:
    """Terms, vocabularies and data: what the derivations read."""
    compiled = compilation.compiled("facts", HOME)
    graphs = [
        graph for graph in views.member_graphs(compiled.store, "facts") if graph.value.split("/graph/")[1].count("/")
    ]
    return views.merge(compiled.store, graphs)


@pytest.fixture(scope="module")
def stated_in_rdflib(stated: Store) -> rdflib.Graph:
    return rdflib.Graph().parse(data=stated.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()), format="nt")


@pytest.fixture(scope="module")
def broken() -> Compiled:
    """The whole dataset with a few faults, so that some checks have rows to agree on."""
    compiled = compilation.compiled("facts", HOME)
    store = Store()
    store.extend(iter(compiled.store))
    claim, graph = NamedNode(BASE + "claim/ellis-2015.c082"), NamedNode(BASE + "graph/data/claims/ellis-2015")
    for where in (graph, DefaultGraph()):
        store.add(Quad(claim, NamedNode(NX + "hegde"), Literal("x", language="fr"), where))
        store.add(Quad(claim, NamedNode(NX + "claimObject"), NamedNode(BASE + "id/actor/nobody"), where))
    return Compiled(compiled.home, FACTS, store, compiled.queries, compiled.prefixes)


@pytest.fixture(scope="module")
def broken_in_rdflib(broken: Compiled) -> rdflib.Dataset:
    dataset = rdflib.Dataset(default_union=False)
    dataset.parse(data=broken.store.dump(format=RdfFormat.N_QUADS), format="nquads")
    return dataset


def _plain(terms: Iterable[object]) -> tuple[str, ...]:
    return tuple("" if term is None else _canonical(str(getattr(term, "value", term))) for term in terms)


def _canonical(text: str) -> str:
    # One engine keeps the zeros that a product of decimals ends with.
    return text.rstrip("0").rstrip(".") if re.fullmatch(r"-?\d+\.\d+", text) else text


def test_every_derivation_and_every_check_is_asked() -> None:
    assert len(DERIVE) >= 23
    assert len(CHECKS) >= 33


@pytest.mark.slow
@pytest.mark.parametrize("name", DERIVE)
def test_a_derivation_constructs_the_same(name: str, stated: Store, stated_in_rdflib: rdflib.Graph) -> None:
    text = QUERIES["derive", name].text
    ours = {_plain((t.subject, t.predicate, t.object)) for t in construct(stated, text, name) if _named(t)}
    theirs = {_plain(triple) for triple in stated_in_rdflib.query(text)}
    assert ours or domain_rules.TAG in QUERIES["derive", name].tags  # a rule may have nothing to say of this source
    assert ours == theirs


def _named(triple: Triple) -> bool:
    return not isinstance(triple.subject, BlankNode)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_a_check_finds_the_same(name: str, broken: Compiled, broken_in_rdflib: rdflib.Dataset) -> None:
    text = QUERIES["check", name].text
    ours = sorted(_plain(row) for row in select(broken.store, text, name).rows)
    assert ours == sorted(_plain(row) for row in broken_in_rdflib.query(text))
    if name in ("unknown-term", "foreign-language-tag", "dangling-reference", "reused-claim-id"):
        assert ours
