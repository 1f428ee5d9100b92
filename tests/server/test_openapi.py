"""The API against its own description, by schemathesis: requests made from the document, right ones and wrong ones."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nexuskg.pipeline import compilation
from nexuskg.server.api.routes import OPERATIONS
from support import needs, servers

EXAMPLES = 8
"""Requests to an operation that are made at random; there are about fifty operations."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A server as people start it."""
    with servers.nexuskg(tmp_path) as running:
        yield running.endpoint.removesuffix("/sparql")


def paths() -> list[str]:
    """The operations of the table, and of the questions the few that take between them every type of parameter."""
    takes = {
        name: {(one.type, one.required) for one in query.params}
        for name, query in compilation.compiled().catalogue.items()
    }
    left = set().union(*takes.values())
    found = [operation.path for operation in OPERATIONS]
    while left:
        name = max(sorted(takes), key=lambda name: len(takes[name] & left))
        left -= takes[name]
        found.append(f"/api/questions/{name}")
    return found


@pytest.mark.slow
def test_schemathesis_finds_nothing(address: str, tmp_path: Path) -> None:
    """Only where schemathesis is installed beside the tests: it brings a lot along.

    At random every operation is asked; one by one, with whatever its description rules in or out, a few: it would take
    minutes for all.
    """
    program = shutil.which("schemathesis")
    with needs.or_skip():
        if program is None:
            raise needs.Missing("schemathesis is not installed: pip install schemathesis, in an environment of its own")
    assert program is not None
    command = [program, "--no-color", "run", f"{address}/api/openapi.json", "--checks", "all", "--seed", "1"]
    command += ["--generation-database", "none", "--continue-on-failure"]
    few = [word for path in paths() for word in ("--include-path", path)]
    # Its own Python is to find its own packages, not those of the tests.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for more in (
        ["--phases", "examples,fuzzing,stateful", "--max-examples", str(EXAMPLES)],
        ["--phases", "coverage", *few],
    ):
        done = subprocess.run(
            [*command, *more], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment, timeout=600
        )
        assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
        assert re.search(r"[1-9]\d\d+ generated, ", done.stdout), done.stdout[-2_000:]
