"""The command that lists what a claim can state: parse, call, print."""

from __future__ import annotations

import click

from nexuskg.base import headings, text_table
from nexuskg.base.headings import LANGUAGES
from nexuskg.cli.console import Command
from nexuskg.cli.store_options import store_options
from nexuskg.cli.view_options import widest_dataset


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
