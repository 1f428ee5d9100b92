"""What is stated, and by which claims.

What is inferred is known by its graph (graph/inferred, graph/inferred-implied); everything else in the default graph is
stated. A stated triple rests on the claims that state it, or that its node is made from; where there are none it is an
identity triple (a label, a rigid kind, a concept), which rests on curation alone.
"""

from __future__ import annotations

from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad, Triple

from nexuskg.base import edtf
from nexuskg.base.namespaces import DEFAULT_GRAPH, TYPE, VOCAB, graph_iri, nx
from nexuskg.errors import BadDate
from nexuskg.rdf.store import Readable, object_nodes, subject_nodes

MODALITY: Final = VOCAB + "modality/"
FACTUAL: Final = tuple(NamedNode(MODALITY + name) for name in ("asserted", "reported", "estimated", "presupposed"))
"""The modalities of claims that yield facts, as in queries/derive/facts.rq."""
IMPLIED: Final = NamedNode(MODALITY + "implied")
STRENGTH: Final = (
    "asserted",
    "presupposed",
    "reported",
    "estimated",
    "implied",
    "predicted",
    "possible",
    "counterfactual",
    "denied",
)
"""The modalities from the one in which a source commits itself most to the one in which it does least."""

_EARLIEST: Final = nx("earliest")
_NEGATIVE: Final = NamedNode(VOCAB + "polarity/negative")
_EVALUATION: Final = NamedNode(VOCAB + "kind/evaluation")
_INFERRED: Final = (graph_iri("inferred"), graph_iri("inferred-implied"))
# What an observation has under another name than its claim.
_COPIED: Final = {nx("attributedTo"): nx("claimedBy")} | {
    nx(bound): nx("claimValue") for bound in ("bestValue", "lowerBound", "upperBound")
}


def is_inferred(store: Readable, triple: Triple) -> bool:
    """Whether the triple follows from others, and is stated nowhere."""
    return any(Quad(triple.subject, triple.predicate, triple.object, where) in store for where in _INFERRED)


def stated_by(store: Readable, triple: Triple) -> frozenset[NamedNode]:
    """The claims that a stated triple rests on; empty for an identity triple."""
    subject, predicate, value = triple.subject, triple.predicate, triple.object
    found = claims_stating(store, triple)
    if not _holds_implied(store):
        found -= {claim for claim in found if not is_factual(store, claim)}
    makers = frozenset(object_nodes(store, subject, nx("derivedFrom")))
    if found:  # what one claim states outright, another may say of the node that is made from it
        return found | {claim for claim in makers if _gives(store, claim, predicate, value)}
    if _has(store, subject, TYPE, nx("Claim")):
        return frozenset({subject}) if isinstance(subject, NamedNode) else frozenset()
    if _has(store, subject, TYPE, nx("EvidenceSpan")):
        return frozenset(subject_nodes(store, nx("supportedBy"), subject))
    if predicate in (_EARLIEST, nx("latest")):
        dates = store.quads_for_pattern(subject, nx("edtf"), None, DEFAULT_GRAPH)
        said = (date.triple for date in dates if _is_bound(date.object, predicate, value))
        return frozenset(claim for date in said for claim in stated_by(store, date))
    if not makers or not (predicate.value.startswith(nx("").value) or predicate == TYPE):
        return frozenset()
    if predicate == nx("derivedFrom"):
        return makers & {value}
    # Of the claims that a node is made from, those that speak of this value; all where the value is not theirs to say.
    return frozenset(claim for claim in makers if _speaks_of(store, claim, predicate, value)) or makers


def _is_bound(date: Any, predicate: NamedNode, value: Any) -> bool:
    """Whether nx:earliest or nx:latest has this value by this date, as it is derived (see pipeline.derivation)."""
    try:
        first, last = edtf.bounds(date.value)
    except (BadDate, AttributeError):
        return False
    end = first if predicate == _EARLIEST else last
    return end is not None and end.isoformat() == getattr(value, "value", None)


def claims_stating(store: Readable, triple: Triple) -> frozenset[NamedNode]:
    """The claims whose plain statement is the triple and that yield it: as a fact, or (implied ones) as a reading."""
    slots = ("claimObject",) if isinstance(triple.object, NamedNode) else ("claimValue",)
    return frozenset(
        claim
        for slot in slots
        for claim in subject_nodes(store, nx(slot), triple.object)
        if _has(store, claim, nx("claimSubject"), triple.subject)
        and _has(store, claim, nx("claimPredicate"), triple.predicate)
        and is_positive(store, claim)
        and not is_evaluation(store, claim)
        and not (slot == "claimValue" and object_nodes(store, claim, nx("claimObject")))
        and (is_factual(store, claim) or _has(store, claim, nx("modality"), IMPLIED))
    )


def is_positive(store: Readable, claim: NamedNode) -> bool:
    """Whether the claim says that something is so, rather than that it is not."""
    return not _has(store, claim, nx("polarity"), _NEGATIVE)


def is_evaluation(store: Readable, claim: NamedNode) -> bool:
    """Whether the claim is a judgment, which makes nothing a fact."""
    return _has(store, claim, nx("kind"), _EVALUATION)


def is_factual(store: Readable, claim: NamedNode) -> bool:
    """Whether the modality of the claim makes its statement a fact."""
    return any(_has(store, claim, nx("modality"), modality) for modality in FACTUAL)


def _holds_implied(store: Readable) -> bool:
    """Whether the default graph is of the implied view: nothing that only implied claims yield is in the other one."""
    first = next(store.quads_for_pattern(None, None, None, graph_iri("implied")), None)
    return first is not None and Quad(first.subject, first.predicate, first.object) in store


def _speaks_of(store: Readable, claim: NamedNode, predicate: NamedNode, value: Any) -> bool:
    if predicate == TYPE:
        return any(
            _has(store, made, nx("nodeClass"), value) for made in object_nodes(store, claim, nx("claimPredicate"))
        )
    return any(
        _has(store, claim, slot, value)
        for slot in (predicate, *map(nx, ("claimSubject", "claimObject", "claimValue", "claimedBy")))
    )


def _gives(store: Readable, claim: NamedNode, predicate: NamedNode, value: Any) -> bool:
    """Whether the claim gives the node that is made from it this value in this very role (see queries/derive)."""
    roles = [(nx("subjectRole"), nx("claimSubject")), (nx("objectRole"), nx("claimObject"))]
    if any(
        _has(store, made, role, predicate) and _has(store, claim, slot, value)
        for made in object_nodes(store, claim, nx("claimPredicate"))
        for role, slot in roles
    ):
        return True
    return _has(store, claim, _COPIED.get(predicate, predicate), value)


def _has(store: Readable, subject: Any, predicate: NamedNode, value: Any) -> bool:
    return Quad(subject, predicate, value) in store


def confidence(store: Readable, claim: NamedNode) -> int | None:
    """The confidence score of a claim, 0 to 100, as queries/derive/confidence.rq gives it; None where it has none."""
    scores = store.quads_for_pattern(claim, nx("confidenceScore"), None, DEFAULT_GRAPH)
    return max((int(quad.object.value) for quad in scores if isinstance(quad.object, Literal)), default=None)


def modality(store: Readable, claim: NamedNode) -> str:
    """The modality of a claim as a word; the weakest where it has several, empty where it has none."""
    words = [value.value.removeprefix(MODALITY) for value in object_nodes(store, claim, nx("modality"))]
    return weakest(words) if words else ""


def weakest(words: list[str]) -> str:
    """The modality of these in which a source commits itself least; one that is not in the order is the weakest."""
    return max(words, key=modality_rank)


def modality_rank(word: str) -> int:
    """The place of a modality in the order of STRENGTH; one that is not in it comes last."""
    return STRENGTH.index(word) if word in STRENGTH else len(STRENGTH)
