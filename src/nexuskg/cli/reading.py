"""The commands source read, source agreement and source settle, for second readers: parse, call, print."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nexuskg.base import text_table
from nexuskg.base.safe_text import printable
from nexuskg.cli.console import Command
from nexuskg.cli.report import json_text
from nexuskg.cli.store_options import dataset_here

if TYPE_CHECKING:
    from nexuskg.authoring.vocabulary import Vocabulary
    from nexuskg.readers.agreement import AgreementReport
    from nexuskg.readers.claim_cards import ClaimCard
    from nexuskg.readers.decisions import Decision

_PATH = click.Path(path_type=Path)


@click.command("read", cls=Command, epilog="nexuskg source read ellis-2015 --text ellis-2015.txt -o reading.html")
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@click.option("--text", "path", type=_PATH, help="The text of the source, for the sentences; it is put into the file.")
@click.option(
    "-o", "--output", required=True, type=_PATH, help="A page to mark on (.html), or a table to fill in (.csv)."
)
def source_read(keys: tuple[str, ...], path: Path | None, output: Path) -> int:
    """Write what a second reader of the sources needs to mark each claim right or wrong, field by field.

    The page works in any browser, without a network, and saves the marks as a file; the table is filled in by hand or
    by a program. Hold the marks of two readers against each other with: nexuskg source agreement.
    """
    from nexuskg.base import atomic
    from nexuskg.readers import marks, page
    from nexuskg.readers.source_sheet import source_sheet

    form = output.suffix.lower()
    if form not in (".html", ".htm", ".csv"):
        raise click.UsageError(f"{output}: end its name in .html for a page, or in .csv for a table.")
    if path is not None and len(keys) > 1:
        raise click.UsageError("--text is the text of one source: name one.")
    if form == ".csv":
        _check_new(output)
    vocabulary = _vocabulary()
    sheets = [source_sheet(vocabulary, key, path) for key in dict.fromkeys(keys)]
    text = marks.blank_marks(sheets) if form == ".csv" else page.reading_page(sheets)
    atomic.write_file(output, [text.encode()])
    for sheet in sheets:
        given = "" if sheet.given or not sheet.digest else "; its text was not given, so no sentence is shown (--text)"
        claims, places = len(sheet.cards), len(sheet.places)
        told = f"{claims} claim{'s' * (claims != 1)} at {places} place{'s' * (places != 1)}"
        click.echo(f"{sheet.key}: {told}{given}.", err=True)
    click.echo(f"Wrote {printable(str(output))}", err=True)
    return 0


@click.command(
    "agreement", cls=Command, epilog="nexuskg source agreement marks-ana.json marks-luis.csv -o to-settle.csv"
)
@click.argument("first", type=_PATH)
@click.argument("second", type=_PATH)
@click.option("--source", help="The source that drafts are of, such as ellis-2015.")
@click.option("--text", "path", type=_PATH, help="The text of the source, in which the phrases of drafts are found.")
@click.option("-o", "--output", type=_PATH, help="Write the list of what is to be settled, in CSV.")
@click.option("--decisions", "decided", type=_PATH, help="Leave out of the list what was decided (see source settle).")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def source_agreement(
    first: Path,
    second: Path,
    source: str | None,
    path: Path | None,
    output: Path | None,
    decided: Path | None,
    form: str,
) -> int:
    """Tell how far two readers of a source agree, field by field: in per cent, and by Krippendorff's alpha.

    FIRST and SECOND are two files of marks (see source read), or two files of claims, as drafts or in Turtle.
    """
    from nexuskg.base import atomic
    from nexuskg.readers import agreement, decisions, marks
    from nexuskg.readers.claim_files import read_claim_file, segments_of
    from nexuskg.readers.claim_pairs import claims_agreement

    if output is not None:
        _check_new(output)
    known = decisions.read_decisions(decided).decisions if decided is not None else ()
    marked = [marks.is_marks_file(file) for file in (first, second)]
    if marked[0] != marked[1]:
        raise click.UsageError("one file is of marks, the other of claims: give two of a kind.")
    if all(marked):
        report = agreement.marks_agreement(marks.read_marks(first), marks.read_marks(second))
    else:
        vocabulary = _vocabulary()
        read = [read_claim_file(file, vocabulary, source, path) for file in (first, second)]
        report = claims_agreement(read[0], read[1], segments_of(vocabulary.store, read[0].key))
    if form == "json":
        left = [one._asdict() for one in decisions.open_disputes(report, known)]
        click.echo(json_text({**asdict(report), "disputes": left}))
    else:
        _print_report(report, known)
    if output is not None:
        cards = _cards(report) if all(marked) else {}
        atomic.write_file(output, [decisions.dispute_list(report, known, cards).encode()])
        click.echo(f"Wrote {printable(str(output))}", err=True)
    return 0


@click.command("settle", cls=Command, epilog="nexuskg source settle to-settle.csv --by Ana --decisions decisions.json")
@click.argument("file", metavar="LIST", type=_PATH)
@click.option("--by", required=True, help="Who decided.")
@click.option("--date", "when", default="", metavar="EDTF", help="When; today if it is not given.")
@click.option(
    "--decisions", "output", required=True, type=_PATH, help="The file of decisions to write, or to add these to."
)
def source_settle(file: Path, by: str, when: str, output: Path) -> int:
    """Keep what was decided in LIST, which source agreement wrote and somebody filled in: decision, and reason.

    Rows without a decision stay open; what was decided once is not decided again.
    """
    from nexuskg.base import atomic
    from nexuskg.readers import decisions

    settled = decisions.read_settled_list(file, by, when or date.today().isoformat())
    before = decisions.read_decisions(output) if output.exists() else decisions.Decisions({}, ())
    after = decisions.decisions_with(before, settled, str(output))
    atomic.write_file(output, [decisions.decisions_json(after).encode()])
    new, left = len(after.decisions) - len(before.decisions), settled.open
    told = f"Decisions added: {new}, in all: {len(after.decisions)}; rows left open in {file}: {left}."
    click.echo(printable(told), err=True)
    click.echo(f"Wrote {printable(str(output))}", err=True)
    return 0


def _vocabulary() -> Vocabulary:
    from nexuskg.authoring.vocabulary import Vocabulary
    from nexuskg.pipeline import views

    return Vocabulary(dataset_here(views.WHOLE))


def _cards(report: AgreementReport) -> dict[str, ClaimCard]:
    """The claims that were read as the graph has them now, by CURIE; none of a source that it no longer has."""
    from nexuskg.errors import BadDraft
    from nexuskg.readers.source_sheet import source_sheet

    vocabulary = _vocabulary()
    found: dict[str, ClaimCard] = {}
    for key in report.sources:
        with contextlib.suppress(BadDraft):
            found |= {card.claim: card for card in source_sheet(vocabulary, key).cards}
    return found


def _check_new(path: Path) -> None:
    """Raise UsageError where a file is there already, for somebody may have filled it in."""
    if path.exists():
        raise click.UsageError(f"{path} is there already, and may be filled in: choose another name.")


def _print_report(report: AgreementReport, known: tuple[Decision, ...]) -> None:
    from nexuskg.readers.agreement import INSTALL
    from nexuskg.readers.decisions import open_disputes

    rows = []
    for one in report.fields:
        share = "" if one.per_cent is None else f"{one.per_cent:.1f}"
        alpha = one.why_not if one.alpha is None else f"{one.alpha:.3f}"
        rows.append((one.field, str(one.units), str(one.agreed), share, alpha))
    text_table.print_table(("field", "judged by both", "agreed", "per cent", "alpha"), rows)
    for note in report.notes:
        click.echo(printable(note), err=True)
    if any(one.why_not == "not installed" for one in report.fields):
        click.echo(INSTALL, err=True)
    left = open_disputes(report, known)
    agreed = sum(bool(one.decision) for one in left)
    click.echo(f"To settle: {len(left) - agreed}; found wrong by both: {agreed}.", err=True)
