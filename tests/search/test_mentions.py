"""Names in a text: the one matcher finds what a plain search for one name after another finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode

from nexuskg.base.namespaces import BASE, SKOS
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.rdf.store import Readable
from nexuskg.search.find import fold_name
from nexuskg.search.mentions import NameIndex, entities_named, names_of_entities, names_of_things, words_of

NAMED = [
    ("Peru", "id/place/peru"),
    ("Shining Path of Peru", "id/actor/shining-path"),
    ("Shining Path", "id/actor/shining-path"),
    ("the Path", "id/actor/path"),
    ("Path", "id/actor/path"),
    ("path", "id/event/path"),
    ("X", "id/actor/x"),
]


@pytest.fixture(scope="module")
def whole(home: Path) -> Compiled:
    return compilation.compiled(views.WHOLE, home)


@pytest.fixture(scope="module")
def known() -> NameIndex:
    return NameIndex([(name, BASE + iri) for name, iri in NAMED], {BASE + iri: iri.split("/")[1] for _, iri in NAMED})


def names_by_text(store: Readable) -> dict[str, set[str]]:
    """The entities of each name, folded."""
    found: dict[str, set[str]] = {}
    for label in ("prefLabel", "altLabel", "hiddenLabel"):
        for quad in store.quads_for_pattern(None, NamedNode(SKOS + label), None, DefaultGraph()):
            if isinstance(quad.object, Literal) and quad.subject.value.startswith(BASE + "id/"):
                found.setdefault(fold_name(quad.object.value), set()).add(quad.subject.value)
    return found


def searched_one_by_one(names: dict[str, set[str]], text: str) -> list[str]:
    """The entities named, by looking for every name there is, the longest first, and striking out what was found."""
    words, found = f" {fold_name(text)} ", dict[str, None]()
    for name in sorted((name for name in names if f" {name} " in words), key=lambda name: (-len(name), name)):
        if len(name) > 1 and f" {name} " in words:
            words = words.replace(f" {name} ", " | ")
            found |= dict.fromkeys(sorted(names[name]))
    return list(found)


def test_every_claim_and_question_names_what_a_plain_search_finds_in_it(whole: Compiled) -> None:
    labels = whole.store.quads_for_pattern(None, NamedNode(SKOS + "prefLabel"), None, DefaultGraph())
    texts = {quad.object.value for quad in labels if quad.subject.value.startswith(BASE + "claim/")}
    assert len(texts) > 300
    for query in whole.catalogue.values():
        texts |= {*query.titles.values(), *(words for _, words in query.phrasings)}
    assert len(texts) > 1500
    entities, plain = names_of_entities(whole.store), names_by_text(whole.store)
    found = {text: entities_named(entities, text) for text in texts}
    assert found == {text: searched_one_by_one(plain, text) for text in texts}
    assert sum(map(bool, found.values())) > 500


def test_a_name_within_a_longer_one_is_not_meant(known: NameIndex) -> None:
    (found,) = known.mentions(words_of("the Shining Path of Perú"), misspelt=False)
    assert (found.start, found.end, found.name) == (1, 5, "shining path of peru")
    assert entities_named(known, "the Shining Path of Perú") == [BASE + "id/actor/shining-path"]


def test_a_name_beside_a_longer_one_is_meant_too(known: NameIndex) -> None:
    iris = entities_named(known, "Peru: the Shining Path and the path")
    assert [iri.removeprefix(BASE + "id/") for iri in iris] == ["actor/shining-path", "actor/path", "place/peru"]


def test_things_of_one_name_are_all_there_and_a_letter_is_no_name(known: NameIndex) -> None:
    assert entities_named(known, "a PATH by x") == [BASE + "id/actor/path", BASE + "id/event/path"]
    assert entities_named(known, "") == []


def test_what_questions_name_is_what_people_speak_of(whole: Compiled) -> None:
    things, entities = names_of_things(whole.store), names_of_entities(whole.store)
    assert {"actor", "place", "class", "concept"} <= set(things.kinds.values())
    assert "observation" not in things.kinds.values()
    assert "observation" in entities.kinds.values()
    (found,) = (mention for mention in things.mentions(words_of("Who taxes in Perú?")) if mention.kind == "place")
    assert (found.name, found.exact) == ("peru", True)
