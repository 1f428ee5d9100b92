"""The predicates that a claim can state, each with what it joins and a claim that states it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.base.namespaces import NX, RDFS, nx
from nexuskg.errors import BadParameter
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import object_nodes, subject_nodes
from nexuskg.search.find import resolve_name


@dataclass(frozen=True, slots=True)
class Predicate:
    """A predicate of claims by its CURIE: its label, the classes that it joins, a claim that states it and its words.

    Without a domain it can be said of anything; without a claim none states it yet.
    """

    curie: str
    label: str
    domain: tuple[str, ...]
    range: tuple[str, ...]
    claims: int
    example: str = ""
    says: str = ""


def predicates_of_claims(vocabulary: Vocabulary, kind: str = "", language: str = "en") -> list[Predicate]:
    """What a claim can state, by CURIE; with a class, only what can be said of its members.

    That is what has this class, one above or one below it as its domain, or no domain. Raises BadParameter where the
    kind is no class, UnknownTerm with the closest names where nothing is called so.
    """
    meant = _class(vocabulary, kind) if kind else ""
    above = vocabulary.above(meant) if meant else set()
    found = []
    for iri in sorted(set(vocabulary.predicates.values())):
        domain = _ends(vocabulary, iri, "domain")
        if meant and domain and not any(each in above or meant in vocabulary.above(each) for each in domain):
            continue
        claims = sorted(each.value for each in subject_nodes(vocabulary.store, nx("claimPredicate"), NamedNode(iri)))
        first = claims[0] if claims else ""
        found.append(
            Predicate(
                vocabulary.curie(iri),
                label_or_name(vocabulary.store, iri, language),
                tuple(map(vocabulary.curie, domain)),
                tuple(map(vocabulary.curie, _ends(vocabulary, iri, "range"))),
                len(claims),
                vocabulary.curie(first) if first else "",
                label_or_name(vocabulary.store, first, language) if first else "",
            )
        )
    return found


def _class(vocabulary: Vocabulary, words: str) -> str:
    found = resolve_name(
        vocabulary.store, words, prefixes=vocabulary.data.prefixes, among=lambda iri: iri in vocabulary.classes
    ).value
    if found not in vocabulary.classes:
        raise BadParameter("--for", f"{words.strip()!r} is no class; write one such as nx:Actor or {NX}Actor.")
    return found


def _ends(vocabulary: Vocabulary, predicate: str, end: str) -> Sequence[str]:
    nodes = object_nodes(vocabulary.store, NamedNode(predicate), NamedNode(RDFS + end))
    return [node.value for node in nodes]
