"""The command that serves the graph to programs and people: parse, call, say where."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexuskg.cli.console import Command, Progress
from nexuskg.cli.view_options import selection_options
from nexuskg.errors import NexuskgError

if TYPE_CHECKING:
    from nexuskg.pipeline.views import View
    from nexuskg.server.sandbox.jobs import Limits
    from nexuskg.server.state.live import Live

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = "0.0.0.0"
_UNITS = {"": 1, "k": 1000, "M": 1000**2, "G": 1000**3}
_SHORTEST = 20
"""Characters that a token has at least: it must not be found by trying."""


@click.command("serve", cls=Command, epilog="nexuskg serve --port 8080 --evidence locator")
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
@click.option("--public", is_flag=True, help="Listen at every address of this machine, for everybody.")
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="A name that the server is called by, behind a proxy or in public (repeatable).",
)
@click.option(
    "--store",
    "folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Serve what lies in this store on disk, not the files of the home.",
)
@click.option("--writable", is_flag=True, help="Let who has the token write into the store.")
@click.option("--token-file", "secret", type=click.Path(path_type=Path), help="A file with nothing but the token.")
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=VALUE",
    help="A limit, such as deadline=30 or memory=2G (repeatable); all of them: /limits.",
)
@selection_options
def serve_command(
    port: int,
    host: str,
    public: bool,
    names: tuple[str, ...],
    folder: Path | None,
    writable: bool,
    secret: Path | None,
    limits: tuple[str, ...],
    view: View,
) -> int:
    """Serve the graph on this machine: SPARQL at /sparql, an API at /api, a page for every IRI.

    It is only read, but with --writable. Queries of others run in processes of their own, with limits of time and
    memory (/limits). Ctrl-C ends it.
    """
    try:
        from nexuskg.server.app.listener import listen
    except ImportError:
        said = "nexuskg serve needs more than is installed. Install it: pip install 'nexuskg[server]'"
        raise NexuskgError(said) from None
    from nexuskg.server.sandbox import pool

    if public and host != _LOOPBACK[0]:
        raise click.UsageError("--host and --public: choose one.")
    if writable and (folder is None or secret is None):
        raise click.UsageError("--writable needs --store FOLDER to write into, and --token-file FILE.")
    if secret is not None and not writable:
        raise click.UsageError("--token-file goes with --writable.")
    if not pool.POSSIBLE:
        click.echo("This system cannot confine queries: /sparql refuses them; everything else is served.", err=True)
    elif not pool.CONFINED:
        click.echo("This system does not keep a process to a limit of memory: a query may take all there is.", err=True)
    if public and not pool.CONFINED:
        raise NexuskgError("--public is refused here: this system cannot confine the queries of strangers.")
    if writable and not pool.POSSIBLE:
        raise NexuskgError("--writable is refused here: this system cannot confine updates.")
    token = "" if secret is None else token_of(secret)
    hosts = () if public and not names else (*_LOOPBACK, *map(str.lower, names))
    with Progress("Reading"):
        live = _live(view, folder, token, limits_of(limits), hosts)
    if token and public:
        click.echo("The token crosses the network as it is: let a proxy with TLS stand before this server.", err=True)
    what = f"{view} in {folder}" if folder else str(view)
    where = _EVERYWHERE if public else host
    return listen(live, where, port, lambda at: click.echo(f"Serving {what} at {at} (Ctrl-C ends it)", err=True))


def _live(view: View, folder: Path | None, token: str, limits: Limits, hosts: tuple[str, ...]) -> Live:
    from nexuskg.pipeline import compilation
    from nexuskg.server.state import host
    from nexuskg.server.state.live import Live, open_live
    from nexuskg.stores import disk

    if folder is None:
        return Live(host.host_view(view, limits, hosts))
    if not token:
        return Live(host.host_store(disk.snapshot(folder), folder, view, limits, hosts))

    def note(what: str) -> None:
        click.echo(what, err=True)

    return open_live(folder, view, limits, hosts, token, note, lambda: compilation.compiled(view))


def token_of(path: Path) -> str:
    """The token in a file; raises NexuskgError where that is none, or where others can read it."""
    how = f"Make one: (umask 077; openssl rand -hex 32 > {path})"
    try:
        token = path.read_text(encoding="ascii").strip()
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise NexuskgError(f"{path}: there is no such file. {how}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NexuskgError(f"{path}: the token cannot be read ({getattr(error, 'strerror', None) or error}).") from None
    if len(token) < _SHORTEST or len(token.split()) != 1:
        raise NexuskgError(f"{path}: a token is one word of at least {_SHORTEST} characters. {how}")
    if os.name == "posix" and mode & 0o077:
        raise NexuskgError(f"{path}: others can read the token. Keep it from them: chmod 600 {path}")
    return token


def limits_of(given: tuple[str, ...]) -> Limits:
    """The limits, those that are given by NAME=VALUE and the others as they are; raises UsageError.

    >>> limits_of(("deadline=2.5", "memory=2G")).memory
    2000000000
    """
    from nexuskg.server.sandbox.jobs import Limits

    usual = Limits()
    known = {one.name: type(getattr(usual, one.name)) for one in fields(Limits)}
    found: dict[str, Any] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or name not in known:
            raise click.UsageError(f"--limit {pair}: write NAME=VALUE, where NAME is one of {', '.join(known)}.")
        unit = value[-1:] if value[-1:] in ("k", "M", "G") and known[name] is int else ""
        try:
            number = float(value.removesuffix(unit)) * _UNITS[unit]
        except ValueError:
            number = 0.0
        if not 0 < number < 1e12 or (known[name] is int and number != int(number)):
            raise click.UsageError(f"--limit {pair}: write a number above 0, such as {name}={getattr(usual, name)}.")
        found[name] = known[name](number)
    return Limits(**found)
