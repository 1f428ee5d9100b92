"""Descriptions: what there is to say of one thing, as a value and as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class ClaimSummary:
    """A claim about the thing: its wording by us, how it is said, and where (paragraph and anchors, or locator)."""

    claim: str
    label: str
    modality: str
    hedges: tuple[str, ...]
    source: str
    place: str
    anchors: tuple[str, ...]
    start: int = -1


@dataclass(frozen=True, slots=True)
class Description:
    """What there is to say of one thing.

    labels, texts, links and details are (name, value) pairs, a label's name with its language ("alias, es"); names are
    those beside the label, each with who uses it; facts are plain sentences; used_by is (kind of user, names); body is
    a question's SPARQL.
    """

    iri: str
    curie: str
    kind: str
    label: str
    labels: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    axioms: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    facts: tuple[str, ...] = ()
    claims: tuple[ClaimSummary, ...] = ()
    used_by: tuple[tuple[str, tuple[str, ...]], ...] = ()
    body: str = field(default="", repr=False)


def description_text(description: Description, limit: int = 12) -> str:
    """The description as plain text, at most `limit` facts and claims of it (0 for all)."""
    d = description
    lines = [f"{d.label}", f"{d.curie}  ({d.kind})"]
    if d.iri and d.iri != d.curie:
        lines.append(d.iri)
    for title, pairs in (
        ("", d.labels[1:] if d.labels else ()),
        ("Names", d.names),
        ("", d.texts),
        ("Properties of its members" if d.kind == "class" else "Details", d.details),
        ("Links", d.links),
    ):
        lines += _block(title, [f"{name}: {value}" for name, value in pairs])
    lines += _block("Axioms", d.axioms)
    several = d.kind in ("class", "property")
    lines += _block(f"Holds of ({len(d.facts)})" if several else "Facts", _cut(d.facts, limit))
    title = "Evidence" if d.kind == "claim" else f"What sources say ({len(d.claims)} claims)"
    lines += _block(title, _cut([_where(said) for said in d.claims], limit))
    lines += _block("Used by", [f"{user}: {', '.join(names)}" for user, names in d.used_by])
    if d.body:
        lines += ["", d.body.rstrip()]
    return "\n".join(lines) + "\n"


def _where(said: ClaimSummary) -> str:
    hedges = f" [{', '.join(said.hedges)}]" if said.hedges else ""
    anchor = "".join(f', "{anchor}"' for anchor in said.anchors)
    place = f", {said.place}" if said.place else ""
    return f"{said.label}{hedges} ({said.modality}; {said.claim}: {said.source}{place}{anchor})"


def _cut(items: Iterable[str], limit: int) -> list[str]:
    all_items = list(items)
    rest = len(all_items) - limit
    return [*all_items[:limit], f"… and {rest} more"] if limit and rest > 0 else all_items


def _block(title: str, items: Iterable[str]) -> list[str]:
    """A block of wrapped lines under its title, after an empty line; nothing where there are no items."""
    wrapped = [
        line
        for item in items
        for line in textwrap.wrap(
            item, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False, break_long_words=False
        )
    ]
    return ["", *([title] if title else []), *wrapped] if wrapped else []
