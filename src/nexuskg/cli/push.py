"""The command that pushes a dataset into a store of the user: parse, call, print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nexuskg.base import atomic
from nexuskg.cli.console import Command, Progress
from nexuskg.cli.store_options import timeout_option
from nexuskg.cli.view_options import selection_options
from nexuskg.errors import NexuskgError

if TYPE_CHECKING:
    from nexuskg.pipeline.views import View
    from nexuskg.stores.push import Pushed


@click.command("push", cls=Command, epilog="nexuskg push --endpoint http://localhost:7878/query")
@click.option("--endpoint", metavar="URL", help="The SPARQL endpoint to fill.")
@click.option("--store", "folder", type=click.Path(path_type=Path), help="The folder of a store on disk to fill.")
@click.option("--file", "file", type=click.Path(path_type=Path), help="N-Quads to write, for the loader of a store.")
@click.option("--graph-store", metavar="URL", help="Its Graph Store Protocol, if it is not where it is usually.")
@click.option("--update", metavar="URL", help="Its address for SPARQL updates, if it is not where it is usually.")
@click.option("--dry-run", is_flag=True, help="Only say what would be loaded.")
@click.option("--all", "anew", is_flag=True, help="Load every graph, also those that are right already.")
@timeout_option
@selection_options
def push_command(
    endpoint: str | None,
    folder: Path | None,
    file: Path | None,
    graph_store: str | None,
    update: str | None,
    dry_run: bool,
    anew: bool,
    timeout: float,
    view: View,
) -> int:
    """Load the dataset into a store: every graph and a merged one for each view. Exit 1 if a count is wrong afterwards.

    Graphs that are right are left alone, so it can be run again, and goes on where an earlier push stopped. Credentials
    come from NEXUSKG_USER and NEXUSKG_PASSWORD, NEXUSKG_TOKEN, or ~/.netrc.
    """
    from nexuskg.pipeline import compilation
    from nexuskg.stores import push

    if sum(where is not None for where in (endpoint, folder, file)) != 1:
        raise click.UsageError("say where to: --endpoint URL, --store FOLDER or --file FILE.")
    if endpoint is None and (graph_store or update):
        raise click.UsageError("--graph-store and --update go with --endpoint.")
    data = compilation.compiled(view)
    if file is not None:
        with Progress("Writing"):
            size = _write(file, b"".join(push.push_nquads(data)))
        click.echo(f"{file}: {size} quads.")
        return 0
    with Progress("Pushing") as progress:

        def note(what: str) -> None:
            progress.say(what)

        if endpoint is not None:
            from nexuskg.stores.push_remote import Server

            done = push.push(data, Server(endpoint, graph_store, update, timeout), dry=dry_run, anew=anew, note=note)
        else:
            assert folder is not None
            from nexuskg.stores import disk

            with disk.open_target(folder, dry_run) as target:
                done = push.push(data, target, dry=dry_run, anew=anew, note=note)
    return _report(done)


def _report(done: Pushed) -> int:
    """The exit code; what was done, and what is wrong, is then told."""
    would = "would be " if done.dry else ""
    click.echo(
        f"{_many(len(done.loaded))} {would}loaded ({done.triples} triples), {len(done.kept)} right already, "
        f"{len(done.dropped)} {would}dropped."
    )
    for name in (*done.loaded, *done.dropped) if done.dry else ():
        click.echo(f"  {name}")
    for one in done.wrong:
        click.echo(f"{one.graph}: {one.expected} triples expected, {one.found} found.", err=True)
    if done.wrong:
        click.echo(
            "The push is not complete: run it again. If it stays so, the store alters what it is given.", err=True
        )
    return 1 if done.wrong else 0


def _many(number: int) -> str:
    return "1 graph" if number == 1 else f"{number} graphs"


def _write(file: Path, data: bytes) -> int:
    """How many quads were written to the file, of which there then is a whole one or none."""
    try:
        atomic.write_file(file, [data])
    except OSError as error:
        raise NexuskgError(f"{file}: cannot be written ({error.strerror}).") from None
    return data.count(b"\n")
