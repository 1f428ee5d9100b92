"""What the build makes, and what is ready to be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Store

from nexuskg.pipeline import views
from nexuskg.pipeline.views import View
from nexuskg.queries.catalogue import StoredQuery
from nexuskg.rdf.store import Readable, axioms_of

if TYPE_CHECKING:
    from nexuskg.reasoning.contradiction_texts import WordedContradiction
    from nexuskg.reasoning.rules import Clause


@dataclass(frozen=True)
class Dataset:
    """A store with a named graph a file and a computed graph a step, the stored queries, and what contradicts itself.

    Under the restriction of `view`; whatever is accepted, its graphs are there.
    """

    home: Path
    view: View
    store: Store
    queries: Mapping[tuple[str, str], StoredQuery]
    prefixes: Mapping[str, str]
    clashes: tuple[WordedContradiction, ...] = ()


@dataclass(frozen=True)
class Compiled:
    """A dataset ready to be asked: `store` has the view as its default graph, and a named graph a file.

    The store may be any that can be read; what builds needs a `Local`.
    """

    home: Path
    view: View
    store: Readable
    queries: Mapping[tuple[str, str], StoredQuery]
    prefixes: Mapping[str, str]
    clashes: tuple[WordedContradiction, ...] = ()
    beside: Callable[[View], Compiled] | None = field(default=None, repr=False, compare=False)
    """Where the store is not of this installation: from another view to its dataset in the same place."""

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses of the axioms of the view and of the stored rules; raises UnsupportedAxiom, QueryFailure."""
        from nexuskg.reasoning import domain_rules

        return domain_rules.all_clauses(axioms_of(self.store), self.queries)

    @cached_property
    def catalogue(self) -> dict[str, StoredQuery]:
        """The stored questions by name."""
        return self.of_kind("question")

    def of_kind(self, kind: str) -> dict[str, StoredQuery]:
        """The stored queries of a kind (question, check, derive, export, lookup) by name."""
        return {name: query for (of, name), query in self.queries.items() if of == kind}

    @property
    def contradictions(self) -> tuple[WordedContradiction, ...]:
        """What cannot hold together in this view; empty where nothing is wrong."""
        return tuple(clash for clash in self.clashes if self.view.accept == "implied" or not clash.implied)


@dataclass(frozen=True)
class Local(Compiled):
    """A dataset ready to be asked whose store is embedded, in memory."""

    store: Store


def of_view(dataset: Dataset, view: View | str) -> Local:
    """The dataset with what the view accepts as the default graph of its store."""
    wanted = views.view(view)
    store = views.compose(dataset.store, wanted.accept)
    return Local(dataset.home, wanted, store, dataset.queries, dataset.prefixes, dataset.clashes)
