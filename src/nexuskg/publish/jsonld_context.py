"""The two files that are made from the terms: the JSON-LD context, and the catalogue by which Protege opens offline."""

from __future__ import annotations

import json
from pathlib import Path
from xml.sax.saxutils import quoteattr

from pyoxigraph import NamedNode, Quad

from nexuskg.base.data_home import turtle_files
from nexuskg.base.namespaces import NX, OWL, RDFS, TYPE, XSD, compact, prefixes
from nexuskg.rdf import load
from nexuskg.rdf.turtle import Formatted, write_atomic


def jsonld(home: Path) -> str:
    """The text of ontology/context.jsonld: every prefix, and the type of every property's values.

    Terms keep their prefix: a bare "unit" would be both a property and the prefix of its values.
    """
    store = load.load_files(home, sorted((home / "ontology" / "terms").glob("*.ttl")))
    table = prefixes(home)
    context: dict[str, object] = {"@version": 1.1, **table}
    kinds: dict[NamedNode, set[str]] = {}
    for quad in store.quads_for_pattern(None, TYPE, None):
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(NX):
            kinds.setdefault(quad.subject, set()).add(_value(quad).removeprefix(OWL))
    for term in sorted(kinds, key=lambda node: node.value):
        name = compact(term.value, table)
        if "ObjectProperty" in kinds[term]:
            context[name] = {"@id": name, "@type": "@id"}
        elif "DatatypeProperty" in kinds[term]:
            ranges = [_value(quad) for quad in store.quads_for_pattern(term, NamedNode(RDFS + "range"), None)]
            typed = [value for value in ranges if value.startswith(XSD) and value != XSD + "string"]
            if typed:
                context[name] = {"@id": name, "@type": compact(typed[0], table)}
    return json.dumps({"@context": context}, ensure_ascii=False, indent=2) + "\n"


def catalog(home: Path) -> str:
    """The text of ontology/catalog-v001.xml: from the IRI of each ontology to its file."""
    lines = []
    for path in turtle_files(home):
        store = load.load_files(home, [path])
        for quad in store.quads_for_pattern(None, TYPE, NamedNode(OWL + "Ontology")):
            stated = store.quads_for_pattern(quad.subject, NamedNode(OWL + "versionIRI"), None)
            versions = [_value(item) for item in stated]
            uri = path.relative_to(home / "ontology").as_posix()
            iris = [quad.subject.value, *versions] if isinstance(quad.subject, NamedNode) else versions
            lines += [f"    <uri name={quoteattr(iri)} uri={quoteattr(uri)}/>" for iri in iris]
    head = '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'
    start = '<catalog prefer="public" xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">'
    return "\n".join([head, start, *sorted(lines), "</catalog>"]) + "\n"


def refresh(home: Path, check: bool = False) -> list[Formatted]:
    """What became of the two files; with check, nothing is written."""
    results = []
    for name, text in (("context.jsonld", jsonld(home)), ("catalog-v001.xml", catalog(home))):
        path = home / "ontology" / name
        changed = not path.is_file() or path.read_text(encoding="utf-8") != text
        if changed and not check:
            write_atomic(path, text)
        results.append(Formatted(path, changed))
    return results


def _value(quad: Quad) -> str:
    return quad.object.value if isinstance(quad.object, NamedNode) else str(quad.object)
