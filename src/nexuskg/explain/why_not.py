"""Why a statement is not in the graph: the claims that speak of it without counting, and the nearest rules.

A rule is nearer the fewer of its premises are missing; then if claims speak of these, the more if an option counts
them; then the fewer premises it has at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple, Variable

from nexuskg.base.namespaces import DEFAULT_GRAPH, TYPE, compact, nx
from nexuskg.explain import rivals
from nexuskg.explain.rivals import Uncounted, ViewAgainstWhole
from nexuskg.pipeline.dataset import Compiled
from nexuskg.rdf.labels import label
from nexuskg.rdf.store import Readable, holds, object_nodes, subject_nodes
from nexuskg.reasoning import steps, verbalize
from nexuskg.reasoning.axioms import Bindings, Part, Pattern, ground_triples, match, solutions, substitute
from nexuskg.reasoning.rules import Clause, key
from nexuskg.search.record_history import withdrawn_claims_of

NEAREST: Final = 3
"""How many rules are told of at most."""
_LETTERS: Final = ("something", "something else", "a third thing", "a fourth thing")


@dataclass(frozen=True, slots=True)
class Lacking:
    """A premise that does not hold, in words, and the claims about it that do not count here."""

    text: str
    claims: tuple[Uncounted, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A rule that would conclude the statement: what of it holds, and what is missing.

    `others`: so many other things would do as well as those that are named in what is missing.
    """

    rule: str
    sentence: str
    axioms: tuple[str, ...]
    holds: tuple[str, ...]
    lacking: tuple[Lacking, ...]
    others: int = 0


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a statement is not in the graph; `present` where it is."""

    text: str
    present: bool
    claims: tuple[Uncounted, ...]
    nearest: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class _Try:
    """One way to apply a clause: the places of the premises that are absent, and the bindings of the others."""

    clause: Clause
    absent: tuple[int, ...]
    bindings: Bindings

    def missing_premises(self) -> list[Pattern]:
        """The absent premises."""
        return [substitute(self.clause.premises[at], self.bindings) for at in self.absent]


def explain_absence(data: Compiled, triple: Triple) -> Absence:
    """What is missing for the triple to be in the default graph: the nearest rules, at most NEAREST, nearest first."""
    store, table = data.store, data.prefixes
    told = verbalize.statement_text(store, triple, table)
    if holds(store, triple):
        return Absence(told, True, (), ())
    rest = rivals.against_whole(data)
    heads = steps.by_head(data.clauses)
    ways: list[list[_Try]] = []
    for clause in (*heads.get(key(triple), ()), *heads.get(None, ())):
        start = match(clause.head, triple, {}) if clause.head else None
        if start is not None:
            ways += _nearly(store, clause, start)
    fewest = min((len(way[0].absent) for way in ways), default=0)
    found: dict[tuple[Any, ...], Attempt] = {}
    for way in ways:
        if len(way[0].absent) == fewest:
            rank, attempt = _attempt(rest, way)
            found.setdefault(rank, attempt)
    nearest = tuple(found[rank] for rank in sorted(found))
    return Absence(told, False, _uncounted_claims(rest, triple), nearest[:NEAREST])


def _nearly(store: Readable, clause: Clause, start: Bindings) -> list[list[_Try]]:
    """The ways in which the fewest premises are absent, those with the same ones together."""
    places = range(len(clause.premises))
    for count in range(len(clause.premises) + 1):
        ways = []
        for absent in combinations(places, count):
            rest = [clause.premises[at] for at in places if at not in absent]
            ways.append([_Try(clause, absent, bindings) for bindings in solutions(store, rest, start)])
        if any(ways):
            return [way for way in ways if way]
    return []


def _attempt(rest: ViewAgainstWhole, way: Sequence[_Try]) -> tuple[tuple[Any, ...], Attempt]:
    """The nearest of the ways that lack the same premises, and how near it is."""
    store, table, clause = rest.view.store, rest.view.prefixes, way[0].clause
    ranked = []
    for one in way:
        claims = [_claims_of(rest, pattern) for pattern in one.missing_premises()]
        counts = sum(any(claim.add or claim.drop for claim in some) for some in claims)
        ties = sum(_tie(store, pattern) for pattern in one.missing_premises())
        held = [substitute(p, one.bindings) for at, p in enumerate(clause.premises) if at not in one.absent]
        holds = tuple(verbalize.statement_text(store, pattern, table) for pattern in held)
        ranked.append(((-counts, -sum(map(bool, claims)), -ties, holds), one, claims))
    near, best, claims = min(ranked, key=lambda item: item[0])
    names: dict[Any, str] = {}
    lacking = []
    for pattern, some in zip(best.missing_premises(), claims, strict=True):
        for part in pattern:
            if isinstance(part, Variable):
                names.setdefault(part, _LETTERS[min(len(names), len(_LETTERS) - 1)])
        lacking.append(Lacking(verbalize.statement_text(store, pattern, table, names), some))
    if not lacking:
        ours = f"what the rule asks besides: {clause.body}" if clause.body else "inference, which --no-inference ends"
        lacking.append(Lacking(ours, ()))
    sentence = verbalize.rule_sentence(store, clause, table)
    axioms = tuple(verbalize.axiom_text(clause, axiom, table) for axiom in clause.axioms)
    others = len({tuple(one.missing_premises()) for one in way}) - 1
    attempt = Attempt(clause.rule.name, sentence, axioms, near[-1], tuple(lacking), others)
    return (*near[:2], len(clause.premises), near[2], len(names), sentence, near[-1], axioms), attempt


def _tie(store: Readable, pattern: Pattern) -> int:
    """How closely what a premise would join is joined already: by a statement (2), by something between (1), or not."""
    subject, predicate, value = pattern
    if predicate == TYPE or not (isinstance(subject, NamedNode) and isinstance(value, NamedNode)):
        return 0
    near = _neighbours(store, subject)
    return 2 if value in near else int(bool(near & _neighbours(store, value)))


def _neighbours(store: Readable, node: NamedNode) -> set[Part | Any]:
    outward = store.quads_for_pattern(node, None, None, DEFAULT_GRAPH)
    inward = store.quads_for_pattern(None, None, node, DEFAULT_GRAPH)
    found = {quad.object for quad in outward if quad.predicate != TYPE and isinstance(quad.object, NamedNode)}
    return found | {quad.subject for quad in inward}


def _claims_of(rest: ViewAgainstWhole, pattern: Pattern) -> tuple[Uncounted, ...]:
    """The claims of a premise that does not hold; none where it is about something or other."""
    if any(isinstance(part, Variable) for part in pattern):
        return ()
    return _uncounted_claims(rest, ground_triples([pattern], {})[0])


def _uncounted_claims(rest: ViewAgainstWhole, triple: Triple) -> tuple[Uncounted, ...]:
    """The claims of this very statement, each with every reason why it is no fact here."""
    whole = rest.whole.store
    found = sorted(_about(whole, triple), key=lambda claim: claim.value)
    told = [rest.why_uncounted(claim, label(whole, claim) or "") for claim in found]
    table = rest.view.prefixes
    told += [
        Uncounted(compact(one.iri, table), one.label, (f"it {one.words(table)}",))
        for one in withdrawn_claims_of(rest.view.store, triple)
    ]
    return tuple(told)


def _about(store: Readable, triple: Triple) -> set[NamedNode]:
    """The claims whose statement, affirmed or denied, is the triple."""
    literal = isinstance(triple.object, Literal)
    return {
        claim
        for claim in subject_nodes(store, nx("claimValue" if literal else "claimObject"), triple.object)
        if triple.subject in object_nodes(store, claim, nx("claimSubject"))
        and triple.predicate in object_nodes(store, claim, nx("claimPredicate"))
        and not (literal and object_nodes(store, claim, nx("claimObject")))
    }


def absence_text(absence: Absence) -> str:
    """What is missing, as indented lines."""
    if absence.present:
        return f"The graph does say that {absence.text}: nexuskg why tells why.\n"
    lines = [f"The graph does not say that {absence.text}."]
    lines += [f"  {claim}" for claim in absence.claims]
    for attempt in absence.nearest:
        lines.append(f"  It would follow by the rule: {attempt.sentence}")
        lines += [f"    axiom: {axiom}" for axiom in attempt.axioms]
        lines += [f"    holds: {text}" for text in attempt.holds]
        for lacking in attempt.lacking:
            others = f" (or {attempt.others} other{'s' * (attempt.others > 1)} like it)" if attempt.others else ""
            lines.append(f"    missing: {lacking.text}{others}")
            lines += [f"      {claim}" for claim in lacking.claims]
    if not absence.nearest:
        lines.append("  No rule concludes such a statement.")
    if not absence.claims and not absence.nearest:
        lines.append("  No claim says so: it is not stated in the sources.")
    return "\n".join(lines) + "\n"


def absence_json(absence: Absence) -> dict[str, object]:
    """What is missing, as plain values."""
    return asdict(absence)
