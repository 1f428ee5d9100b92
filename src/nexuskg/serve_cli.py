"""The command that serves the graph to programs and people: parse, call, say where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nexuskg.console import Command, Progress
from nexuskg.errors import NexuskgError
from nexuskg.viewing import selected

if TYPE_CHECKING:
    from nexuskg.views import View

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def register(main: click.Group) -> None:
    """Nothing; the program then has this command, too."""
    main.add_command(serve)


@click.command(cls=Command, epilog="nexuskg serve --port 8080 --evidence locator")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="The port; 0 for any free."
)
@click.option(
    "--host",
    type=click.Choice(_LOOPBACK),
    default="127.0.0.1",
    show_default=True,
    help="The address of this machine to listen at; others reach it through a proxy only.",
)
@click.option("--name", "names", multiple=True, metavar="HOST", help="A name that a proxy is called by (repeatable).")
@click.option(
    "--deadline",
    type=click.FloatRange(0.1, 600),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="So long may a query run.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Queries answered at once.")
@selected
def serve(port: int, host: str, names: tuple[str, ...], deadline: float, workers: int, view: View) -> int:
    """Serve the graph on this machine, for reading: SPARQL at /sparql, an API at /api, a page for every IRI.

    Queries of others run in processes of their own, with limits of time and memory (/limits). Ctrl-C ends it.
    """
    try:
        from nexuskg.listening import listen
    except ImportError:
        said = "nexuskg serve needs more than is installed. Install it: pip install 'nexuskg[server]'"
        raise NexuskgError(said) from None
    from nexuskg.hosted import hosted
    from nexuskg.sandbox import Limits

    with Progress("Reading"):
        ready = hosted(view, Limits(deadline=deadline, workers=workers), (*_LOOPBACK, *map(str.lower, names)))
    if ready.pool is None:
        click.echo("This system cannot confine queries: /sparql refuses them; everything else is served.", err=True)
    return listen(
        ready, host, port, lambda address: click.echo(f"Serving {view} at {address} (Ctrl-C ends it)", err=True)
    )
