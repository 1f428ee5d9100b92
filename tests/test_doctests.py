"""The examples in the docstrings give what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import nexuskg

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(nexuskg.__path__, "nexuskg.")
    if not module.name.endswith("__main__") and "._data" not in module.name
)


@pytest.mark.parametrize("name", ["nexuskg", *MODULES])
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples() -> None:
    modules = [importlib.import_module(name) for name in MODULES]
    assert len(modules) > 140
    assert sum(len(test.examples) for module in modules for test in doctest.DocTestFinder().find(module)) >= 20
