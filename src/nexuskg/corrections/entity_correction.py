"""Labels, aliases, notes and the kind of an entity; and two entities that are one.

An entity keeps its IRI. Of two that are merged one stays, and the other is kept as deprecated, out of every view; what
claims, links and points say of it is said of the one that stays.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad, Triple

from nexuskg.authoring.curation_record import CORRECTED, CURATION_FILE, INVALIDATED, Origin, curation_act
from nexuskg.authoring.drafts import unwritable
from nexuskg.authoring.entities import KINDS, rigid_class
from nexuskg.authoring.file_changes import FileChange
from nexuskg.authoring.source_context import ClaimedStatement, source_context_of
from nexuskg.authoring.vocabulary import Vocabulary, parse_iri
from nexuskg.base.headings import LANGUAGES
from nexuskg.base.namespaces import CLAIM, ENTITY, OWL, SKOS, TYPE, XSD, compact, nx
from nexuskg.corrections.claim_record import REPLACED, claim_key, former_values
from nexuskg.corrections.record_edit import RecordEdit, data_quads, file_of, subject_iri
from nexuskg.errors import BadDraft
from nexuskg.rdf.sssom import SUFFIX, link_files
from nexuskg.rdf.store import Readable
from nexuskg.search.names import name_uses
from nexuskg.search.record_history import withdrawn_record

_LABEL: Final = NamedNode(SKOS + "prefLabel")
_ALIAS: Final = NamedNode(SKOS + "altLabel")
_OWN: Final = nx("ownName")
_NOTE: Final = NamedNode(SKOS + "editorialNote")
_GEOMETRY: Final = NamedNode("http://www.opengis.net/ont/geosparql#hasGeometry")
_DEPRECATED: Final = Triple(
    NamedNode(ENTITY), NamedNode(OWL + "deprecated"), Literal("true", datatype=NamedNode(XSD + "boolean"))
)


def edit_entity(vocabulary: Vocabulary, words: str, given: Mapping[str, Sequence[str]], origin: Origin) -> RecordEdit:
    """What the files gain and lose when labels, aliases, notes or the type of an entity are given.

    Labels are English, unless @es or @pt is at their end; an alias that is there already goes; an empty note takes the
    notes away. Raises BadDraft where there is no such entity, or nothing would change.
    """
    node, quads = _entity_record(vocabulary, words)
    store, name = vocabulary.store, vocabulary.curie(node.value)
    file = file_of(quads[0])
    before = {quad.triple for quad in quads}
    after = set(before)
    for texts in given.values():
        if any(map(unwritable, texts)):
            raise BadDraft(f"{name}: there are characters in it that no text has.")
    for words in given.get("label", ()):
        label = _label_of(words)
        if not label.value:
            raise BadDraft(f"label: {name} cannot be without one.")
        after = {t for t in after if t.predicate != _LABEL or getattr(t.object, "language", "") != label.language}
        after.add(Triple(node, _LABEL, label))
    for words in given.get("alias", ()):
        alias = Triple(node, _ALIAS, _label_of(words))
        after = after - {alias} if alias in after else after | {alias}
    for words in given.get("note", ()):
        after = {triple for triple in after if triple.predicate != _NOTE}
        after |= {Triple(node, _NOTE, Literal(words.strip(), language="en"))} if words.strip() else set()
    for words in given.get("type", ()):
        kind = _kind(node)
        found = rigid_class(words.removeprefix("nx:"), KINDS[kind][1], name, vocabulary)
        after = {triple for triple in after if triple.predicate != TYPE}
        after |= {Triple(node, TYPE, NamedNode(found))} if found else set()
    after -= {Triple(node, _OWN, triple.object) for triple in before - after if triple.predicate == _ALIAS}
    for found_name in [triple.object for triple in after - before if triple.predicate == _ALIAS]:
        after |= _own_names(store, node, node, found_name)
    if after == before:
        raise BadDraft(f"{name} is described just so already; nothing is to be corrected.")
    was, now = (frozenset((t.predicate.value, t.object) for t in some) for some in (before, after))
    former = former_values(node.value, was, now, vocabulary.data.prefixes)
    act = curation_act(store, _own_name(node), origin, former)
    edit = RecordEdit()
    edit.enter(CURATION_FILE, act)
    edit.take(file, before - after)
    edit.put(file, [*(after - before), Triple(node, CORRECTED, act.node)])
    return edit


def merge_entities(vocabulary: Vocabulary, kept: str, merged: str, origin: Origin) -> list[FileChange]:
    """The changes of the files when the second entity is merged into the first; raises BadDraft.

    Each must be described, they must be of kinds that one thing can have, and no two claims may then say the same.
    """
    data, store = vocabulary.data, vocabulary.store
    (one, _), (two, quads) = _entity_record(vocabulary, kept), _entity_record(vocabulary, merged)
    names = vocabulary.curie(one.value), vocabulary.curie(two.value)
    if one == two:
        raise BadDraft(f"{names[0]} cannot be merged with itself.")
    if clash := vocabulary.disjoint_pair(vocabulary.kinds(one.value), vocabulary.kinds(two.value)):
        told = " and a ".join(map(vocabulary.curie, clash))
        raise BadDraft(f"{names[0]} and {names[1]} cannot be one thing: nothing is both a {told}.")
    file = file_of(quads[0])
    moved = [quad for quad in data_quads(store, value=two) if quad.predicate != REPLACED]
    _no_clash(vocabulary, one, two, moved)
    edit = RecordEdit()
    former = [_in_words(vocabulary, quad.triple) for quad in moved if subject_iri(quad).startswith(CLAIM)]
    act = curation_act(store, _own_name(two), origin, sorted(former))
    edit.enter(CURATION_FILE, act)
    for quad in moved:
        edit.exchange(quad, Triple(quad.subject, quad.predicate, one))
        if subject_iri(quad).startswith(CLAIM):
            edit.put(file_of(quad), [Triple(quad.subject, CORRECTED, act.node)])
    deprecated = Triple(two, _DEPRECATED.predicate, _DEPRECATED.object)
    edit.put(file, [deprecated, Triple(two, REPLACED, one), Triple(two, INVALIDATED, act.node)])
    _merge_records(vocabulary, edit, one, two)
    return [*edit.changes(data.home, data.prefixes), *_merged_links(vocabulary, one, two)]


def _no_clash(vocabulary: Vocabulary, one: NamedNode, two: NamedNode, moved: Sequence[Quad]) -> None:
    """Raise BadDraft where a claim joins the two, or two claims would say the same of the same place."""
    claims = {subject_iri(quad) for quad in moved if subject_iri(quad).startswith(CLAIM)}
    joined = {subject_iri(quad) for quad in data_quads(vocabulary.store, value=one)} & claims
    if joined:
        names = ", ".join(map(vocabulary.curie, sorted(joined)))
        raise BadDraft(f"To {names} the two are different things; correct or withdraw that first.")
    for key in sorted({claim_key(claim) for claim in claims}):
        seen: list[tuple[ClaimedStatement, str]] = []
        for statement, claim in source_context_of(vocabulary, key, None).statements.items():
            parts = tuple(one.value if part == two.value else part for part in statement.parts)
            same = ClaimedStatement(parts, statement.evidence)
            for other, iri in seen:
                if iri != claim and {iri, claim} & claims and same.repeats(other):
                    names = f"{vocabulary.curie(iri)} and {vocabulary.curie(claim)}"
                    raise BadDraft(f"{names} would say the same of the same place; withdraw one of the two first.")
            seen.append((same, claim))


def _merge_records(vocabulary: Vocabulary, edit: RecordEdit, one: NamedNode, two: NamedNode) -> None:
    """Let the one that stays be found by the labels of the other, and stand at its point where it has none."""
    store = vocabulary.store
    mine, theirs = list(data_quads(store, one)), list(data_quads(store, two))
    known = {quad.object for quad in mine}
    file = file_of(next(quad for quad in mine if quad.predicate == _LABEL))
    for quad in theirs:
        if quad.predicate in (_LABEL, _ALIAS) and quad.object not in known:
            edit.put(file, [Triple(one, _ALIAS, quad.object), *_own_names(store, one, two, quad.object)])
        elif quad.predicate == _GEOMETRY:
            edit.take(file_of(quad), [quad.triple])
            if not any(own.predicate == _GEOMETRY for own in mine):
                edit.put(file_of(quad), [Triple(one, _GEOMETRY, quad.object)])
            elif isinstance(quad.object, NamedNode):
                for part in data_quads(store, quad.object):
                    edit.take(file_of(part), [part.triple])


def _own_names(store: Readable, node: NamedNode, called: NamedNode, name: Any) -> set[Triple]:
    """The mark of a further name of a node that no source and no record uses for what was called so; else nothing."""
    return set() if name_uses(store, called, name.value) else {Triple(node, _OWN, name)}


def _merged_links(vocabulary: Vocabulary, one: NamedNode, two: NamedNode) -> list[FileChange]:
    """The tables of links with those of the second at the first; a link that it has already is not doubled."""
    home, table = vocabulary.data.home, vocabulary.data.prefixes
    mine, theirs = compact(one.value, table), compact(two.value, table)
    made = []
    for path in link_files(home):
        before = path.read_bytes()
        lines = before.decode("utf-8").splitlines(keepends=True)
        rows = [next(csv.reader(io.StringIO(line), delimiter="\t"), [""]) for line in lines]
        known = {tuple(row[2:4]) for row in rows if row[0] == mine}
        kept = [
            mine + line.removeprefix(theirs) if row[0] == theirs else line
            for line, row in zip(lines, rows, strict=True)
            if row[0] != theirs or tuple(row[2:4]) not in known
        ]
        if kept != lines:
            file = path.relative_to(home / "ontology").as_posix()
            assert file.endswith(SUFFIX)
            made.append(FileChange(file, before, "".join(kept)))
    return made


def _entity_record(vocabulary: Vocabulary, words: str) -> tuple[NamedNode, list[Quad]]:
    """An entity by label, CURIE or <iri>, and what the files of entities say of it; raises BadDraft."""
    record = withdrawn_record(vocabulary.store, parse_iri(words, vocabulary.data.prefixes) or words)
    if record is not None:
        raise BadDraft(f"{words} {record.words(vocabulary.data.prefixes)}; it counts no longer.")
    node = vocabulary.node(words)
    found = data_quads(vocabulary.store, node)
    quads = sorted((quad for quad in found if file_of(quad).startswith("data/entities/")), key=str)
    if not node.value.startswith(ENTITY) or not quads:
        raise BadDraft(f"{vocabulary.curie(node.value)} is no entity that a file of ontology/data/entities describes.")
    return node, quads


def _kind(node: NamedNode) -> str:
    return node.value.removeprefix(ENTITY).partition("/")[0]


def _own_name(node: NamedNode) -> str:
    return node.value.removeprefix(ENTITY).replace("/", ".")


def _label_of(words: str) -> Literal:
    text, at, language = words.strip().rpartition("@")
    if not at or language not in LANGUAGES:
        text, language = words, "en"
    return Literal(text.strip(), language=language)


def _in_words(vocabulary: Vocabulary, triple: Triple) -> str:
    term: Any = triple.object
    said = vocabulary.curie(term.value) if isinstance(term, NamedNode) else term.value
    tag = f" ({term.language})" if isinstance(term, Literal) and term.language else ""
    subject, prop = (vocabulary.curie(str(part).strip("<>")) for part in (triple.subject, triple.predicate))
    return f"{subject} {prop}: {said}{tag}"
