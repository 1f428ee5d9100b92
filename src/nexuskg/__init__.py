"""A knowledge graph of the crime-terror nexus in which every answer leads back to the passage it rests on.

    import nexuskg

    graph = nexuskg.load()
    for row in graph.ask("who-taxes-what", activity="drug trafficking"):
        print(row.group, [item.anchor for item in row.evidence])

`load` gives the graph in a view, to be asked; `ask` the answer to one stored question; `compiled` the dataset with its
pyoxigraph store.

>>> import nexuskg
>>> nexuskg.load().ask("who-taxes-what")[0].group.label
'Sendero Luminoso'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nexuskg.base.version import __version__

if TYPE_CHECKING:
    from nexuskg.answers.answer import Answer
    from nexuskg.answers.rows import ask
    from nexuskg.errors import Finding, NexuskgError
    from nexuskg.graph import Graph, load
    from nexuskg.pipeline.compilation import compiled
    from nexuskg.pipeline.dataset import Compiled

__all__ = ["Answer", "Compiled", "Finding", "Graph", "NexuskgError", "__version__", "ask", "compiled", "load"]

_HOMES = {
    "Answer": "answers.answer",
    "Compiled": "pipeline.dataset",
    "Finding": "errors",
    "Graph": "graph",
    "NexuskgError": "errors",
    "ask": "answers.rows",
    "compiled": "pipeline.compilation",
    "load": "graph",
}


def __getattr__(name: str) -> object:
    """The public name, imported on first use: importing nexuskg alone costs nothing."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"nexuskg.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
