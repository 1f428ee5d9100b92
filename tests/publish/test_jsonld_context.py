"""The JSON-LD context and the catalogue of files are in step with the ontology."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from pyoxigraph import RdfFormat, parse

from nexuskg.base.namespaces import prefixes
from nexuskg.publish import jsonld_context


def test_both_files_are_in_step(home: Path) -> None:
    assert [item.path.name for item in jsonld_context.refresh(home, check=True) if item.changed] == []


def test_every_ontology_is_found_offline(home: Path) -> None:
    tree = ElementTree.parse(home / "ontology/catalog-v001.xml")
    files = {item.get("name"): item.get("uri") for item in tree.getroot()}
    for name in ("actors", "activities", "economy", "relationships", "causality", "places-events", "evidence"):
        assert files[f"https://w3id.org/nexuskg/ontology/{name}"] == f"terms/{name}.ttl"
    assert all((home / "ontology" / str(uri)).is_file() for uri in files.values())


def test_the_context_reads_our_terms(home: Path) -> None:
    data = json.loads((home / "ontology/context.jsonld").read_text(encoding="utf-8"))
    assert {**data["@context"], **prefixes(home)} == data["@context"]
    assert data["@context"]["nx:taxes"] == {"@id": "nx:taxes", "@type": "@id"}
    document = {**data, "@id": "actor:a", "nx:taxes": "activity:b", "nx:startOffset": "3", "nx:unit": "unit:ton"}
    quads = {
        (q.predicate.value.rpartition("#")[2], str(q.object)) for q in parse(json.dumps(document), RdfFormat.JSON_LD)
    }
    assert quads == {
        ("unit", "<https://w3id.org/nexuskg/vocab/unit/ton>"),
        ("taxes", "<https://w3id.org/nexuskg/id/activity/b>"),
        ("startOffset", '"3"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>'),
    }


def test_one_version_everywhere(home: Path) -> None:
    import tomllib

    from nexuskg import __version__

    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__
    assert f"\nversion: {__version__}\n" in (root / "CITATION.cff").read_text(encoding="utf-8")
    ontology = (home / "ontology/nexus.ttl").read_text(encoding="utf-8")
    assert f"ontology/{__version__}>" in ontology
    assert f'owl:versionInfo "{__version__}"' in ontology
