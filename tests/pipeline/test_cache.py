"""The cache knows the program that made an entry: another program makes another. (The rest: test_compilation.py.)"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nexuskg.base.data_home import PACKAGE

DIGEST_AND_COMPILATIONS = """
from nexuskg.base import data_home
from nexuskg.pipeline import cache, compilation
real, done = compilation.compile_dataset, []
compilation.compile_dataset = lambda *given: done.append(given) or real(*given)
compilation.compiled()
print(cache.PACKAGE, cache.digest(data_home.home()), len(done))
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package."""
    copy = tmp_path / "other" / "nexuskg"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "_data"))
    assert len(list(copy.rglob("*.py"))) > 140
    return copy


def compiled_by(package: Path) -> tuple[str, int]:
    """The digest of the home of the test, and how often it was compiled, in a process that runs that package."""
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}
    command = [sys.executable, "-c", DIGEST_AND_COMPILATIONS]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    where, digest, compilations = done.stdout.split()
    assert Path(where) == package
    return digest, int(compilations)


def test_a_change_of_any_module_is_another_entry(small: Path, package: Path) -> None:
    found = [compiled_by(package)]
    assert compiled_by(package) == (found[0][0], 0)
    for module in ("reasoning/rules.py", "errors.py", "server/sandbox/worker.py"):
        with (package / module).open("a", encoding="utf-8") as file:
            file.write("# as it was, and yet another program\n")
        found.append(compiled_by(package))
    (package / "reasoning" / "further.py").touch()
    found.append(compiled_by(package))
    assert len({digest for digest, _ in found}) == len(found)
    assert {compilations for _, compilations in found} == {1}


def test_a_file_that_is_no_module_changes_nothing(small: Path, package: Path) -> None:
    before, _ = compiled_by(package)
    for name in ("README.md", "reasoning/notes.txt", "reasoning/__pycache__/rules.cpython-39.pyc"):
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text("whatever", encoding="utf-8")
    assert compiled_by(package) == (before, 0)
