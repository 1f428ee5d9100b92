"""What the files say of a claim, and what they are to say when it is revised or withdrawn.

A claim is known by what it says (see `authoring.source_context.IDENTITY`). A revision that changes this supersedes it
by a new claim, whose name is that of the old one with -v2 at its end; what refers to the old one follows. Any other
revision is made in place, and its act of curation says what stood there before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.authoring.curation_record import CORRECTED, GENERATED, INVALIDATED, REVIEWED, Origin, curation_act
from nexuskg.authoring.source_context import claim_identity
from nexuskg.authoring.vocabulary import parse_iri
from nexuskg.base.namespaces import CLAIM, DCTERMS, ENTITY, SKOS, TYPE, VOCAB, compact, nx, source_key
from nexuskg.corrections.record_edit import RecordEdit, data_quads, subject_iri
from nexuskg.errors import BadDraft
from nexuskg.rdf.store import Readable
from nexuskg.search.record_history import withdrawn_record

Said: TypeAlias = frozenset[tuple[str, Any]]
"""The properties of a claim (IRIs), each with a value."""

STATUS: Final = nx("status")
REPLACED: Final = NamedNode(DCTERMS + "isReplacedBy")
SUPPORTED: Final = nx("supportedBy")
LIFE: Final = frozenset(one.value for one in (GENERATED, INVALIDATED, CORRECTED, REVIEWED, STATUS, REPLACED))
"""The properties that say what became of a claim, and not what it says."""
_REJECTED: Final = NamedNode(VOCAB + "claim-status/rejected")
_SUPERSEDED: Final = NamedNode(VOCAB + "claim-status/superseded")
_LABEL: Final = NamedNode(SKOS + "prefLabel")


@dataclass(frozen=True, slots=True)
class Revision:
    """What the files gain and lose, and under which IRI the claim is to be found now."""

    edit: RecordEdit
    claim: str
    former: tuple[str, ...]
    """What was changed in place, in words."""


def claim_key(claim: str) -> str:
    """The key of the source of a claim, by its IRI.

    >>> claim_key(CLAIM + "ellis-2015.c082")
    'ellis-2015'
    """
    return claim.removeprefix(CLAIM).partition(".")[0]


def named_claim(words: str, prefixes: Mapping[str, str]) -> str:
    """The IRI of a claim by CURIE, <iri> or the end of its name: ellis-2015.c082."""
    return parse_iri(words, prefixes) or CLAIM + words.strip()


def claims_file(claim: str) -> str:
    """The file of a claim, below ontology/."""
    return f"data/claims/{claim_key(claim)}.ttl"


def said_of(store: Readable, claim: str, prefixes: Mapping[str, str]) -> Said:
    """What the files say of a claim that counts; raises BadDraft where there is none such, with its record if any."""
    quads = data_quads(store, NamedNode(claim))
    found = frozenset((quad.predicate.value, quad.object) for quad in quads)
    name = compact(claim, prefixes)
    if not found:
        record = withdrawn_record(store, claim)
        if record is not None:
            raise BadDraft(f"{name} {record.words(prefixes)}; it counts no longer.")
        raise BadDraft(f"There is no claim {name!r}. The claims of a source: nexuskg show source:KEY")
    return found


def next_version(store: Readable, claim: str) -> str:
    """The IRI of the claim that is to replace a claim; none that is or was in use.

    The first is called after the claim itself, -v2 at its end, and the next after that: -v3.
    """
    start, number = claim, 2
    if match := re.fullmatch(r"(.+)-v(\d+)", claim):
        start, number = match[1], int(match[2]) + 1
    while next(store.quads_for_pattern(NamedNode(f"{start}-v{number}"), None, None, None), None) is not None:
        number += 1
    return f"{start}-v{number}"


def revise(
    store: Readable,
    claim: str,
    after: Iterable[tuple[str, Any]],
    origin: Origin,
    prefixes: Mapping[str, str],
    beside: Iterable[Triple] = (),
) -> Revision:
    """The revision of a claim that is to say `after`, by properties and values; `beside` its file gains as well.

    Raises BadDraft where there is no such claim, or it says just that.
    """
    before = said_of(store, claim, prefixes)
    mine = frozenset(pair for pair in before if pair[0] not in LIFE)
    wanted = frozenset(pair for pair in after if pair[0] not in LIFE)
    if mine == wanted:
        raise BadDraft(f"{compact(claim, prefixes)} says just that already; nothing is to be corrected.")
    edit, file, node = RecordEdit(), claims_file(claim), NamedNode(claim)
    edit.put(file, beside)
    if claim_identity(mine) == claim_identity(wanted):
        former = former_values(claim, mine, wanted, prefixes)
        act = curation_act(store, claim_key(claim), origin, former)
        edit.enter(file, act)
        edit.take(file, _triples(node, mine - wanted))
        edit.put(file, [*_triples(node, wanted - mine), Triple(node, CORRECTED, act.node)])
        _drop_unused_spans(edit, store, claim, mine - wanted)
        return Revision(edit, claim, former)
    new = next_version(store, claim)
    act = curation_act(store, claim_key(claim), origin)
    edit.enter(file, act)
    names = {claim: new, **_own_nodes(store, claim, new, wanted)}
    renamed = frozenset((prop, _under_new_name(term, names)) for prop, term in wanted)
    edit.put(file, [*_triples(NamedNode(new), renamed), Triple(NamedNode(new), GENERATED, act.node)])
    edit.put(file, _end(node, act.node, NamedNode(new)))
    _follow(edit, store, names)
    return Revision(edit, new, ())


def withdrawal_edit(
    store: Readable, claims: Sequence[str], origin: Origin, prefixes: Mapping[str, str], replaced_by: str | None = None
) -> RecordEdit:
    """What the files gain when claims are withdrawn, and replaced by one that there is, if any: an act a source.

    Raises BadDraft where one of them is not there, or is to be replaced by itself.
    """
    edit = RecordEdit()
    acts = {file: curation_act(store, claim_key(claim), origin) for claim in claims for file in [claims_file(claim)]}
    for file, act in acts.items():
        edit.enter(file, act)
    if replaced_by is not None:
        said_of(store, replaced_by, prefixes)
    other = None if replaced_by is None else NamedNode(replaced_by)
    for claim in claims:
        said_of(store, claim, prefixes)
        if claim == replaced_by:
            raise BadDraft(f"{compact(claim, prefixes)} cannot be replaced by itself.")
        edit.put(claims_file(claim), _end(NamedNode(claim), acts[claims_file(claim)].node, other))
    return edit


def source_withdrawal_edit(
    store: Readable, source: str, claims: Sequence[str], file: str, origin: Origin, prefixes: Mapping[str, str]
) -> RecordEdit:
    """What the files gain when a source is withdrawn with all its claims; its record stays, in that file.

    Raises BadDraft where it is withdrawn already.
    """
    node = NamedNode(source)
    if next(data_quads(store, node, INVALIDATED), None) is not None:
        raise BadDraft(f"{compact(source, prefixes)} is withdrawn already.")
    act = curation_act(store, source_key(source), origin)
    edit = RecordEdit()
    edit.enter(f"data/claims/{source_key(source)}.ttl", act)
    edit.put(file, [Triple(node, INVALIDATED, act.node)])
    for claim in claims:
        edit.put(claims_file(claim), _end(NamedNode(claim), act.node, None))
    return edit


def _end(claim: NamedNode, act: NamedNode, other: NamedNode | None) -> list[Triple]:
    """What is said of a claim that counts no longer."""
    status = _REJECTED if other is None else _SUPERSEDED
    replaced = [] if other is None else [Triple(claim, REPLACED, other)]
    return [Triple(claim, STATUS, status), Triple(claim, INVALIDATED, act), *replaced]


def _triples(node: NamedNode, said: Iterable[tuple[str, Any]]) -> list[Triple]:
    return [Triple(node, NamedNode(prop), term) for prop, term in said]


def former_values(iri: str, before: Said, after: Said, prefixes: Mapping[str, str]) -> tuple[str, ...]:
    """What stood in a record before it was changed, a text a property, by name."""
    changed = {prop for prop, _ in before ^ after}
    told = []
    for prop in sorted(changed):
        old = sorted(_words(term, prefixes) for name, term in before - after if name == prop)
        told.append(f"{compact(iri, prefixes)} {compact(prop, prefixes)}: {', '.join(old) or 'nothing'}")
    return tuple(told)


def _words(term: Any, prefixes: Mapping[str, str]) -> str:
    if isinstance(term, NamedNode):
        return compact(term.value, prefixes)
    return f"{term.value} ({term.language})" if isinstance(term, Literal) and term.language else str(term.value)


def _drop_unused_spans(edit: RecordEdit, store: Readable, claim: str, gone: Said) -> None:
    """Spans that only this claim rested on, and no longer does: their place is in the words of the act."""
    for prop, span in gone:
        if prop == SUPPORTED.value and all(
            subject_iri(quad) == claim for quad in store.quads_for_pattern(None, SUPPORTED, span, None)
        ):
            edit.take(claims_file(claim), [quad.triple for quad in data_quads(store, span)])


def _own_nodes(store: Readable, claim: str, new: str, said: Said) -> dict[str, str]:
    """The nodes that are called after a claim and described by nobody, each with its name after the new one."""
    end, other = "/" + claim.removeprefix(CLAIM), "/" + new.removeprefix(CLAIM)
    used = {quad.object for quad in data_quads(store)} | {term for _, term in said}
    return {
        node.value: node.value.removesuffix(end) + other
        for node in used
        if isinstance(node, NamedNode) and node.value.startswith(ENTITY) and node.value.endswith(end)
        if not any(quad.predicate in (TYPE, _LABEL) for quad in data_quads(store, node))
    }


def _under_new_name(term: Any, names: Mapping[str, str]) -> Any:
    return NamedNode(names[term.value]) if isinstance(term, NamedNode) and term.value in names else term


def _follow(edit: RecordEdit, store: Readable, names: Mapping[str, str]) -> None:
    """Let what refers to the old claim, or to a node that is called after it, refer to the new one.

    But not the claim itself and others that count no longer: they keep their statements.
    """
    for name in names:
        for quad in list(data_quads(store, value=NamedNode(name))):
            if quad.predicate == REPLACED or subject_iri(quad) in names or _is_withdrawn(store, subject_iri(quad)):
                continue
            edit.exchange(quad, Triple(quad.subject, quad.predicate, NamedNode(names[name])))


def _is_withdrawn(store: Readable, iri: str) -> bool:
    return iri.startswith(CLAIM) and any(
        found.object in (_REJECTED, _SUPERSEDED) for found in data_quads(store, NamedNode(iri), STATUS)
    )
