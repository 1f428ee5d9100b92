"""The commands that ask: list, ask, sparql, show and find: parse, call, print."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from nexuskg import tables
from nexuskg.console import Command
from nexuskg.errors import NexuskgError
from nexuskg.reporting import as_json, parameters_of
from nexuskg.viewing import chosen, viewed

if TYPE_CHECKING:
    from nexuskg.catalogue import StoredQuery
    from nexuskg.dataset import Compiled
    from nexuskg.rows import Answer
    from nexuskg.views import View

_FORMAT = click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)


def register(main: click.Group) -> None:
    """Nothing; the program then has these commands, too."""
    for command in (list_, ask, sparql, show, find):
        main.add_command(command)


@click.command("list", cls=Command, epilog="nexuskg list --tag causality")
@click.option("--tag", help="Only the questions with this tag.")
def list_(tag: str | None) -> int:
    """List the stored questions."""
    catalogue = chosen().catalogue.values()
    questions = [query for query in catalogue if tag is None or tag in query.tags]
    if tag is not None and not questions:
        known = sorted({name for query in catalogue for name in query.tags})
        raise click.UsageError(f"No question has the tag {tag!r}. Tags: {', '.join(known)}.")
    tables.show(("question", "what it asks", "parameters"), [_listed(query) for query in questions])
    return 0


def _listed(query: StoredQuery) -> tuple[str, str, str]:
    return query.name, query.summary, ", ".join(parameter.name for parameter in query.params)


@click.command(cls=Command, epilog='nexuskg ask who-taxes-what activity="drug trafficking" --format csv')
@click.argument("question")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@_FORMAT
@viewed
def ask(question: str, parameters: tuple[str, ...], form: str, view: View) -> int:
    """Answer a stored QUESTION, each row with its evidence.

    A VALUE is a label, a CURIE or an <iri>; give a NAME twice for either of two values, or "any".
    """
    from nexuskg import rows

    data = chosen(view)
    found = rows.answer(data, question, rows.values_of(data, question, parameters_of(question, parameters)))
    _print(data, found, form)
    return 0


@click.command(cls=Command, epilog="nexuskg sparql my-question.rq")
@click.argument("file", type=click.File(encoding="utf-8"))
@_FORMAT
@viewed
def sparql(file: TextIO, form: str, view: View) -> int:
    """Answer your own SPARQL SELECT or ASK in FILE (- for standard input), each row with its evidence.

    The graph's prefixes need no declaration; the README maps the model.
    """
    from nexuskg import rows

    try:
        text = file.read()
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file.name} is not UTF-8 text ({error.reason} at byte {error.start}).") from None
    data = chosen(view)
    found = rows.answer_text(data, text, Path(file.name).name)
    if found.untraced:
        click.echo(f"Without evidence: {found.untraced}", err=True)
    _print(data, found, form)
    return 0


@click.command(cls=Command, epilog="nexuskg show actor:sendero-luminoso")
@click.argument("name", nargs=-1, required=True)
@click.option("--all", "everything", is_flag=True, help="Every fact and claim, not only the first dozen.")
@viewed
def show(name: tuple[str, ...], everything: bool, view: View) -> int:
    """Describe a term, an entity, a claim or a question: label, definition, axioms, links, who uses it.

    NAME is a label, a CURIE, an <iri>, or the name of a question.
    """
    from nexuskg import describe

    data = chosen(view)
    found = describe.describe(data.store, data.catalogue, " ".join(name), prefixes=data.prefixes)
    click.echo(describe.render(found, 0 if everything else 12), nl=False)
    return 0


@click.command(cls=Command, epilog="nexuskg find shining path")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="At most so many.")
def find(words: tuple[str, ...], limit: int) -> int:
    """Find entities, terms and questions by label, alias or misspelling, in any language."""
    from nexuskg import views
    from nexuskg.find import find as search

    data = chosen(views.WHOLE)
    found = search(data.store, " ".join(words), limit, queries=data.catalogue.values(), prefixes=data.prefixes)
    if not found:
        raise NexuskgError(f"Nothing is like {' '.join(words)!r}. Try fewer or other words, or: nexuskg list")
    tables.show(
        ("name", "label", "kind", "found by"), [(item.curie, item.label, item.kind, item.matched) for item in found]
    )
    return 0


def _print(data: Compiled, found: Answer, form: str) -> None:
    from nexuskg import rows

    if form == "json":
        click.echo(as_json(rows.as_json(data, found)))
        return
    columns, texts = rows.shown(data, found, limit=None if form == "csv" else 3)
    if form == "csv":
        csv.writer(sys.stdout, lineterminator="\n").writerows([columns, *texts])
    elif texts:
        tables.show(columns, texts)
    else:
        click.echo(f"No rows: nothing in the graph answers this.{_counted(data)}", err=True)


def _counted(data: Compiled) -> str:
    """How many claims count in a restricted view, as a sentence; empty where all do."""
    from nexuskg import views
    from nexuskg.restrict import counted

    here, every = counted(data.store, data.view.accept), counted(chosen(views.WHOLE).store, data.view.accept)
    if here == every:
        return ""
    hint = " --evidence locator admits those without a span, too." if data.view.evidence == "span" else ""
    return f" In this view ({data.view}) {here} of {every} claims count.{hint}"
