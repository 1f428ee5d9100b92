"""What is promised, as ratios of one run, and whether this run keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from measure import Measured

By = Mapping[tuple[int, str, str], Measured]
"""Measurements by size, task and peer."""

SMALL, MIDDLE, LARGE, HUGE = 10_000, 100_000, 1_000_000, 10_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """A promise: in words, and the figure measured (None: not at these sizes) with its unit and limit, and a remark."""

    what: str
    figure: float | None
    unit: str
    kept: bool | None
    remark: str = ""


def targets(found: By) -> list[Target]:
    """Every target with what this run has to say of it."""
    return [
        _ratio(found, "closure at 10k: at least 1,000x less CPU than owlrl", SMALL, "closure", "owlrl", 1000, cpu=True),
        _ratio(
            found, "closure at 1M: at least 5x less CPU than reasonable", LARGE, "closure", "reasonable", 5, cpu=True
        ),
        _nothing_missed(found),
        _ratio(found, "validation at 100k: at least 130x faster than pySHACL", MIDDLE, "validate", "pyshacl", 130),
        _same_report(found),
        _growth(found, "validation: cost per triple at 1M at most twice that at 100k", "validate", MIDDLE, LARGE, 2),
        _no_slower_question(found),
        _ratio(
            found,
            "stored questions at 100k: the sum at least 60x faster than rdflib",
            MIDDLE,
            "questions",
            "rdflib",
            60,
        ),
        _quick_questions(found),
        _growth(found, "load: cost per triple at 10M at most 1.5x that at 1M", "load", LARGE, HUGE, 1.5),
        _growth(found, "closure: cost per triple at 10M at most 1.5x that at 1M", "closure", LARGE, HUGE, 1.5),
        _addition(found),
        _why(found),
        _memory(found),
    ]


def _get(found: By, size: int, task: str, peer: str = "nexuskg") -> Measured | None:
    one = found.get((size, task, peer))
    return one if one and one.wall is not None else None


def _ratio(found: By, what: str, size: int, task: str, peer: str, least: float, cpu: bool = False) -> Target:
    ours, theirs = _get(found, size, task), _get(found, size, task, peer)
    if not ours or not theirs:
        left_out = found.get((size, task, peer))
        return Target(what, None, "x", None, left_out.skipped if left_out else "")
    figure = (theirs.cpu or 0) / (ours.cpu or 1) if cpu else (theirs.wall or 0) / (ours.wall or 1)
    return Target(what, figure, "x", figure >= least, theirs.equal and f"same result: {theirs.equal}")


def _growth(found: By, what: str, task: str, small: int, large: int, most: float) -> Target:
    one, other = _get(found, small, task), _get(found, large, task)
    if not one or not other:
        return Target(what, None, "x", None)
    cost = [m.cpu or 0 for m in (one, other)]  # others on the machine do not make it dearer
    figure = (cost[1] / other.detail.get("triples", large)) / (cost[0] / one.detail.get("triples", small))
    return Target(what, figure, "x", figure <= most)


def _nothing_missed(found: By) -> Target:
    said = [one for one in found.values() if one.task == "closure" and one.equal]
    what = "closure: nothing that owlrl or reasonable finds is missed (sizes and peers compared)"
    bad = [one for one in said if "more" in one.equal]
    remark = "; ".join(f"{one.peer} at {one.size:,}: {one.equal}" for one in said if one.equal != "yes")
    return Target(what, float(len(said)) if said else None, "", not bad if said else None, remark)


def _same_report(found: By) -> Target:
    one = _get(found, MIDDLE, "validate", "pyshacl")
    what = "validation at 100k: the report is identical to pySHACL's"
    if not one:
        return Target(what, None, "", None)
    return Target(what, float(one.count), " results", one.equal == "yes", "" if one.equal == "yes" else one.equal)


def _no_slower_question(found: By) -> Target:
    what = "no stored question slower than rdflib at 100k (slower ones)"
    ours, theirs = _get(found, MIDDLE, "questions"), _get(found, MIDDLE, "questions", "rdflib")
    if not ours or not theirs:
        return Target(what, None, "", None)
    slower = _questions(ours, lambda name, ms: ms > theirs.detail.get(name, 0))
    return Target(what, float(len(slower)), "", not slower, ", ".join(slower))


def _quick_questions(found: By) -> Target:
    what = "no stored question over 150 ms at 1M unless it returns over 10,000 rows (slower ones)"
    ours = _get(found, LARGE, "questions")
    if not ours:
        return Target(what, None, "", None)
    slow = _questions(ours, lambda name, ms: ms > 0.150 and ours.detail.get(f"rows of {name}", 0) <= 10_000)
    remark = ", ".join(f"{name} {1000 * ours.detail[name]:.0f} ms" for name in slow)
    return Target(what, float(len(slow)), "", not slow, remark)


def _questions(one: Measured, wanted: Callable[[str, float], bool]) -> list[str]:
    return [name for name, seconds in one.detail.items() if _is_question(name) and wanted(name, seconds)]


def _is_question(name: str) -> bool:
    return name != "triples" and not name.startswith("rows of ")


def _addition(found: By) -> Target:
    what = "adding one source of 200 claims to a closed 1M store: at most 2% of the CPU of the full closure"
    add, close = _get(found, LARGE, "add"), _get(found, LARGE, "closure")
    if not add or not close:
        return Target(what, None, "%", None)
    figure = 100 * (add.cpu or 0) / (close.cpu or 1)
    differ = add.detail.get("differ", 0)
    remark = "the same as from scratch" if not differ else f"{differ:,.0f} triples differ from those from scratch"
    return Target(what, figure, "%", figure <= 2 and not differ, remark)


def _why(found: By) -> Target:
    one = found.get((0, "why", "nexuskg"))
    what = "why under 50 ms warm on the real graph (the slowest of all inferred triples)"
    if not one or one.wall is None:
        return Target(what, None, " ms", None)
    slowest = 1000 * one.detail["slowest"]
    return Target(what, slowest, " ms", slowest < 50, f"median {1000 * one.wall:.0f} ms over {one.count} triples")


def _memory(found: By) -> Target:
    what = "memory at 1M under 1.5 GB (the process that loads and closes)"
    one = _get(found, LARGE, "closure")
    figure = one.memory / 1024**2 if one else None
    return Target(what, figure, " GB", None if figure is None else figure < 1.5)
