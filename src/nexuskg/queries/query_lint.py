"""A lint of the stored questions: what gives other rows on another engine, in another order, or takes it far longer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from nexuskg.queries.catalogue import DEFAULTS, StoredQuery
from nexuskg.queries.tokens import Token, tokenize
from nexuskg.rdf.store import Table

# What every engine has and does alike. YEAR and the like are missing as xsd:date is outside the standard for them.
_FUNCTION_WORDS: Final = """
ABS BOUND CEIL COALESCE CONCAT CONTAINS COUNT DATATYPE ENCODE_FOR_URI FLOOR IF IRI ISBLANK ISIRI ISLITERAL
ISNUMERIC ISURI LANG LANGMATCHES LCASE MAX MIN REGEX REPLACE ROUND SAMETERM STR STRAFTER STRBEFORE STRDT
STRENDS STRLANG STRLEN STRSTARTS SUBSTR SUM UCASE URI AVG
"""
_FUNCTIONS: Final = frozenset(_FUNCTION_WORDS.split())
_UNORDERED: Final = ("GROUP_CONCAT", "SAMPLE")
_GRAMMAR_WORDS: Final = """
AND AS ASC BIND BY DESC DISTINCT EXISTS FILTER HAVING IN MINUS NOT OPTIONAL SELECT UNION VALUES WHERE
"""
_BEFORE_BRACKET: Final = frozenset(_GRAMMAR_WORDS.split())
_OPEN: Final = {"{": 1, "}": -1}


def query_problems(query: StoredQuery, prefixes: Mapping[str, str]) -> list[str]:
    """What is wrong with the text of a stored question, each as the end of a sentence that begins with its name."""
    tokens = tokenize(query.text)
    found = (_forms(query, tokens), _order(tokens), _parameters(query, tokens), _prefixes(tokens, prefixes))
    return list(dict.fromkeys(problem for each in found for problem in each))


def order_problem(query: StoredQuery, table: Table) -> str:
    """What is wrong with the order of the rows: two that ORDER BY does not tell apart; empty where it tells all."""
    keys = [name for name in order_keys(tokenize(query.text)) if name in table.columns]
    places = [table.columns.index(name) for name in keys]
    seen: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(table.rows, 1):
        key = tuple(str(row[place]) for place in places)
        if key in seen:
            return (
                f"does not tell the rows {seen[key]} and {number} apart in ORDER BY {' '.join('?' + k for k in keys)}"
            )
        seen[key] = number
    return ""


def columns(tokens: Sequence[Token]) -> list[str]:
    """The variables that the outermost SELECT projects, in order.

    >>> columns(tokenize("SELECT ?a (COUNT(?b) AS ?n) WHERE { ?a ?p ?b }"))
    ['a', 'n']
    """
    start = next((at for at, token in enumerate(tokens) if token.key == "SELECT"), len(tokens))
    found, depth = [], 0
    for at in range(start + 1, len(tokens)):
        token = tokens[at]
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
        elif token.key in ("WHERE", "{", "FROM"):
            break
        elif token.kind == "var" and (depth == 0 or tokens[at - 1].key == "AS"):
            found.append(token.text[1:])
    return found


def order_keys(tokens: Sequence[Token]) -> list[str]:
    """The variables of the last ORDER BY, in order.

    >>> order_keys(tokenize("SELECT ?a ?b WHERE { ?a ?p ?b } ORDER BY DESC(?b) ?a"))
    ['b', 'a']
    """
    starts = [at for at, token in enumerate(tokens) if token.key == "ORDER" and tokens[at + 1].key == "BY"]
    return [token.text[1:] for token in tokens[starts[-1] :] if token.kind == "var"] if starts else []


def _forms(query: StoredQuery, tokens: Sequence[Token]) -> Iterator[str]:
    for at, token in enumerate(tokens[:-1]):
        following = tokens[at + 1]
        if token.key == "*" and tokens[at - 1].key in ("SELECT", "DISTINCT", "REDUCED"):
            yield "selects * instead of naming its columns"
        elif token.key == "SERVICE":
            yield "asks another endpoint (SERVICE)"
        elif token.key in ("GRAPH", "FROM") and "provenance" not in query.tags:
            yield f"reads a named graph ({token.key}); a question reads the view, which is the default graph"
        elif token.key in _UNORDERED and following.text == "(":
            yield f"has an aggregate whose result has no order ({token.key})"
        elif token.kind == "word" and following.text == "(" and token.key not in (_FUNCTIONS | _BEFORE_BRACKET):
            yield f"calls {token.text}, which is not the same on every engine"
        elif token.kind in ("pname", "iri") and following.text == "(" and tokens[at - 1].text in ("(", ",", "!", "="):
            yield f"calls a function of one engine ({token.text})"
    yield from _shared_patterns(tokens)


def _shared_patterns(tokens: Sequence[Token]) -> Iterator[str]:
    """A pattern that stands before a UNION in its group is joined with all of it: it belongs into every branch."""
    stack: list[bool] = []  # for each open group: whether a pattern stands in it
    closed: list[bool] = []  # for the group just closed: whether a pattern stood before it in the one around it
    at = next((i for i, token in enumerate(tokens) if token.text == "{"), len(tokens))
    while at < len(tokens):
        token = tokens[at]
        if token.text == "{":
            closed.append(bool(stack) and stack[-1])
            stack.append(False)
        elif token.text == "}":
            stack.pop()
            before = closed.pop()
            if at + 1 < len(tokens) and tokens[at + 1].key == "UNION" and before:
                yield "has a pattern before a UNION in the same group; write it into every branch"
            if stack and not (at + 1 < len(tokens) and tokens[at + 1].key == "UNION"):
                stack[-1] = True
        elif token.key in ("BIND", "FILTER", "VALUES"):
            at = _behind(tokens, at)
            continue
        elif stack and token.kind in ("var", "pname", "iri"):
            stack[-1] = True
        at += 1


def _behind(tokens: Sequence[Token], at: int) -> int:
    """The place behind the brackets of a BIND, FILTER or VALUES; an EXISTS in it has a group of its own."""
    depth, exists = 0, False
    at += 1
    while at < len(tokens) - 1:
        text = tokens[at].text
        exists = exists or tokens[at].key == "EXISTS"
        if text in "({":
            depth += 1
        elif text in ")}":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return at


def _order(tokens: Sequence[Token]) -> Iterator[str]:
    if not any(token.key == "SELECT" for token in tokens):
        return
    keys, shown = order_keys(tokens), columns(tokens)
    if not keys:
        yield "has no ORDER BY"
    elif unknown := [key for key in keys if key not in shown]:
        yield f"is ordered by ?{unknown[0]}, which is none of its columns"


def _parameters(query: StoredQuery, tokens: Sequence[Token]) -> Iterator[str]:
    depth, first, last = 0, True, -1
    for at, token in enumerate(tokens[:-1]):
        depth += _OPEN.get(token.text, 0) if token.kind == "sign" else 0
        if token.key == "VALUES":
            if depth == 0:
                yield "has VALUES after the closing brace, where they join with the groups"
            elif depth == 1 and not first:
                yield "has VALUES that are not first in WHERE"
            elif depth == 1:
                last = _behind(tokens, at)
        elif depth == 1 and at >= last and token.text != "{":
            first = False
    written = [tokens[at + 1].text[1:] for at, token in enumerate(tokens[:-1]) if token.key == "VALUES"]
    named = [parameter.name for parameter in query.params]
    if named != [name for name in written if name in named] or len(set(written)) < len(written):
        yield "has parameters and VALUES that differ in their order"
    for parameter in query.params:
        if parameter.default == "UNDEF" and parameter.default_is:
            yield f"has no default for {parameter.name}, and calls it {parameter.default_is}"
        elif parameter.default != "UNDEF" and parameter.default_is not in DEFAULTS:
            yield f"does not say of the default of {parameter.name} whether it is an example or belongs to its scope"
    # Where an OPTIONAL comes first, rdflib loses rows.
    if last > 0 and tokens[last].key in ("OPTIONAL", "FILTER", "BIND", "MINUS", "}"):
        yield "has no required pattern behind the last VALUES"


def _prefixes(tokens: Sequence[Token], prefixes: Mapping[str, str]) -> Iterator[str]:
    declared = {
        tokens[at + 1].text.rstrip(":"): tokens[at + 2].text[1:-1]
        for at, token in enumerate(tokens[:-2])
        if token.key == "PREFIX"
    }
    start = 3 * len(declared)
    used = {token.text.partition(":")[0] for token in tokens[start:] if token.kind == "pname"}
    for name, space in declared.items():
        if prefixes.get(name) != space:
            yield f"declares the prefix {name}: otherwise than the table of prefixes"
        elif name not in used:
            yield f"declares the prefix {name}: and does not use it"
    if list(declared) != sorted(declared):
        yield "declares its prefixes out of order"
    if missing := sorted(used - set(declared)):
        yield f"uses the prefix {missing[0]}: and does not declare it"
    if any(token.kind == "iri" for token in tokens[start:]):
        yield "writes an IRI out; use a prefix"
