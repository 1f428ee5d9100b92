"""The real graph, and beside it a made-up source with a text and claims."""

from __future__ import annotations

from pathlib import Path

import pytest

from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.pipeline.compilation import compiled
from nexuskg.pipeline.views import WHOLE
from support.recorded import Recorded, recorded


@pytest.fixture(scope="session")
def graph(home: Path) -> Vocabulary:
    """The real graph, with all that it has."""
    return Vocabulary(compiled(WHOLE, home))


@pytest.fixture(scope="session")
def pisco(graph: Vocabulary) -> Recorded:
    """The made-up source with its claims."""
    return recorded(graph)
