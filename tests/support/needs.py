"""What cannot be had here: a benchmark ends with it, a test is skipped or fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


class Failed(Exception):
    """Something outside the package did not do what it is there for; says what and why."""


class Missing(Failed):
    """Something that is not installed here; says what, and what installs it where that is known."""


@contextmanager
def or_skip() -> Iterator[None]:
    """Skip the test where what it needs is missing, unless CI=true: there it fails, as it does where one failed."""
    import pytest

    try:
        yield
    except Missing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing))
        pytest.skip(str(missing))
