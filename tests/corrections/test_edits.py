"""What a correction is to write in the real graph, without a trial: triples to come and to go, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.authoring.curation_record import (
    CORRECTED,
    GENERATED,
    INVALIDATED,
    REVIEWED,
    Origin,
    curation_act,
    curator_iri,
    given_reason,
)
from nexuskg.authoring.source_context import IDENTITY, claim_identity
from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.base.namespaces import BASE, CLAIM, NX, PROV, SKOS, VOCAB, nx
from nexuskg.corrections.claim_record import (
    LIFE,
    REPLACED,
    STATUS,
    next_version,
    revise,
    said_of,
    source_withdrawal_edit,
    withdrawal_edit,
)
from nexuskg.corrections.claim_review import review_claims
from nexuskg.corrections.entity_correction import edit_entity, merge_entities
from nexuskg.corrections.record_edit import RecordEdit, data_quads
from nexuskg.errors import BadDraft
from nexuskg.evidence.sources import claims_from, source_iri
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.views import WHOLE

KEY = "ellis-2015"
READ = f"{CLAIM}{KEY}.c082"
ORIGIN = Origin("Ana Torres", date(2026, 3, 31), "correction", "Misread.")
HEDGE, MODALITY = NX + "hedge", NX + "modality"


@pytest.fixture(scope="module")
def graph(home: Path) -> Vocabulary:
    return Vocabulary(compiled(WHOLE, home))


def added(edit: RecordEdit) -> set[Triple]:
    return {triple for triples in edit.add.values() for triple in triples}


def objects(edit: RecordEdit, subject: str, prop: NamedNode) -> list[Any]:
    return [t.object for t in added(edit) if t.subject == NamedNode(subject) and t.predicate == prop]


# --- who did what -----------------------------------------------------------------------------------------------------


@given(st.text(max_size=20))
def test_every_name_makes_an_iri_of_the_plan(name: str) -> None:
    end = curator_iri(name).removeprefix(BASE + "curator/")
    assert end
    assert set(end) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_no_act_is_written_that_no_text_can_hold(graph: Vocabulary) -> None:
    for curator, reason in (("a\x1bb", ""), ("a", "\x1b"), (" ", "x")):
        with pytest.raises(BadDraft):
            curation_act(graph.store, KEY, Origin(curator, date(2026, 3, 31), "correction", reason))


@pytest.mark.parametrize("words", ["", "  ", "\x1b[2J"])
def test_a_reason_has_words(words: str) -> None:
    with pytest.raises(BadDraft, match="Give the reason in your own words"):
        given_reason(words)


# --- what a claim is known by -----------------------------------------------------------------------------------------

VALUES = st.sampled_from([NamedNode("urn:a"), NamedNode("urn:b"), Literal("1"), Literal("1", language="en")])


@given(said=st.dictionaries(st.sampled_from(IDENTITY), VALUES), name=st.sampled_from(IDENTITY), other=VALUES)
def test_each_part_of_what_a_claim_is_known_by_tells_it_from_others(
    said: dict[str, Any], name: str, other: Any
) -> None:
    pairs = [(NX + part, term) for part, term in said.items()]
    changed = [(NX + part, term) for part, term in {**said, name: other}.items()]
    same = said.get(name) == other
    assert (claim_identity(pairs) == claim_identity(changed)) == same
    assert claim_identity(reversed(pairs)) == claim_identity(pairs)
    assert claim_identity([*pairs, (NX + "hedge", Literal("but", language="en"))]) == claim_identity(pairs)


def test_the_next_version_is_free_and_in_order(graph: Vocabulary) -> None:
    assert next_version(graph.store, READ) == f"{READ}-v2"
    assert next_version(graph.store, f"{READ}-v2") == f"{READ}-v3"
    assert PROV + "wasGeneratedBy" in LIFE
    assert nx("status").value in LIFE


# --- a claim is corrected ---------------------------------------------------------------------------------------------


def revised(graph: Vocabulary, prop: str, term: Any) -> Any:
    said = {pair for pair in said_of(graph.store, READ, graph.data.prefixes) if pair[0] != prop}
    return revise(graph.store, READ, {*said, (prop, term)}, ORIGIN, graph.data.prefixes)


def test_what_is_no_identity_changes_in_place(graph: Vocabulary) -> None:
    made = revised(graph, HEDGE, Literal("on the whole", language="en"))
    assert made.claim == READ
    (act,) = objects(made.edit, READ, CORRECTED)
    (former,) = objects(made.edit, act.value, nx("formerValue"))
    assert former.value.startswith(f"claim:{KEY}.c082 nx:hedge: ")
    assert not objects(made.edit, READ, STATUS)
    assert not objects(made.edit, READ, GENERATED), "who entered it is kept"


def test_what_is_identity_is_superseded(graph: Vocabulary) -> None:
    made = revised(graph, MODALITY, NamedNode(VOCAB + "modality/possible"))
    assert made.claim == f"{READ}-v2"
    assert objects(made.edit, READ, STATUS) == [NamedNode(VOCAB + "claim-status/superseded")]
    assert objects(made.edit, READ, REPLACED) == [NamedNode(made.claim)]
    assert objects(made.edit, READ, INVALIDATED) == objects(made.edit, made.claim, GENERATED) != []
    gone = {t for triples in made.edit.remove.values() for t in triples if t.subject == NamedNode(READ)}
    assert gone == set(), "what the old one said is kept"


def test_what_says_the_same_is_no_correction(graph: Vocabulary) -> None:
    said = said_of(graph.store, READ, graph.data.prefixes)
    with pytest.raises(BadDraft, match="says just that already"):
        revise(graph.store, READ, said, ORIGIN, graph.data.prefixes)


def test_a_withdrawn_claim_says_in_which_act(graph: Vocabulary) -> None:
    edit = withdrawal_edit(graph.store, [READ], ORIGIN, graph.data.prefixes)
    assert objects(edit, READ, STATUS) == [NamedNode(VOCAB + "claim-status/rejected")]
    (act,) = objects(edit, READ, INVALIDATED)
    assert objects(edit, act.value, nx("reason")) == [Literal("Misread.", language="en")]
    for claims, other, told in (
        ([READ], READ, "replaced by itself"),
        ([READ], f"{READ}-v9", "There is no claim"),
        ([f"{READ}-v9"], None, "There is no claim"),
    ):
        with pytest.raises(BadDraft, match=told):
            withdrawal_edit(graph.store, claims, ORIGIN, graph.data.prefixes, other)


def test_a_source_is_withdrawn_with_all_its_claims(graph: Vocabulary) -> None:
    claims, source = claims_from(graph.store, KEY), source_iri(KEY)
    edit = source_withdrawal_edit(graph.store, source, claims, "data/sources/x.ttl", ORIGIN, graph.data.prefixes)
    acts = {act for name in (source, *claims) for act in objects(edit, name, INVALIDATED)}
    assert len(acts) == 1
    assert all(objects(edit, claim, STATUS) for claim in claims)


def test_a_review_adds_itself_and_no_more(graph: Vocabulary) -> None:
    edit = review_claims(graph, [READ, READ], Origin("Bo", date(2026, 3, 31), "confirmed"))
    assert edit.remove == {}
    (act,) = objects(edit, READ, REVIEWED)
    assert {t.predicate for t in added(edit) if t.subject == NamedNode(READ)} == {REVIEWED}
    assert objects(edit, act.value, nx("reviewOutcome")) == [NamedNode(VOCAB + "review-outcome/confirmed")]
    for claims, outcome, told in (
        ([READ], "fine", "There are: confirmed, objected, undecided"),
        ([READ], "objected", "Give the reason"),
        ([f"{READ}-v9"], "confirmed", "There is no claim"),
        ([], "confirmed", "Name the claims"),
    ):
        with pytest.raises(BadDraft, match=told):
            review_claims(graph, claims, Origin("Bo", date(2026, 3, 31), outcome))


# --- entities ---------------------------------------------------------------------------------------------------------

LABEL, ALIAS, OWN = NamedNode(SKOS + "prefLabel"), NamedNode(SKOS + "altLabel"), nx("ownName")
CLAN, SENDERO = f"{BASE}id/actor/trujillo-family-clan", f"{BASE}id/actor/sendero-luminoso"


@pytest.mark.parametrize(("name", "ours"), [("The Clan of Nobody", True), ("Sendero Luminoso (SL)", False)])
def test_a_new_alias_is_marked_as_our_own_where_nobody_uses_it(graph: Vocabulary, name: str, ours: bool) -> None:
    alias = Literal(name, language="en")
    edit = edit_entity(graph, "actor:sendero-luminoso", {"alias": [name]}, ORIGIN)
    assert objects(edit, SENDERO, ALIAS) == [alias]
    assert objects(edit, SENDERO, OWN) == [alias] * ours
    assert len(objects(edit, SENDERO, CORRECTED)) == 1


def test_a_mark_goes_with_its_alias(graph: Vocabulary) -> None:
    marked = [quad for quad in data_quads(graph.store, None, OWN) if quad.object.language == "en"]
    marked = [
        quad for quad in marked if quad.object in {q.object for q in data_quads(graph.store, quad.subject, ALIAS)}
    ]
    assert marked
    for quad in marked:
        edit = edit_entity(graph, graph.curie(quad.subject.value), {"alias": [quad.object.value]}, ORIGIN)
        assert quad.triple in {triple for triples in edit.remove.values() for triple in triples}


def test_the_names_of_a_merged_entity_pass_to_the_other(graph: Vocabulary) -> None:
    changes = merge_entities(graph, "actor:sendero-luminoso", "actor:trujillo-family-clan", ORIGIN)
    texts = {change.file: change.after for change in changes}
    kept = texts["data/entities/actors.ttl"].partition("\nactor:sendero-luminoso\n")[2].partition("\n.\n")[0]
    labels = [q.object for q in data_quads(graph.store, NamedNode(CLAN), LABEL) if q.object.language == "en"]
    assert labels
    assert all(kept.count(f'"{label.value}"@en') == 2 for label in labels), "an alias, and one of our own"
    claims = [text for file, text in texts.items() if file.startswith("data/claims/")]
    assert any("nx:correctedIn curation:actor.trujillo-family-clan.1" in text for text in claims)


REFUSED: dict[str, tuple[Callable[[Vocabulary], object], str]] = {
    "itself": (lambda g: merge_entities(g, "actor:sendero-luminoso", "actor:sendero-luminoso", ORIGIN), "with itself"),
    "kinds": (lambda g: merge_entities(g, "actor:sendero-luminoso", "place:peru", ORIGIN), "nothing is both"),
    "nobody": (lambda g: merge_entities(g, "actor:sendero-luminoso", "actor:nobody", ORIGIN), "Nothing is called"),
    "nothing": (lambda g: edit_entity(g, "actor:sendero-luminoso", {}, ORIGIN), "described just so already"),
    "type": (lambda g: edit_entity(g, "actor:sendero-luminoso", {"type": ["Place"]}, ORIGIN), "is no nx:Actor"),
    "label": (lambda g: edit_entity(g, "actor:sendero-luminoso", {"label": ["@es"]}, ORIGIN), "cannot be without one"),
    "concept": (lambda g: edit_entity(g, "modality:asserted", {"label": ["x"]}, ORIGIN), "is no entity"),
}


@pytest.mark.parametrize(("act", "told"), REFUSED.values(), ids=REFUSED)
def test_no_entity_is_made_what_it_is_not(graph: Vocabulary, act: Callable[[Vocabulary], object], told: str) -> None:
    with pytest.raises(BadDraft, match=told):
        act(graph)
