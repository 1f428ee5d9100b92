"""The parser of a query's clauses: which patterns stand in which group, branch, filter or negation.

Terms, paths and triples are read by the parser of patterns; the clauses around them are read here. Both refuse what
stored questions may not use with a reason; the tests hold them against a full SPARQL parser on every stored question.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from nexuskg.queries.catalogue import StoredQuery
from nexuskg.queries.pattern_parser import PatternParser, PlanPattern
from nexuskg.queries.pattern_roles import idle_branches, looked_up_patterns, said_variables
from nexuskg.queries.plan_parts import EXTREMES, Extreme, GroupContent, Negation, Plan, PlanPart, lone_extreme
from nexuskg.queries.tokens import Token, without_comments

_AGGREGATES: Final = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
_AFTER_GROUP_BY: Final = frozenset({"HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "}"})
_CLOSING: Final = {"{": "}", "(": ")"}


class ClauseParser(PatternParser):
    """Reads one query clause by clause, and collects what its evidence is found by.

    Without some of the tests of its filters: in their place stands that they are false.
    """

    def __init__(self, query: StoredQuery, without: frozenset[int] = frozenset()) -> None:
        # What is put together from pieces of the text is not to end in a comment.
        super().__init__(query.name, without_comments(query.text))
        self.query, self.dropped = query, without
        self.parameters = frozenset(parameter.name for parameter in query.params)
        self.branch = ""
        self.branches = 0
        self.within: dict[str, str] = {}
        self.optional: dict[str, frozenset[str]] = {}
        self.tests = 0
        self.test = 0
        self.said: set[str] = set()
        self.counted: set[str] = set()
        self.doubles = False

    def plan(self) -> Plan:
        """How the evidence of the query is found; raises Untraceable where its evidence could not be found."""
        self.declarations()
        prologue = self.text[: self.now.start]
        form = self.take().key
        if form not in ("SELECT", "ASK"):
            raise self.untraceable(f"{form}; a question selects or asks")
        found = GroupContent()
        keys, binds, extreme = self.projection(found) if form == "SELECT" else ([], [], None)
        if extreme:  # of the solutions behind a row, those count that have it
            keys.append(extreme.name)
            binds.append(f"{extreme.expression} AS ?{extreme.name}")
        self.said |= self.parameters if form == "ASK" else set()
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
        said = said_variables(self.said, found.bound)
        idle = idle_branches(self.optional, self.within, found.patterns, said)
        looked_up = looked_up_patterns(found.patterns, said, self.parameters, found.filters)
        main = replace(self.part(body, found.patterns, start, end), looked_up=looked_up, idle=idle)
        negations = frozenset(found.negations)
        counted = tuple(sorted(main.variables if self.doubles else self.counted))
        return Plan(self.query, prologue, main, tuple(found.exists), negations, tuple(keys), counted, self.tests)

    def skip(self, found: GroupContent | None = None, filters: bool = False) -> None:
        """Go behind the bracket that closes the one here. EXISTS inside go to `found`; those of filters get numbers."""
        if self.now.text not in _CLOSING:
            raise self.untraceable(repr(self.now.text or "the end"))
        closing = _CLOSING[self.take().text]
        while self.now.text != closing or self.now.kind != "sign":
            if self.now.kind == "sign" and self.now.text in _CLOSING:
                self.skip(found, filters)
            elif found is not None and self.now.key in ("!", "NOT", "EXISTS"):
                self.existence(found, filters)
            else:
                self.take()
        self.at += 1

    # --- the clauses

    def projection(self, found: GroupContent) -> tuple[list[str], list[str], Extreme | None]:
        """The columns that the solutions of the pattern have too, what must be bound for that, and the lone extreme."""
        self.accept("DISTINCT", "REDUCED")
        if self.now.text == "*":
            raise self.untraceable("SELECT *; name the columns")
        keys: list[str] = []
        binds: list[str] = []
        aggregated: dict[str, list[Token]] = {}
        while self.now.key not in ("WHERE", "{"):
            if self.now.key == "FROM":
                raise self.untraceable("FROM; leave it out, or write GRAPH")
            if self.now.kind == "var":
                keys.append(self.take().text[1:])
                self.said.add(keys[-1])
                continue
            first = self.at
            self.skip(found)
            inside = self.tokens[first + 1 : self.at - 1]
            alias = inside[-1].text[1:]
            self.said |= _names(inside)
            if any(token.key in _AGGREGATES or token.text[1:] in aggregated for token in inside[:-1]):
                aggregated[alias] = inside[:-1]
            else:
                keys.append(alias)
                binds.append(self.text[inside[0].start : inside[-1].end])
        self.accept("WHERE")
        extreme = lone_extreme(self.text, aggregated)
        for inside in aggregated.values() if extreme is None else ():
            self.counted |= _names(inside)
            # The same value counts as often as it is there, unless DISTINCT stands with it.
            self.doubles |= not {"DISTINCT", *EXTREMES} & {token.key for token in inside}
        return keys, binds, extreme

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

    def group(self, found: GroupContent, branch: bool = False) -> tuple[int, int]:
        """Where the text of the group here starts and ends (inside the braces); what it holds goes to `found`."""
        outer = self.branch
        if branch:
            self.branches += 1
            self.branch = _branch(self.branches)
            self.within[self.branch] = outer
        start = self.take("{").end
        while self.now.text != "}":
            self.element(found)
        end = self.take("}").start
        if branch:
            found.inserted.append((end, end, f" BIND(true AS ?{self.branch}) "))
        self.branch = outer
        return start, end

    def element(self, found: GroupContent) -> None:
        key = self.now.key
        if self.accept("."):
            return
        if self.accept("FILTER"):
            first = self.at
            if not self.existence(found, filters=True):
                while self.now.text != "(":
                    self.take()
                self.skip(found, filters=True)
            found.filters.append(_names(self.tokens[first : self.at]))
        elif self.accept("BIND"):
            first = self.at
            self.skip(found)
            inside = self.tokens[first + 1 : self.at - 1]
            found.bound.append((inside[-1].text[1:], _names(inside[:-1])))
        elif self.accept("MINUS"):
            found.negations.add(Negation(self.branch))
            self.skip()
        elif self.accept("VALUES"):
            if self.now.text == "(":
                self.skip()
            else:
                self.take()
            self.skip()
        elif self.accept("OPTIONAL"):
            first, name = self.at, _branch(self.branches + 1)
            self.group(found, branch=True)
            self.optional[name] = _names(self.tokens[first : self.at])
        elif self.accept("UNION"):
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

    def sub_select(self, found: GroupContent) -> None:
        """Join the sub-select's own pattern to it: that binds what the projection drops."""
        outer = self.at
        self.take("{")
        self.take("SELECT")
        inner = GroupContent()
        keys, binds, extreme = self.projection(inner)
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
        joined = f" {{ {self.body(start, end, inner)}{bound} }}"
        if extreme:
            joined += f" FILTER(!BOUND(?{extreme.name}) || ({extreme.expression}) = ?{extreme.name})"
        found.inserted.append((after, after, joined))
        # What is dropped from it is dropped where it stands itself, too; the branches are bound where it is joined.
        found.inserted += [each for each in inner.inserted if each[0] < each[1]]
        found.patterns += inner.patterns
        found.exists += inner.exists
        found.negations |= inner.negations
        found.filters += inner.filters
        found.bound += inner.bound

    def existence(self, found: GroupContent, filters: bool = False) -> bool:
        """Whether EXISTS, NOT EXISTS or a "!" stands here; if so, it is read, and EXISTS or BOUND behind the "!".

        One of a filter, but for those within another, gets a number, by which it can be dropped.
        """
        here = self.now.start
        negative = self.accept("!", "NOT")
        if negative and self.now.key != "EXISTS":
            # What is not bound was not there, but for a parameter: that was left open by who asks.
            if self.now.key == "BOUND" and not self.open_parameter():
                found.negations.add(Negation(self.branch, self.test))
            return True
        if not self.accept("EXISTS"):
            return False
        outer = self.test
        if filters and not outer:
            self.tests += 1
            self.test = self.tests
        if negative:
            found.negations.add(Negation(self.branch, self.test))
            self.skip()
        else:
            self.positive_existence(found)
        if self.test in self.dropped and not outer:
            found.inserted.append((here, self.tokens[self.at - 1].end, "(false)"))
        self.test = outer
        return True

    def positive_existence(self, found: GroupContent) -> None:
        """Read the group of an EXISTS as a part of its own."""
        inner, branch = GroupContent(), self.branch
        self.branch = ""
        start, end = self.group(inner)
        self.branch = branch
        part = replace(self.part(self.body(start, end, inner), inner.patterns, start, end), test=self.test)
        found.exists += [replace(each, branch=branch) for each in (part, *inner.exists)]
        if inner.negations:
            found.negations.add(Negation(branch, self.test))

    def open_parameter(self) -> bool:
        """Whether the BOUND here is of a parameter."""
        variable = self.tokens[self.at + 2 : self.at + 3]
        return bool(variable) and variable[0].text.lstrip("?$") in self.parameters

    def body(self, start: int, end: int, found: GroupContent) -> str:
        """The text between two positions, with what is inserted there."""
        pieces: list[str] = []
        for first, last, text in sorted(found.inserted):
            if start <= first <= last <= end:
                pieces += [self.text[start:first], text]
                start = last
        return "".join([*pieces, self.text[start:end]]).strip()

    def part(self, body: str, patterns: list[PlanPattern], start: int, end: int) -> PlanPart:
        inside = [token for token in self.tokens if start <= token.start < end]
        return PlanPart(body, tuple(dict.fromkeys(patterns)), _names(inside))


def _branch(number: int) -> str:
    return f"nexuskg_branch_{number}"


def _names(tokens: list[Token]) -> frozenset[str]:
    return frozenset(token.text[1:] for token in tokens if token.kind == "var")
