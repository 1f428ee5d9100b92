"""The fields of a draft that say how a claim is meant -> its properties, every problem told at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from pyoxigraph import Literal, NamedNode

from nexuskg.authoring.drafts import QUALIFIERS, Draft, Field
from nexuskg.authoring.entities import NewEntity
from nexuskg.authoring.source_context import SourceContext
from nexuskg.authoring.vocabulary import parse_iri
from nexuskg.base.namespaces import NX, SKOS, XSD
from nexuskg.errors import BadDraft
from nexuskg.evidence.phrases import longest_quotation
from nexuskg.search.find import fold_name

LONGEST_QUOTE: Final = 7
"""Words in a row that the wording of a claim may share with the text: more would be the text itself."""
SOURCE_WORDS: Final = 6
"""Words that a field which keeps the source's own wording may have."""

_KINDS: Final = {
    **dict.fromkeys(("ratedAs", "prominence", "challenges", "hasImplicationsFor"), "evaluation"),
    "contributesTo": "causal",  # and no condition: nx:underCondition is no cause
    **dict.fromkeys(("documentType", "textExtent", "publishedIn", "heading", "glossedWith"), "bibliographic"),
    SKOS + "hiddenLabel": "bibliographic",  # a misprint
}


@dataclass
class Interpretation:
    """What one draft is being read as; problems are gathered, so that all of them are told at once."""

    held: SourceContext
    draft: Draft
    fresh: dict[str, NewEntity]
    """The new entities of all drafts, by IRI."""
    described: set[str]
    """Those of them that this draft describes."""
    refused: dict[str, str]
    """The names of new entities that are refused, folded, and the draft that describes each."""
    problems: list[str] = field(default_factory=list)

    def attempt(self, name: str, get: Callable[[], NamedNode | Literal]) -> NamedNode | Literal | None:
        """What it gives; None where that is a problem, which is then noted under the name of the field."""
        try:
            return get()
        except BadDraft as error:
            self.problems.append(f"{name}: {error}".replace(f"{name}: {name}: ", f"{name}: "))
            return None

    def node(self, words: str) -> NamedNode:
        """The thing meant by the words, new entities before those of the graph."""
        iri = parse_iri(words, self.held.vocabulary.data.prefixes)
        for entity in self.fresh.values():
            if entity.iri == iri or fold_name(entity.label) == fold_name(words):
                return NamedNode(entity.iri)
        if fold_name(words) in self.refused:
            raise BadDraft(
                f"{words[:60]!r} is described as a new entity by {self.refused[fold_name(words)]}, and refused."
            )
        return self.held.vocabulary.node(words)

    def kinds(self, node: str) -> set[str]:
        """The classes of a node, of a new entity too."""
        entity = self.fresh.get(node)
        if entity is None:
            return self.held.vocabulary.kinds(node)
        return self.held.vocabulary.above(entity.kind) if entity.kind else set()


def claim_wording(reading: Interpretation, says: str | None = None) -> str:
    """The wording of the claim (that of the draft where none is given), one sentence with a capital and a full stop."""
    words = " ".join((reading.draft.one("says") if says is None else says).split())
    if not words:
        return ""
    words = words[0].upper() + words[1:]
    words = words if words.endswith((".", '."', ".)")) else words.rstrip("!?") + "."
    _no_quote(reading, "says", words)
    return words


def _no_quote(reading: Interpretation, name: str, words: str) -> None:
    if reading.held.text is None:
        return
    run = longest_quotation(words, reading.held.text)
    if len(run.split()) > LONGEST_QUOTE:
        start = " ".join(run.split()[:4])
        reading.problems.append(
            f"{name}: {len(run.split())} words in a row are the source's own ({start!r} …); say it in yours, for the "
            "text is somebody else's."
        )


def qualifiers(reading: Interpretation, predicate: NamedNode | None) -> list[tuple[str, NamedNode | Literal]]:
    """The qualifying properties of a claim with that predicate (None where it is not known), defaults among them."""
    draft = reading.draft
    kind = _kind(reading, predicate)
    defaults = {
        "modality": "reported" if draft.one("claimed-by") else "asserted",
        "polarity": "positive",
        "kind": kind,
        "voice": "publishing-page" if (draft.one("kind") or kind) == "bibliographic" else _voice(reading),
    }
    out: list[tuple[str, NamedNode | Literal]] = []
    for name, about in QUALIFIERS.items():
        prop = qualifier_property(about)
        for words in draft.fields.get(name) or ([defaults[name]] if name in defaults else []):
            term = reading.attempt(name, partial(qualifier_term, reading, name, about, words))
            out += [(prop, term)] if term is not None else []
    return out


def qualifier_property(about: Field) -> str:
    """The IRI of the property that a field becomes."""
    prefix, _, local = about.prop.partition(":")
    return (NX if prefix == "nx" else SKOS) + local


def qualifier_term(reading: Interpretation, name: str, about: Field, words: str) -> NamedNode | Literal:
    """What the words of a field mean; raises BadDraft."""
    vocabulary = reading.held.vocabulary
    if about.sort == "concept":
        return vocabulary.concept(about.scheme, words)
    if about.sort == "node":
        return reading.node(words)
    if about.sort == "words":
        if len(words.split()) > SOURCE_WORDS:
            raise BadDraft(f"{name}: at most {SOURCE_WORDS} words of the source; give the fewest that say it.")
        return Literal(words, language=reading.held.language)
    if about.sort == "flag":
        if words != "true":
            raise BadDraft(f"{name}: it is true, or left out.")
        return Literal("true", datatype=NamedNode(XSD + "boolean"))
    if about.sort == "note":
        _no_quote(reading, name, words)
        return Literal(words, language="en")
    return vocabulary.literal(NX + "edtf", words, "") if name == "date" else Literal(words)


def _kind(reading: Interpretation, predicate: NamedNode | None) -> str:
    if reading.draft.one("subject").startswith(("source:", "text:")):
        return "bibliographic"
    return _KINDS.get("" if predicate is None else predicate.value.removeprefix(NX), "state-of-affairs")


def _voice(reading: Interpretation) -> str:
    """The voice where none is given: the author's, else that of whoever the claim is ascribed to."""
    words = reading.draft.one("claimed-by")
    if not words:
        return "author"
    try:
        kinds = reading.kinds(reading.node(words).value)
    except BadDraft:  # told where the field itself is read
        return "author"
    return "unnamed-experts" if NX + "UnnamedGroup" in kinds else "named-authority"
