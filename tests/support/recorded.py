"""A made-up source with a text and claims beside those of a graph, in memory, so that a page has sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Store, Triple

from nexuskg.authoring import source_record
from nexuskg.authoring.claim_drafts import AuthoredClaim, author_claims
from nexuskg.authoring.curation_record import GENERATED, Origin, curation_act
from nexuskg.authoring.drafts import read_drafts
from nexuskg.authoring.source_context import source_context_of
from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.base.namespaces import DEFAULT_GRAPH
from nexuskg.evidence.phrases import SearchableText
from nexuskg.readers.source_sheet import SourceSheet, source_sheet

AUTHORING = Path(__file__).parents[1] / "authoring"
TEXT, DRAFTS = AUTHORING / "pisco-2025.txt", AUTHORING / "pisco-2025.yaml"
KEY = "pisco-2025"
ORIGIN = Origin("Ana Torres", date(2026, 3, 31), "import")


@dataclass(frozen=True)
class Recorded:
    """A graph in which a source is recorded: the source as its reader has it, and where its text and drafts are."""

    vocabulary: Vocabulary
    sheet: SourceSheet
    text: Path
    drafts: Path


def recorded(vocabulary: Vocabulary) -> Recorded:
    """The made-up source beside what a graph has, which stays as it is."""
    fields = {"title": "Seizure at the port of Pisco", "language": "en", "provenance": "The bulletin itself."}
    body = source_record.Body("Seizure at the port", "Thank you for reading.")
    text = SearchableText(TEXT.read_text(encoding="utf-8"))
    added = source_record.prepare_source(vocabulary, KEY, fields, text, body, ORIGIN).add
    first = _with(vocabulary, [triple for triples in added.values() for triple in triples])
    made = author_claims(source_context_of(first, KEY, TEXT), read_drafts(DRAFTS))
    assert all(isinstance(one, AuthoredClaim) for one in made), made
    good = [one for one in made if isinstance(one, AuthoredClaim)]
    entities = [triple for one in good for entity in one.entities for triple in entity.triples]
    act = curation_act(first.store, KEY, ORIGIN)
    entered = [Triple(NamedNode(one.claim), GENERATED, act.node) for one in good]
    claims = [triple for one in good for triple in one.triples]
    whole = _with(first, [*entities, *act.triples, *act.curator, *entered, *claims])
    return Recorded(whole, source_sheet(whole, KEY, TEXT), TEXT, DRAFTS)


def _with(vocabulary: Vocabulary, triples: Sequence[Triple]) -> Vocabulary:
    """The graph with more in it; the one that was given stays as it is."""
    store = Store()
    store.bulk_extend(vocabulary.store.quads_for_pattern(None, None, None, DEFAULT_GRAPH))
    store.extend(Quad(*triple) for triple in triples)
    return Vocabulary(replace(vocabulary.data, store=store))
