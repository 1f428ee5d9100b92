"""Two readers' claims of one text: which of them are one and the same claim, and how far those agree field by field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import networkx

from nexuskg.readers.agreement import AgreementReport, Dispute, FieldAgreement, field_agreement
from nexuskg.readers.claim_cards import JUDGED, ClaimCard
from nexuskg.readers.claim_files import ClaimFile, check_same_text

JOINED: Final = 2
"""So much of subject, predicate and object (or value) must two claims of one place share to be one and the same."""
COMPARED: Final = tuple(name for name in JUDGED if name != "label")
"""The fields that are compared: two readers word a claim each in their own way."""
KEPT: Final = ("kept", "dropped")
PREFERRED: Final = ("first", "second", "other")
_NO_CHANCE: Final = "undefined: nobody counts what neither claims"


def claim_pairs(first: Sequence[ClaimCard], second: Sequence[ClaimCard]) -> list[tuple[ClaimCard, ClaimCard]]:
    """The claims that both make, in the order of the first; each claim is in one pair at most.

    Two claims may be one where they rest on some of the same characters (or the same locator) and share at least two
    of subject, predicate and object. Of all ways to pair them that one is taken which shares most, then overlaps most.
    """
    graph: networkx.Graph[tuple[int, int]] = networkx.Graph()
    for i, one in enumerate(first):
        for j, other in enumerate(second):
            same = sum(mine == theirs for mine, theirs in zip(one.ends, other.ends, strict=True))
            if same >= JOINED and (overlap := one.overlap(other)) > 0:
                rest = sum(one.code(name) == other.code(name) for name in COMPARED) / len(COMPARED)
                graph.add_edge((0, i), (1, j), weight=round(1000 * (2 * same + overlap + rest / 2)))
    found = sorted(tuple(sorted(edge)) for edge in networkx.max_weight_matching(graph))
    return [(first[i], second[j]) for (_, i), (_, j) in found]


def claims_agreement(first: ClaimFile, second: ClaimFile, segments: Sequence[tuple[int, int]] = ()) -> AgreementReport:
    """How far two files of claims agree: on which claims there are, on which segments yield any, and on each field.

    A claim that only one makes is missing in the other. Raises BadMarks where the two are of different texts.
    """
    check_same_text((first, second))
    pairs = claim_pairs(first.cards, second.cards)
    paired = ({one.claim for one, _ in pairs}, {other.claim for _, other in pairs})
    lone = [
        [c for c in file.cards if c.claim not in known] for file, known in zip((first, second), paired, strict=True)
    ]
    units = len(pairs) + len(lone[0]) + len(lone[1])
    fields = [FieldAgreement("claim", units, len(pairs), None, _NO_CHANCE)]
    if segments:
        fields.append(field_agreement("sentence", [(_yields(first, s), _yields(second, s)) for s in segments]))
    fields += [field_agreement(name, [(a.code(name), b.code(name)) for a, b in pairs]) for name in COMPARED]
    disputes = [dispute for a, b in pairs for dispute in _field_disputes(a, b)]
    disputes += [Dispute(c.claim, c.state, "claim", _in_words(c), "", "", "", KEPT) for c in lone[0]]
    disputes += [Dispute(c.claim, c.state, "claim", "", _in_words(c), "", "", KEPT) for c in lone[1]]
    notes = [f"{file.file}: left out: {problem}" for file in (first, second) for problem in file.problems]
    if not pairs:
        notes.append("No claim of one file is a claim of the other, so no field can be compared.")
    return AgreementReport(
        (first.file, second.file), {first.key: first.digest}, tuple(fields), tuple(disputes), tuple(notes)
    )


def _yields(file: ClaimFile, segment: tuple[int, int]) -> str:
    start, end = segment
    return "claims" if any(s.start < end and start < s.end for card in file.cards for s in card.spans) else "none"


def _field_disputes(a: ClaimCard, b: ClaimCard) -> list[Dispute]:
    item = a.claim if a.claim == b.claim else f"{a.claim} = {b.claim}"
    return [
        Dispute(
            item,
            f"{a.state}={b.state}",
            name,
            a.field_text(name),
            b.field_text(name),
            _in_words(a),
            _in_words(b),
            PREFERRED,
        )
        for name in COMPARED
        if a.code(name) != b.code(name)
    ]


def _in_words(card: ClaimCard) -> str:
    """The claim in words, with its place: the label, else what it joins."""
    return f"{card.field_text('label') or card.claim} ({card.field_text('span')})"
