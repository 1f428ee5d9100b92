"""What a pattern of a question is to its rows: what they say, or only how they were found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyoxigraph import Variable

from nexuskg.queries.pattern_parser import PlanPattern


def said_variables(columns: Iterable[str], bound: Sequence[tuple[str, frozenset[str]]]) -> frozenset[str]:
    """The variables that the columns show, and those from which a BIND makes what they show.

    >>> sorted(said_variables({"a"}, [("a", frozenset("b")), ("b", frozenset("c")), ("x", frozenset("y"))]))
    ['a', 'b', 'c']
    """
    said = set(columns)
    waiting = list(said)
    while waiting:
        name = waiting.pop()
        new = {inside for alias, names in bound if alias == name for inside in names} - said
        said |= new
        waiting += new
    return frozenset(said)


def looked_up_patterns(
    patterns: Sequence[PlanPattern],
    said: frozenset[str],
    parameters: frozenset[str],
    filters: Iterable[frozenset[str]] = (),
) -> frozenset[PlanPattern]:
    """The patterns that only lead to a parameter: they speak of nothing that the row shows.

    A town lies in the country that was asked for; of the row, which is about who was in the town, that is no part. A
    parameter may also be compared with a variable in a filter.

    >>> from pyoxigraph import NamedNode
    >>> tie, within = NamedNode("urn:tie"), NamedNode("urn:within")
    >>> who, town, country = Variable("who"), Variable("town"), Variable("country")
    >>> about, found = PlanPattern(who, tie, town), PlanPattern(town, within, country)
    >>> looked_up_patterns([about, found], frozenset({"who"}), frozenset({"country"})) == {found}
    True
    >>> looked_up_patterns([about, found], frozenset({"who", "town"}), frozenset({"country"}))
    frozenset()
    """
    hidden = {name for names in filters if names & parameters for name in names} | parameters
    reached = set(hidden - said)
    out: set[PlanPattern] = set()
    while more := {
        pattern
        for pattern in patterns
        if pattern not in out and (names := _names(pattern)) & reached and not names & said
    }:
        out |= more
        reached |= {name for pattern in more for name in _names(pattern)}
    return frozenset(out)


def idle_branches(
    optional: Mapping[str, frozenset[str]],
    within: Mapping[str, str],
    patterns: Iterable[PlanPattern],
    said: frozenset[str],
) -> frozenset[str]:
    """The branches of an OPTIONAL that brings nothing that a row says: the row is there without them.

    `optional` has the variables of each, `within` the branch in which a branch stands.

    >>> a, b, c = (Variable(name) for name in "abc")
    >>> from pyoxigraph import NamedNode
    >>> patterns = [PlanPattern(a, NamedNode("urn:p"), b), PlanPattern(b, NamedNode("urn:q"), c, "one")]
    >>> optional, within = {"one": frozenset("bc")}, {"one": ""}
    >>> [sorted(idle_branches(optional, within, patterns, frozenset(said))) for said in ("ab", "abc")]
    [['one'], []]
    """

    def around(branch: str) -> Iterator[str]:
        while branch:
            branch = within[branch]
            yield branch

    names: dict[str, set[str]] = {}
    for pattern in patterns:
        names.setdefault(pattern.branch, set()).update(_names(pattern))
    idle = {
        branch
        for branch, inside in optional.items()
        if not said & inside.difference(*(names.get(at, ()) for at in around(branch)))
    }
    return frozenset(branch for branch in within if branch in idle or idle & set(around(branch)))


def _names(pattern: PlanPattern) -> frozenset[str]:
    slots = (pattern.subject, pattern.predicate, pattern.object)
    return frozenset(slot.value for slot in slots if isinstance(slot, Variable))
