"""The examples in the docstrings give what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import nexuskg

MODULES = sorted(path.stem for path in Path(nexuskg.__file__).parent.glob("*.py") if path.stem != "__main__")


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    module = nexuskg if name == "__init__" else importlib.import_module(f"nexuskg.{name}")
    assert doctest.testmod(module).failed == 0


def test_there_are_examples() -> None:
    modules = [importlib.import_module(f"nexuskg.{name}") for name in MODULES if name != "__init__"]
    assert sum(len(test.examples) for module in modules for test in doctest.DocTestFinder().find(module)) >= 20
