"""A knowledge graph of the crime-terror nexus in which every answer leads back to the passage it rests on.

    from nexuskg import ask, compiled

    for row in ask("who-taxes-what").rows:
        print(row)

`compiled` gives the dataset as a pyoxigraph store, `ask` the answer to a stored question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nexuskg.build import compiled
    from nexuskg.dataset import Compiled
    from nexuskg.errors import Finding, NexuskgError
    from nexuskg.rows import Answer, ask

__version__ = "0.1.0"
__all__ = ["Answer", "Compiled", "Finding", "NexuskgError", "__version__", "ask", "compiled"]

_HOMES = {
    "Answer": "rows",
    "Compiled": "dataset",
    "Finding": "errors",
    "NexuskgError": "errors",
    "ask": "rows",
    "compiled": "build",
}


def __getattr__(name: str) -> object:
    """The public name, imported on first use: importing nexuskg alone costs nothing."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"nexuskg.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
