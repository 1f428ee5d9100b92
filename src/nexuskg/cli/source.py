"""The commands copy, source new and source no-claim: parse, ask for what is missing, call, print.

Those about claims are in nexuskg.cli.claim; all of them write to the home of the analyst.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nexuskg.base import text_table
from nexuskg.base.safe_text import printable
from nexuskg.cli.console import Command, Group
from nexuskg.cli.report import (
    curator_option,
    is_interactive,
    open_home,
    origin_of,
    print_refusal,
    print_remaining,
    print_unread,
    print_written,
    prompt,
    with_progress,
)

if TYPE_CHECKING:
    from nexuskg.authoring.source_context import SourceContext

_PATH = click.Path(path_type=Path)


@click.command("copy", cls=Command, epilog="nexuskg copy my-graph")
@click.argument("folder", type=_PATH)
def copy_command(folder: Path) -> int:
    """Copy the ontology, the data and the questions to FOLDER, a home of your own to write in."""
    from nexuskg.authoring import file_changes
    from nexuskg.base import data_home

    file_changes.copy_home(data_home.home(), folder)
    click.echo(f"{folder} is a home of your own now. To work in it:", err=True)
    click.echo(f"export NEXUSKG_HOME={folder.resolve()}")
    return 0


@click.group(
    "source", cls=Group, epilog='nexuskg source new port-report-2025 --text report.txt --title "A report" --language en'
)
def source_group() -> None:
    """Add a source, its text and what of it yields no claim."""


@source_group.command(
    "new", epilog='nexuskg source new port-report-2025 --text report.txt --title "A report" --language en'
)
@click.argument("key")
@click.option("--text", "path", type=_PATH, help="Its text in UTF-8; without it the source is known by locators only.")
@click.option("--title", default="", help="Its title, in its language.")
@click.option("--language", default="", help="Its language, such as en.")
@click.option("--provenance", default="", help="Where these bibliographic data are from: title page, a catalogue.")
@click.option("--issued", default="", metavar="EDTF", help="When it appeared: 2025-03, 2025~.")
@click.option("--creator", default="", help="Who wrote it: an actor of the graph, or a name.")
@click.option("--publisher", default="", help="Who published it.")
@click.option("--url", default="", help="Where it is to be found.")
@click.option("--licence", default="", help="The licence of the source, as an address or in words.")
@click.option("--citation", default="", help="How it is cited.")
@click.option("--note", default="", help="What a user of the source must know.")
@click.option("--document-type", default="", help="What it is: report, news-article …")
@click.option("--extent", default="", help="How much of it the text holds: full, excerpt, truncated.")
@click.option("--reliability", default="", help="How reliable the source is, by the scheme reliability.")
@click.option("--reliability-reason", default="", help="Why, in your own words.")
@click.option("--body-from", default="", metavar="WORDS", help="The words with which its body begins; before: header.")
@click.option(
    "--body-to", default="", metavar="WORDS", help="The words with which its body ends; after: page furniture."
)
@curator_option
def source_new(key: str, path: Path | None, body_from: str, body_to: str, curator: str | None, **options: str) -> int:
    """Record the source KEY, and the digest and segments of its text; the text itself is not stored.

    For a KEY known by locators only, --text adds the text to its record. Lists the segments to be read.
    """
    from nexuskg.authoring import bibliographic_record, file_changes, source_record
    from nexuskg.authoring.source_context import source_context_of
    from nexuskg.authoring.vocabulary import Vocabulary
    from nexuskg.evidence import verify
    from nexuskg.evidence.anchors import sha256
    from nexuskg.evidence.phrases import SearchableText
    from nexuskg.evidence.sources import text_digest

    vocabulary = open_home()
    text = None if path is None else SearchableText(verify.read_copy(path))
    fields = {name.replace("_", "-"): words.strip() for name, words in options.items()}
    known = source_record.is_known(vocabulary, key)
    there = text_digest(vocabulary.store, key)
    if known and path is not None and text is not None and there == sha256(text.text) and not any(fields.values()):
        held = source_context_of(vocabulary, key, path)
        _list(held)
        click.echo(f"{key} has this text already; nothing was written.", err=True)
        return 0
    if not known and is_interactive():
        for name in bibliographic_record.absent_fields(fields):
            fields[name] = prompt(f"{name.capitalize()}: {bibliographic_record.REQUIRED[name]}")
    body, origin = source_record.Body(body_from, body_to), origin_of(curator, "by-hand")
    prepared = source_record.prepare_source(vocabulary, key, fields, text, body, origin)
    data = vocabulary.data
    made = [file_changes.change(data.home, data.prefixes, file, triples) for file, triples in prepared.add.items()]
    trial = with_progress(lambda: file_changes.trial(data.home, made))
    if trial.violations:
        return print_refusal([f"{f.message} [{f.rule}]" for f in trial.violations])
    written = file_changes.write_changes(data.home, trial.changes)
    if text is not None and path is not None:
        held = source_context_of(Vocabulary(trial.compiled), key, path)
        _list(held)
        click.echo(
            f"\n{len(held.segments)} segments, {len(text.text)} characters, SHA-256 {sha256(text.text)[:12]}…. Read "
            "them, for they are a proposal.\n"
            f"Each yields claims:     nexuskg claim new {key} --text {path} --phrase … (or claim import)\n"
            f"or a reason why not:    nexuskg source no-claim {key} NUMBER --reason …\n"
            "Until then nexuskg check names it: segment-without-claim-or-reason.",
            err=True,
        )
    print_remaining(trial)
    print_written(written)
    return 0


@source_group.command("no-claim", epilog='nexuskg source no-claim port-report-2025 3 7 --reason "Thanks the reader."')
@click.argument("key")
@click.argument("numbers", nargs=-1, required=True, type=int)
@click.option("--reason", required=True, help="Why they yield no claim, in your own words.")
def source_no_claim(key: str, numbers: tuple[int, ...], reason: str) -> int:
    """Say why segments of the text of KEY yield no claim. NUMBERS are those of the list of source new."""
    from nexuskg.authoring import file_changes, source_record
    from nexuskg.authoring.source_context import reason_triple, source_context_of

    vocabulary = open_home()
    held = source_context_of(vocabulary, key, None)
    pairs = source_record.segments_excused(held, numbers, reason)
    data = vocabulary.data
    gone = [reason_triple(before) for before, _ in pairs if before.reason]
    made = file_changes.change(
        data.home, data.prefixes, held.text_file, [reason_triple(after) for _, after in pairs], gone
    )
    trial = with_progress(lambda: file_changes.trial(data.home, [made]))
    if trial.violations:
        return print_refusal([f"{f.message} [{f.rule}]" for f in trial.violations])
    written = file_changes.write_changes(data.home, trial.changes)
    print_unread(trial, held.key)
    print_written(written)
    return 0


def _list(held: SourceContext) -> None:
    """Print the segments with their words, which the analyst's own copy has."""
    from nexuskg.authoring.source_record import claims_of
    from nexuskg.evidence.anchors import normalize

    assert held.text is not None
    rows = []
    for number, segment in enumerate(held.segments, 1):
        words = normalize(held.text.text[segment.start : segment.end])
        claims = len(claims_of(held, segment))
        yields = f"{claims} claims" if claims else "no claim" if segment.reason else ""
        place = f"{segment.start}-{segment.end}"
        rows.append((str(number), segment.paragraph, segment.kind, place, yields, printable(words)))
    text_table.print_table(("number", "paragraph", "kind", "segment", "yields", "words"), rows)
