"""Speed and memory side by side with peers, in one run: python tests/bench/run.py --sizes 10k,100k -o FOLDER

For each size: load, derive, closure, validate, the stored questions, and adding a source; `why` and whole processes on
the real graph. Each measurement has a process of its own and ten minutes; what peers return is compared. The report is
a table, the targets with what this run has to say of them, a CSV and a plot.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import generate
import report
import small
from measure import LIMIT, PEERS, Measured, measure, run_child

LARGEST_ASKED = 1_000_000
"""The largest size at which more than load, derivation and closure is measured."""
LIGHT = ("load", "derive", "closure")
VIOLATIONS = 0.01
"""The share of claims that are wrong, so that validators have something to report."""


def main() -> None:
    """Nothing; prints the report, and writes it where `-o` says."""
    parser = argparse.ArgumentParser(description="Measure nexuskg beside its peers.")
    parser.add_argument("--sizes", default="10k,100k", help="sizes in triples, separated by commas: 10k,100k,1M,10M")
    parser.add_argument("--runs", type=int, default=3, help="runs of each (the median counts); one where it takes long")
    parser.add_argument("--tasks", default=",".join(PEERS), help="only these tasks")
    parser.add_argument("--no-peers", action="store_true", help="nexuskg alone")
    parser.add_argument("--no-small", action="store_true", help="without the real graph")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, help="the folder of the report")
    args = parser.parse_args()
    tasks, sizes = args.tasks.split(","), sorted(map(generate.size, args.sizes.split(",")))
    measured = [] if args.no_small else [_why()]
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            at = Path(folder, str(size))
            at.mkdir()
            measured += at_size(at, size, tasks, args.runs, args.seed, not args.no_peers, measured)
            for path in at.iterdir():  # the largest would fill the disk
                path.unlink()
        real = "" if args.no_small else small.table(args.runs)
        print(report.write(args.output or Path(folder), measured, real))


def at_size(
    folder: Path, size: int, tasks: list[str], runs: int, seed: int, peers: bool, before: list[Measured]
) -> list[Measured]:
    """Every measurement at that size; `before` holds those at smaller ones."""
    _say(f"{size:,} triples: preparing")
    number = 0
    with (folder / "generated.nt").open("w", encoding="utf-8") as file:
        for doc in generate.sources(size, seed):
            number += 1
            file.writelines(generate.lines(iter([doc]), violations=VIOLATIONS, seed=number))
    (folder / "sources.txt").write_text(str(number), encoding="ascii")
    asked = size <= LARGEST_ASKED
    ready = run_child(folder, "nexuskg", "prepare", int(asked), LIMIT * 3)
    if isinstance(ready, str):
        return [Measured(size, task, "nexuskg", skipped=f"not prepared, {ready}") for task in tasks]
    with (folder / "plain.nt").open("rb") as file:
        triples = sum(1 for _ in file)
    out = []
    for task in [task for task in tasks if asked or task in LIGHT]:
        for peer in ("nexuskg", *(PEERS[task] if peers else ())):
            smaller = [one for one in before if (one.task, one.peer) == (task, peer)]
            _say(f"{size:,} triples: {task} by {peer}")
            one = measure(folder, size, task, peer, runs, max(smaller, key=lambda m: m.size, default=None))
            one.detail["triples"] = triples
            out.append(one)
    return out


def _why() -> Measured:
    _say("the real graph: why")
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder), 0, "why", "nexuskg", 1, None)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
