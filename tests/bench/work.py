"""What a child process measures: python tests/bench/work.py PEER TASK FOLDER RUNS -> one line of JSON.

Each measurement has a process of its own, so that memory is clean and a peer can be stopped. What has to be there
before is prepared outside the clock; the clock is read for wall time and for CPU time of the whole process.
"""

from __future__ import annotations

import gc
import json
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, it finds support too

BUDGET = 60.0
"""Seconds after which a task that has run once is not run again."""


@dataclass(slots=True)
class Outcome:
    """Seconds of each run on the wall and of CPU, peak memory in kB, how many things came out, and what came out."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: int = 0
    count: int = 0
    detail: dict[str, float] = field(default_factory=dict)


def timed(outcome: Outcome, runs: int, prepare: Callable[[], Any], work: Callable[[Any], Any]) -> Any:
    """What the last run returned; the outcome then has the times. Every run starts from what `prepare` returns."""
    began, result = time.perf_counter(), None
    for _ in range(runs):
        prepared, result = prepare(), None
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        result = work(prepared)
        outcome.wall.append(time.perf_counter() - wall)
        outcome.cpu.append(time.process_time() - cpu)
        del prepared
        if time.perf_counter() - began > BUDGET:
            break
    return result


def peak() -> int:
    """The most memory that this process has held so far, in kB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) if found else 0


def write(folder: Path, peer: str, task: str, lines: Iterable[str]) -> int:
    """The number of lines; they are then in the file where the results of peers are compared, sorted."""
    ordered = sorted(lines)
    (folder / f"{task}.{peer}.txt").write_text("\n".join(ordered), encoding="utf-8")
    return len(ordered)


def main() -> None:
    """Nothing; prints the outcome of the task as JSON."""
    peer, task, folder, runs = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
    import ours
    import peers
    from support.needs import Failed

    outcome = Outcome()
    try:
        {**ours.TASKS, **peers.TASKS}[peer, task](outcome, folder, runs)
    except Failed as failed:
        raise SystemExit(str(failed)) from None
    # What only compares results has used memory by then too, so the tasks note their own peak.
    outcome.memory = outcome.memory or peak()
    print(json.dumps(asdict(outcome)))


if __name__ == "__main__":
    main()
