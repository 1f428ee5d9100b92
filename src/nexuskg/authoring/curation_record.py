"""Who did what to the record, when, how and why: acts of curation and reviews as triples, and the curators' names."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.authoring.drafts import unwritable
from nexuskg.base.namespaces import BASE, DCTERMS, NX, PROV, RDF, SKOS, TYPE, VOCAB, XSD, nx
from nexuskg.errors import BadDraft
from nexuskg.rdf.store import Readable

CURATION_FILE: Final = "data/curation.ttl"
"""Where the names of all curators are, and what was done to entities, below ontology/."""
GENERATED: Final = NamedNode(PROV + "wasGeneratedBy")
INVALIDATED: Final = NamedNode(PROV + "wasInvalidatedBy")
CORRECTED: Final = nx("correctedIn")
REVIEWED: Final = nx("reviewedIn")


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose act it is, on which day, by which concept of the scheme curation-method (or review-outcome), and why."""

    curator: str
    day: date
    method: str
    reason: str = ""
    draft_file: str = ""
    """The name of the file of drafts, without its folder."""


@dataclass(frozen=True, slots=True)
class Act:
    """An act of curation or a review: its IRI, what its file says of it, and what CURATION_FILE says of its curator."""

    node: NamedNode
    triples: tuple[Triple, ...]
    curator: tuple[Triple, ...]


def curation_act(store: Readable, of: str, origin: Origin, former: Iterable[str] = ()) -> Act:
    """The next act of curation of a source (its key) or an entity (kind.slug); `former` is what it changed, in words.

    Raises BadDraft where it is not said by whom, or where what was given can be no text.
    """
    act = _act(store, "curation", of, origin, "curationMethod", "curation-method")
    more = [Triple(act.node, nx("formerValue"), Literal(words, language="en")) for words in former]
    if origin.draft_file:
        more.append(Triple(act.node, nx("draftFile"), Literal(origin.draft_file)))
    return Act(act.node, (*act.triples, *more), act.curator)


def review_act(store: Readable, of: str, origin: Origin) -> Act:
    """The next review of claims of a source, whose outcome is the method of the origin; raises BadDraft likewise."""
    return _act(store, "review", of, origin, "reviewOutcome", "review-outcome")


def _act(store: Readable, space: str, of: str, origin: Origin, prop: str, scheme: str) -> Act:
    curator = " ".join(origin.curator.split())
    if not curator:
        raise BadDraft("Say who does this: --curator NAME, or set NEXUSKG_CURATOR.")
    for name, words in (("curator", curator), ("reason", origin.reason), ("draft file", origin.draft_file)):
        if unwritable(words):
            raise BadDraft(f"{name}: there are characters in it that no text has.")
    start = f"{BASE}{space}/{of}."
    node = NamedNode(f"{start}{_next(store, space, start)}")
    agent = NamedNode(curator_iri(curator))
    parts: list[tuple[str, NamedNode | Literal]] = [
        (RDF + "type", nx(space.capitalize())),
        (PROV + "wasAssociatedWith", agent),
        (DCTERMS + "date", Literal(origin.day.isoformat(), datatype=NamedNode(XSD + "date"))),
        (NX + prop, NamedNode(f"{VOCAB}{scheme}/{origin.method}")),
    ]
    reason = " ".join(origin.reason.split())
    if reason:
        parts.append((NX + "reason", Literal(reason, language="en")))
    known = next(store.quads_for_pattern(agent, None, None, None), None) is not None
    named = [
        Triple(agent, TYPE, nx("Curator")),
        Triple(agent, NamedNode(SKOS + "prefLabel"), Literal(curator, language="en")),
    ]
    return Act(node, tuple(Triple(node, NamedNode(p), o) for p, o in parts), () if known else tuple(named))


def curator_iri(name: str) -> str:
    """The IRI of a curator, after the name; of one in letters that have no ASCII form, after its digest.

    >>> curator_iri("María  Núñez").rpartition("/")[2], len(curator_iri("李").rpartition("/")[2])
    ('maria-nunez', 12)
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))
    return f"{BASE}curator/{slug or hashlib.blake2b(name.encode(), digest_size=6).hexdigest()}"


def given_reason(words: str) -> str:
    """The reason on one line; raises BadDraft where none is given."""
    reason = " ".join(words.split())
    if not reason or unwritable(reason):
        raise BadDraft("Give the reason in your own words: --reason TEXT")
    return reason


def _next(store: Readable, space: str, start: str) -> int:
    kind = nx(space.capitalize())
    names = (quad.subject for quad in store.quads_for_pattern(None, TYPE, kind, None))
    ends = (name.value.removeprefix(start) for name in names if isinstance(name, NamedNode))
    return max((int(end) for end in ends if end.isdecimal()), default=0) + 1
