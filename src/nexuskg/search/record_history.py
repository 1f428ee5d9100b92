"""What became of a record: who entered, corrected, reviewed and withdrew it, when and why, and by what it is replaced.

Claims that were withdrawn and entities that were merged stand in graphs that no view is made of; who, when and why in
the act of curation, which every view has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.base.namespaces import CLAIM, DCTERMS, NX, PROV, SKOS, WITHDRAWN, compact, nx
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import Readable, first_value, object_nodes, property_values

_DATE: Final = DCTERMS + "date"
_AGENT: Final = PROV + "wasAssociatedWith"
_ACTS: Final = (
    ("entered", PROV + "wasGeneratedBy"),
    ("corrected", NX + "correctedIn"),
    ("reviewed", NX + "reviewedIn"),
    ("withdrawn", PROV + "wasInvalidatedBy"),
)


@dataclass(frozen=True, slots=True)
class WithdrawnRecord:
    """What stands of something that counts no longer; status, date, reason, curator and replaced_by as text.

    What nobody says of it is empty; `said` has its properties and values.
    """

    iri: str
    label: str
    status: str
    date: str
    reason: str
    curator: str
    replaced_by: str
    said: tuple[tuple[str, Any], ...]

    def words(self, prefixes: Mapping[str, str]) -> str:
        """How it came to be withdrawn, as the end of a sentence about it."""
        how, into = ("was withdrawn", "replaced by") if self.iri.startswith(CLAIM) else ("was merged", "into")
        told = f"{how} on {self.date}" if self.date else how
        told += f" by {self.curator}" if self.curator else ""
        told += f" ({self.reason})" if self.reason else ""
        return told + (f"; {into} {compact(self.replaced_by, prefixes)}" if self.replaced_by else "")


def withdrawn_record(store: Readable, iri: str) -> WithdrawnRecord | None:
    """The record of what is withdrawn or merged under that IRI; None where nothing is."""
    try:
        quads = store.quads_for_pattern(NamedNode(iri), None, None, None)
    except ValueError:
        return None
    said = tuple(sorted({(q.predicate.value, q.object) for q in quads if _is_aside(q.graph_name)}, key=str))
    if not said:
        return None

    def one(prop: str, language: str = "") -> str:
        found = [term for name, term in said if name == prop and isinstance(term, NamedNode | Literal)]
        tagged = [t for t in found if isinstance(t, Literal) and t.language == language]
        return min((t.value for t in (tagged or found)), default="")

    act = one(PROV + "wasInvalidatedBy")
    agent = first_value(store, act, _AGENT) if act else None
    return WithdrawnRecord(
        iri,
        one(SKOS + "prefLabel", "en"),
        one(NX + "status").rpartition("/")[2],
        (first_value(store, act, _DATE) or "") if act else "",
        (first_value(store, act, NX + "reason") or "") if act else "",
        label_or_name(store, agent) if agent else "",
        one(DCTERMS + "isReplacedBy"),
        said,
    )


def withdrawn_claims_of(store: Readable, triple: Triple) -> list[WithdrawnRecord]:
    """The withdrawn claims whose statement, affirmed or denied, is the triple; by IRI."""
    slot = nx("claimValue" if isinstance(triple.object, Literal) else "claimObject")
    quads = store.quads_for_pattern(None, slot, triple.object, None)
    claims = {q.subject.value for q in quads if _is_aside(q.graph_name) and isinstance(q.subject, NamedNode)}
    found = [one for claim in sorted(claims) if (one := withdrawn_record(store, claim)) is not None]
    ends = {(NX + "claimSubject", triple.subject), (NX + "claimPredicate", triple.predicate)}
    return [one for one in found if ends <= set(one.said)]


def _is_aside(graph: object) -> bool:
    return isinstance(graph, NamedNode) and graph.value.startswith(WITHDRAWN)


def curation_history(store: Readable, node: NamedNode, language: str) -> tuple[tuple[str, str], ...]:
    """Who entered a record, when and how, and each correction and review of it: a line each, the first entry first."""
    lines = []
    for title, prop in _ACTS:
        for act in object_nodes(store, node, NamedNode(prop)):

            def of(name: str, act: NamedNode = act) -> str:
                return ", ".join(sorted(_words(store, value, language) for value in property_values(store, act, name)))

            how = of(NX + "curationMethod") or of(NX + "reviewOutcome")
            told = [of(_DATE), of(_AGENT), how, of(NX + "draftFile"), of(NX + "reason"), of(NX + "formerValue")]
            lines.append((title, "; ".join(filter(None, told))))
    return tuple(sorted(lines, key=lambda line: (line[0] != "entered", line[1])))


def _words(store: Readable, term: Any, language: str) -> str:
    return label_or_name(store, term.value, language) if isinstance(term, NamedNode) else str(term.value)
