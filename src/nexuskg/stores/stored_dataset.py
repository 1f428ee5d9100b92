"""Opening a dataset that lies in a store of the user: is it there, and whole?"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

from pyoxigraph import Triple

from nexuskg.base import data_home, namespaces
from nexuskg.errors import NotPushed
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import View
from nexuskg.queries import catalogue
from nexuskg.stores import layout
from nexuskg.stores.layout import Manifest, Space
from nexuskg.stores.mapped_store import Mapped, Source

At = Callable[[Space, str], Source]
"""From the names of a dataset and what is accepted to the store as a source of it."""


def open_stored(at: At, option: str, view: View, home: Path | None = None) -> Compiled:
    """The dataset of a view where it lies in a store; raises NotPushed where it is not there, or not whole.

    The stored queries and prefixes are those of the installation. `option` is how the store is named on the command
    line. Another view of the same store comes from there, too, where it has it, else from the files.
    """
    home = home or data_home.home()
    names = layout.space_of(view)
    source = at(names, view.accept)
    found = stored_manifest(source, names)
    if found is None or found.digest is None:
        raise NotPushed(_absent(source, view, option, found))

    def beside(other: View) -> Compiled:
        from nexuskg.pipeline import compilation

        try:
            return open_stored(at, option, other, home)
        except NotPushed:
            return compilation.compiled(other, home)

    store = Mapped(source, names, view.accept, found)
    return Compiled(
        home,
        view,
        store,
        catalogue.read_catalogue(home),
        namespaces.prefixes(home),
        found.contradictions(),
        beside=beside,
    )


def stored_manifest(source: Source, names: Space) -> Manifest | None:
    """The manifest of a dataset in a store; None where there is none."""
    quads = source.match(None, None, None, names.manifest)
    return layout.read_manifest((Triple(q.subject, q.predicate, q.object) for q in quads), names)


def options(view: View) -> str:
    """The options of the command line that choose the dataset of a view, with a leading space; empty for the default.

    >>> from nexuskg.pipeline.views import view
    >>> options(view("implied", evidence="locator", sources="ellis-2015"))
    ' --evidence locator --source ellis-2015'
    """
    parts: list[str] = [] if view.inference else ["--no-inference"]
    for name, value in (
        ("evidence", "" if view.evidence == "span" else view.evidence),
        *(("source", key) for key in sorted(view.sources)),
        ("as-of", view.as_of or ""),
        ("min-confidence", "" if view.min_confidence is None else str(view.min_confidence)),
        ("prefer", view.prefer or ""),
    ):
        parts += [f"--{name}", shlex.quote(value)] if value else []
    return "".join(f" {part}" for part in parts)


def datasets_by_restriction(source: Source) -> list[tuple[str, bool]]:
    """The datasets of this project in a store, each by what tells it from others, and whether it is whole."""
    return sorted((one.view, one.digest is not None) for _, one in datasets(source))


def datasets(source: Source) -> Iterator[tuple[Space, Manifest]]:
    """The datasets of this project in a store, whole or not: the names of the graphs of each, and its manifest."""
    for graph in source.manifests():
        names = Space(graph.value.removesuffix("manifest"))
        if (found := stored_manifest(source, names)) is not None:
            yield names, found


def _absent(source: Source, view: View, option: str, found: Manifest | None) -> str:
    wanted = layout.restriction(view)
    what = "the default dataset" if wanted == "all" else f"the dataset of the view “{wanted}”"
    state = "is not there" if found is None else "is not there as a whole: a push of it was not finished"
    others = [name for name, whole in datasets_by_restriction(source) if whole and name != wanted]
    told = ("the default dataset" if name == "all" else f"“{name}”" for name in others)
    has = f" There is: {'; '.join(told)}." if others else ""
    return f"{source.store_name()}: {what} {state}.{has} Put it there: nexuskg push {option}{options(view)}"
