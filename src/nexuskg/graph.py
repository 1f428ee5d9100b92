"""The graph as a Python programmer or a notebook meets it: loaded once, asked often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Unpack

from nexuskg.answers import rows
from nexuskg.answers.answer import Answer
from nexuskg.answers.plain_words import Index, Understood
from nexuskg.answers.question import question_of
from nexuskg.base.headings import LANGUAGES
from nexuskg.errors import BadParameter
from nexuskg.explain import render, why
from nexuskg.formats import turtle
from nexuskg.pipeline import compilation
from nexuskg.pipeline.dataset import Compiled
from nexuskg.pipeline.views import View, ViewParts, view
from nexuskg.rdf import store
from nexuskg.search import describe, find
from nexuskg.search.description import Description


def load(
    accept: str | View = "facts",
    *,
    language: str = "en",
    home: Path | None = None,
    endpoint: str | None = None,
    folder: Path | str | None = None,
    **parts: Unpack[ViewParts],
) -> Graph:
    """The knowledge graph in a view, compiled on first use; raises BadParameter.

    The parts of the view are those of nexuskg.pipeline.views.view: inference, evidence, sources, as_of, min_confidence,
    prefer. `language` is that of the labels: en, es or pt; `home` the folder with ontology/ and queries/, if not the
    usual one.
    With `endpoint`, the address of one, or `folder`, a store on disk, it is read there, where nexuskg push has put it;
    raises EndpointError where it is not.

    >>> load("implied", language="es")
    <Graph: implied, es>
    """
    if language not in LANGUAGES:
        raise BadParameter("language", f"{language!r} is none of {', '.join(LANGUAGES)}.")
    wanted = view(accept, **parts)
    if endpoint is not None and folder is not None:
        raise BadParameter("folder", "the graph is read from an endpoint or from a folder, not from both.")
    if endpoint is not None:
        from nexuskg.stores import remote

        return Graph(remote.open_endpoint(endpoint, wanted, home), language)
    if folder is not None:
        from nexuskg.stores import disk

        return Graph(disk.open_dataset(Path(folder), wanted, home), language)
    return Graph(compilation.compiled(wanted, home), language)


@dataclass(frozen=True, repr=False)
class Graph:
    """A compiled graph that can be asked; `data` is what the functions of the package take."""

    data: Compiled
    language: str = "en"

    def __repr__(self) -> str:
        return f"<Graph: {self.data.view}, {self.language}>"

    @property
    def questions(self) -> dict[str, str]:
        """The names of the stored questions, each with what it asks.

        >>> "who-taxes-what" in load().questions
        True
        """
        return {name: query.title(self.language) for name, query in sorted(self.data.catalogue.items())}

    def ask(self, question: str, /, **parameters: str | Sequence[str]) -> Answer:
        """The answer to a stored question; raises UnknownQuery, BadParameter.

        A parameter is a label, a CURIE or an <iri>, or several of them, either of which will do.

        >>> answer = load().ask("who-taxes-what", activity="drug trafficking")
        >>> [(row.group.label, row.evidence[0].hedge, row.evidence[0].anchor) for row in answer]
        [('Sendero Luminoso', 'principally', 'residual elements; principally taxing')]
        """
        return rows.answer_typed(self.data, question, parameters, self.language)

    def understand(self, words: str) -> Understood:
        """Which stored questions plain words in English, Spanish or Portuguese may mean, the likeliest first.

        >>> load(evidence="locator").understand("Who taxes illegal mining?").meant.question
        'who-taxes-what'
        """
        return self._index.understand(words)

    @cached_property
    def _index(self) -> Index:
        return Index(self.data)

    def sparql(self, text: str) -> Answer:
        """The answer to a SELECT or ASK of your own, the prefixes supplied; raises QueryFailure.

        >>> load().sparql("SELECT ?who { ?who nx:concentratedIn place:vraem }")[0].who.curie
        'actor:sendero-luminoso'
        """
        return rows.answer_text(self.data, text, language=self.language)

    def construct(self, text: str) -> str:
        """The Turtle of a CONSTRUCT or DESCRIBE of your own, the prefixes supplied; raises QueryFailure.

        >>> print(load().construct("CONSTRUCT WHERE { actor:sendero-luminoso nx:concentratedIn place:vraem }"))
        @prefix actor: <https://w3id.org/nexuskg/id/actor/> .
        @prefix nx: <https://w3id.org/nexuskg/ontology#> .
        @prefix place: <https://w3id.org/nexuskg/id/place/> .
        <BLANKLINE>
        actor:sendero-luminoso nx:concentratedIn place:vraem .
        <BLANKLINE>
        """
        return turtle.triples_as_turtle(self.data, store.construct(self.data.store, text, "query", self.data.prefixes))

    def sparql_of(self, question: str, /, **parameters: str | Sequence[str]) -> str:
        """The SPARQL that `ask` would run, with its prefixes; raises UnknownQuery, BadParameter.

        >>> "VALUES ?activity { <" in load().sparql_of("who-taxes-what", activity="drug trafficking")
        True
        """
        return question_of(self.data, question, parameters).sparql(self.data.prefixes)

    def written(self, answer: Answer, form: str) -> str:
        """The answer as text in a format: table, csv, tsv, json, md, geojson, graphml, ttl, cite, bibtex or csl.

        Raises UnfitFormat where it cannot hold the answer.

        >>> graph = load(language="pt")
        >>> graph.written(graph.ask("who-taxes-what"), "md").splitlines()[0]
        '| grupo | atividade | lugar | ressalva | fonte | parágrafo | palavras-chave |'
        """
        from nexuskg.formats import registry

        return f"{answer}\n" if form == "table" else registry.format_answer(self.data, answer, form)

    def show(self, name: str) -> Description:
        """What there is to say of a term, entity, claim or question; raises UnknownTerm.

        >>> load(language="es").show("nx:taxes").label
        'grava'
        """
        data = self.data
        return describe.describe(data.store, data.catalogue, name, prefixes=data.prefixes, language=self.language)

    def find(self, words: str, limit: int = 10) -> list[find.Match]:
        """What the words may mean, best first: entities, terms, concepts, questions.

        >>> load().find("sendero luninoso")[0].curie
        'actor:sendero-luminoso'
        """
        data = self.data
        return find.find_things(
            data.store,
            words,
            limit,
            queries=data.catalogue.values(),
            prefixes=data.prefixes,
            language=self.language,
        )

    def why(self, subject: str, predicate: str, value: str) -> str:
        """Why a statement holds, down to claims and places, as text in English; raises UnknownTerm, BadParameter.

        >>> load().why("actor:sendero-luminoso", "nx:concentratedIn", "place:vraem").partition("  ")[0]
        'Sendero Luminoso is concentrated in VRAEM'
        """
        told = why.explain_statement(self.data, why.parse_triple(self.data, subject, predicate, value))
        return render.explanation_text(told)
