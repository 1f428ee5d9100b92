"""The command line: parse, call, print. Results go to stdout, everything else to stderr; no logic of its own."""

from __future__ import annotations

import csv
import functools
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from nexuskg import __version__, authoring_cli, tables
from nexuskg.console import Group, Progress, printable
from nexuskg.errors import BadParameter, NexuskgError, UnknownTerm

if TYPE_CHECKING:
    from nexuskg.catalogue import StoredQuery
    from nexuskg.dataset import Compiled
    from nexuskg.rows import Answer
    from nexuskg.validators import Engine
    from nexuskg.views import View

LONGEST = 2000
"""The characters that a message on stderr may have."""

TRY = ("who-taxes-what", "which-markets-are-supplied", "loops")


def run(args: Sequence[str]) -> int:
    """The exit code of a command line: 0 fine, 1 findings, 2 usage or other error; an error is one line on stderr."""
    try:
        result = main.main(args=list(args), prog_name="nexuskg", standalone_mode=False)
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


_FORMAT = click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True
)


def _viewed(command: Callable[..., int]) -> Callable[..., int]:
    """The command with the options that choose a view, which it gets as `view`."""

    @click.option(
        "--accept",
        type=click.Choice(["facts", "implied"]),
        default="facts",
        show_default=True,
        help="What counts: what the sources state, or also what they imply.",
    )
    @click.option("--no-inference", is_flag=True, help="Only what is stated: the axioms and rules add nothing.")
    @click.option(
        "--evidence",
        type=click.Choice(["span", "locator"]),
        default="span",
        show_default=True,
        help="Claims fixed to a span of a text, or also those with a locator only.",
    )
    @click.option("--source", "sources", multiple=True, metavar="KEY", help="Only claims of this source (repeatable).")
    @click.option("--as-of", metavar="DATE", help="Only claims of sources published on or before this date.")
    @click.option("--min-confidence", metavar="N|WORD", help="Only claims so firm: 0 to 100, or a word such as likely.")
    @click.option(
        "--prefer",
        metavar="latest|most-corroborated|KEY",
        help="Set aside what the later, the better corroborated, or that source's claims contradict.",
    )
    @functools.wraps(command)
    def with_view(
        accept: str,
        no_inference: bool,
        evidence: str,
        sources: tuple[str, ...],
        as_of: str | None,
        min_confidence: str | None,
        prefer: str | None,
        **others: Any,
    ) -> int:
        from nexuskg import views

        view = views.view(
            accept,
            inference=not no_inference,
            evidence=evidence,
            sources=sources,
            as_of=as_of,
            min_confidence=min_confidence,
            prefer=prefer,
        )
        try:
            return command(view=view, **others)
        except (UnknownTerm, BadParameter) as error:
            raise _hinted(error, view) from None

    return with_view


def _hinted(error: NexuskgError, view: View) -> NexuskgError:
    """The error, which also says so where claims that the view leaves out for their grade speak of what was meant."""
    unknown = error if isinstance(error, UnknownTerm) else error.__cause__
    if view.evidence == "span" and isinstance(unknown, UnknownTerm):
        from nexuskg import views
        from nexuskg.find import resolve

        whole = _compiled(views.WHOLE)
        try:
            resolve(whole.store, unknown.name, prefixes=whole.prefixes)
        except NexuskgError:
            return error
        message = f"{unknown.name!r} is known from claims with a locator only; they count with --evidence locator."
        return NexuskgError(message)
    return error


@click.group(cls=Group, invoke_without_command=True, epilog="nexuskg ask who-taxes-what")
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Ask a knowledge graph of the crime-terror nexus; every row of an answer shows the passage it rests on."""
    if ctx.invoked_subcommand is not None:
        return
    data = _compiled()
    click.echo("nexuskg: what sources say about the crime-terror nexus, as a graph that can be asked.")
    click.echo("Each row of an answer names the source, the paragraph and the words to look for.\n\nTry:")
    chosen = [*(name for name in TRY if name in data.catalogue), *sorted(set(data.catalogue) - set(TRY))][:3]
    width = max(map(len, chosen), default=0)
    for name in chosen:
        click.echo(f"  nexuskg ask {name:<{width}}   {data.catalogue[name].summary}")
    click.echo(f"\nAll {len(data.catalogue)} questions: nexuskg list      All commands: nexuskg --help")


@main.command("list", epilog="nexuskg list --tag causality")
@click.option("--tag", help="Only the questions with this tag.")
def list_(tag: str | None) -> int:
    """List the stored questions."""
    catalogue = _compiled().catalogue.values()
    questions = [query for query in catalogue if tag is None or tag in query.tags]
    if tag is not None and not questions:
        known = sorted({name for query in catalogue for name in query.tags})
        raise click.UsageError(f"No question has the tag {tag!r}. Tags: {', '.join(known)}.")
    tables.show(("question", "what it asks", "parameters"), [_listed(query) for query in questions])
    return 0


def _listed(query: StoredQuery) -> tuple[str, str, str]:
    return query.name, query.summary, ", ".join(parameter.name for parameter in query.params)


@main.command(epilog='nexuskg ask who-taxes-what activity="drug trafficking" --format csv')
@click.argument("question")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@_FORMAT
@_viewed
def ask(question: str, parameters: tuple[str, ...], form: str, view: View) -> int:
    """Answer a stored QUESTION, each row with its evidence.

    A VALUE is a label, a CURIE or an <iri>; give a NAME twice for either of two values, or "any".
    """
    from nexuskg import rows

    data = _compiled(view)
    found = rows.answer(data, question, rows.values_of(data, question, _parameters(question, parameters)))
    _print(data, found, form)
    return 0


@main.command(epilog="nexuskg sparql my-question.rq")
@click.argument("file", type=click.File(encoding="utf-8"))
@_FORMAT
@_viewed
def sparql(file: TextIO, form: str, view: View) -> int:
    """Answer your own SPARQL SELECT or ASK in FILE (- for standard input), each row with its evidence.

    The graph's prefixes need no declaration; the README maps the model.
    """
    from nexuskg import rows

    try:
        text = file.read()
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file.name} is not UTF-8 text ({error.reason} at byte {error.start}).") from None
    data = _compiled(view)
    found = rows.answer_text(data, text, Path(file.name).name)
    if found.untraced:
        click.echo(f"Without evidence: {found.untraced}", err=True)
    _print(data, found, form)
    return 0


@main.command(epilog="nexuskg why actor:sendero-luminoso a nx:NarcoTaxingTerroristGroup")
@click.argument("words", nargs=-1, required=True, metavar="SUBJECT PREDICATE OBJECT | QUESTION [NAME=VALUE]...")
@click.option(
    "--row", "number", type=click.IntRange(min=1), default=1, show_default=True, help="Which row of a QUESTION."
)
@click.option("--not", "negated", is_flag=True, help="What is missing for the statement to be in the graph.")
@click.option("--all", "every", is_flag=True, help="Every minimal justification, the strongest first.")
@click.option("--text", "path", type=click.Path(path_type=Path), help="Your copy of a source: its passages are shown.")
@click.option("--format", "form", type=click.Choice(["text", "json", "mermaid"]), default="text", show_default=True)
@_viewed
def why(
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
    from nexuskg import evidence, rows, telling, whynot
    from nexuskg import why as reasons

    data = _compiled(view)
    passages = {}
    if path is not None:
        source = min(view.sources) if len(view.sources) == 1 else None  # else its digest tells, or there is only one
        passages = evidence.passages(evidence.verify(data.store, evidence.read_copy(path), source))
    if words[0] in data.catalogue or all("=" in word for word in words[1:]):
        if negated:
            raise click.UsageError("--not is about a statement: SUBJECT PREDICATE OBJECT.")
        values = rows.values_of(data, words[0], _parameters(words[0], words[1:]))
        told = reasons.row(data, words[0], number, values, every, passages)
    elif len(words) != 3:
        raise click.UsageError("write a statement as SUBJECT PREDICATE OBJECT, each quoted if it has spaces.")
    elif negated:
        absence = whynot.missing(data, reasons.parse(data, *words))
        click.echo(_json(whynot.as_json(absence)) if form == "json" else whynot.as_text(absence), nl=form == "json")
        return 0
    else:
        told = reasons.statement(data, reasons.parse(data, *words), every, passages)
    if form == "json":
        click.echo(_json(telling.as_json(told, data.prefixes)))
    else:
        click.echo(telling.as_mermaid(told) if form == "mermaid" else telling.as_text(told), nl=False)
    return 0


@main.command(epilog="nexuskg without claim:ellis-2015.c125")
@click.argument("words", nargs=-1, required=True, metavar="CLAIM|SOURCE|SPAN | SUBJECT PREDICATE [OBJECT]")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@_viewed
def without(words: tuple[str, ...], form: str, view: View) -> int:
    """Show what falls if a claim, a source, a span or an axiom is withdrawn: a key-assumptions check.

    Facts, inferences, loops of causes and rows of the stored questions. An axiom is written as its terms; "any" stands
    for a class expression.
    """
    from dataclasses import asdict

    from nexuskg import whatif

    data = _compiled(view)
    found = whatif.without(data, [whatif.parse(data, words)])
    if form == "json":
        click.echo(_json(asdict(found)))
        return 0
    changes = [("falls", change) for change in found.falls] + [("appears", change) for change in found.appears]
    if not changes:
        click.echo(f"Nothing rests on {' '.join(found.withdrawn)}.", err=True)
        return 0
    columns = ("what happens", "to which", "view", "statement")
    tables.show(columns, [(how, c.kind, "implied" if c.implied else "", c.text) for how, c in changes])
    return 0


@main.command(epilog="nexuskg linchpins --kind claim --limit 5")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@click.option("--kind", type=click.Choice(["claim", "axiom"]), help="Only claims, or only axioms.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@_viewed
def linchpins(limit: int, kind: str | None, form: str, view: View) -> int:
    """Rank claims and axioms by how much falls if one alone is withdrawn: a key-assumptions check.

    What needs implied claims counts, too; nexuskg without shows what it is.
    """
    from dataclasses import asdict

    from nexuskg import linchpins as pins

    with Progress("Withdrawing one at a time"):
        found = [one for one in pins.linchpins(_compiled(view)) if kind in (None, one.kind)][:limit]
    if form == "json":
        click.echo(_json([{**asdict(one), "total": one.total} for one in found]))
        return 0
    columns = ("kind", "name", "what it says", "facts", "inferences", "loops", "total")
    counts = [(str(one.facts), str(one.inferences), str(one.loops), str(one.total)) for one in found]
    tables.show(columns, [(one.kind, one.name, one.text, *count) for one, count in zip(found, counts, strict=True)])
    return 0


@main.command(epilog="nexuskg show actor:sendero-luminoso")
@click.argument("name", nargs=-1, required=True)
@click.option("--all", "everything", is_flag=True, help="Every fact and claim, not only the first dozen.")
@_viewed
def show(name: tuple[str, ...], everything: bool, view: View) -> int:
    """Describe a term, an entity, a claim or a question: label, definition, axioms, links, who uses it.

    NAME is a label, a CURIE, an <iri>, or the name of a question.
    """
    from nexuskg import describe

    data = _compiled(view)
    found = describe.describe(data.store, data.catalogue, " ".join(name), prefixes=data.prefixes)
    click.echo(describe.render(found, 0 if everything else 12), nl=False)
    return 0


@main.command(epilog="nexuskg find shining path")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="At most so many.")
def find(words: tuple[str, ...], limit: int) -> int:
    """Find entities, terms and questions by label, alias or misspelling, in any language."""
    from nexuskg import views
    from nexuskg.find import find as search

    data = _compiled(views.WHOLE)
    found = search(data.store, " ".join(words), limit, queries=data.catalogue.values(), prefixes=data.prefixes)
    if not found:
        return _fail(f"Nothing is like {' '.join(words)!r}. Try fewer or other words, or: nexuskg list")
    tables.show(
        ("name", "label", "kind", "found by"), [(item.curie, item.label, item.kind, item.matched) for item in found]
    )
    return 0


@main.command(epilog="nexuskg check --no-shacl")
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
def check(shacl: bool, engine: Engine, dl: bool, strict: bool) -> int:
    """Run every check on the graph; findings name file and line. Exit 1 if there is a violation."""
    from nexuskg import checks, resources

    with Progress("Checking"):
        found = checks.run(resources.home(), shacl, dl, engine)
    for item in found:
        place = ":".join(str(part) for part in (item.file, item.line) if part is not None)
        click.echo(f"{place or item.focus}: {item.severity}: {item.message} [{item.rule}]")
    click.echo(f"{len(found)} findings." if found else "No findings.", err=True)
    return 1 if checks.fails(found, strict) else 0


@main.command(epilog="nexuskg verify --text ellis-2015.txt")
@click.option("--text", "path", required=True, type=click.Path(path_type=Path), help="Your copy of the source text.")
@click.option("--source", help="The source it is a copy of, such as ellis-2015; not needed if there is only one.")
def verify(path: Path, source: str | None) -> int:
    """Hold every evidence span against your own copy of a source. Exit 1 if a span is changed or missing."""
    from nexuskg import evidence

    data = _compiled()
    report = evidence.verify(data.store, evidence.read_copy(path), source)
    click.echo(evidence.render_verify(report, data.prefixes).rstrip())
    return report.exit_code


@main.command(epilog="nexuskg build -o dist/")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The folder to write.")
@_viewed
def build(output: Path, view: View) -> int:
    """Write the dataset: sorted N-Quads, Turtle, VoID counts, checksums and the coverage report."""
    from nexuskg import publish

    with Progress("Building"):
        written = publish.build(_compiled(view), output)
    for name in written:
        click.echo(output / name)
    return 0


@main.command(epilog="nexuskg fmt --check")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is not in the canonical form.")
def fmt(paths: tuple[Path, ...], check: bool) -> int:
    """Put Turtle files into their canonical form (all of ontology/ if no PATHS are given)."""
    from nexuskg import context, namespaces, resources, turtle

    home = resources.home()
    files = [file for path in paths for file in (sorted(path.rglob("*.ttl")) if path.is_dir() else [path])]
    files = files if paths else resources.turtle_files(home)
    with Progress("Formatting", len(files) > 20):
        results = turtle.fmt(files, namespaces.prefixes(home), check)
        if not paths:
            results += context.refresh(home, check)
    changed = [resources.shown(item.path, home) for item in results if item.changed]
    for name in changed:
        click.echo(name)
    verb = "would change" if check else "changed"
    click.echo(f"{len(changed)} of {len(results)} files {verb}.", err=True)
    return 1 if check and changed else 0


authoring_cli.register(main)


# --- shared by the commands ------------------------------------------------------------------------------------------


def _parameters(question: str, written: Sequence[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for item in written:
        name, equals, value = item.partition("=")
        if not equals:
            raise BadParameter(item, f"write NAME=VALUE; nexuskg show {question} names the parameters.")
        values.setdefault(name, []).append(value)
    return values


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _print(data: Compiled, found: Answer, form: str) -> None:
    from nexuskg import rows

    if form == "json":
        click.echo(_json(rows.as_json(data, found)))
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

    here, every = counted(data.store, data.view.accept), counted(_compiled(views.WHOLE).store, data.view.accept)
    if here == every:
        return ""
    hint = " --evidence locator admits those without a span, too." if data.view.evidence == "span" else ""
    return f" In this view ({data.view}) {here} of {every} claims count.{hint}"


def _compiled(view: View | None = None) -> Compiled:
    """The compiled dataset of a view; what it contradicts itself in is told on stderr."""
    from nexuskg import build, views

    data = build.compiled(view or views.FACTS)
    if data.contradictions:
        first, *more = data.contradictions
        others = f" (and {len(more)} more)" if more else ""
        click.echo(f"The graph contradicts itself{others}. {first.message} All: nexuskg check", err=True)
    return data
