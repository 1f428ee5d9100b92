"""Entities as an analyst describes them: a rigid kind and an English label; all else is for claims to say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.base.namespaces import BASE, DEFAULT_GRAPH, NX, OWL, RDFS, SKOS, TYPE
from nexuskg.errors import BadDraft, closest, did_you_mean
from nexuskg.rdf.labels import label_or_name

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "activity": ("activities", "Activity"),
    "actor": ("actors", "Actor"),
    "arrangement": ("relationships", ""),
    "chain": ("economies", "SupplyChain"),
    "commodity": ("commodities", "Commodity"),
    "condition": ("conditions", "Condition"),
    "consignment": ("commodities", "Consignment"),
    "economy": ("economies", "Economy"),
    "event": ("events", "Event"),
    "facility": ("places", "Facility"),
    "factor-set": ("conditions", "FactorSet"),
    "law": ("laws", "LegalInstrument"),
    "market": ("economies", "Market"),
    "mechanism": ("mechanisms", ""),
    "observation": ("observations", ""),
    "participation": ("relationships", ""),
    "place": ("places", "Place"),
    "plan": ("events", "Plan"),
    "relationship": ("relationships", ""),
    "revenue": ("relationships", ""),
    "stage": ("economies", "SupplyChainStage"),
    "succession": ("relationships", ""),
    "zone": ("places", "ZoneOfInfluence"),
}
"""The kinds in the IRIs of entities: the file of each, and its class; none where the claims on it give it one."""
FORM: Final = 'write KIND:SLUG=Class:"Label", such as actor:blue-cartel=Organization:"Blue Cartel"'

_WRITTEN: Final = re.compile(
    r"(?P<kind>[a-z-]+):(?P<slug>[^=\s]+)\s*=\s*(?:(?:nx:)?(?P<type>[A-Z]\w*)\s*:)?(?P<label>.*)", re.S
)
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CONTESTED: Final = (NX + "TerroristOrganization", NX + "CriminalOrganization")


@dataclass(frozen=True, slots=True)
class NewEntity:
    """An entity that the graph does not have yet: its IRI, class (None: the claims on it give it one) and label."""

    iri: str
    kind: str | None
    label: str
    file: str
    """Its file below ontology/."""
    known: bool = False
    """Whether the graph has it already, described just so: whoever imports a corrected file again may say it again."""

    @property
    def triples(self) -> list[Triple]:
        """What the file of the entity says of it."""
        node = NamedNode(self.iri)
        label = Triple(node, NamedNode(SKOS + "prefLabel"), Literal(self.label, language="en"))
        return [label, *([Triple(node, TYPE, NamedNode(self.kind))] if self.kind else [])]


def parse_entity(words: str, vocabulary: Vocabulary) -> NewEntity:
    """The entity that KIND:SLUG=Class:"Label" describes; raises BadDraft where it is no new one of a rigid kind."""
    match = _WRITTEN.fullmatch(words.strip())
    if match is None:
        raise BadDraft(f"new entity {words[:60]!r}: {FORM}.")
    kind, slug, label = match["kind"], match["slug"], match["label"].strip().strip('"').strip()
    name = f"{kind}:{slug}"
    if kind not in KINDS:
        raise BadDraft(f"new entity {name}: there is no kind {kind!r}.{did_you_mean(closest(kind, list(KINDS), 1))}")
    if not _SLUG.fullmatch(slug):
        raise BadDraft(f"new entity {name}: a slug has lower-case letters without accents, digits and single hyphens.")
    if not label:
        raise BadDraft(f"new entity {name}: it has no label; {FORM}.")
    folder, root = KINDS[kind]
    iri, file = f"{BASE}id/{kind}/{slug}", f"data/entities/{folder}.ttl"
    store = vocabulary.store
    if next(store.quads_for_pattern(NamedNode(iri), None, None, DEFAULT_GRAPH), None) is not None:
        written = NX + match["type"] if match["type"] else None
        if label_or_name(store, iri) == label and (written is None or written in vocabulary.kinds(iri)):
            return NewEntity(iri, written, label, file, known=True)
        raise BadDraft(
            f"new entity {name}: it is in the graph already, described otherwise ({label_or_name(store, iri)}); "
            "use it as it is, or another slug."
        )
    english = Literal(label, language="en")
    for quad in store.quads_for_pattern(None, NamedNode(SKOS + "prefLabel"), english, DEFAULT_GRAPH):
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(f"{BASE}id/{kind}/"):
            same = vocabulary.curie(quad.subject.value)
            raise BadDraft(f"new entity {name}: {same} has this label; use that, or word the label differently.")
    return NewEntity(iri, rigid_class(match["type"], root, f"new entity {name}", vocabulary), label, file)


def rigid_class(written: str | None, root: str, name: str, vocabulary: Vocabulary) -> str | None:
    """The class of an entity, called `name` in messages; raises BadDraft.

    That is where it is none, contested, or of another kind than the IRI says.
    """
    if not root:
        if written:
            raise BadDraft(f"{name}: claims give it its class; leave it out.")
        return None
    if not written:
        raise BadDraft(f"{name}: it has no class; {FORM}.")
    classes = vocabulary.classes
    iri = NX + written
    if iri not in classes:
        close = closest(written, sorted(one.removeprefix(NX) for one in classes))
        raise BadDraft(f"{name}: there is no class {written!r}.{did_you_mean(close)}")
    above = vocabulary.above(iri)
    contested = sorted(above & _contested_classes(vocabulary))
    if contested:
        raise BadDraft(
            f"{name}: nx:{written} is a contested kind, which sources may dispute or the reasoner finds, so "
            f"no record states it. Give a rigid kind such as Organization, and nx:{written} by a claim with its "
            "evidence (predicate a)."
        )
    if NX + root not in above:
        raise BadDraft(f"{name}: nx:{written} is no nx:{root}, as the kind in its IRI has it.")
    return iri


def _contested_classes(vocabulary: Vocabulary) -> set[str]:
    """The classes that no record may state: those that sources dispute, and those that axioms define."""
    store, here = vocabulary.store, DEFAULT_GRAPH
    found = set(_CONTESTED)
    for quad in store.quads_for_pattern(None, NamedNode(OWL + "equivalentClass"), None, here):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, BlankNode):
            found.add(quad.subject.value)
    for quad in store.quads_for_pattern(None, NamedNode(RDFS + "subClassOf"), None, here):
        if isinstance(quad.subject, BlankNode) and isinstance(quad.object, NamedNode):
            found.add(quad.object.value)
    return found
