"""The commands that explain: why, without and linchpins: parse, call, print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nexuskg.base import text_table
from nexuskg.cli.console import Command, Progress
from nexuskg.cli.report import json_text, parameters_of
from nexuskg.cli.store_options import at_home
from nexuskg.cli.view_options import selected_dataset, view_options

if TYPE_CHECKING:
    from nexuskg.pipeline.views import View


@click.command("why", cls=Command, epilog="nexuskg why actor:sendero-luminoso a nx:NarcoTaxingTerroristGroup")
@click.argument("words", nargs=-1, required=True, metavar="SUBJECT PREDICATE OBJECT | QUESTION [NAME=VALUE]...")
@click.option(
    "--row", "number", type=click.IntRange(min=1), default=1, show_default=True, help="Which row of a QUESTION."
)
@click.option("--not", "negated", is_flag=True, help="What is missing for the statement to be in the graph.")
@click.option("--all", "every", is_flag=True, help="Every minimal justification, the strongest first.")
@click.option("--text", "path", type=click.Path(path_type=Path), help="Your copy of a source: its passages are shown.")
@click.option("--format", "form", type=click.Choice(["text", "json", "mermaid"]), default="text", show_default=True)
@view_options
def why_command(
    words: tuple[str, ...],
    number: int,
    negated: bool,
    every: bool,
    path: Path | None,
    form: str,
    view: View,
) -> int:
    """Explain a statement, or a row of a stored question, down to claims and passages.

    SUBJECT, PREDICATE and OBJECT are labels, CURIEs or <iri>s; "a" is the predicate of kinds.
    """
    from nexuskg.answers.question import question_of
    from nexuskg.evidence import verify
    from nexuskg.explain import render, why, why_not

    data = selected_dataset(view)
    passages = {}
    if path is not None:
        source = min(view.sources) if len(view.sources) == 1 else None  # else its digest tells, or there is only one
        passages = verify.passages(verify.verify(data.store, verify.read_copy(path), source))
    if words[0] in data.catalogue or all("=" in word for word in words[1:]):
        if negated:
            raise click.UsageError("--not is about a statement: SUBJECT PREDICATE OBJECT.")
        question = question_of(data, words[0], parameters_of(words[0], words[1:]))
        told = why.explain_row(data, question, number, every, passages)
    elif len(words) != 3:
        raise click.UsageError("write a statement as SUBJECT PREDICATE OBJECT, each quoted if it has spaces.")
    elif negated:
        absence = why_not.explain_absence(data, why.parse_triple(data, *words))
        click.echo(
            json_text(why_not.absence_json(absence)) if form == "json" else why_not.absence_text(absence),
            nl=form == "json",
        )
        return 0
    else:
        told = why.explain_statement(data, why.parse_triple(data, *words), every, passages)
    if form == "json":
        click.echo(json_text(render.explanation_json(told, data.prefixes)))
    else:
        click.echo(render.explanation_mermaid(told) if form == "mermaid" else render.explanation_text(told), nl=False)
    return 0


@click.command("without", cls=Command, epilog="nexuskg without claim:ellis-2015.c125")
@click.argument("words", nargs=-1, required=True, metavar="CLAIM|SOURCE|SPAN | SUBJECT PREDICATE [OBJECT]")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@view_options
def without_command(words: tuple[str, ...], form: str, view: View) -> int:
    """Show what falls if a claim, a source, a span or an axiom is withdrawn: a key-assumptions check.

    Facts, inferences, loops of causes and rows of the stored questions. An axiom is written as its terms; "any" stands
    for a class expression.
    """
    from dataclasses import asdict

    from nexuskg.explain import what_if

    at_home("What is withdrawn is derived anew")
    data = selected_dataset(view)
    found = what_if.without(data, [what_if.parse_withdrawal(data, words)])
    if form == "json":
        click.echo(json_text(asdict(found)))
        return 0
    changes = [("falls", change) for change in found.falls] + [("appears", change) for change in found.appears]
    if not changes:
        click.echo(f"Nothing rests on {' '.join(found.withdrawn)}.", err=True)
        return 0
    columns = ("what happens", "to which", "view", "statement")
    text_table.print_table(columns, [(how, c.kind, "implied" if c.implied else "", c.text) for how, c in changes])
    return 0


@click.command("linchpins", cls=Command, epilog="nexuskg linchpins --kind claim --limit 5")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@click.option("--kind", type=click.Choice(["claim", "axiom"]), help="Only claims, or only axioms.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@view_options
def linchpins_command(limit: int, kind: str | None, form: str, view: View) -> int:
    """Rank claims and axioms by how much falls if one alone is withdrawn: a key-assumptions check.

    What needs implied claims counts, too; nexuskg without shows what it is.
    """
    from dataclasses import asdict

    from nexuskg.explain import linchpins

    at_home("What rests on each is derived anew")
    with Progress("Withdrawing one at a time"):
        found = [one for one in linchpins.linchpins(selected_dataset(view)) if kind in (None, one.kind)][:limit]
    if form == "json":
        click.echo(json_text([{**asdict(one), "total": one.total} for one in found]))
        return 0
    columns = ("kind", "name", "what it says", "facts", "inferences", "loops", "total")
    counts = [(str(one.facts), str(one.inferences), str(one.loops), str(one.total)) for one in found]
    text_table.print_table(
        columns, [(one.kind, one.name, one.text, *count) for one, count in zip(found, counts, strict=True)]
    )
    return 0
