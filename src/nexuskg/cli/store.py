"""The commands that keep a store on disk: parse, call, print."""

from __future__ import annotations

from pathlib import Path

import click

from nexuskg.cli.console import Command, Group, Progress
from nexuskg.errors import EndpointError

_FOLDER = click.argument("folder", type=click.Path(path_type=Path))


@click.group("store", cls=Group, epilog="nexuskg store check my-store")
def store_group() -> None:
    """Keep a store on disk that nexuskg push or serve has made: check, back up, repair."""


@store_group.command("check", cls=Command, epilog="nexuskg store check my-store")
@_FOLDER
def store_check_command(folder: Path) -> int:
    """Read all of a store: is it as it was left, and are its datasets whole? Exit 1 where it is not."""
    from nexuskg.stores import maintenance

    with Progress("Reading"):
        found = maintenance.store_state(folder)
    for problem in found.problems:
        click.echo(problem)
    for note in found.notes:
        click.echo(f"Note: {note}.")
    size = f"{folder}: {found.graphs} graphs, {found.triples} triples"
    if not found.problems:
        click.echo(f"{size}, as they were left.")
        return 0
    click.echo(f"{size}, not as they were left. Mend it: nexuskg store repair {folder}, or --from a backup.", err=True)
    return 1


@store_group.command("repair", cls=Command, epilog="nexuskg store repair my-store --from my-store.nq.gz")
@_FOLDER
@click.option("--from", "source", type=click.Path(path_type=Path), help="A backup to restore; the store is kept aside.")
def store_repair_command(folder: Path, source: Path | None) -> int:
    """Make a damaged store usable: from a backup, else as it is, with the graphs of this installation loaded again."""
    from nexuskg.stores import maintenance

    with Progress("Repairing"):
        if source is not None:
            old = maintenance.restore_backup(folder, source)
            done = [f"it has what {source} has"] + ([f"what was there is in {old}"] if old else [])
        else:
            done = maintenance.repair_store(folder)
    for one in done:
        click.echo(f"{folder}: {one}.")
    if not done:
        click.echo(f"{folder}: there was nothing to repair.")
    return 0


@store_group.command("backup", cls=Command, epilog="nexuskg store backup my-store my-store.nq.gz")
@_FOLDER
@click.argument("file", type=click.Path(path_type=Path))
def store_backup_command(folder: Path, file: Path) -> int:
    """Copy a store, which may be in use, into one file of N-Quads; compressed where its name ends in .gz."""
    from nexuskg.stores import maintenance

    try:
        with Progress("Writing"):
            quads = maintenance.write_backup(folder, file)
    except OSError as error:
        raise EndpointError(f"{file}: cannot be written ({error.strerror}).") from None
    click.echo(f"{file}: {quads} quads.")
    return 0
