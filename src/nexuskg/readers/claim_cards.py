"""What of a claim a reader judges: the claim taken apart into the twelve fields that are marked one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from nexuskg.authoring.drafts import QUALIFIERS
from nexuskg.base.namespaces import CLAIM, DEFAULT_GRAPH, ENTITY, NX, SKOS, compact, expand
from nexuskg.evidence.anchors import sha256
from nexuskg.evidence.sources import SourceSpan
from nexuskg.rdf.labels import term_text
from nexuskg.rdf.store import Readable, Term

JUDGED: Final[Mapping[str, str]] = {
    "subject": "nx:claimSubject",
    "predicate": "nx:claimPredicate nx:causalRelation",
    "object": "nx:claimObject nx:placeAsStated nx:openList",
    "value": "nx:claimValue nx:unit nx:comparator nx:measures nx:valueAsStated nx:quantityWord",
    "time": "nx:edtf nx:timeAsStated",
    "modality": "nx:modality",
    "kind": "nx:kind",
    "polarity": "nx:polarity",
    "voice": "nx:voice nx:claimedBy",
    "hedge": "nx:hedge nx:degree",
    "span": "nx:supportedBy nx:locator",
    "label": "skos:prefLabel",
}
"""The fields that a reader marks, in the order of the page, each with the properties of a claim that it shows."""

STATE: Final = 12
"""So many hexadecimal digits stand for what a claim says."""
_SPACES: Final = {"nx": NX, "skos": SKOS}
_MARKED: Final = {expand(name, _SPACES): field for field, names in JUDGED.items() for name in names.split()}
_NAMES: Final = {expand(about.prop, _SPACES): name for name, about in QUALIFIERS.items()} | {
    NX + "footnoteNear": "footnote near"
}
"""The properties that qualify a claim, as drafts call them. What is not marked is shown; the remark may speak of it."""


class CardPart(NamedTuple):
    """One value of a field: what it is called where it is not the field's own, its text, and the term as N-Triples."""

    name: str
    text: str
    term: str

    @property
    def with_name(self) -> str:
        """The value as a reader sees it."""
        return f"{self.name}: {self.text}" if self.name else self.text


@dataclass(frozen=True, slots=True)
class ClaimCard:
    """A claim as a reader judges it."""

    claim: str
    """Its CURIE."""
    name: str
    """The end of its IRI, by which nodes are called that are made for it."""
    state: str
    """The start of a digest of what it says: marks are of this state of it, and of no later one."""
    parts: Mapping[str, tuple[CardPart, ...]]
    """By field; a field that the claim does not have is an empty tuple."""
    notes: tuple[CardPart, ...]
    spans: tuple[SourceSpan, ...]
    """In the order of the text; none where it rests on a locator."""

    def field_text(self, field: str) -> str:
        """What a field says, as one text; empty where the claim does not have it."""
        return "; ".join(part.with_name for part in self.parts[field])

    def code(self, field: str) -> str:
        """What a field says, apart from labels: two claims with the same code say the same in it.

        An observation that is called after its claim says nothing by its name.
        """
        if field == "span" and self.spans:
            return " ".join(f"{span.start}-{span.end}" for span in self.spans)
        own = f"<{ENTITY}observation/{self.name}>"
        return " ".join(sorted(f"{part.name}={part.term}" for part in self.parts[field] if part.term != own))

    @property
    def ends(self) -> tuple[str, str, str]:
        """What the claim joins: the codes of its subject and predicate, and of its value or else its object."""
        value = [part.term for part in self.parts["value"] if not part.name]
        return self.code("subject"), self.code("predicate"), value[0] if value else self.code("object")

    @property
    def place(self) -> str:
        """Its locator; empty where it rests on spans."""
        return "" if self.spans else self.field_text("span")

    def overlap(self, other: ClaimCard) -> float:
        """How much of the characters that either rests on both do, 0 to 1; of locators: whether it is the same one."""
        if not self.spans or not other.spans:
            return float(not self.spans and not other.spans and self.place == other.place)
        mine, theirs = self._characters(), other._characters()
        return len(mine & theirs) / len(mine | theirs)

    def _characters(self) -> set[int]:
        return {at for span in self.spans for at in range(span.start, span.end)}


def claim_cards(
    store: Readable, claims: Iterable[str], spans: Mapping[str, SourceSpan], names: Readable, table: Mapping[str, str]
) -> list[ClaimCard]:
    """The cards of claims (IRIs) of a store, in the order of the text, then by name.

    `spans` are those of the text by IRI; `names` is the graph that has the labels of what the claims speak about, and
    `table` its prefixes.
    """
    cards = [_card(store, claim, spans, names, table) for claim in claims]
    return sorted(cards, key=lambda card: ([(s.start, s.end) for s in card.spans] or [(1 << 60, 0)], card.claim))


def _card(
    store: Readable, claim: str, spans: Mapping[str, SourceSpan], names: Readable, table: Mapping[str, str]
) -> ClaimCard:
    parts: dict[str, list[tuple[int, CardPart]]] = {field: [] for field in JUDGED}
    notes, own, said = list[CardPart](), list[SourceSpan](), list[str]()
    for quad in store.quads_for_pattern(NamedNode(claim), None, None, DEFAULT_GRAPH):
        prop, term = quad.predicate.value, quad.object
        field = _MARKED.get(prop)
        if field is None:
            if prop in _NAMES:
                notes.append(CardPart(_NAMES[prop], _text(term, names, table), str(term)))
            continue
        said.append(f"{prop} {term}")
        span = spans.get(term.value) if isinstance(term, NamedNode) else None
        order = JUDGED[field].split().index(compact(prop, _SPACES))
        name = _NAMES[prop] if order and field != "span" else ""
        if field == "label" and isinstance(term, Literal):
            name = "" if term.language in (None, "en") else str(term.language)
        text = _text(term, names, table)
        if span is not None:
            own.append(span)
            text = f"{span.start}-{span.end}, at: {span.anchor or '…'}"
        parts[field].append((order, CardPart(name, text, str(term))))
    return ClaimCard(
        compact(claim, table),
        claim.removeprefix(CLAIM),
        sha256("\n".join(sorted(said)))[:STATE],
        {field: tuple(part for _, part in sorted(found)) for field, found in parts.items()},
        tuple(sorted(notes)),
        tuple(sorted(own, key=lambda span: (span.start, span.end))),
    )


def _text(term: Term, names: Readable, table: Mapping[str, str]) -> str:
    """The term by its label; an entity or term by its CURIE, too, for two may bear one label."""
    text = term_text(term, names, table)
    if not isinstance(term, NamedNode):
        return text
    curie = compact(term.value, table)
    return text if curie in (text, "") or "/vocab/" in term.value else f"{text} ({curie})"
