"""Stored CONSTRUCTs (tagged `rule`) that the reasoner runs together with the axioms.

A rule is triple patterns, FILTER and BIND; each triple of its template is a clause. What a fixpoint cannot take is
refused with a reason: negation and OPTIONAL (a conclusion could undo its own ground), paths and unions (write a rule
each), and a rule that mints IRIs and may feed its own body (it would never end).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import NamedNode, Store, Variable

from nexuskg.errors import QueryFailure
from nexuskg.queries import evidence_plan
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.queries.pattern_parser import declared_prefixes
from nexuskg.queries.tokens import Token, tokenize
from nexuskg.rdf.store import Readable, construct
from nexuskg.reasoning.axioms import Part, Pattern
from nexuskg.reasoning.rules import Clause, Rule, clauses, key

TAG: Final = "rule"
_ALLOWED: Final = frozenset({"FILTER", "BIND", "A", "AS", "TRUE", "FALSE", "IN"})
_BRACKETS: Final = {"(": 1, ")": -1}


def all_clauses(store: Readable, queries: Mapping[tuple[str, str], StoredQuery]) -> tuple[Clause, ...]:
    """The clauses of the axioms in the store's default graph and of the stored rules, by name.

    Raises UnsupportedAxiom, and QueryFailure for a rule that cannot be run.
    """
    found = [query for (kind, _), query in sorted(queries.items()) if kind == "derive" and TAG in query.tags]
    out = clauses(store, (clause for query in found for clause in clauses_of(query)))
    if found:
        check_minting(out)
    return out


def clauses_of(query: StoredQuery) -> list[Clause]:
    """The clauses of one rule, a triple of its template each; raises QueryFailure.

    >>> text = "PREFIX : <urn:> CONSTRUCT { ?y :q ?x } WHERE { ?x :p ?y FILTER(?x != ?y) }"
    >>> (clause,) = clauses_of(StoredQuery("r", "So.", "", (), (), text, "derive"))
    >>> len(clause.premises), clause.body
    (1, 'FILTER(?x != ?y)')
    """
    construct(Store(), query.text, f"queries/derive/{query.name}.rq")  # whatever is no SPARQL at all
    words = tokenize(query.text)
    start = next((at for at, word in enumerate(words) if word.key == "CONSTRUCT"), None)
    parts = [] if start is None else list(_groups(words[start:]))
    if len(parts) != 2:
        raise _refusal(query, "is not one CONSTRUCT { … } WHERE { … }")
    where = parts[1]
    for word in where:
        if word.kind == "word" and word.key not in _ALLOWED and not _is_function(word, where):
            raise _refusal(query, f"has {word.text}; a rule has triple patterns, FILTER and BIND only")
        if word.text == "{":
            raise _refusal(query, "has a group inside its pattern; a rule has triple patterns, FILTER and BIND only")
    prologue = query.text[: words[start or 0].start]
    head, premises = (_patterns(query, prologue, query.text[p[0].start : p[-1].end] if p else "") for p in parts)
    if not premises or not head:
        raise _refusal(query, "concludes nothing, or from nothing")
    body = " ".join(_conditions(query.text, where, declared_prefixes(query.name, prologue)))
    rule = Rule(query.name, query.summary, "", "", "")
    return [Clause(rule, (), tuple(premises), pattern, body or "FILTER(true)") for pattern in head]


def check_minting(every: Iterable[Clause]) -> None:
    """Raise QueryFailure for a rule that mints IRIs and may, by whatever other rules, feed its own body."""
    concluding = [clause for clause in every if clause.head]
    for clause in concluding:
        head = clause.head or ()
        given = {part for premise in clause.premises for part in premise}
        if all(part in given or not isinstance(part, Variable) for part in head):
            continue
        # What the conclusion may lead to, one clause at a time.
        reached, waiting = set(), [key(head)]
        while waiting:
            at = waiting.pop()
            if any(_meets(at, key(premise)) for premise in clause.premises):
                raise QueryFailure(
                    f"queries/derive/{clause.rule.name}.rq: the rule makes new IRIs, and what it concludes can lead to "
                    "its own premises: it would never end. Conclude with a property that it does not ask for."
                )
            for other in concluding:
                if other.head and any(_meets(at, key(premise)) for premise in other.premises):
                    found = key(other.head)
                    if found not in reached:
                        reached.add(found)
                        waiting.append(found)


def _meets(concluded: Part, wanted: Part) -> bool:
    return isinstance(concluded, Variable) or isinstance(wanted, Variable) or concluded == wanted


def _groups(words: list[Token]) -> Iterator[list[Token]]:
    """What stands in the outermost braces, group by group."""
    depth, inside = 0, list[Token]()
    for word in words:
        depth -= word.text == "}"
        if depth:
            inside.append(word)
        elif word.text == "}":
            yield inside
            inside = []
        depth += word.text == "{"


def _patterns(query: StoredQuery, prologue: str, text: str) -> list[Pattern]:
    inner = StoredQuery(query.name, "", "", (), (), f"{prologue} ASK {{ {text} }}", "question")
    out: list[Pattern] = []
    for pattern in evidence_plan.plan(inner).main.patterns:
        if not isinstance(pattern.predicate, NamedNode | Variable):
            raise _refusal(query, "has a property path; write a rule for each step")
        out.append((pattern.subject, pattern.predicate, pattern.object))
    return out


def _conditions(text: str, words: list[Token], prefixes: Mapping[str, str]) -> Iterator[str]:
    """Each FILTER and BIND as it is written (some parsers mind the space), but with every IRI in full."""
    at = 0
    while at < len(words):
        if words[at].key not in ("FILTER", "BIND"):
            at += 1
            continue
        said, end, depth = "", words[at].start, 0
        while True:
            word = words[at]
            name, _, local = word.text.partition(":")
            full = str(NamedNode(prefixes[name] + local)) if word.kind == "pname" else word.text
            said, end, at = said + text[end : word.start] + full, word.end, at + 1
            depth += _BRACKETS.get(word.text, 0) if word.kind == "sign" else 0
            if word.text == ")" and not depth:
                break
        yield said


def _is_function(word: Token, words: list[Token]) -> bool:
    after = words.index(word) + 1
    return after < len(words) and words[after].text == "(" and word.key not in ("EXISTS", "NOT", "VALUES", "GRAPH")


def _refusal(query: StoredQuery, what: str) -> QueryFailure:
    return QueryFailure(f"queries/derive/{query.name}.rq: the rule {what}.")
