"""A question as it is asked: a stored query and the terms that its parameters were given, found once and handed on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from nexuskg.answers.parameters import opens_examples, parameter_values
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries.catalogue import StoredQuery, Value, bind, find_query, with_prefixes
from nexuskg.queries.parameter_defaults import default_terms

if TYPE_CHECKING:
    from pyoxigraph import Literal, NamedNode

    from nexuskg.queries.plan_parts import Plan


@dataclass(frozen=True)
class Question:
    """A query with the terms of its parameters.

    Where any is named, those whose default is an example are open, see nexuskg.answers.parameters.opens_examples. The
    others keep their defaults.
    """

    query: StoredQuery
    values: Mapping[str, Sequence[Value]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if opens_examples(self.query, self.values):
            examples = {each.name: (None,) for each in self.query.params if each.default_is == "example"}
            object.__setattr__(self, "values", {**examples, **self.values})

    def defaults(self, prefixes: Mapping[str, str]) -> dict[str, tuple[NamedNode | Literal, ...]]:
        """The parameters that nobody gave and that are not open, each with the terms of its default."""
        known = ((each.name, default_terms(each, prefixes)) for each in self.query.params)
        return {name: terms for name, terms in known if terms and name not in self.values}

    @cached_property
    def text(self) -> str:
        """The query with the terms in the place of the defaults; raises BadParameter."""
        return bind(self.query, self.values)

    @cached_property
    def plan(self) -> Plan:
        """How to find what its rows rest on; raises Untraceable where that could not be found."""
        from nexuskg.queries import evidence_plan

        return evidence_plan.plan(self.query)

    def sparql(self, prefixes: Mapping[str, str]) -> str:
        """The SPARQL that answers it, its prefixes declared; raises BadParameter."""
        return with_prefixes(self.text, prefixes)


def question_of(data: Compiled, name: str, typed: Mapping[str, str | Iterable[str]] | None = None) -> Question:
    """The stored question of that name, asked with what was typed; raises UnknownQuery, BadParameter.

    Names mean what they mean in the data; the question may then be put to another view of it.
    """
    query = find_query(data.catalogue, name)
    texts = {key: [value] if isinstance(value, str) else value for key, value in (typed or {}).items()}
    return Question(query, parameter_values(data, query, texts))


def own_question(data: Compiled, text: str, name: str = "query") -> Question:
    """A user's own query as a question without parameters, the graph's prefixes supplied."""
    return Question(StoredQuery(name, "", "", (), (), with_prefixes(text, data.prefixes), "question"))
