"""Who read which claims against their source, and with which outcome."""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import NamedNode, Triple

from nexuskg.authoring.curation_record import REVIEWED, Origin, given_reason, review_act
from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.corrections.claim_record import claim_key, claims_file, said_of
from nexuskg.corrections.record_edit import RecordEdit
from nexuskg.errors import BadDraft


def review_claims(vocabulary: Vocabulary, claims: Sequence[str], origin: Origin) -> RecordEdit:
    """What the files gain by a review, which is one for each source; the outcome is the method of the origin.

    Raises BadDraft where a claim is not there, the outcome is no concept of the scheme review-outcome, or somebody
    objects and does not say why.
    """
    data = vocabulary.data
    outcome = vocabulary.concept("review-outcome", origin.method).value.rpartition("/")[2]
    if outcome != "confirmed":
        given_reason(origin.reason)
    found = Origin(origin.curator, origin.day, outcome, origin.reason)
    edit = RecordEdit()
    by_source: dict[str, list[str]] = {}
    for claim in dict.fromkeys(claims):
        said_of(data.store, claim, data.prefixes)
        by_source.setdefault(claim_key(claim), []).append(claim)
    if not by_source:
        raise BadDraft("Name the claims that were reviewed.")
    for key, group in by_source.items():
        act = review_act(data.store, key, found)
        file = claims_file(group[0])
        edit.enter(file, act)
        edit.put(file, [Triple(NamedNode(claim), REVIEWED, act.node) for claim in group])
    return edit
