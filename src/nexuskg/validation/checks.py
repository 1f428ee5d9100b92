"""All checks of the graph -> findings: stored queries, what no query can say, contradictions, shapes.

Severities: a violation means that the graph is wrong, a warning that evidence or documentation is thinner than it
should be, an info that something is worth a look. Only violations fail, and with `strict` warnings too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Store

from nexuskg.base.edtf import bounds
from nexuskg.base.namespaces import DEFAULT_GRAPH, NX, compact
from nexuskg.errors import BadDate, Finding, QueryFailure, Severity, closest, did_you_mean
from nexuskg.evidence.coverage import ANCHOR_LIMIT, anchor_coverage
from nexuskg.evidence.sources import source_texts
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled, Local
from nexuskg.queries import evidence_plan, query_lint
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.rdf.locate import FilePlace, place_finder
from nexuskg.rdf.store import select
from nexuskg.reasoning import grounds
from nexuskg.validation import shacl, shape_lint
from nexuskg.validation.shacl_engines import Engine

_ORDER: Final[dict[Severity, int]] = {"violation": 0, "warning": 1, "info": 2}
_IRI: Final = re.compile(r"<(https?://[^<>\s]+)>")
_OF_QUESTIONS: Final = ("broken-question", "careless-question")
_GUESSED: Final = ("unknown-", "dangling-")
"""Rules about names that nothing describes: their messages offer the names most like it."""


def check_home(home: Path, with_shacl: bool = True, dl: bool = False, engine: Engine = "fast") -> list[Finding]:
    """Every finding about the graph of a home, whatever the grade of evidence, the gravest first.

    `engine` validates the shapes (see nexuskg.validation.shacl_engines); `dl` adds the consistency check of
    the full ontology by HermiT, which needs the extra nexuskg[dl]. Raises ParseFailure where a file cannot be read at
    all.
    """
    return check_dataset(compilation.compiled(views.WHOLE, home), with_shacl, dl, engine)


def check_dataset(
    compiled: Local,
    with_shacl: bool = True,
    dl: bool = False,
    engine: Engine = "fast",
    rules: Container[str] | None = None,
) -> list[Finding]:
    """Every finding about a compiled graph, the gravest first; `engine` validates the shapes.

    With `rules` at least those that these rules find, and no stored query is run for others.
    """
    store, home = compiled.store, compiled.home
    where = _Places(place_finder(store, home))
    found = [
        *query_findings(compiled, rules),
        *(question_findings(compiled) if rules is None or any(rule in rules for rule in _OF_QUESTIONS) else ()),
        *date_findings(store),
        *anchor_coverage_findings(store),
        *contradiction_findings(compiled),
        *shape_lint.unknown_shacl_terms(store, home),
        *shape_lint.undefined_shapes(store, home),
        *shape_lint.malformed_shapes(store, home),
    ]
    if with_shacl:
        found += shacl.validate(store, home, engine)
    if dl:
        found += _consistency(home)
    return sorted({where.place(finding) for finding in found}, key=_rank)


def fails(findings: Iterable[Finding], strict: bool = False) -> bool:
    """Whether there is a violation among the findings; with `strict`, whether there is a violation or a warning.

    >>> fails([Finding("warning", "urn:x", "thin", "a-rule")])
    False
    """
    return any(finding.severity == "violation" or (strict and finding.severity == "warning") for finding in findings)


def query_findings(compiled: Compiled, rules: Container[str] | None = None) -> list[Finding]:
    """What the stored check queries find, or those of them named: a row is a node and what is wrong with it."""
    names = _Names(compiled)
    found = []
    for name, query in sorted(compiled.of_kind("check").items()):
        if rules is not None and name not in rules:
            continue
        severity = severity_of(query)
        for entity, problem in select(compiled.store, query.text, name).rows:
            focus = entity.value if isinstance(entity, NamedNode) else str(entity)
            said = problem.value if isinstance(problem, Literal) else query.summary
            message = f"{compact(focus, compiled.prefixes)} {names.text(said, guess=name.startswith(_GUESSED))}"
            found.append(Finding(severity, focus, message, name))
    return found


def question_findings(compiled: Compiled) -> list[Finding]:
    """A finding for each stored question that cannot be run or traced, or that another engine may answer otherwise."""
    found = []
    for name, query in sorted(compiled.catalogue.items()):
        file = f"queries/questions/{name}.rq"
        try:
            table = select(compiled.store, query.text, name)
            evidence_plan.plan(query)
        except QueryFailure as error:
            found.append(Finding("violation", name, f"{error} Correct the question.", _OF_QUESTIONS[0], file, None))
            continue
        problems = [*query_lint.query_problems(query, compiled.prefixes), query_lint.order_problem(query, table)]
        found += [
            Finding("warning", name, f"{name} {problem}.", _OF_QUESTIONS[1], file, None)
            for problem in problems
            if problem
        ]
    return found


def severity_of(query: StoredQuery) -> Severity:
    """The severity in the header of a check query; raises QueryFailure where there is none or another word."""
    for severity in _ORDER:
        if query.severity == severity:
            return severity
    place = f"queries/checks/{query.name}.rq:1"
    raise QueryFailure(f"{place}: a check has a line `#+ severity:` with violation, warning or info.")


def date_findings(store: Store) -> list[Finding]:
    """A finding for each date that is not EDTF: the calendar knows days that no pattern can tell from others."""
    found: list[Finding] = []
    for quad in store.quads_for_pattern(None, NamedNode(NX + "edtf"), None, DEFAULT_GRAPH):
        try:
            bounds(quad.object.value if isinstance(quad.object, Literal) else str(quad.object))
        except BadDate as error:
            # The date is to be corrected in the claim that states it, not in what the build made of it.
            places = grounds.stated_by(store, quad.triple) or {quad.subject}
            message = f"{error} Correct the date."
            found.extend(Finding("violation", _iri(place), message, "date-not-edtf") for place in places)
    return found


def anchor_coverage_findings(store: Store) -> list[Finding]:
    """A finding for each text of which the anchor phrases together show more than the limit."""
    return [
        Finding(
            "violation",
            text.iri,
            f"The anchor phrases together show {share:.0%} of the text; {ANCHOR_LIMIT:.0%} is the limit. Shorten them.",
            "anchor-coverage",
        )
        for text in source_texts(store)
        if (share := anchor_coverage(store, text.iri)) > ANCHOR_LIMIT
    ]


def contradiction_findings(compiled: Compiled) -> list[Finding]:
    """A finding for each set of statements that cannot hold together, in the facts or with the implied claims."""
    return [Finding("violation", clash.focus, clash.message, "contradiction") for clash in compiled.clashes]


def _consistency(home: Path) -> list[Finding]:
    from nexuskg.validation import owl_consistency

    return list(owl_consistency.consistency_findings(home))


class _Names:
    """IRIs in messages: as CURIEs, with the closest known names where nothing is so called."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._known: list[str] | None = None

    def text(self, text: str, guess: bool) -> str:
        hints = ""
        for match in _IRI.finditer(text) if guess else ():
            hints += did_you_mean(self._like(match[1]))
        return _IRI.sub(lambda match: compact(match[1], self._compiled.prefixes), text) + hints

    def term(self, term: object) -> str:
        return compact(term.value, self._compiled.prefixes) if isinstance(term, NamedNode) else str(term)

    def _like(self, iri: str) -> tuple[str, ...]:
        if self._known is None:
            subjects = {quad.subject for quad in self._compiled.store}
            iris = (subject.value for subject in subjects if isinstance(subject, NamedNode))
            self._known = sorted(compact(iri, self._compiled.prefixes) for iri in iris)
        name = compact(iri, self._compiled.prefixes)
        prefix = name.partition(":")[0] + ":"
        return closest(name, [known for known in self._known if known.startswith(prefix) and known != name])


class _Places:
    """Findings with file and line, each node looked up once."""

    def __init__(self, where: Callable[[str], FilePlace]) -> None:
        self._where = where
        self._seen: dict[str, FilePlace] = {}

    def place(self, finding: Finding) -> Finding:
        if finding.file is not None:
            return finding
        if finding.focus not in self._seen:
            self._seen[finding.focus] = self._where(finding.focus)
        file, line = self._seen[finding.focus] or (None, None)
        return Finding(finding.severity, finding.focus, finding.message, finding.rule, file, line)


def _iri(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


def _rank(finding: Finding) -> tuple[int, str, int, str, str, str]:
    return (
        _ORDER[finding.severity],
        finding.file or "",
        finding.line or 0,
        finding.rule,
        finding.focus,
        finding.message,
    )
