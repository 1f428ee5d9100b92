"""Words to entities, terms, concepts and questions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, Store

from nexuskg.base import namespaces
from nexuskg.errors import BadParameter, UnknownTerm
from nexuskg.pipeline import views
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.rdf import load
from nexuskg.search.find import find_things, fold_name, resolve_name

TABLE = {
    "nx": "https://w3id.org/nexuskg/ontology#",
    "actor": "https://w3id.org/nexuskg/id/actor/",
    "place": "https://w3id.org/nexuskg/id/place/",
    "activity": "https://w3id.org/nexuskg/id/activity/",
    "offence": "https://w3id.org/nexuskg/vocab/offence/",
    "claim": "https://w3id.org/nexuskg/claim/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
}
DATA = """
actor:path skos:prefLabel "Sendero Luminoso"@en , "Sendero Luminoso"@es ; skos:altLabel "Shining Path"@en ;
  skos:hiddenLabel "Sendero Luninoso"@en .
actor:case-family skos:prefLabel "family clan of the case (unnamed)"@en , "clan familiar del caso (sin nombre)"@es .
place:valley skos:prefLabel "VRAEM"@en .
place:peru skos:prefLabel "Peru"@en , "Perú"@es .
place:front skos:prefLabel "front"@en .
actor:front skos:prefLabel "front"@en .
activity:drug-trade skos:prefLabel "drug trafficking"@en , "narcotráfico"@es .
nx:DrugTrafficking a owl:Class ; skos:prefLabel "drug trafficking"@en , "narcotráfico"@es .
nx:taxes a owl:ObjectProperty ; skos:prefLabel "taxes"@en .
offence:drug-trafficking a skos:Concept ; skos:prefLabel "drug trafficking"@en , "tráfico de narcóticos"@pt .
offence:dealer a skos:Concept ; skos:prefLabel "narcotraficante"@es .
claim:t.c1 skos:prefLabel "Sendero Luminoso taxes drug trafficking."@en .
"""
QUESTION = StoredQuery("who-taxes-what", "Which group taxes which activity?", "", ("economy",), (), "", "question")


@pytest.fixture(scope="module")
def store() -> Store:
    out = Store()
    heads = "".join(f"@prefix {name}: <{space}> .\n" for name, space in TABLE.items())
    out.load(input=(heads + DATA).encode(), format=RdfFormat.TURTLE)
    return out


def names(store: Store, words: str) -> list[str]:
    return [match.curie for match in find_things(store, words, queries=[QUESTION], prefixes=TABLE)]


@pytest.mark.parametrize(
    ("words", "first", "matched"),
    [
        ("Sendero Luminoso", "actor:path", "label: Sendero Luminoso (en)"),
        ("luminoso SENDERO", "actor:path", "label: Sendero Luminoso (en)"),
        ("Sendero Luninoso", "actor:path", "misspelling: Sendero Luninoso (en)"),
        ("sendro luminsoo", "actor:path", "label: Sendero Luminoso (en)"),
        ("shining path", "actor:path", "alias: Shining Path (en)"),
        ("sendero", "actor:path", "label: Sendero Luminoso (en)"),
        ("vraem", "place:valley", "label: VRAEM (en)"),
        ("VRAEM valley", "place:valley", "label: VRAEM (en)"),
        ("perú", "place:peru", "label: Perú (es)"),
        ("narcotraficante", "offence:dealer", "label: narcotraficante (es)"),
        ("narcotrafico", "activity:drug-trade", "label: narcotráfico (es)"),
        ("trafico de narcoticos", "offence:drug-trafficking", "label: tráfico de narcóticos (pt)"),
        ("DrugTrafficking", "activity:drug-trade", "label: drug trafficking (en)"),
        ("clan", "actor:case-family", "label: family clan of the case (unnamed) (en)"),
        ("who taxes what", "who-taxes-what", "question: who-taxes-what"),
        ("which groups tax", "who-taxes-what", "question about: Which group taxes which activity?"),
    ],
)
def test_the_best_match_and_what_it_matched_by(store: Store, words: str, first: str, matched: str) -> None:
    best = find_things(store, words, queries=[QUESTION], prefixes=TABLE)[0]
    assert (best.curie, best.matched) == (first, matched)


def test_a_misspelt_name_is_found_by_likeness_where_no_alias_has_it(store: Store) -> None:
    assert names(store, "shinning path") == ["actor:path"]


@pytest.mark.parametrize("words", ["xyzzy", "qwer asdf", "", "  ", "?!"])
def test_nothing_alike_is_nothing_found(store: Store, words: str) -> None:
    assert find_things(store, words, prefixes=TABLE) == []


def test_claims_are_not_what_a_search_is_for(store: Store) -> None:
    assert not any(name.startswith("claim:") for name in names(store, "Sendero Luminoso taxes drug trafficking"))


def test_words_without_end_are_like_nothing(store: Store) -> None:
    assert find_things(store, " ".join(f"drug{n}" for n in range(20_000))) == []


def test_the_limit_is_kept(store: Store) -> None:
    assert len(find_things(store, "drug trafficking", 2, prefixes=TABLE)) == 2


@given(st.text(max_size=30))
def test_any_words_are_searched_without_an_error_best_first(words: str) -> None:
    store = Store()
    store.load(
        input=b'<https://w3id.org/nexuskg/id/actor/x> <http://www.w3.org/2004/02/skos/core#prefLabel> "a b" .',
        format=RdfFormat.TURTLE,
    )
    scores = [match.score for match in find_things(store, words, queries=[QUESTION])]
    assert scores == sorted(scores, reverse=True)
    assert fold_name(fold_name(words)) == fold_name(words)


@pytest.mark.parametrize(
    ("words", "iri"),
    [
        ("nx:taxes", "nx:taxes"),
        ("taxes", "nx:taxes"),
        ("<https://w3id.org/nexuskg/id/place/peru>", "place:peru"),
        ("PERU", "place:peru"),
        ("shining path", "actor:path"),
        ("sendero luninoso", "actor:path"),
        ("drug trafficking", "activity:drug-trade"),
        ("drug-trade", "activity:drug-trade"),
        ("claim:t.c1", "claim:t.c1"),
    ],
)
def test_a_name_as_it_is_means_one_node(store: Store, words: str, iri: str) -> None:
    assert resolve_name(store, words, prefixes=TABLE).value == namespaces.expand(iri, TABLE)


def test_a_name_of_several_things_has_to_be_made_plain(store: Store) -> None:
    with pytest.raises(BadParameter, match=r"front: this names several things.*actor:front, place:front"):
        resolve_name(store, "front", prefixes=TABLE)


@pytest.mark.parametrize(
    ("words", "close"),
    [("sendero luminos", "actor:path"), ("nx:tax", "nx:taxes"), ("xyzzy", None), ("<no iri>", None), ("", None)],
)
def test_an_unknown_name_is_met_with_the_closest(store: Store, words: str, close: str | None) -> None:
    with pytest.raises(UnknownTerm) as caught:
        resolve_name(store, words, prefixes=TABLE)
    assert caught.value.close_matches[:1] == ((close,) if close else ())


@pytest.fixture(scope="module")
def real(home: Path) -> Store:
    loaded = load.load_files(home)
    return views.merge(loaded, views.member_graphs(loaded, "facts"))


@pytest.mark.parametrize(
    ("words", "curie"),
    [
        ("sendero", "actor:sendero-luminoso"),
        ("vraem", "place:vraem"),
        ("terrorist organisation", "nx:TerroristOrganization"),
    ],
)
def test_real_names_lead_to_the_real_nodes(real: Store, home: Path, words: str, curie: str) -> None:
    assert find_things(real, words, prefixes=namespaces.prefixes(home))[0].curie == curie


def test_every_node_that_bears_a_label_of_its_own_is_found_by_it(real: Store, home: Path) -> None:
    table = namespaces.prefixes(home)
    for curie in ("actor:dirandro", "place:peru", "nx:taxes", "modality:implied", "source:ellis-2015"):
        iri = namespaces.expand(curie, table)
        assert resolve_name(real, curie, prefixes=table).value == iri
