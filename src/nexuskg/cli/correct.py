"""The commands that correct the record: claim correct, withdraw and review, source withdraw, entity edit and merge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nexuskg.base.safe_text import printable
from nexuskg.cli.claim import claim_group, qualifier_options, statement_options
from nexuskg.cli.console import Group
from nexuskg.cli.report import (
    curator_option,
    open_home,
    origin_of,
    print_refusal,
    print_relations,
    print_remaining,
    print_unread,
    print_written,
    with_progress,
)
from nexuskg.cli.source import source_group

if TYPE_CHECKING:
    from nexuskg.authoring.file_changes import Trial
    from nexuskg.authoring.vocabulary import Vocabulary

_PATH = click.Path(path_type=Path)
_TAGGED = "@es or @pt at its end for these languages (repeatable)."


def _record_options(command: Callable[..., int]) -> Callable[..., int]:
    """The command with what every correction is asked for: why, by whom, and whether it is to be written."""
    command = click.option("--dry-run", is_flag=True, help="Only say what falls and what appears; write nothing.")(
        curator_option(command)
    )
    return click.option("--reason", required=True, help="Why, in your own words.")(command)


@claim_group.command("correct", epilog='nexuskg claim correct claim:pisco-2025.c005 --hedge "" --reason "No hedge."')
@click.argument("name", metavar="CLAIM")
@click.option("--text", "path", type=_PATH, help="The text of the source, for a new phrase.")
@click.option("--phrase", help="Words pasted from the text: the place that the claim is to rest on.")
@statement_options
@click.option("--says", multiple=True, help=f"The claim in your own words; {_TAGGED}")
@click.option("--new-entity", multiple=True, metavar='KIND:SLUG=CLASS:"LABEL"', help="Describe an entity (repeatable).")
@qualifier_options
@_record_options
def claim_correct(name: str, path: Path | None, reason: str, curator: str | None, dry_run: bool, **options: Any) -> int:
    """Correct CLAIM: give what is to be otherwise, and "" for what is to go.

    What changes what it says, of which time, how and by whom makes a new claim, and CLAIM is kept as superseded;
    anything else is corrected in place. Either is recorded with date, reason and curator.
    """
    from nexuskg.authoring.curation_record import given_reason
    from nexuskg.authoring.source_context import claim_context
    from nexuskg.corrections.claim_correction import correct_claim

    origin = origin_of(curator, "correction", given_reason(reason))
    vocabulary = open_home()
    held, iri = claim_context(vocabulary, name, path)
    given = {
        option.replace("_", "-"): (words,) if isinstance(words, str) else tuple(words)
        for option, words in options.items()
        if words is not None and words != ()
    }
    made = with_progress(lambda: correct_claim(held, iri, given, origin))
    old, new = vocabulary.curie(iri), vocabulary.curie(made.became)
    told = [f"{old} is superseded by {new}"] if new != old else [f"was: {line}" for line in made.former]
    return _finish(vocabulary, made.trial, told, dry_run, held.key, [made.became])


@claim_group.command("withdraw", epilog='nexuskg claim withdraw claim:pisco-2025.c005 --reason "Not in the text."')
@click.argument("names", metavar="CLAIM...", nargs=-1, required=True)
@click.option("--replaced-by", metavar="CLAIM", help="A claim there is that says it better.")
@_record_options
def claim_withdraw(
    names: tuple[str, ...], replaced_by: str | None, reason: str, curator: str | None, dry_run: bool
) -> int:
    """Withdraw CLAIMs: they count in no view; their IRIs and statements are kept with date, reason and curator."""
    from nexuskg.authoring.curation_record import given_reason
    from nexuskg.corrections.claim_record import claim_key, named_claim, withdrawal_edit
    from nexuskg.corrections.record_edit import edit_trial

    origin = origin_of(curator, "withdrawal", given_reason(reason))
    vocabulary = open_home()
    data = vocabulary.data
    claims = list(dict.fromkeys(named_claim(name, data.prefixes) for name in names))
    other = None if replaced_by is None else named_claim(replaced_by, data.prefixes)
    edit = withdrawal_edit(data.store, claims, origin, data.prefixes, other)
    trial = with_progress(lambda: edit_trial(data, edit))
    told = [f"{vocabulary.curie(claim)} is withdrawn" for claim in claims]
    return _finish(vocabulary, trial, told, dry_run, claim_key(claims[0]))


@claim_group.command("review", epilog="nexuskg claim review claim:pisco-2025.c001 --outcome confirmed")
@click.argument("names", metavar="CLAIM...", nargs=-1, required=True)
@click.option("--outcome", required=True, help="confirmed, objected or undecided.")
@click.option("--reviewer", envvar="NEXUSKG_CURATOR", help="Who read them; else NEXUSKG_CURATOR.")
@click.option("--reason", default="", help="Why, in your own words, unless they are confirmed.")
@click.option("--dry-run", is_flag=True, help="Only check; write nothing.")
def claim_review(names: tuple[str, ...], outcome: str, reviewer: str | None, reason: str, dry_run: bool) -> int:
    """Record that somebody read CLAIMs against their source, and what came of it; it changes nothing else."""
    from nexuskg.corrections.claim_record import named_claim
    from nexuskg.corrections.claim_review import review_claims
    from nexuskg.corrections.record_edit import edit_trial

    origin = origin_of(reviewer, outcome, reason)
    vocabulary = open_home()
    claims = [named_claim(name, vocabulary.data.prefixes) for name in names]
    edit = review_claims(vocabulary, claims, origin)
    trial = with_progress(lambda: edit_trial(vocabulary.data, edit))
    return _write(vocabulary, trial, dry_run)


@source_group.command("withdraw", epilog='nexuskg source withdraw pisco-2025 --reason "The bulletin was a hoax."')
@click.argument("key")
@_record_options
def source_withdraw(key: str, reason: str, curator: str | None, dry_run: bool) -> int:
    """Withdraw the source KEY with all its claims; its record stays, and says when and why."""
    from nexuskg.authoring.curation_record import given_reason
    from nexuskg.authoring.source_context import known_source_key, record_file
    from nexuskg.base.namespaces import source_iri
    from nexuskg.corrections.claim_record import source_withdrawal_edit
    from nexuskg.corrections.record_edit import edit_trial
    from nexuskg.evidence.sources import claims_from

    origin = origin_of(curator, "withdrawal", given_reason(reason))
    vocabulary = open_home()
    data = vocabulary.data
    known = known_source_key(key, vocabulary)
    source, claims = source_iri(known), claims_from(data.store, known)
    file = record_file(vocabulary, known, source)
    edit = source_withdrawal_edit(data.store, source, claims, file, origin, data.prefixes)
    trial = with_progress(lambda: edit_trial(data, edit))
    told = f"{vocabulary.curie(source)} is withdrawn, and {len(claims)} claim{'s' * (len(claims) != 1)} of it"
    return _finish(vocabulary, trial, [told], dry_run)


@click.group("entity", cls=Group, epilog='nexuskg entity edit actor:blue-cartel --label "Blue Cartel" --reason "Typo."')
def entity_group() -> None:
    """Correct what is recorded of an entity, or merge two that are one."""


@entity_group.command(
    "edit", epilog='nexuskg entity edit actor:blue-cartel --label "Cartel Azul@es" --reason "It had no Spanish label."'
)
@click.argument("entity")
@click.option("--label", multiple=True, help=f"Its label; {_TAGGED}")
@click.option("--alias", multiple=True, help=f"A further name, or one there is that is to go; {_TAGGED}")
@click.option("--note", multiple=True, help='A note of ours in place of those there are; "" for none (repeatable).')
@click.option("--type", "kind", help="Its class, such as nx:Organization.")
@_record_options
def entity_edit(entity: str, reason: str, curator: str | None, dry_run: bool, **options: Any) -> int:
    """Correct labels, aliases, notes or the class of ENTITY in its record."""
    from nexuskg.authoring.curation_record import given_reason
    from nexuskg.corrections.entity_correction import edit_entity
    from nexuskg.corrections.record_edit import edit_trial

    origin = origin_of(curator, "correction", given_reason(reason))
    vocabulary = open_home()
    given: dict[str, Sequence[str]] = {name: options[name] for name in ("label", "alias", "note") if options[name]}
    given |= {"type": (options["kind"],)} if options["kind"] else {}
    edit = edit_entity(vocabulary, entity, given, origin)
    trial = with_progress(lambda: edit_trial(vocabulary.data, edit))
    return _finish(vocabulary, trial, [], dry_run)


@entity_group.command(
    "merge", epilog='nexuskg entity merge actor:blue-cartel actor:blue-gang --reason "One gang, as the court says."'
)
@click.argument("kept")
@click.argument("merged")
@_record_options
def entity_merge(kept: str, merged: str, reason: str, curator: str | None, dry_run: bool) -> int:
    """Merge the entity MERGED into KEPT: claims, links and points of it are then KEPT's, and its IRI says so."""
    from nexuskg.authoring import file_changes
    from nexuskg.authoring.curation_record import given_reason
    from nexuskg.corrections.entity_correction import merge_entities

    origin = origin_of(curator, "merger", given_reason(reason))
    vocabulary = open_home()
    changes = merge_entities(vocabulary, kept, merged, origin)
    trial = with_progress(lambda: file_changes.trial(vocabulary.data.home, changes))
    return _finish(vocabulary, trial, [f"{merged} is merged into {kept}"], dry_run, entities_last=True)


def _finish(
    vocabulary: Vocabulary,
    trial: Trial,
    told: Sequence[str],
    dry_run: bool,
    key: str = "",
    claims: Sequence[str] = (),
    entities_last: bool = False,
) -> int:
    """Tell what was done and what falls and appears by it, then write it, unless a check forbids it or it is dry."""
    from nexuskg.explain import what_if

    if trial.violations:
        return print_refusal([f"{f.message} [{f.rule}]" for f in trial.violations])
    for line in told:
        click.echo(printable(line))
    changed = what_if.difference(vocabulary.data, trial.compiled)
    if changed.falls or changed.appears:
        click.echo(printable(what_if.withdrawal_text(changed), keep="\n"), nl=False)
    print_relations(trial, claims)
    if key:
        print_unread(trial, key)
    return _write(vocabulary, trial, dry_run, entities_last)


def _write(vocabulary: Vocabulary, trial: Trial, dry_run: bool, entities_last: bool = False) -> int:
    from nexuskg.authoring import file_changes

    if trial.violations:
        return print_refusal([f"{f.message} [{f.rule}]" for f in trial.violations])
    home = vocabulary.data.home
    written = [] if dry_run else file_changes.write_changes(home, trial.changes, entities_last)
    print_remaining(trial)
    print_written(written, "this was a dry run" if dry_run else "")
    return 0
