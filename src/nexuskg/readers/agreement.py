"""How far two readers agree, field by field: in per cent, and beyond chance by Krippendorff's nominal alpha."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from nexuskg.errors import BadMarks, NexuskgError
from nexuskg.readers.claim_cards import JUDGED
from nexuskg.readers.marks import CLAIM_MARKS, PLACE_MARKS, ClaimMark, Marks

INSTALL: Final = "Krippendorff's alpha needs more than is installed. Install it: pip install 'nexuskg[agreement]'"
BOTH_WRONG: Final = "Both readers mark it wrong."
BOTH_MISSING: Final = "Both readers miss a claim here."


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """How far two agree on one thing: of how many units both judged, on how many they agree, and alpha."""

    field: str
    units: int
    agreed: int
    alpha: float | None
    why_not: str = ""
    """Why there is no alpha."""

    @property
    def per_cent(self) -> float | None:
        """The share of units on which they agree, in per cent; None where both judged none."""
        return 100 * self.agreed / self.units if self.units else None


class Dispute(NamedTuple):
    """A thing to be settled: what two readers say of a field of a claim, or of a place."""

    item: str
    state: str
    field: str
    first: str
    second: str
    first_remark: str
    second_remark: str
    choices: tuple[str, ...]
    """What may be decided."""
    decision: str = ""
    """What both say already, where they agree that something is wrong."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """How far two readers of the same sources agree."""

    readers: tuple[str, str]
    sources: Mapping[str, str]
    """The digests of the texts that both read, by the key of the source; empty where it has none."""
    fields: tuple[FieldAgreement, ...]
    disputes: tuple[Dispute, ...]
    notes: tuple[str, ...]
    """What a user must know of how much the figures say, a sentence each."""


def nominal_alpha(units: Iterable[Sequence[str]]) -> float | None:
    """Krippendorff's alpha of units, each with the values that its judges gave it; a value that is absent is left out.

    None where it is not defined: where no two judges judged a unit, or all values that can be paired are one and the
    same, so that there is nothing that chance could get wrong. Raises NexuskgError where the library is not installed.
    """
    counts = [Counter(values) for values in units if len(values) > 1]
    domain = sorted(set().union(*counts))
    if len(domain) < 2:
        return None
    try:
        import krippendorff
    except ImportError:
        raise NexuskgError(INSTALL) from None
    table = [[count[value] for value in domain] for count in counts]
    return float(krippendorff.alpha(value_counts=table, level_of_measurement="nominal"))


def field_agreement(field: str, pairs: Sequence[tuple[str, str]]) -> FieldAgreement:
    """How far two agree on a thing, from what each said of every unit that both judged."""
    agreed = sum(first == second for first, second in pairs)
    try:
        alpha = nominal_alpha(pairs)
    except NexuskgError:
        return FieldAgreement(field, len(pairs), agreed, None, "not installed")
    why = "" if alpha is not None else "undefined: one value only" if pairs else "nothing judged by both"
    return FieldAgreement(field, len(pairs), agreed, alpha, why)


def marks_agreement(first: Marks, second: Marks) -> AgreementReport:
    """How far the marks of two readers agree, on claims as a whole, on each field of them, and on places.

    Raises BadMarks where the two read other sources or other texts, or nothing that is the same.
    """
    common = _common_sources(first, second)
    both = [name for name in first.claims if name in second.claims]
    changed = [name for name in both if first.claims[name].state != second.claims[name].state]
    shared = [name for name in both if name not in changed]
    places = [name for name in first.places if name in second.places]
    if not shared and not places:
        why = f" (what they say was changed between the readings: {len(changed)})" if changed else ""
        raise BadMarks(f"{first.file} and {second.file}: no claim and no place is marked in both{why}.")
    a, b = first.claims, second.claims
    fields = [field_agreement("claim", [(a[name].mark, b[name].mark) for name in shared])]
    for field in JUDGED:
        said = [(a[name].of(field), b[name].of(field)) for name in shared]
        fields.append(field_agreement(field, [(x, y) for x, y in said if x is not None and y is not None]))
    fields.append(field_agreement("place", [(first.places[n].mark, second.places[n].mark) for n in places]))
    disputes = [dispute for name in shared for dispute in _claim_disputes(name, a[name], b[name])]
    disputes += [dispute for name in places for dispute in _place_disputes(name, first, second)]
    notes = [*_shares(first, shared), *_shares(second, shared)]
    if changed:
        notes.append(f"Left out, because they say something else in one reading than in the other: {len(changed)}.")
    if first.reader == second.reader:
        notes.append(f"Both files are by {first.reader}: that is how far one reader agrees with himself.")
    return AgreementReport((first.reader, second.reader), common, tuple(fields), tuple(disputes), tuple(notes))


def _common_sources(first: Marks, second: Marks) -> dict[str, str]:
    common = {key: digest for key, digest in first.sources.items() if key in second.sources}
    if not common:
        keys = [", ".join(marks.sources) for marks in (first, second)]
        raise BadMarks(f"{first.file} marks {keys[0]}, {second.file} marks {keys[1]}: no source is the same.")
    for key, digest in common.items():
        other = second.sources[key]
        if digest != other:
            told = [f"SHA-256 {found[:12]}…" if found else "no text" for found in (digest, other)]
            raise BadMarks(
                f"{key}: the two read different texts ({first.file}: {told[0]}; {second.file}: {told[1]}), "
                "so their marks cannot be held against each other."
            )
    return common


def _shares(marks: Marks, shared: Sequence[str]) -> list[str]:
    """A sentence where the marks are of a part of the claims, or where more was marked than both did."""
    judged, listed = len(marks.claims), max(marks.listed, len(marks.claims))
    alone = judged - len(shared)
    told = [f"{marks.reader} marked {judged} of {listed} claims; only what both marked counts."] * (judged < listed)
    if alone:
        told.append(f"Marked by {marks.reader}, and not counted, as the other reading does not have them: {alone}.")
    return told


def _claim_disputes(name: str, a: ClaimMark, b: ClaimMark) -> list[Dispute]:
    found = list[Dispute]()
    for field in JUDGED:
        first, second = a.of(field), b.of(field)
        if None in (first, second) or (first, second) == ("right", "right"):
            continue
        settled = ("wrong", BOTH_WRONG) if first == second else ("", "")
        sides = (str(first), str(second), a.remark, b.remark)
        found.append(Dispute(name, a.state, field, *sides, CLAIM_MARKS, *settled))
    if a.mark != b.mark and not any(one.first != one.second for one in found):  # one could not judge what the other did
        found.append(Dispute(name, a.state, "claim", a.mark, b.mark, a.remark, b.remark, CLAIM_MARKS))
    return found


def _place_disputes(name: str, first: Marks, second: Marks) -> list[Dispute]:
    a, b = first.places[name], second.places[name]
    if a.mark == b.mark == "complete":
        return []
    settled = ("missing", BOTH_MISSING) if a.mark == b.mark else ("", "")
    words = ("\n".join(a.missing), "\n".join(b.missing))
    return [Dispute(name, "", "place", a.mark, b.mark, *words, PLACE_MARKS, *settled)]
