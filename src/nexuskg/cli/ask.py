"""The commands that ask: list, ask, sparql, show, find and predicates: parse, call, print."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from nexuskg.answers.table import FORMATS
from nexuskg.base import headings, text_table
from nexuskg.base.headings import LANGUAGES
from nexuskg.base.safe_text import escape_controls, printable
from nexuskg.cli import plain_words
from nexuskg.cli.console import Command
from nexuskg.cli.report import parameters_of
from nexuskg.cli.store_options import store_options
from nexuskg.cli.view_options import selected_dataset, view_options, widest_dataset
from nexuskg.errors import NexuskgError, UnfitFormat

if TYPE_CHECKING:
    from nexuskg.answers.answer import Answer
    from nexuskg.pipeline.dataset import Compiled
    from nexuskg.pipeline.views import View
    from nexuskg.queries.catalogue import StoredQuery

_FORMAT = click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="How it is written; table, or ttl where triples are constructed.",
)
_LANG = click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="The language of labels."
)
_SPANS = click.option("--evidence-shown", "spans", is_flag=True, hidden=True)
_EXPLAIN = click.option("--explain", is_flag=True, help="Print the SPARQL that would be run, and run nothing.")


@click.command("list", cls=Command, epilog="nexuskg list --tag causes")
@click.option("--tag", help="Only the questions with this tag.")
@_LANG
@store_options
def list_command(tag: str | None, language: str) -> int:
    """List the stored questions by group, each with its parameters."""
    catalogue = selected_dataset().catalogue.values()
    questions = [query for query in catalogue if tag is None or tag in query.tags]
    if tag is not None and not questions:
        known = sorted({name for query in catalogue for name in query.tags})
        raise click.UsageError(f"No question has the tag {tag!r}. Tags: {', '.join(known)}.")
    titles = [headings.heading(name, language) for name in ("group", "question", "whatItAsks", "parameters")]
    ordered = sorted(questions, key=lambda query: (query.tags[:1], query.name))
    text_table.print_table(titles, [_list_row(query, language) for query in ordered])
    return 0


def _list_row(query: StoredQuery, language: str) -> tuple[str, str, str, str]:
    parameters = ", ".join(parameter.name for parameter in query.params)
    return "".join(query.tags[:1]), query.name, query.title(language), parameters


@click.command("ask", cls=Command, epilog='nexuskg ask who-taxes-what activity="drug trafficking" --format csv')
@click.argument("question", metavar="QUESTION|WORDS")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@_FORMAT
@click.option("--lang", "language", type=click.Choice(LANGUAGES), help="The language of labels; of the words, else en.")
@_EXPLAIN
@_SPANS
@view_options
def ask_command(
    question: str,
    parameters: tuple[str, ...],
    form: str | None,
    language: str | None,
    explain: bool,
    spans: bool,
    view: View,
) -> int:
    """Answer a stored QUESTION, each row with its evidence; or the one that your own WORDS mean, if that is sure.

    A VALUE is a label, a CURIE or an <iri>; give a NAME twice for either of two values, or "any".
    Words in English, Spanish or Portuguese are matched with the stored questions. Exit 1 if none is surely meant.
    """
    from nexuskg.answers import rows
    from nexuskg.answers.question import question_of

    data = selected_dataset(view)
    name, given = question, parameters
    words = " ".join((question, *parameters))
    plain = question not in data.catalogue and " " in words and not any("=" in word for word in parameters)
    knowing = widest_dataset(view) if plain else data  # names may be known from claims that the view leaves out
    if plain:
        reading, spoken = plain_words.understand_words(knowing, words)
        language = language or spoken
        if reading is None:
            return 1
        name = reading.question
        given = tuple(f"{name}={value}" for name, several in reading.parameters for value in several)
    asked = question_of(knowing, name, parameters_of(name, given))
    if explain:
        _explain(data, asked.sparql(data.prefixes))
        return 0
    found = rows.answer(data, asked, language or "en")
    if plain and not found.rows:
        click.echo(rows.found_none(knowing, asked, found.language), err=True)
        return 0
    _print(data, found, form or "table", spans)
    return 0


@click.command("sparql", cls=Command, epilog="nexuskg sparql my-question.rq")
@click.argument("file", type=click.File(encoding="utf-8"))
@_FORMAT
@_LANG
@_EXPLAIN
@_SPANS
@view_options
def sparql_command(file: TextIO, form: str | None, language: str, explain: bool, spans: bool, view: View) -> int:
    """Answer your own SPARQL in FILE (- for standard input), each row with its evidence.

    CONSTRUCT and DESCRIBE give Turtle. The graph's prefixes need no declaration; src/docs/asking.md maps the model.
    """
    from nexuskg.answers import rows, table
    from nexuskg.queries import catalogue
    from nexuskg.search import query_names

    try:
        text = file.read()
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file.name} is not UTF-8 text ({error.reason} at byte {error.start}).") from None
    data = selected_dataset(view)
    if explain:
        _explain(data, catalogue.with_prefixes(text, data.prefixes))
        return 0
    found = rows.run_text(data, text, Path(file.name).name, language)
    if isinstance(found, list):
        from nexuskg.formats import turtle

        if form not in (None, "ttl"):
            raise UnfitFormat(form, "the query constructs triples.", ("ttl",))
        _tell(table.unknown_texts(query_names.unknown_names(data.store, text, data.prefixes).items(), language))
        click.echo(turtle.triples_as_turtle(data, found), nl=False)
        return 0
    if found.untraced:
        click.echo(f"Without evidence: {found.untraced}", err=True)
    _print(data, found, form or "table", spans)
    return 0


@click.command("show", cls=Command, epilog="nexuskg show actor:sendero-luminoso")
@click.argument("name", nargs=-1, required=True)
@click.option("--all", "everything", is_flag=True, help="Every fact and claim, not only the first dozen.")
@_LANG
@view_options
def show_command(name: tuple[str, ...], everything: bool, language: str, view: View) -> int:
    """Describe a term, an entity, a claim or a question: label, definition, axioms, links, who uses it.

    NAME is a label, a CURIE, an <iri>, or the name of a question.
    """
    from nexuskg.search import describe
    from nexuskg.search.description import description_text

    data = selected_dataset(view)
    found = describe.describe(data.store, data.catalogue, " ".join(name), prefixes=data.prefixes, language=language)
    click.echo(description_text(found, 0 if everything else 12), nl=False)
    return 0


@click.command("find", cls=Command, epilog="nexuskg find shining path")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="At most so many.")
@_LANG
@store_options
def find_command(words: tuple[str, ...], limit: int, language: str) -> int:
    """Find entities, terms and questions by label, alias or misspelling, in any language."""
    from nexuskg.search.find import find_things

    data = widest_dataset()
    found = find_things(
        data.store,
        " ".join(words),
        limit,
        queries=data.catalogue.values(),
        prefixes=data.prefixes,
        language=language,
    )
    if not found:
        raise NexuskgError(f"Nothing is like {' '.join(words)!r}. Try fewer or other words, or: nexuskg list")
    titles = [headings.heading(name, language) for name in ("name", "label", "kind", "foundBy")]
    text_table.print_table(titles, [(item.curie, item.label, item.kind, item.matched) for item in found])
    return 0


@click.command("predicates", cls=Command, epilog="nexuskg predicates --for nx:Actor")
@click.option("--for", "kind", default="", metavar="CLASS", help="Only what can be said of members of this class.")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of labels.")
@store_options
def predicates_command(kind: str, language: str) -> int:
    """List the predicates that a claim can state: what each joins, and a claim that states it."""
    from nexuskg.authoring import predicates
    from nexuskg.authoring.vocabulary import Vocabulary

    found = predicates.predicates_of_claims(Vocabulary(widest_dataset()), kind, language)
    columns = ("predicate", "label", "domain", "range", "claims", "example", "says")
    rows = []
    for each in found:
        ends = (", ".join(each.domain), ", ".join(each.range))
        rows.append((each.curie, each.label, *ends, str(each.claims), each.example, each.says))
    text_table.print_table([headings.heading(name, language) for name in columns], rows)
    return 0


def _explain(data: Compiled, text: str) -> None:
    click.echo(f"# The default graph is the view: {data.view}.")
    click.echo(escape_controls(text).rstrip())


def _print(data: Compiled, found: Answer, form: str, spans: bool) -> None:
    from nexuskg.answers import table

    if not found.rows and form in ("table", "md", "cite", "bibtex"):
        none = headings.message("no rows here" if found.unknown else "no rows", found.language)
        _tell([" ".join((none, *_count_sentences(data, found.language), *table.remarks(found)))])
    elif form == "table":
        text_table.print_table(*table.answer_table(found, 3, spans))
        for remark in filter(None, [table.defaults_text(found)]):
            click.echo(printable(remark))
        _tell(table.unknown_texts(found.unknown, found.language))
    else:
        from nexuskg.formats import registry

        click.echo(registry.format_answer(data, found, form, spans), nl=False)
        _tell(table.unknown_texts(found.unknown, found.language))


def _tell(remarks: Iterable[str]) -> None:
    for remark in remarks:
        click.echo(printable(remark), err=True)


def _count_sentences(data: Compiled, language: str) -> list[str]:
    """How many claims count in a restricted view, in sentences; none where all do."""
    from nexuskg.explain import rivals
    from nexuskg.pipeline import views
    from nexuskg.pipeline.restrict import count_of_claims

    whole = rivals.sibling_view(data, views.WHOLE)
    here, every = count_of_claims(data.store, data.view.accept), count_of_claims(whole.store, data.view.accept)
    if here == every:
        return []
    told = [headings.message("counted", language, view=data.view, here=here, every=every)]
    return [*told, headings.message("locator", language)] if data.view.evidence == "span" else told
