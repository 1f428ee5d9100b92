"""The commands claim new, claim import and claim ground: parse, ask for what is missing, call, print."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexuskg.authoring.drafts import QUALIFIERS, Draft
from nexuskg.base import text_table
from nexuskg.base.safe_text import printable
from nexuskg.cli.console import Group
from nexuskg.cli.report import (
    curator_option,
    is_interactive,
    open_home,
    origin_of,
    print_refusal,
    print_relations,
    print_remaining,
    print_unread,
    print_written,
    prompt,
    with_progress,
)
from nexuskg.errors import BadDraft

if TYPE_CHECKING:
    from nexuskg.authoring.claim_drafts import AuthoredClaim
    from nexuskg.authoring.review import Review
    from nexuskg.authoring.source_context import SourceContext

_PATH = click.Path(path_type=Path)
_QUESTIONS = {
    "phrase": "Words pasted from the text",
    "subject": "Subject (number, CURIE or label)",
    "predicate": "Predicate (CURIE or label)",
    "object": "Object (number, CURIE or label; = before a value)",
    "says": "The claim in your own words",
}


@click.group("claim", cls=Group, epilog="nexuskg claim import port-report-2025 drafts.yaml --text report.txt --dry-run")
def claim_group() -> None:
    """Add claims of a source, each with the place in the text that it rests on."""


def statement_options(command: Callable[..., int]) -> Callable[..., int]:
    """The command with the options for where a claim stands and what it says."""
    options = [
        click.option("--occurrence", help="Which one, where the phrase stands at several places."),
        click.option("--locator", help='Instead of a phrase, where no text is at hand: "page 3".'),
        click.option("--subject", help="What the claim is about: a label, CURIE or <iri>."),
        click.option("--predicate", help='What it says of that: nx:taxes, "operates in", a.'),
        click.option("--object", help="To what: a label, CURIE or <iri>."),
        click.option("--value", help="Or to which value: a figure, a date, words."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def qualifier_options(command: Callable[..., int]) -> Callable[..., int]:
    """The command with an option for each field that qualifies a claim."""
    for name, about in reversed(list(QUALIFIERS.items())):
        command = click.option(f"--{name}", multiple=about.sort == "words", help=about.help)(command)
    return command


@claim_group.command(
    "new",
    epilog='nexuskg claim new port-report-2025 --text report.txt --phrase "has taxed truck drivers"',
)
@click.argument("key", metavar="SOURCE")
@click.option("--text", "path", type=_PATH, help="The text of the source, in which the phrase is looked for.")
@click.option("--phrase", help="Words pasted from the text: the place that the claim rests on.")
@statement_options
@click.option("--says", help="The claim in your own words, one English sentence.")
@click.option("--new-entity", multiple=True, metavar='KIND:SLUG=CLASS:"LABEL"', help="Describe an entity (repeatable).")
@qualifier_options
@curator_option
def claim_new(key: str, path: Path | None, curator: str | None, **options: Any) -> int:
    """Add a claim of SOURCE, with the span of the text that it rests on.

    Without --subject or --object the entities named in the sentence are proposed. Every check is run on a trial copy
    first; nothing is written that breaks one.
    """
    from nexuskg.authoring import claim_drafts, drafts, review
    from nexuskg.authoring.source_context import source_context_of

    held = source_context_of(open_home(), key, path)
    fields = {name: value for name, value in options.items() if value}
    proposal = drafts.draft(fields)
    absent = claim_drafts.missing_fields(proposal)
    if absent and is_interactive():
        proposal = _complete(held, fields, absent)
    elif absent:
        raise BadDraft(_told_missing(held, proposal, absent))
    origin = origin_of(curator, "by-hand")
    taken = with_progress(lambda: review.review_drafts(held, [proposal], origin))
    if not taken.clean or taken.trial is None:
        return print_refusal([*(reason for one in taken.refused for reason in one.reasons), *taken.against_all])
    written = _write(held, taken)
    _print_claim(held, taken.good)
    print_relations(taken.trial, [one.claim for one in taken.good])
    print_remaining(taken.trial)
    print_unread(taken.trial, held.key)
    print_written(written)
    return 0


@claim_group.command("import", epilog="nexuskg claim import port-report-2025 drafts.yaml --text report.txt --dry-run")
@click.argument("key", metavar="SOURCE")
@click.argument("file", metavar="DRAFTS", type=_PATH)
@click.option("--text", "path", type=_PATH, help="The text of the source, in which the phrases are looked for.")
@click.option("--dry-run", is_flag=True, help="Only report; write nothing.")
@click.option("--accept-good", is_flag=True, help="Write the good ones though others are refused.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@curator_option
def claim_import(
    key: str, file: Path, path: Path | None, dry_run: bool, accept_good: bool, form: str, curator: str | None
) -> int:
    """Add the claims drafted in DRAFTS (.yaml, .json, .csv), made by whom or what ever: nothing in it is trusted.

    Fields are called as the options of claim new. All or nothing is written. Exit 1 if a draft is refused.
    """
    from nexuskg.authoring import drafts, review
    from nexuskg.authoring.source_context import source_context_of

    proposals = drafts.read_drafts(file)
    held = source_context_of(open_home(), key, path)
    origin = origin_of(curator, "import", draft_file=file.name)
    taken = with_progress(lambda: review.review_drafts(held, proposals, origin, accept_good))
    trial = taken.trial if taken.clean or accept_good else None
    written = [] if dry_run or trial is None else _write(held, taken)
    if form == "json":
        click.echo(json.dumps(_as_json(held, len(proposals), taken, written), ensure_ascii=False, indent=2))
    else:
        _report(held, len(proposals), taken)
    if taken.trial is not None:
        print_relations(taken.trial, [one.claim for one in taken.good])
    if taken.trial is not None and written:
        print_remaining(taken.trial)
        print_unread(taken.trial, held.key)
    why = "this was a dry run" if dry_run else "correct what is refused, or take only the good ones: --accept-good"
    print_written(written, why if taken.good else "")
    return 0 if taken.clean else 1


@claim_group.command(
    "ground", epilog='nexuskg claim ground claim:rival-2016.c001 --text rival.txt --phrase "trafficks drugs"'
)
@click.argument("name", metavar="CLAIM")
@click.option("--text", "path", required=True, type=_PATH, help="The text of the source.")
@click.option("--phrase", required=True, help="Words pasted from the text: the place that the claim rests on.")
@click.option("--occurrence", type=click.IntRange(min=1), help="Which one, where the phrase stands at several places.")
@curator_option
def claim_ground(name: str, path: Path, phrase: str, occurrence: int | None, curator: str | None) -> int:
    """Let CLAIM, known by a locator, rest on a span of its source's text; the locator goes."""
    from nexuskg.authoring import file_changes, review
    from nexuskg.authoring.source_context import claim_context

    held, iri = claim_context(open_home(), name, path)
    origin = origin_of(curator, "grounding")
    span, trial = with_progress(lambda: review.ground(held, iri, phrase, occurrence, origin))
    if trial.violations:
        return print_refusal([f"{f.message} [{f.rule}]" for f in trial.violations])
    written = file_changes.write_changes(held.vocabulary.data.home, trial.changes)
    anchor = f", at: {span.anchor}" if span.anchor else ""
    click.echo(printable(f"{held.vocabulary.curie(iri)}  {span.start}-{span.end}, paragraph {span.paragraph}{anchor}"))
    print_unread(trial, held.key)
    print_written(written)
    return 0


def _proposed_entities(held: SourceContext, phrase: str) -> list[tuple[str, str]]:
    """The entities named in the sentence of a phrase, or in the phrase itself, as CURIE and label."""
    from nexuskg.evidence.phrases import phrase_ranges
    from nexuskg.rdf.labels import label_or_name
    from nexuskg.search.mentions import entities_named, names_of_entities

    words = phrase
    if held.text is not None and phrase and (found := phrase_ranges(phrase, held.text)):
        around = held.within(found[0].start, found[0].end)
        words = " ".join(held.text.text[segment.start : segment.end] for segment in around) or phrase
    store, curie = held.vocabulary.store, held.vocabulary.curie
    return [(curie(iri), label_or_name(store, iri)) for iri in entities_named(names_of_entities(store), words)]


def _complete(held: SourceContext, fields: dict[str, Any], absent: Sequence[str]) -> Draft:
    """The draft with what the analyst answers for the fields that are absent."""
    from nexuskg.authoring import drafts

    names = [name for name in _QUESTIONS if name in absent]
    offered: list[tuple[str, str]] = []
    for name in names:
        if name in ("subject", "object") and not offered:
            phrase = fields.get("phrase", "")
            offered = _proposed_entities(held, phrase if isinstance(phrase, str) else "")
            for number, (curie, label) in enumerate(offered, 1):
                click.echo(printable(f"  {number:>2}  {curie}  {label}"), err=True)
        answer = prompt(_QUESTIONS[name])
        if name in ("subject", "object") and answer.isdecimal() and 1 <= int(answer) <= len(offered):
            answer = offered[int(answer) - 1][0]
        if name == "object" and answer.startswith("="):
            name, answer = "value", answer[1:]
        fields[name] = answer
    return drafts.draft(fields)


def _told_missing(held: SourceContext, proposal: Draft, absent: Sequence[str]) -> str:
    names = {"object": "--object or --value", "phrase": "--phrase or --locator"}
    told = ", ".join(names.get(name, f"--{name}") for name in absent)
    message = f"The claim lacks {told}."
    if proposal.one("phrase") and {"subject", "object"} & set(absent):
        offered = "; ".join(f"{curie} ({label})" for curie, label in _proposed_entities(held, proposal.one("phrase")))
        message += f" Named in the sentence: {offered or 'no entity of the graph; describe one by --new-entity'}."
    return message


def _write(held: SourceContext, taken: Review) -> list[str]:
    from nexuskg.authoring import file_changes

    assert taken.trial is not None
    return file_changes.write_changes(held.vocabulary.data.home, taken.trial.changes)


def _print_claim(held: SourceContext, good: Iterable[AuthoredClaim]) -> None:
    for one in good:
        place = one.draft.one("locator")
        if one.span is not None:
            anchor = f", at: {one.span.anchor}" if one.span.anchor else ""
            place = f"{one.span.start}-{one.span.end}, paragraph {one.span.paragraph}{anchor}"
        click.echo(printable(f"{held.vocabulary.curie(one.claim)}  {place}"))


def _report(held: SourceContext, count: int, taken: Review) -> None:
    """Print one row a claim that is good, and one a reason against one that is not."""
    numbered: dict[int, list[tuple[str, ...]]] = {}
    for one in taken.good:
        place = one.draft.one("locator")
        if one.span is not None:
            place = f"paragraph {one.span.paragraph}, at: {one.span.anchor or '…'}"
        row = (str(one.draft.number), str(one.draft.line or ""), held.vocabulary.curie(one.claim), printable(place))
        numbered.setdefault(one.draft.number, []).append(row)
    for bad in taken.refused:
        for reason in bad.reasons:
            line = str(bad.draft.line or "")
            row = (str(bad.draft.number), line, "refused", printable(reason))
            numbered.setdefault(bad.draft.number, []).append(row)
    text_table.print_table(
        ("draft", "line", "result", "place, or why not"), [r for n in sorted(numbered) for r in numbered[n]]
    )
    click.echo(f"{count} draft{'s' * (count != 1)}: {len(taken.good)} good, {len(taken.refused)} refused.")
    for reason in taken.against_all:
        click.echo(printable(f"Against all of them together: {reason}"))


def _as_json(held: SourceContext, count: int, taken: Review, written: Sequence[str]) -> dict[str, object]:
    curie = held.vocabulary.curie
    return {
        "drafts": count,
        "good": [
            {
                "number": one.draft.number,
                "line": one.draft.line,
                "claim": curie(one.claim),
                "span": None if one.span is None else [one.span.start, one.span.end],
                "entities": [curie(entity.iri) for entity in one.entities],
            }
            for one in taken.good
        ],
        "refused": [
            {"number": one.draft.number, "line": one.draft.line, "reasons": list(one.reasons)} for one in taken.refused
        ],
        "against_all": list(taken.against_all),
        "written": list(written),
    }
