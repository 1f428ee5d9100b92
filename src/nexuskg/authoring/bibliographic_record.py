"""The bibliographic record of a source from the fields given, and what no record may say, as claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.authoring.drafts import unwritable
from nexuskg.authoring.source_context import next_number
from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.base import edtf
from nexuskg.base.headings import LANGUAGES
from nexuskg.base.namespaces import BASE, ENTITY, NX, RDF, SKOS, source_iri
from nexuskg.errors import BadDate, BadDraft, NexuskgError
from nexuskg.evidence.records import FIELDS
from nexuskg.evidence.sources import claims_from, text_iri
from nexuskg.rdf.labels import label_or_name
from nexuskg.search import find

REQUIRED: Final = {
    "title": "the title, as the source or a catalogue has it",
    "language": "the language of the source, such as en",
    "provenance": "where these bibliographic data are from, such as the title page",
}
"""What a record must have, and what to ask for."""
CONCEPTS: Final = {
    "document-type": ("documentType", "document-type"),
    "extent": ("textExtent", "extent"),
    "reliability": ("reliability", "reliability"),
}
"""What is said of a source or its text by a concept: the property and the scheme of each."""
RULE: Final = "statement-outside-claims"
"""The check that says what a record may state; the rest becomes a claim that rests on the document as a whole."""

_PLAIN: Final = ("issued", "url", "licence", "citation")
"""The fields that are written as they are given."""


def absent_fields(fields: Mapping[str, str]) -> list[str]:
    """The required fields of a record that are not given."""
    return [name for name in REQUIRED if not fields.get(name, "").strip()]


def record_triples(vocabulary: Vocabulary, source: str, fields: Mapping[str, str], problems: list[str]) -> list[Triple]:
    """The triples of a new record (the IRI of its source); what is missing or wrong is added to the problems."""
    missing = absent_fields(fields)
    if missing:
        problems.append("missing: " + ", ".join(f"--{name} ({REQUIRED[name]})" for name in missing) + ".")
    bad = [name for name in fields if unwritable(fields[name])]
    problems += [f"--{name}: there are characters in it that no text has." for name in bad]
    if bad:
        return []
    language = fields.get("language", "").strip() or "en"
    if not (language.isascii() and language.isalpha() and language.islower() and len(language) in (2, 3)):
        problems.append(f"--language: {language!r} is no language code such as en, es or pt.")
        language = "en"
    if fields.get("issued"):
        try:
            edtf.bounds(fields["issued"])
        except BadDate as error:
            problems.append(f"--issued: {error}")
    node = NamedNode(source)
    title = " ".join(fields.get("title", "").split())
    parts: list[tuple[str, NamedNode | Literal]] = [
        (RDF + "type", NamedNode(NX + "SourceDocument")),
        (FIELDS["title"], Literal(title, language=language)),
        (FIELDS["language"], Literal(language)),
        (FIELDS["provenance"], Literal(fields.get("provenance", "").strip(), language="en")),
    ]
    if language in LANGUAGES:  # the languages of our own labels; another title is one only
        parts.append((SKOS + "prefLabel", Literal(title, language=language)))
    for name in _PLAIN:
        words = fields.get(name, "").strip()
        if words:
            parts.append((FIELDS[name], _plain(name, words)))
    actors = [name for name in ("creator", "publisher") if fields.get(name)]
    parts += [(FIELDS[name], _actor(vocabulary, fields[name])) for name in actors]
    if fields.get("note"):
        parts.append((FIELDS["note"], Literal(fields["note"].strip(), language="en")))
    return [Triple(node, NamedNode(prop), term) for prop, term in parts]


def _plain(name: str, words: str) -> NamedNode | Literal:
    if name == "citation":
        return Literal(words, language="en")
    if name == "licence" and words.startswith(("http://", "https://")):
        try:
            return NamedNode(words)
        except ValueError:
            return Literal(words)
    return Literal(words)


def _actor(vocabulary: Vocabulary, words: str) -> NamedNode | Literal:
    """The actor of that name where the graph has one, else the name as it is."""
    try:
        found = find.resolve_name(vocabulary.store, words, prefixes=vocabulary.data.prefixes)
    except (NexuskgError, ValueError):
        return Literal(words.strip())
    return found if found.value.startswith(ENTITY + "actor/") else Literal(words.strip())


def _may_state(vocabulary: Vocabulary, name: str) -> bool:
    rule = vocabulary.data.queries.get(("check", RULE))
    return rule is None or f"nx:{name}" in rule.text


def concept_triples(
    vocabulary: Vocabulary, key: str, fields: Mapping[str, str], has_text: bool, problems: list[str]
) -> tuple[list[Triple], list[Triple]]:
    """What is said by concepts: triples of the record, and claims where no record may say so.

    What is wrong is added to the problems.
    """
    number = next_number(claims_from(vocabulary.store, key), "m")
    stated: list[Triple] = []
    claims: list[Triple] = []
    for name, (prop, scheme) in CONCEPTS.items():
        if not fields.get(name):
            continue
        if name == "extent" and not has_text:
            problems.append("--extent: it is said of a text; give --text FILE.")
            continue
        try:
            concept = vocabulary.concept(scheme, fields[name])
        except BadDraft as error:
            problems.append(f"--{name}: {error}")
            continue
        subject = NamedNode(text_iri(key) if name == "extent" else source_iri(key))
        if _may_state(vocabulary, prop):
            stated.append(Triple(subject, NamedNode(NX + prop), concept))
        elif name == "reliability":  # a rating is ours, and no claim of the source
            problems.append(f"--{name}: the check {RULE} of this home lets no record state it.")
        else:
            claims += _claim(vocabulary, key, f"m{number:02}", Triple(subject, NamedNode(NX + prop), concept))
            number += 1
    reason = " ".join(fields.get("reliability-reason", "").split())
    if bool(reason) != bool(fields.get("reliability")):
        problems.append("--reliability and --reliability-reason: give both or neither.")
    elif reason and _may_state(vocabulary, "reliabilityReason"):
        node = NamedNode(source_iri(key))
        stated.append(Triple(node, NamedNode(NX + "reliabilityReason"), Literal(reason, language="en")))
    return stated, claims


def _claim(vocabulary: Vocabulary, key: str, local: str, said: Triple) -> list[Triple]:
    """The triples of a bibliographic claim that rests on the document as a whole."""
    assert isinstance(said.object, NamedNode)
    label = label_or_name(vocabulary.store, said.object.value)
    of_text = said.predicate.value == NX + "textExtent"
    wording = f"The text has the extent {label}." if of_text else f"The document is of the type {label}."
    chosen = {
        "evidenceGrade": "evidence-grade/locator",
        "kind": "kind/bibliographic",
        "modality": "modality/presupposed",  # no sentence says so; the page takes it for granted
        "polarity": "polarity/positive",
        "voice": "voice/publishing-page",
    }
    parts: list[tuple[str, NamedNode | Literal]] = [
        (RDF + "type", NamedNode(NX + "Claim")),
        (SKOS + "prefLabel", Literal(wording, language="en")),
        (NX + "claimPredicate", said.predicate),
        (NX + "claimObject", said.object),
        (NX + "fromSource", NamedNode(source_iri(key))),
        (NX + "locator", Literal("the document as a whole", language="en")),
        *((NX + prop, NamedNode(f"{BASE}vocab/{slug}")) for prop, slug in chosen.items()),
    ]
    claim = NamedNode(f"{BASE}claim/{key}.{local}")
    triples = [Triple(claim, NamedNode(prop), term) for prop, term in parts]
    return [Triple(claim, NamedNode(NX + "claimSubject"), said.subject), *triples]
