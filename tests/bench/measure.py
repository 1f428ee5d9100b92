"""Measurements, each by a child process with a time limit; and what is left out because it would take too long."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

LIMIT = 600
"""Seconds that a measurement may take, its preparation included."""
MEMORY = 16 * 1024**3
"""Bytes of address space that a measurement may take: beyond, a machine of 24 GB would begin to swap."""
HERE = Path(__file__).parent

PEERS: dict[str, tuple[str, ...]] = {
    "load": ("rdflib", "oxrdflib", "owlready2", "virtuoso"),
    "derive": ("rdflib",),
    "closure": ("owlrl", "reasonable"),
    "validate": ("pyshacl",),
    "questions": ("rdflib", "oxrdflib", "virtuoso"),
    "add": (),
}
"""The tasks at every size, and who is measured beside nexuskg."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one peer took for one task at one size: medians of seconds, peak memory in kB; or why nothing is known.

    `equal` says how the result compares with ours; it is empty for ours and where there is nothing to compare.
    """

    size: int
    task: str
    peer: str
    wall: float | None = None
    cpu: float | None = None
    memory: int = 0
    count: int = 0
    runs: int = 0
    equal: str = ""
    skipped: str = ""
    detail: dict[str, float] = field(default_factory=dict)


def measure(folder: Path, size: int, task: str, peer: str, runs: int, before: Measured | None) -> Measured:
    """What the peer takes; `before` is the same at a smaller size, from which it is told what would take too long."""
    missing = unavailable(peer)
    if missing:
        return Measured(size, task, peer, skipped=missing)
    if before and before.skipped and before.skipped != "not installed":
        return Measured(
            size, task, peer, skipped=f"skipped: {before.skipped.removeprefix('skipped: ')} at a smaller size"
        )
    if before and before.wall is not None and peer != "nexuskg":
        # At least so long: nothing here is faster per triple on more of them.
        expected = before.wall * size / before.size
        if expected > LIMIT:
            return Measured(
                size, task, peer, skipped=f"skipped: would take over {LIMIT // 60} minutes (about {expected:,.0f} s)"
            )
    done = run_child(folder, peer, task, runs)
    if isinstance(done, str):
        return Measured(size, task, peer, skipped=done)
    return Measured(
        size,
        task,
        peer,
        statistics.median(done["wall"]) if done["wall"] else None,
        statistics.median(done["cpu"]) if done["cpu"] else None,
        done["memory"],
        done["count"],
        len(done["wall"]),
        compared(folder, task, peer),
        detail=done["detail"],
    )


def run_child(folder: Path, peer: str, task: str, runs: int, limit: int = LIMIT) -> dict[str, object] | str:
    """The outcome of a task in a process of its own, as work.Outcome has it; a sentence where there is none."""
    command = [sys.executable, "-W", "ignore", str(HERE / "work.py"), peer, task, str(folder), str(runs)]
    # A session of its own: a peer that starts a server or Java is stopped with it.
    child = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    try:
        said, errors = child.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return f"skipped: over {limit // 60} minutes"
    if child.returncode and re.search("memory alloc|MemoryError|bad_alloc", errors):
        return f"skipped: over {MEMORY // 1024**3} GB of memory"
    if child.returncode:
        return f"failed: {errors.strip().splitlines()[-1] if errors.strip() else child.returncode}"
    return json.loads(said.splitlines()[-1])


def unavailable(peer: str) -> str:
    """Why the peer cannot be measured here; empty where it can."""
    if peer == "virtuoso":
        return "" if shutil.which("virtuoso-t") else "not installed"
    if peer == "oxrdflib" and importlib.util.find_spec("oxrdflib") is None:
        return "not installed"
    return "" if importlib.util.find_spec(peer) else "not installed"


def compared(folder: Path, task: str, peer: str) -> str:
    """How the result of the peer compares with ours; empty where there is nothing to compare."""
    ours, theirs = folder / f"{task}.nexuskg.txt", folder / f"{task}.{peer}.txt"
    if peer == "nexuskg" or not (ours.is_file() and theirs.is_file()):
        return ""
    mine, other = (Counter(path.read_text(encoding="utf-8").splitlines()) for path in (ours, theirs))
    missed, added = (mine - other).total(), (other - mine).total()
    if not missed and not added:
        return "yes"
    parts = [f"it misses {missed:,} of ours" if missed else "", f"it has {added:,} more" if added else ""]
    return "; ".join(part for part in parts if part)
