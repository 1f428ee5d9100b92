"""What commands have in common: reading what was typed, opening a home, telling what came of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from nexuskg.base.safe_text import printable
from nexuskg.cli.console import Progress
from nexuskg.errors import BadDraft, BadParameter

if TYPE_CHECKING:
    from nexuskg.authoring.curation_record import Origin
    from nexuskg.authoring.file_changes import Trial
    from nexuskg.authoring.vocabulary import Vocabulary

Result = TypeVar("Result")


def open_home() -> Vocabulary:
    """The graph of a home that may be written to."""
    from nexuskg.authoring import file_changes
    from nexuskg.authoring.vocabulary import Vocabulary
    from nexuskg.base import data_home
    from nexuskg.pipeline import compilation

    return Vocabulary(compilation.compiled(file_changes.VIEW, file_changes.writable_home(data_home.home())))


def is_interactive() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def prompt(question: str) -> str:
    """What the analyst answers."""
    return str(click.prompt(printable(question), type=str, err=True)).strip()


def curator_option(command: Callable[..., int]) -> Callable[..., int]:
    """The command with an option for whoever does it."""
    return click.option("--curator", envvar="NEXUSKG_CURATOR", help="Who does this; else NEXUSKG_CURATOR.")(command)


def origin_of(curator: str | None, method: str, reason: str = "", draft_file: str = "") -> Origin:
    """Whose act it is, today; asks who, at a terminal. Raises BadDraft where nobody says it."""
    from nexuskg.authoring.curation_record import Origin

    if not (curator or "").strip():
        if not is_interactive():
            raise BadDraft("Say who does this: --curator NAME, or set NEXUSKG_CURATOR.")
        curator = prompt("Who does this (your name)")
    return Origin(curator or "", datetime.now(UTC).date(), method, reason, draft_file)


def with_progress(work: Callable[[], Result]) -> Result:
    """What the work gives, with a note on stderr while it runs."""
    with Progress("Checking"):
        return work()


def print_refusal(reasons: Iterable[str]) -> int:
    """The exit code 1; prints why, a reason a line."""
    for reason in reasons:
        click.echo(f"nexuskg: {printable(reason)}", err=True)
    click.echo("Nothing was written.", err=True)
    return 1


def print_relations(trial: Trial, claims: Iterable[str]) -> None:
    """Tell how new claims stand to those of other sources: what they contradict, and what they agree with."""
    from pyoxigraph import NamedNode

    from nexuskg.base.namespaces import compact, nx
    from nexuskg.rdf.labels import label
    from nexuskg.rdf.store import object_nodes

    store, table = trial.compiled.store, trial.compiled.prefixes
    for claim in claims:
        for link, verb in ((nx("contradicts"), "contradicts"), (nx("agreesWith"), "agrees with")):
            for other in object_nodes(store, NamedNode(claim), link):
                told = f"{compact(other.value, table)} ({label(trial.compiled.store, other)})"
                click.echo(printable(f"{compact(claim, table)} {verb} {told}"), err=True)


def print_remaining(trial: Trial) -> None:
    """Tell what the checks still ask for."""
    for finding in trial.remainder:
        click.echo(printable(f"Still to do: {finding.message} [{finding.rule}]"), err=True)


def print_unread(trial: Trial, key: str) -> None:
    """Tell how much of the text is still to be read."""
    from nexuskg.errors import TextMismatch
    from nexuskg.evidence.coverage import coverage

    try:
        gaps = len(coverage(trial.compiled.store, key).gaps)
    except TextMismatch:  # a source without a text has nothing to be read here
        return
    left = f"{gaps} segments of {key} yield neither a claim nor a reason yet." if gaps else f"All of {key} is read."
    click.echo(left, err=True)


def print_written(written: Sequence[str], why: str = "") -> None:
    """Name the files written, or say why there are none."""
    for name in written:
        click.echo(f"Wrote {name}", err=True)
    if not written:
        click.echo(f"Nothing was written{f': {why}' if why else ''}.", err=True)


def parameters_of(question: str, written: Sequence[str]) -> dict[str, list[str]]:
    """What was typed for each parameter of a question, from NAME=VALUE; raises BadParameter."""
    values: dict[str, list[str]] = {}
    for item in written:
        name, equals, value = item.partition("=")
        if not equals:
            raise BadParameter(item, f"write NAME=VALUE; nexuskg show {question} names the parameters.")
        values.setdefault(name, []).append(value)
    return values


def json_text(value: object) -> str:
    """The value as JSON that a person can read."""
    return json.dumps(value, ensure_ascii=False, indent=2)
