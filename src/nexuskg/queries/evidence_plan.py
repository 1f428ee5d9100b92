"""The evidence plan of a stored question: which patterns its rows rest on, and the queries that instantiate them.

An answer row rests on triples that the row itself no longer shows: it may be grouped, or project two variables of ten.
The plan's main part selects every variable of the pattern without grouping; each positive EXISTS adds a part, asked
with the variables it shares with the main one. A branch of a UNION and an OPTIONAL bind a variable of their own there,
so that a pattern counts only where its branch matched. What stands in NOT EXISTS or MINUS has no triples to show: it
rests on their absence. Terms, paths and triples are read by the parser of patterns; the clauses around them are read
here. Both refuse what stored questions may not use with a reason; the tests hold them against a full SPARQL parser on
every stored question.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from nexuskg.queries.catalogue import StoredQuery
from nexuskg.queries.pattern_parser import PatternParser, PlanPattern
from nexuskg.queries.tokens import Token


@dataclass(frozen=True, slots=True)
class PlanPart:
    """A group of patterns: `body` is its SPARQL text without the outer braces; `branch` is that of an EXISTS."""

    body: str
    patterns: tuple[PlanPattern, ...]
    variables: frozenset[str]
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to find what the rows of a question rest on; `keys` are the columns by which solutions belong to a row.

    `negations` are the branches that have a negation; the empty one is the pattern itself.
    """

    prologue: str
    main: PlanPart
    exists: tuple[PlanPart, ...]
    negations: frozenset[str]
    keys: tuple[str, ...]

    @property
    def text(self) -> str:
        """The query whose solutions instantiate the patterns of the main part."""
        return f"{self.prologue}SELECT * WHERE {{ {self.main.body} }}"


_AGGREGATES: Final = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
_AFTER_GROUP_BY: Final = frozenset({"HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "}"})
_CLOSING: Final = {"{": "}", "(": ")"}


@dataclass
class _Found:
    """What a group holds, collected while it is read."""

    patterns: list[PlanPattern] = field(default_factory=list)
    exists: list[PlanPart] = field(default_factory=list)
    inserted: list[tuple[int, str]] = field(default_factory=list)
    negations: set[str] = field(default_factory=set)


def plan(query: StoredQuery) -> Plan:
    """The evidence plan of a stored SELECT or ASK; raises Untraceable where its evidence could not be found.

    >>> text = "PREFIX nx: <urn:nx:> SELECT ?a (COUNT(?b) AS ?n) WHERE { ?a nx:p+ ?b MINUS { ?b nx:q ?a } } GROUP BY ?a"
    >>> found = plan(StoredQuery("q", "", "", (), (), text, "question"))
    >>> found.keys, found.negations, len(found.main.patterns)
    (('a',), frozenset({''}), 1)
    """
    return _Planner(query.name, query.text, frozenset(parameter.name for parameter in query.params)).plan()


class _Planner(PatternParser):
    """Reads one query clause by clause, and collects what its evidence is found by."""

    def __init__(self, name: str, text: str, parameters: frozenset[str]) -> None:
        super().__init__(name, text)
        self.parameters = parameters
        self.branch = ""
        self.branches = 0

    def plan(self) -> Plan:
        self.declarations()
        prologue = self.text[: self.now.start]
        form = self.take().key
        if form not in ("SELECT", "ASK"):
            raise self.untraceable(f"{form}; a question selects or asks")
        found = _Found()
        keys, binds = self.projection(found) if form == "SELECT" else ([], [])
        start, end = self.group(found)
        binds += self.group_by(keys)
        body = self.body(start, end, found)
        if binds:
            body += " " + " ".join(f"BIND({expression})" for expression in binds)
        while self.now.kind != "end":
            if self.now.key == "VALUES":  # it restricts the rows: here as well, where it is at the end of the query
                body += " " + self.text[self.now.start :]
                break
            self.at += 1
        main = self.part(body, found.patterns, start, end)
        return Plan(prologue, main, tuple(found.exists), frozenset(found.negations), tuple(keys))

    def skip(self, found: _Found | None = None) -> None:
        """Go behind the bracket that closes the one here. EXISTS inside go to `found`."""
        if self.now.text not in _CLOSING:
            raise self.untraceable(repr(self.now.text or "the end"))
        closing = _CLOSING[self.take().text]
        while self.now.text != closing or self.now.kind != "sign":
            if self.now.kind == "sign" and self.now.text in _CLOSING:
                self.skip(found)
            elif found is not None and self.now.key in ("!", "NOT", "EXISTS"):
                self.existence(found)
            else:
                self.take()
        self.at += 1

    # --- the clauses

    def projection(self, found: _Found) -> tuple[list[str], list[str]]:
        """The columns that the solutions of the pattern have too, and the expressions that must be bound for that."""
        self.accept("DISTINCT", "REDUCED")
        if self.now.text == "*":
            raise self.untraceable("SELECT *; name the columns")
        keys: list[str] = []
        binds: list[str] = []
        aggregated: set[str] = set()
        while self.now.key not in ("WHERE", "{"):
            if self.now.key == "FROM":
                raise self.untraceable("FROM; leave it out, or write GRAPH")
            if self.now.kind == "var":
                keys.append(self.take().text[1:])
                continue
            first = self.at
            self.skip(found)
            inside = self.tokens[first + 1 : self.at - 1]
            alias = inside[-1].text[1:]
            if any(token.key in _AGGREGATES or token.text[1:] in aggregated for token in inside[:-1]):
                aggregated.add(alias)
            else:
                keys.append(alias)
                binds.append(self.text[inside[0].start : inside[-1].end])
        self.accept("WHERE")
        return keys, binds

    def group_by(self, keys: list[str]) -> list[str]:
        """The named expressions of a GROUP BY, if there is one here; what it groups by has to be among the columns."""
        binds: list[str] = []
        if not self.accept("GROUP"):
            return binds
        self.take("BY")
        while self.now.kind != "end" and self.now.key not in _AFTER_GROUP_BY:
            first = self.at
            name = self.now.text[1:] if self.now.kind == "var" else ""
            if self.now.kind == "var":
                self.take()
            elif self.now.text == "(":
                self.skip()
                inside = self.tokens[first + 1 : self.at - 1]
                if len(inside) > 1 and inside[-2].key == "AS":
                    name = inside[-1].text[1:]
                    binds.append(self.text[inside[0].start : inside[-1].end])
            if name not in keys:  # two groups could not be told apart
                self.at = first
                what = f"?{name}, which it does not select; select it too" if name else "an expression without a name"
                raise self.untraceable(f"a GROUP BY with {what}")
        return binds

    def group(self, found: _Found, branch: bool = False) -> tuple[int, int]:
        """Where the text of the group here starts and ends (inside the braces); what it holds goes to `found`."""
        outer = self.branch
        if branch:
            self.branches += 1
            self.branch = f"nexuskg_branch_{self.branches}"
        start = self.take("{").end
        while self.now.text != "}":
            self.element(found)
        end = self.take("}").start
        if branch:
            found.inserted.append((end, f" BIND(true AS ?{self.branch}) "))
        self.branch = outer
        return start, end

    def element(self, found: _Found) -> None:
        key = self.now.key
        if self.accept("."):
            return
        if self.accept("FILTER"):
            if not self.existence(found):
                while self.now.text != "(":
                    self.take()
                self.skip(found)
        elif self.accept("BIND"):
            self.skip(found)
        elif self.accept("MINUS"):
            found.negations.add(self.branch)
            self.skip()
        elif self.accept("VALUES"):
            if self.now.text == "(":
                self.skip()
            else:
                self.take()
            self.skip()
        elif self.accept("OPTIONAL", "UNION"):
            self.group(found, branch=True)
        elif self.accept("GRAPH"):
            self.take()
            self.group(found)
        elif key == "SERVICE":
            raise self.untraceable("SERVICE")
        elif key == "{" and self.tokens[self.at + 1].key == "SELECT":
            self.sub_select(found)
        elif key == "{":
            self.group(found, branch=self.before_union())
        else:
            found.patterns += self.triples(self.branch)

    def before_union(self) -> bool:
        """Whether UNION follows the group here."""
        first = self.at
        self.skip()
        union = self.now.key == "UNION"
        self.at = first
        return union

    def sub_select(self, found: _Found) -> None:
        """Join the sub-select's own pattern to it: that binds what the projection drops."""
        outer = self.at
        self.take("{")
        self.take("SELECT")
        inner = _Found()
        keys, binds = self.projection(inner)
        first = self.at
        start, end = self.group(inner)
        names = _names(self.tokens[first : self.at])
        binds += self.group_by(keys)
        while self.now.text != "}":
            if self.now.kind == "sign" and self.now.text in _CLOSING:
                self.skip()
            else:
                self.take()
        after = self.take("}").end
        others = self.tokens[:outer] + self.tokens[self.at :]
        if clash := (names - set(keys)) & _names(others):
            raise self.untraceable(f"a sub-select whose ?{min(clash)} is another one than that outside; rename it")
        bound = "".join(f" BIND({expression})" for expression in binds)
        found.inserted.append((after, f" {{ {self.body(start, end, inner)}{bound} }}"))
        found.patterns += inner.patterns
        found.exists += inner.exists
        found.negations |= inner.negations

    def existence(self, found: _Found) -> bool:
        """Whether EXISTS, NOT EXISTS or a "!" stands here; if so, it is read, and EXISTS or BOUND behind the "!"."""
        if self.accept("!", "NOT"):
            # What is not bound was not there, but for a parameter: that was left open by who asks.
            if self.now.key == "EXISTS" or (self.now.key == "BOUND" and not self.open_parameter()):
                found.negations.add(self.branch)
            if self.accept("EXISTS"):
                self.skip()
            return True
        if not self.accept("EXISTS"):
            return False
        inner, branch = _Found(), self.branch
        self.branch = ""
        start, end = self.group(inner)
        self.branch = branch
        part = self.part(self.body(start, end, inner), inner.patterns, start, end)
        found.exists += [replace(each, branch=branch) for each in (part, *inner.exists)]
        if inner.negations:
            found.negations.add(branch)
        return True

    def open_parameter(self) -> bool:
        """Whether the BOUND here is of a parameter."""
        variable = self.tokens[self.at + 2 : self.at + 3]
        return bool(variable) and variable[0].text.lstrip("?$") in self.parameters

    def body(self, start: int, end: int, found: _Found) -> str:
        """The text between two positions, with what is inserted there."""
        pieces: list[str] = []
        for position, text in sorted(found.inserted):
            if start <= position <= end:
                pieces += [self.text[start:position], text]
                start = position
        return "".join([*pieces, self.text[start:end]]).strip()

    def part(self, body: str, patterns: list[PlanPattern], start: int, end: int) -> PlanPart:
        inside = [token for token in self.tokens if start <= token.start < end]
        return PlanPart(body, tuple(dict.fromkeys(patterns)), _names(inside))


def _names(tokens: list[Token]) -> frozenset[str]:
    return frozenset(token.text[1:] for token in tokens if token.kind == "var")
