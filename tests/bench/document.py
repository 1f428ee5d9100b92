"""One generated source as lines of N-Triples: its record, the sentences of its text, its claims and their spans.

The text itself is not made, as the texts of real sources are not in the project either: a digest stands for it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

BASE = "https://w3id.org/nexuskg/"
SENTENCES_A_PARAGRAPH = 6
CLAIMS_A_SENTENCE = 3
_SPACES = {
    "nx": BASE + "ontology#",
    "dcterms": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{
        name: f"{BASE}{name}/"
        for name in ("claim", "span", "source", "text", "segment", "graph", "curation", "curator")
    },
}
_SCHEMES = [
    "verdict",
    "causal-relation",
    "change",
    "comparator",
    "condition-type",
    "curation-method",
    "document-type",
    "evidence-grade",
    "extent",
    "form",
    "kind",
    "modality",
    "payment",
    "place-type",
    "polarity",
    "prominence",
    "quantity",
    "role",
    "scope",
    "segment-kind",
    "unit",
    "variable",
    "voice",
]
_SPACES.update({name: f"{BASE}vocab/{name}/" for name in _SCHEMES})
_WORDS = [
    "valley",
    "river",
    "border",
    "port",
    "highway",
    "prefect",
    "convoy",
    "patrol",
    "harvest",
    "airstrip",
    "tariff",
    "broker",
    "courier",
    "ledger",
    "depot",
    "market",
    "district",
    "clan",
    "faction",
    "militia",
    "customs",
    "ministry",
    "village",
    "estuary",
    "plateau",
    "refinery",
    "warehouse",
    "fuel",
    "timber",
    "cattle",
]


@lru_cache(maxsize=4096)
def term(curie: str) -> str:
    """The IRI of a prefixed name as it stands in N-Triples; a prefix that is none of the others is a kind of entity.

    >>> term("nx:taxes"), term("place:peru")
    ('<https://w3id.org/nexuskg/ontology#taxes>', '<https://w3id.org/nexuskg/id/place/peru>')
    """
    prefix, _, name = curie.partition(":")
    return f"<{_SPACES.get(prefix) or f'{BASE}id/{prefix}/'}{name}>"


def text(value: str, language: str = "en") -> str:
    """A text with its language tag."""
    return f'"{value}"@{language}'


def number(value: int) -> str:
    """An offset or a length."""
    return f'"{value}"^^{term("xsd:nonNegativeInteger")}'


def decimal(value: float) -> str:
    """A figure in its canonical form."""
    return f'"{value:.1f}"^^{term("xsd:decimal")}'


A, LABEL = term("rdf:type"), term("skos:prefLabel")


@dataclass(slots=True)
class Document:
    """The lines of a source as they grow, by the file of ontology/data that would hold them."""

    key: str
    random: Random
    entities: list[str] = field(default_factory=list)
    record: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    comparisons: list[str] = field(default_factory=list)
    numbered: int = 0
    sentence: tuple[int, int, str] = (0, 0, "")
    spans: set[tuple[int, int]] = field(default_factory=set)
    length: int = 0

    def name(self, local: str) -> str:
        """The IRI of something of this source: a claim id after "claim:", else an entity."""
        prefix, _, slug = local.partition(":")
        return (
            f"<{_SPACES[prefix]}{self.key}.{slug}>" if prefix in _SPACES else f"<{BASE}id/{prefix}/{self.key}-{slug}>"
        )

    def blocks(self) -> list[tuple[str, list[str]]]:
        """The lines by named graph."""
        graphs = {"entities/": self.entities, "sources/": self.record, "claims/": self.claims}
        blocks = [(f"<{BASE}graph/data/{folder}{self.key}>", lines) for folder, lines in graphs.items()]
        compared = [(f"<{BASE}graph/data/comparisons>", self.comparisons)] if self.comparisons else []
        return [*blocks, *compared]


def entity(doc: Document, iri: str, kind: str | None, label: str, *more: tuple[str, str]) -> None:
    """Nothing; the entity is then described: its rigid kind (none for a node that a claim makes) and its labels."""
    if kind:
        doc.entities.append(f"{iri} {A} {term(kind)}")
    doc.entities.append(f"{iri} {LABEL} {text(label)}")
    doc.entities.append(f"{iri} {LABEL} {text(label + ' (es)', 'es')}")
    doc.entities.extend(f"{iri} {term(predicate)} {value}" for predicate, value in more)


def open_record(doc: Document, title: str, issued: str) -> None:
    """Nothing; the source and its text are then described, but for the length (see `close_record`).

    So is the one act by which all its claims came into the graph.
    """
    source, whole = term(f"source:{doc.key}"), term(f"text:{doc.key}")
    provenance = term("dcterms:provenance")
    made = text("Generated for measurements; it speaks of nothing real.")
    doc.record += [
        f"{source} {A} {term('nx:SourceDocument')}",
        f"{source} {LABEL} {text(title)}",
        f'{source} {term("dcterms:issued")} "{issued}"',
        f'{source} {term("dcterms:language")} "en"',
        f"{source} {provenance} {made}",
        f"{whole} {A} {term('nx:SourceText')}",
        f"{whole} {LABEL} {text(f'Text of {title}')}",
        f"{whole} {provenance} {made}",
        f'{whole} {term("nx:sha256")} "{digest(doc.key)}"',
        f"{whole} {term('nx:textOf')} {source}",
    ]
    act = doc.name("curation:1")
    doc.claims += [
        f"{act} {A} {term('nx:Curation')}",
        f"{act} {term('prov:wasAssociatedWith')} {term('curator:nexuskg-curators')}",
        f'{act} {term("dcterms:date")} "2026-11-25"^^{term("xsd:date")}',
        f"{act} {term('nx:curationMethod')} {term('curation-method:import')}",
    ]
    end = doc.random.randint(40, 90)
    _segment(doc, 0, end, "0", "segment-kind:header")
    doc.record.append(f"{_at(doc, 'segment', 0, end)} {term('nx:noClaimReason')} {text('Page header.')}")


def close_record(doc: Document) -> None:
    """Nothing; the length of the text is then stated."""
    doc.record.append(f"{term(f'text:{doc.key}')} {term('nx:textLength')} {number(doc.length)}")


def claim(doc: Document, subject: str, predicate: str, statement: str, label: str, **said: str) -> str:
    """The IRI of a new claim in the current sentence, or the next one; `said` are its properties, modality and all."""
    if doc.numbered % CLAIMS_A_SENTENCE == 0:
        _next_sentence(doc)
    doc.numbered += 1
    iri = doc.name(f"claim:c{doc.numbered:03d}")
    given = {
        "claimSubject": subject,
        "claimPredicate": term(predicate),
        "claimValue" if statement.startswith('"') else "claimObject": statement,
        "evidenceGrade": term("evidence-grade:span"),
        "fromSource": term(f"source:{doc.key}"),
        "kind": term("kind:state-of-affairs"),
        "modality": term("modality:asserted"),
        "polarity": term("polarity:positive"),
        "supportedBy": _span(doc),
        "voice": term("voice:author"),
        **said,
    }
    doc.claims.append(f"{iri} {A} {term('nx:Claim')}")
    doc.claims.append(f"{iri} {LABEL} {text(f'{label} ({doc.key}, {doc.numbered}).')}")
    doc.claims.append(f"{iri} {term('prov:wasGeneratedBy')} {doc.name('curation:1')}")
    doc.claims.extend(f"{iri} {term(f'nx:{name}')} {value}" for name, value in given.items())
    return iri


def compare(doc: Document, one: str, other: str, verdict: str) -> None:
    """Nothing; the two claims are then compared by hand, with this verdict."""
    iri = doc.name(f"comparison:{len(doc.comparisons)}")
    doc.comparisons += [
        f"{iri} {A} {term('nx:Comparison')}",
        f"{iri} {LABEL} {text(f'comparison {len(doc.comparisons)} of {doc.key}')}",
        f"{iri} {term('nx:compares')} {one}",
        f"{iri} {term('nx:compares')} {other}",
        f"{iri} {term('nx:verdict')} {term(f'verdict:{verdict}')}",
        f"{iri} {term('nx:reason')} {text('Generated for measurements.')}",
    ]


def digest(*parts: object) -> str:
    """A digest of 64 hexadecimal digits that stands for one of characters."""
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()


def _next_sentence(doc: Document) -> None:
    start = doc.length + 1
    paragraph = str(1 + doc.numbered // (CLAIMS_A_SENTENCE * SENTENCES_A_PARAGRAPH))
    doc.sentence = (start, start + doc.random.randint(120, 320), paragraph)
    _segment(doc, *doc.sentence, "segment-kind:sentence")


def _segment(doc: Document, start: int, end: int, paragraph: str, kind: str) -> None:
    doc.length = end
    iri = _at(doc, "segment", start, end)
    doc.record += [
        f"{iri} {A} {term('nx:TextSegment')}",
        f"{iri} {term('nx:segmentOf')} {term(f'text:{doc.key}')}",
        f"{iri} {term('nx:segmentKind')} {term(kind)}",
        f'{iri} {term("nx:paragraph")} "{paragraph}"',
        f"{iri} {term('nx:startOffset')} {number(start)}",
        f"{iri} {term('nx:endOffset')} {number(end)}",
    ]


def _span(doc: Document) -> str:
    """The IRI of a span in the current sentence, described at its first use; claims of one sentence may share one."""
    left, right, paragraph = doc.sentence
    start = left + 20 * doc.random.randrange(3)
    end = right - 20 * doc.random.randrange(2)
    iri = _at(doc, "span", start, end)
    if (start, end) not in doc.spans:
        doc.spans.add((start, end))
        exact = digest(doc.key, start, end)
        doc.claims += [
            f"{iri} {A} {term('nx:EvidenceSpan')}",
            f"{iri} {term('nx:spanOf')} {term(f'text:{doc.key}')}",
            f'{iri} {term("nx:anchorPhrase")} "{" ".join(doc.random.choices(_WORDS, k=2))} {start}"',
            f'{iri} {term("nx:paragraph")} "{paragraph}"',
            f'{iri} {term("nx:sha256")} "{exact}"',
            f'{iri} {term("nx:normalizedSha256")} "{exact}"',
            f"{iri} {term('nx:normalizedLength')} {number(end - start)}",
            f"{iri} {term('nx:startOffset')} {number(start)}",
            f"{iri} {term('nx:endOffset')} {number(end)}",
        ]
    return iri


def _at(doc: Document, kind: str, start: int, end: int) -> str:
    return f"<{BASE}{kind}/{doc.key}.{start}-{end}>"
