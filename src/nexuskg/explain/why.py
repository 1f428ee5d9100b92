"""Why a statement or an answer row is in the graph: a tree from it through rules and axioms to claims and spans.

Each node of the tree is one plain sentence. What was inferred names its rule, its axiom and what it follows from; what
is stated names its claims, each with source, paragraph and anchor phrase, and with the passage itself where the text is
at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.answers.answer import Evidence
from nexuskg.answers.question import Question
from nexuskg.answers.row_evidence import bases_of_rows, evidence_of_claims
from nexuskg.base.namespaces import DEFAULT_GRAPH, RDFS, SKOS, TYPE, compact, nx
from nexuskg.errors import BadParameter
from nexuskg.explain import rivals
from nexuskg.pipeline.dataset import Compiled
from nexuskg.rdf.labels import label, term_text
from nexuskg.rdf.store import Table, holds, object_nodes, select
from nexuskg.reasoning import grounds, justifications, steps, verbalize
from nexuskg.reasoning.justifications import Derivation
from nexuskg.reasoning.rules import order
from nexuskg.search import names

_LABELS: Final = (RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel")


@dataclass(frozen=True, slots=True)
class StatedClaim:
    """A claim that states something: in our words, how it is said, how firmly (0 to 100), and where it stands."""

    claim: str
    label: str
    modality: str
    confidence: int | None
    evidence: Evidence | None
    passages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement and why it holds: claims, or a rule with axioms and the reasons of its premises, or neither.

    With neither it is a name or kind of our own, or a name that a record elsewhere has: `naming` says so of a name.
    `confidence` is 0 to 100.
    """

    triple: Triple
    text: str
    confidence: int
    modality: str
    rule: str = ""
    sentence: str = ""
    axioms: tuple[str, ...] = ()
    premises: tuple[Reason, ...] = ()
    claims: tuple[StatedClaim, ...] = ()
    naming: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something holds: the reasons of each of its statements, the strongest first; and what else it rests on.

    `claims` are those that an answer row is itself about; `absence`: it rests on what is not there, too; `complete`:
    no minimal justification that was asked for is left out; `set_aside`: the rivals of its claims that give way to
    them by what the view prefers, a sentence each.
    """

    about: str
    reasons: tuple[tuple[Reason, ...], ...]
    claims: tuple[StatedClaim, ...] = ()
    absence: bool = False
    complete: bool = True
    set_aside: tuple[str, ...] = ()


def parse_triple(data: Compiled, subject: str, predicate: str, value: str) -> Triple:
    """The triple meant by three words or phrases; raises UnknownTerm, BadParameter.

    A value that names no node is text: the literal that the subject has, where it has it so.
    """
    from nexuskg.search.find import resolve_name

    def node(words: str) -> NamedNode:
        return resolve_name(data.store, words, prefixes=data.prefixes)

    about, link = node(subject), TYPE if predicate == "a" else node(predicate)
    quads = data.store.quads_for_pattern(about, link, None, DEFAULT_GRAPH)
    texts = [quad.object for quad in quads if isinstance(quad.object, Literal) and quad.object.value == value]
    return Triple(about, link, min(texts, key=str) if texts else node(value))


def explain_statement(
    data: Compiled, triple: Triple, every: bool = False, passages: Mapping[str, str] | None = None
) -> Explanation:
    """Why the triple is in the default graph; `every` gives all minimal justifications. Raises BadParameter.

    `passages` are texts of spans by their IRI (see nexuskg.evidence.verify.passages).
    """
    told = verbalize.statement_text(data.store, triple, data.prefixes)
    if not holds(data.store, triple):
        raise BadParameter("why", f"the graph does not say that {told}. What is missing: nexuskg why --not …")
    ((reasons, complete),) = _reasons(data, [triple], every, passages or {})
    return Explanation(told, (reasons,), complete=complete, set_aside=_set_aside(data, [reasons], ()))


def explain_row(
    data: Compiled,
    question: Question,
    number: int,
    every: bool = False,
    passages: Mapping[str, str] | None = None,
) -> Explanation:
    """Why the answer to a question has its row of that number, counted from 1; raises BadParameter.

    What the row says of claims and spans is told by those claims; labels are left out.
    """
    name, store = question.query.name, data.store
    table = select(store, question.text, name)
    if not 1 <= number <= len(table.rows):
        has = f"its rows are 1 to {len(table.rows)}" if table.rows else "it has no rows here"
        raise BadParameter("--row", f"{name} has no row {number}: {has}.")
    cells = table.rows[number - 1]
    (basis,) = bases_of_rows(data, question, Table(table.columns, (cells,)))
    claims, told = {item for item in basis.patterns if isinstance(item, NamedNode)}, list[Triple]()
    for triple in sorted((item for item in basis.patterns if isinstance(item, Triple)), key=order):
        # What is said of a claim or span, and which claim a node is made from, is told by the claim itself.
        kinds = object_nodes(store, triple.subject, TYPE)
        if triple.predicate == nx("derivedFrom") or nx("Claim") in kinds or nx("EvidenceSpan") in kinds:
            claims |= grounds.stated_by(store, triple)
        elif triple.predicate.value not in _LABELS:
            told.append(triple)
    found = _reasons(data, told, every, passages or {})
    about = f"{name}, row {number}: {' | '.join(filter(None, (term_text(c, store, data.prefixes) for c in cells)))}"
    said = sorted(_stated_claims(data, claims, passages or {}).values(), key=_firmness)
    return Explanation(
        about,
        tuple(reasons for reasons, _ in found),
        tuple(said),
        basis.absence,
        all(complete for _, complete in found),
        _set_aside(data, [reasons for reasons, _ in found], said),
    )


def _reasons(
    data: Compiled, triples: Iterable[Triple], every: bool, passages: Mapping[str, str]
) -> list[tuple[tuple[Reason, ...], bool]]:
    """For each triple its reasons, and whether these are all that were asked for."""
    heads = steps.by_head(data.clauses)
    found = [
        justifications.justifications(data.store, triple, heads)
        if every
        else ([justifications.derivation(data.store, triple, heads)], True)
        for triple in triples
    ]
    leaves = (leaf for derivations, _ in found for one in derivations for leaf in one.leaves())
    said = _stated_claims(data, {claim for leaf in leaves for claim in leaf.claims}, passages)
    return [(tuple(_reason(data, one, said) for one in derivations), done) for derivations, done in found]


def _set_aside(data: Compiled, reasons: Iterable[Iterable[Reason]], said: Iterable[StatedClaim]) -> tuple[str, ...]:
    """The rivals of the claims of an explanation that the view sets aside for them, a sentence each."""
    if data.view.prefer is None:
        return ()
    found_claims = {one.claim for one in said}
    waiting = [reason for some in reasons for reason in some]
    while waiting:
        reason = waiting.pop()
        found_claims |= {one.claim for one in reason.claims}
        waiting += reason.premises
    rest, told = rivals.against_whole(data), []
    for claim, found in rest.yielding.items():
        winner = compact(found.preferred.value, data.prefixes)
        if winner in found_claims:
            loser = f"{compact(claim.value, data.prefixes)} ({label(rest.whole.store, claim)})"
            told.append(f"{winner} is preferred ({data.view.prefer}) to {loser}: {found.reason}.")
    return tuple(sorted(told))


def _reason(data: Compiled, of: Derivation, said: Mapping[NamedNode, StatedClaim]) -> Reason:
    store, table = data.store, data.prefixes
    told = verbalize.statement_text(store, of.triple, table)
    if of.step is None:
        claims = sorted((said[claim] for claim in of.claims), key=_firmness)
        naming = ""
        named, text = of.triple.subject, of.triple.object
        if not claims and names.is_naming(of.triple) and isinstance(named, NamedNode) and isinstance(text, Literal):
            naming = names.name_told(store, named, text.value, table)
        return Reason(of.triple, told, of.confidence, of.modality, claims=tuple(claims), naming=naming)
    clause = of.step.clause
    return Reason(
        of.triple,
        told,
        of.confidence,
        of.modality,
        clause.rule.name,
        verbalize.rule_sentence(store, clause, table),
        tuple(verbalize.axiom_text(clause, axiom, table) for axiom in clause.axioms),
        tuple(_reason(data, premise, said) for premise in of.premises),
    )


def _stated_claims(
    data: Compiled, claims: Iterable[NamedNode], passages: Mapping[str, str]
) -> dict[NamedNode, StatedClaim]:
    store, wanted = data.store, sorted(claims, key=str)
    places = evidence_of_claims(data, wanted)
    out = {}
    for claim in wanted:
        spans = sorted(span.value for span in object_nodes(store, claim, nx("supportedBy")))
        out[claim] = StatedClaim(
            compact(claim.value, data.prefixes),
            label(store, claim) or "",
            grounds.modality(store, claim),
            grounds.confidence(store, claim),
            places[claim][1] if claim in places else None,
            tuple(passages[span] for span in spans if span in passages),
        )
    return out


def _firmness(said: StatedClaim) -> tuple[int, str]:
    return -(said.confidence or 0), said.claim
