"""IRIs: the one prefix table (ontology/prefixes.ttl), CURIEs, and the few terms that the code itself names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, parse

from nexuskg.base import input_limits
from nexuskg.errors import ParseFailure, parser_message

BASE: Final = "https://w3id.org/nexuskg/"
NX: Final = BASE + "ontology#"
GRAPH: Final = BASE + "graph/"
SOURCE: Final = BASE + "source/"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SH: Final = "http://www.w3.org/ns/shacl#"
DCTERMS: Final = "http://purl.org/dc/terms/"
PROV: Final = "http://www.w3.org/ns/prov#"

ENTITY: Final = BASE + "id/"
CLAIM: Final = BASE + "claim/"
VOCAB: Final = BASE + "vocab/"
"""What the IRIs of entities, claims and concepts begin with."""

WITHDRAWN: Final = GRAPH + "withdrawn/"
"""What the names of the graphs begin with that keep withdrawn claims, and entities merged into others, out of views."""

TYPE: Final = NamedNode(RDF + "type")
DEFAULT_GRAPH: Final = DefaultGraph()
ISSUED: Final = NamedNode(DCTERMS + "issued")
RECORD_NAME: Final = NamedNode("https://schema.org/name")
"""What a record elsewhere, to which a thing of ours is linked, calls it."""

# A CURIE as prefixes.ttl and the query files write it: no escapes, as none of our local names needs one.
CURIE = re.compile(r"([A-Za-z][\w-]*):([\w][\w.-]*)")


def nx(name: str) -> NamedNode:
    """The ontology's term of that name.

    >>> nx("taxes").value
    'https://w3id.org/nexuskg/ontology#taxes'
    """
    return NamedNode(NX + name)


def graph_iri(name: str) -> NamedNode:
    """The named graph of a file (its path below ontology/ without extension) or of a step of the build."""
    return NamedNode(GRAPH + name)


def source_iri(key: str) -> str:
    """The IRI of the source with this key.

    >>> source_iri("ellis-2015")
    'https://w3id.org/nexuskg/source/ellis-2015'
    """
    return SOURCE + key


def source_key(iri: str) -> str:
    """The key of a source, as its files, claims and spans are named after it; the IRI itself where it is no source's.

    >>> source_key("https://w3id.org/nexuskg/source/ellis-2015")
    'ellis-2015'
    """
    return iri.removeprefix(SOURCE)


def prefixes(home: Path) -> dict[str, str]:
    """The prefix table, prefix -> namespace, sorted by prefix; raises ParseFailure."""
    path = home / "ontology" / "prefixes.ttl"
    names: dict[str, str] = {}
    spaces: dict[str, str] = {}
    try:
        for quad in parse(input_limits.turtle_bytes(path), RdfFormat.TURTLE):
            if quad.predicate.value == SH + "prefix":
                names[str(quad.subject)] = quad.object.value
            elif quad.predicate.value == SH + "namespace":
                spaces[str(quad.subject)] = quad.object.value
    except SyntaxError as error:
        raise ParseFailure(path, error.lineno, error.offset, parser_message(error)) from None
    except OSError as error:
        raise ParseFailure(path, None, None, f"the prefix table cannot be read ({error.strerror})") from None
    return {name: spaces[key] for key, name in sorted(names.items(), key=lambda item: item[1]) if key in spaces}


def expand(curie: str, table: Mapping[str, str]) -> str | None:
    """The IRI of a CURIE; None where it is none or its prefix is unknown.

    >>> expand("nx:taxes", {"nx": NX})
    'https://w3id.org/nexuskg/ontology#taxes'
    """
    match = CURIE.fullmatch(curie)
    return table[match[1]] + match[2] if match and match[1] in table else None


def compact(iri: str, table: Mapping[str, str]) -> str:
    """The CURIE of an IRI by the longest fitting namespace; the IRI itself where none fits.

    >>> compact("https://w3id.org/nexuskg/ontology#taxes", {"nx": NX})
    'nx:taxes'
    """
    best = max((item for item in table.items() if iri.startswith(item[1])), key=lambda item: len(item[1]), default=None)
    if best is None:
        return iri
    curie = f"{best[0]}:{iri[len(best[1]) :]}"
    return curie if CURIE.fullmatch(curie) else iri
