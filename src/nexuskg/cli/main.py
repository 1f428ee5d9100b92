"""The command line: parse, call, print. Results go to stdout, everything else to stderr; no logic of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nexuskg.base.safe_text import printable
from nexuskg.base.version import __version__
from nexuskg.cli.ask import ask_command, find_command, list_command, predicates_command, show_command, sparql_command
from nexuskg.cli.claim import claim_group
from nexuskg.cli.console import Group, Progress
from nexuskg.cli.correct import entity_group
from nexuskg.cli.explain import linchpins_command, why_command, without_command
from nexuskg.cli.push import push_command
from nexuskg.cli.reading import source_agreement, source_read, source_settle
from nexuskg.cli.serve import serve_command
from nexuskg.cli.source import copy_command, source_group
from nexuskg.cli.store import store_group
from nexuskg.cli.store_options import at_home, store_options
from nexuskg.cli.view_options import selected_dataset, view_options
from nexuskg.errors import NexuskgError

if TYPE_CHECKING:
    from nexuskg.pipeline.views import View
    from nexuskg.validation.shacl_engines import Engine

LONGEST = 2000
"""The characters that a message on stderr may have."""

TRY = ("who-taxes-what", "which-markets-are-supplied", "feedback-loops")


def run(args: Sequence[str]) -> int:
    """The exit code of a command line: 0 fine, 1 findings, 2 usage or other error; an error is one line on stderr."""
    try:
        result = program_group.main(args=list(args), prog_name="nexuskg", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:  # click's way to say that somebody pressed Ctrl-C
        raise KeyboardInterrupt from None
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "nexuskg"
        return _fail(f"{error.format_message()} Help: {command} --help")
    except click.ClickException as error:
        return _fail(error.format_message())
    except NexuskgError as error:
        return _fail(str(error))
    except SystemExit:  # click's way to say that the reader of our output has gone
        raise BrokenPipeError from None
    except OSError as error:
        if error.filename is None:  # the output itself, which is for the caller
            raise
        return _fail(f"{error.filename}: {error.strerror}")
    except Exception as error:  # a fault of ours: name it in one line, without a traceback
        kind = type(error).__name__
        return _fail(f"Unexpected {kind}: {' '.join(str(error).split())} A fault of ours: please report it.")


def _fail(message: str) -> int:
    if len(message) > LONGEST:
        message = f"{message[: LONGEST // 2]} … {message[-LONGEST // 2 :]}"
    click.echo(f"nexuskg: {printable(message)}", err=True)
    return 2


@click.group(cls=Group, invoke_without_command=True, epilog="nexuskg ask who-taxes-what")
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def program_group(ctx: click.Context) -> None:
    """Ask a knowledge graph of the crime-terror nexus; every row of an answer shows the passage it rests on."""
    if ctx.invoked_subcommand is not None:
        return
    data = selected_dataset()
    click.echo("nexuskg: what sources say about the crime-terror nexus, as a graph that can be asked.")
    click.echo("Each row of an answer names the source, the paragraph and the words to look for.\n\nTry:")
    names = [*(name for name in TRY if name in data.catalogue), *sorted(set(data.catalogue) - set(TRY))][:3]
    width = max(map(len, names), default=0)
    for name in names:
        click.echo(f"  nexuskg ask {name:<{width}}   {data.catalogue[name].summary}")
    click.echo(f"\nAll {len(data.catalogue)} questions: nexuskg list      All commands: nexuskg --help")


@program_group.command("check", epilog="nexuskg check --no-shacl")
@click.option("--shacl/--no-shacl", default=True, show_default=True, help="Validate the shapes too.")
@click.option(
    "--engine",
    type=click.Choice(["fast", "pyshacl", "both"]),
    default="fast",
    show_default=True,
    help="What validates the shapes; both also tells where they differ.",
)
@click.option("--dl", is_flag=True, help="Prove the ontology consistent too (needs nexuskg[dl]).")
@click.option("--strict", is_flag=True, help="Exit 1 for warnings too.")
def check_command(shacl: bool, engine: Engine, dl: bool, strict: bool) -> int:
    """Run every check on the graph; findings name file and line. Exit 1 if there is a violation."""
    from nexuskg.base import data_home
    from nexuskg.validation import checks

    with Progress("Checking"):
        found = checks.check_home(data_home.home(), shacl, dl, engine)
    for item in found:
        place = ":".join(str(part) for part in (item.file, item.line) if part is not None)
        click.echo(f"{place or item.focus}: {item.severity}: {item.message} [{item.rule}]")
    click.echo(f"{len(found)} findings." if found else "No findings.", err=True)
    return 1 if checks.fails(found, strict) else 0


@program_group.command("verify", epilog="nexuskg verify --text ellis-2015.txt")
@click.option("--text", "path", required=True, type=click.Path(path_type=Path), help="Your copy of the source text.")
@click.option("--source", help="The source it is a copy of, such as ellis-2015; not needed if there is only one.")
@store_options
def verify_command(path: Path, source: str | None) -> int:
    """Hold every evidence span against your own copy of a source. Exit 1 if a span is changed or missing."""
    from nexuskg.evidence import verify

    data = selected_dataset()
    report = verify.verify(data.store, verify.read_copy(path), source)
    click.echo(verify.render_verify(report, data.prefixes).rstrip())
    return report.exit_code


@program_group.command("build", epilog="nexuskg build -o dist/")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The folder to write.")
@view_options
def build_command(output: Path, view: View) -> int:
    """Write the dataset, both grades of evidence and every view: N-Quads, Turtle, VoID, checksums, coverage.

    With an option that restricts what counts, an excerpt that is marked as such; it has both facts and implied claims.
    """
    from nexuskg.pipeline import compilation
    from nexuskg.pipeline.views import WHOLE
    from nexuskg.publish import release

    at_home("What is published is made")
    given = click.get_current_context().get_parameter_source
    if given("accept") is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--accept is for questions: a build has the views of facts and of implied claims.")
    excerpt = bool(view.key) or given("evidence") is click.core.ParameterSource.COMMANDLINE
    with Progress("Building"):
        selected_dataset(view)  # which tells where it contradicts itself
        data, wider = compilation.compiled(view), None if excerpt else compilation.compiled(WHOLE)
        written = release.write_release(data, output, wider=wider)
    for name in written:
        click.echo(output / name)
    return 0


@program_group.command("fmt", epilog="nexuskg fmt --check")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is not in the canonical form.")
def fmt_command(paths: tuple[Path, ...], check: bool) -> int:
    """Put Turtle files into their canonical form (all of ontology/ if no PATHS are given)."""
    from nexuskg.base import data_home, namespaces
    from nexuskg.publish import jsonld_context
    from nexuskg.rdf import turtle

    home = data_home.home()
    files = [file for path in paths for file in (sorted(path.rglob("*.ttl")) if path.is_dir() else [path])]
    files = files if paths else data_home.turtle_files(home)
    with Progress("Formatting", len(files) > 20):
        results = turtle.format_files(files, namespaces.prefixes(home), check)
        if not paths:
            results += jsonld_context.refresh(home, check)
    changed = [data_home.display_path(item.path, home) for item in results if item.changed]
    for name in changed:
        click.echo(name)
    verb = "would change" if check else "changed"
    click.echo(f"{len(changed)} of {len(results)} files {verb}.", err=True)
    return 1 if check and changed else 0


for command in (
    *(list_command, ask_command, sparql_command, show_command, find_command, predicates_command),
    *(why_command, without_command, linchpins_command),
    *(copy_command, source_group, claim_group, entity_group),
    *(push_command, serve_command, store_group),
):
    program_group.add_command(command)
for command in (source_read, source_agreement, source_settle):
    source_group.add_command(command)
