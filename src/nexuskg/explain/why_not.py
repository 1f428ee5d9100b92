"""Why a statement is not in the graph: the claims that speak of it without counting, and the nearest rules.

A rule is nearer the fewer of its premises are missing, and the more of them hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple, Variable

from nexuskg.base.namespaces import compact, nx
from nexuskg.explain import rivals
from nexuskg.explain.rivals import ViewAgainstWhole
from nexuskg.pipeline.dataset import Compiled
from nexuskg.rdf.labels import label
from nexuskg.rdf.store import Readable, holds, object_nodes, subject_nodes
from nexuskg.reasoning import grounds, steps, verbalize
from nexuskg.reasoning.axioms import Bindings, Pattern, ground_triples, match, solutions, substitute
from nexuskg.reasoning.rules import Clause, key
from nexuskg.search.record_history import withdrawn_claims_of

NEAREST: Final = 3
"""How many rules are told of at most."""
_LETTERS: Final = ("something", "something else", "a third thing", "a fourth thing")


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A claim about a statement that does not make it a fact in this view, and why not."""

    claim: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lacking:
    """A premise that does not hold, in words, and the claims about it that do not count here."""

    text: str
    claims: tuple[Uncounted, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A rule that would conclude the statement: what of it holds, and what is missing."""

    rule: str
    sentence: str
    axioms: tuple[str, ...]
    holds: tuple[str, ...]
    lacking: tuple[Lacking, ...]


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a statement is not in the graph; `present` where it is."""

    text: str
    present: bool
    claims: tuple[Uncounted, ...]
    nearest: tuple[Attempt, ...]


def explain_absence(data: Compiled, triple: Triple) -> Absence:
    """What is missing for the triple to be in the default graph: the nearest rules, at most NEAREST, nearest first."""
    store, table = data.store, data.prefixes
    told = verbalize.statement_text(store, triple, table)
    if holds(store, triple):
        return Absence(told, True, (), ())
    rest = rivals.against_whole(data)
    heads = steps.by_head(data.clauses)
    found: dict[tuple[Any, ...], Attempt] = {}
    for clause in (*heads.get(key(triple), ()), *heads.get(None, ())):
        start = match(clause.head, triple, {}) if clause.head else None
        if start is None:
            continue
        for absent, bindings in _nearly(store, clause, start):
            attempt = _attempt(rest, clause, absent, bindings)
            open_ = sum(
                isinstance(part, Variable) for at in absent for part in substitute(clause.premises[at], bindings)
            )
            rank = (len(attempt.lacking), -len(attempt.holds), open_, attempt.sentence, attempt.holds)
            found.setdefault(rank, attempt)
    nearest = [found[rank] for rank in sorted(found)]
    least = [attempt for attempt in nearest if len(attempt.lacking) == len(nearest[0].lacking)]
    return Absence(told, False, _uncounted_claims(rest, triple), tuple(least[:NEAREST]))


def _nearly(store: Readable, clause: Clause, start: Bindings) -> Iterator[tuple[tuple[int, ...], Bindings]]:
    """The fewest premises whose absence explains it, with the bindings of the others; none missing: its conditions."""
    places = range(len(clause.premises))
    for count in range(0 if clause.body else 1, len(clause.premises) + 1):
        hit = False
        for absent in combinations(places, count):
            rest = [clause.premises[at] for at in places if at not in absent]
            for bindings in solutions(store, rest, start):
                hit = True
                yield absent, bindings
        if hit:
            return


def _attempt(rest: ViewAgainstWhole, clause: Clause, absent: Sequence[int], bindings: Bindings) -> Attempt:
    store, table = rest.view.store, rest.view.prefixes
    names: dict[Any, str] = {}
    lacking = []
    for at in absent:
        pattern = substitute(clause.premises[at], bindings)
        for part in pattern:
            if isinstance(part, Variable):
                names.setdefault(part, _LETTERS[min(len(names), len(_LETTERS) - 1)])
        whole = not any(isinstance(part, Variable) for part in pattern)
        claims = _uncounted_claims(rest, ground_triples([pattern], {})[0]) if whole else ()
        lacking.append(Lacking(verbalize.statement_text(store, pattern, table, names), claims))
    if not absent:
        lacking.append(Lacking(f"what the rule asks besides: {clause.body}", ()))
    held: list[Pattern] = [p for at, p in enumerate(clause.premises) if at not in absent]
    return Attempt(
        clause.rule.name,
        verbalize.rule_sentence(store, clause, table),
        tuple(verbalize.axiom_text(clause, axiom, table) for axiom in clause.axioms),
        tuple(verbalize.statement_text(store, triple, table) for triple in ground_triples(held, bindings)),
        tuple(lacking),
    )


def _uncounted_claims(rest: ViewAgainstWhole, triple: Triple) -> tuple[Uncounted, ...]:
    """The claims of this very statement, each with the reason why it is no fact here."""
    store, table = rest.view.store, rest.view.prefixes
    found = _about(store, triple)
    told = [
        Uncounted(compact(claim.value, table), label(store, claim) or "", _reason(store, claim))
        for claim in sorted(found, key=lambda claim: claim.value)
    ]
    whole = rest.whole.store
    told += [
        Uncounted(compact(claim.value, table), label(whole, claim) or "", rest.why_uncounted(claim))
        for claim in sorted(_about(whole, triple) - found, key=lambda claim: claim.value)
    ]
    told += [
        Uncounted(compact(one.iri, table), one.label, f"it {one.words(table)}")
        for one in withdrawn_claims_of(store, triple)
    ]
    return tuple(told)


def _about(store: Readable, triple: Triple) -> set[NamedNode]:
    """The claims whose statement, affirmed or denied, is the triple."""
    slot = nx("claimValue" if isinstance(triple.object, Literal) else "claimObject")
    return {
        claim
        for claim in subject_nodes(store, slot, triple.object)
        if triple.subject in object_nodes(store, claim, nx("claimSubject"))
        and triple.predicate in object_nodes(store, claim, nx("claimPredicate"))
    }


def _reason(store: Readable, claim: NamedNode) -> str:
    if not grounds.is_positive(store, claim):
        return "it denies this"
    if grounds.is_evaluation(store, claim):
        return "it is a judgment, and judgments yield no facts"
    modality = grounds.modality(store, claim)
    if modality == "implied":
        return "it is only implied; --accept implied counts it"
    return f"it is {modality}, which yields no fact"


def absence_text(absence: Absence) -> str:
    """What is missing, as indented lines."""
    if absence.present:
        return f"The graph does say that {absence.text}: nexuskg why tells why.\n"
    lines = [f"The graph does not say that {absence.text}."]
    lines += [f"  {line}" for line in _lines(absence.claims)]
    for attempt in absence.nearest:
        lines.append(f"  It would follow by the rule: {attempt.sentence}")
        lines += [f"    axiom: {axiom}" for axiom in attempt.axioms]
        lines += [f"    holds: {text}" for text in attempt.holds]
        for lacking in attempt.lacking:
            lines.append(f"    missing: {lacking.text}")
            lines += [f"      {line}" for line in _lines(lacking.claims)]
    if not absence.nearest:
        lines.append("  No rule concludes such a statement.")
    if not absence.claims and not absence.nearest:
        lines.append("  No claim says so: it is not stated in the sources.")
    return "\n".join(lines) + "\n"


def _lines(claims: Sequence[Uncounted]) -> Iterator[str]:
    for one in claims:
        yield f"{one.claim} speaks of it, but {one.reason}: {one.label}"


def absence_json(absence: Absence) -> dict[str, object]:
    """What is missing, as plain values."""
    return asdict(absence)
