"""Formats: each holds what it should, says so where it cannot, and is the same bytes every time."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import networkx
import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from nexuskg.answers import rows, table
from nexuskg.answers.answer import Answer
from nexuskg.base.namespaces import BASE, DCTERMS, nx
from nexuskg.errors import UnfitFormat
from nexuskg.formats import geojson, registry
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Compiled
from nexuskg.stores import disk, push

HERE = DefaultGraph()
NASTY = 'x|y "z", <b>\n\x1b[31m & tab\there \\'


@pytest.fixture(scope="module")
def whole(home: Path) -> Compiled:
    return compilation.compiled(views.WHOLE, home)


def _with(data: Compiled, *quads: Quad) -> Compiled:
    store = Store()
    store.extend(data.store.quads_for_pattern(None, None, None, HERE))
    store.extend(quads)
    return Compiled(data.home, data.view, store, data.queries, data.prefixes)


def _nasty(small: Path) -> tuple[Compiled, Answer]:
    """An answer with a label that holds whatever could upset a format."""
    path = small / "ontology/data/claims/t.ttl"
    label = json.dumps(NASTY, ensure_ascii=False).replace("\x1b", "\\u001b").replace("\\u001b", "\\u001B")
    path.write_text(path.read_text(encoding="utf-8").replace('"The Reds"@en', f"{label}@en"), encoding="utf-8")
    data = compilation.compiled()
    return data, rows.answer_typed(data, "who-taxes-what")


@pytest.mark.parametrize("form", table.FORMATS[1:])
def test_every_format_is_the_same_bytes_every_time_and_steers_nothing(form: str, small: Path) -> None:
    data, found = _nasty(small)
    if form == "geojson":
        with pytest.raises(UnfitFormat):
            registry.format_answer(data, found, form)
        return
    told = registry.format_answer(data, found, form, True)
    assert told == registry.format_answer(data, rows.answer_typed(data, "who-taxes-what"), form, True)
    assert told.endswith("\n")
    assert "\x1b" not in told
    assert all(c.isprintable() or c in "\n\t" for c in told)


def test_csv_and_tsv_give_back_what_they_were_given(small: Path) -> None:
    data, found = _nasty(small)
    printed = NASTY.replace("\x1b", "\\x1b")
    for form, delimiter in (("csv", ","), ("tsv", "\t")):
        table = list(csv.reader(io.StringIO(registry.format_answer(data, found, form)), delimiter=delimiter))
        assert {len(row) for row in table} == {len(table[0])}
        assert table[1][0] == printed


def test_markdown_is_one_line_a_row_with_as_many_cells_as_headings(small: Path) -> None:
    data, found = _nasty(small)
    lines = registry.format_answer(data, found, "md", True).splitlines()
    assert len(lines) == 2 + len(found.rows)
    cells = [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines]
    assert len(set(cells)) == 1
    assert "<b>" not in lines[2]


def test_bare_evidence_adds_claims_and_spans_to_any_table(whole: Compiled) -> None:
    found = rows.answer_typed(whole, "who-taxes-what")
    plain, more = (list(csv.DictReader(io.StringIO(table.csv_text(found, spans)))) for spans in (False, True))
    assert [set(one) - set(other) for one, other in zip(more, plain, strict=True)] == [
        {"claims", "spans", "also", "found by"}
    ] * len(plain)
    for row, cells in zip(found, more, strict=True):
        assert cells["claims"] == "; ".join(item.curie for item in row.evidence)
        by_span = all(item.spans for item in row.evidence)
        assert cells["spans"].startswith("span:") is by_span
        if not by_span:
            assert cells["spans"] == row.evidence[0].paragraph
    assert {"group", "activity"} <= set(plain[0])
    (row,) = csv.DictReader(io.StringIO(table.csv_text(rows.answer_text(whole, "SELECT (1 AS ?myOwn) {}"))))
    assert row["myOwn"] == "1"  # a variable keeps its name for those who read it by program
    # A question that counts claims keeps its own column.
    counted = rows.answer_typed(whole, "claims-by-modality")
    names = table.answer_table(counted, 3, True)[0]
    assert len(set(names)) == len(names)
    assert {"claims", "evidence claims", "spans"} <= set(names)


def test_json_has_claim_span_and_grade_of_each_row(whole: Compiled) -> None:
    for name in ("who-taxes-what", "nexus-actors", "timeline"):
        told = json.loads(registry.format_answer(whole, rows.answer_typed(whole, name), "json"))
        for row in told["rows"]:
            for item in row["evidence"]:
                assert item["claim"].startswith("claim:")
                assert (item["grade"] == "span") is bool(item["spans"])
                for span in item["spans"]:
                    assert span["span"].endswith(f".{span['start']}-{span['end']}")


def test_geojson_needs_a_place_with_coordinates(whole: Compiled) -> None:
    found = rows.answer_typed(whole, "who-taxes-what")
    with pytest.raises(UnfitFormat, match=r"geojson.*coordinates.*table, csv, tsv, json, md, graphml, ttl"):
        registry.format_answer(whole, found, "geojson")
    assert json.loads(registry.format_answer(whole, Answer("none", ("a",), ()), "geojson"))["features"] == []


def test_geojson_has_a_feature_a_row_with_the_points_there_are(whole: Compiled) -> None:
    found = rows.answer_typed(whole, "who-operates-where")
    told = json.loads(registry.format_answer(whole, found, "geojson"))
    assert told["type"] == "FeatureCollection"
    assert len(told["features"]) == len(found.rows)
    by_place = {feature["properties"]["location"]: feature for feature in told["features"]}
    assert by_place["Peru"]["geometry"] == {"type": "Point", "coordinates": [-72.9, -12.98]}
    assert by_place["Brazil"]["geometry"] == {"type": "Point", "coordinates": [-49.56, -12.1]}
    assert by_place["VRAEM"]["geometry"] is None
    assert by_place["VRAEM"]["properties"]["points"] == []
    assert [feature["properties"]["rests_on"] for feature in told["features"]] == [row.rests_on for row in found]


def test_geojson_tells_how_finely_each_point_shows_its_place_and_where_it_is_from(whole: Compiled) -> None:
    found = rows.answer_typed(whole, "what-is-planned", language="pt")
    told = [
        feature["properties"] for feature in json.loads(registry.format_answer(whole, found, "geojson"))["features"]
    ]
    shown = {(about["place"], about["precision"]) for row in told for about in row["points"]}
    assert shown == {(name, "lugar exato") for name in ("Callao", "Paita")} | {
        (name, "apenas o país") for name in ("Bélgica", "Espanha")
    }
    assert all(about["source"].startswith(("GeoNames ", "Natural Earth ")) for row in told for about in row["points"])


def test_geojson_has_an_event_where_its_place_is(whole: Compiled) -> None:
    point = NamedNode("urn:geometry")
    house, town = NamedNode(f"{BASE}id/facility/huanchaco-house"), NamedNode(f"{BASE}id/place/huanchaco")
    seizure = "SELECT ?e { VALUES ?e { event:trujillo-seizure } ?e a nx:Seizure }"
    wkt = Literal("POINT(-79.1 -8)", datatype=NamedNode(geojson.GEO + "wktLiteral"))
    with_town = _with(whole, Quad(NamedNode(f"{BASE}id/event/trujillo-seizure"), nx("atPlace"), town))
    (feature,) = json.loads(
        registry.format_answer(with_town, rows.answer_text(with_town, seizure), "geojson"),
    )["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [-79.1191, -8.0814]}
    assert feature["properties"]["points"][0]["precision"] == "locality"
    # A point of one's own needs neither precision nor source, and may stand at the place itself.
    for own in (
        [
            Quad(house, NamedNode(geojson.GEO + "hasGeometry"), point),
            Quad(point, NamedNode(geojson.GEO + "asWKT"), wkt),
        ],
        [Quad(house, NamedNode(geojson.GEO + "asWKT"), wkt)],
    ):
        seen = _with(whole, *own)
        both = "SELECT ?a ?b { VALUES (?a ?b) { (place:peru facility:huanchaco-house) } ?a a nx:Place }"
        (feature,) = json.loads(registry.format_answer(seen, rows.answer_text(seen, both), "geojson"))["features"]
        assert feature["geometry"] == {"type": "MultiPoint", "coordinates": [[-72.9, -12.98], [-79.1, -8.0]]}
        assert [about["precision"] for about in feature["properties"]["points"]] == ["country only", None]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("POINT(-74.2 -12.4)", (-74.2, -12.4)),
        ("point z ( 1 2 3 )", (1.0, 2.0, 3.0)),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(1 2)", (1.0, 2.0)),
        # The order there is latitude, longitude: nothing is better than the wrong side of the earth.
        ("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(1 2)", None),
        ("POINT(1 91)", None),
        ("POINT EMPTY", None),
        ("POLYGON((0 0, 1 0, 1 1, 0 0))", None),
    ],
)
def test_points_are_read(text: str, place: tuple[float, ...] | None) -> None:
    assert geojson.point(text) == place


def test_graphml_is_read_by_networkx(whole: Compiled, tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml"
    for name in ("direct-causes", "who-operates-where", "timeline", "feedback-loops", "nexus-actors"):
        found = rows.answer_typed(whole, name)
        path.write_text(registry.format_answer(whole, found, "graphml"), encoding="utf-8")
        read = networkx.read_graphml(path, force_multigraph=True)
        assert read.number_of_edges() > 0, name
        ids = re.findall(r'<edge [^>]*id="(\w+)"', path.read_text(encoding="utf-8"))
        assert len(set(ids)) == len(ids) == read.number_of_edges()
        for _, about in read.nodes(data=True):
            assert about["label"]
            assert about["kind"]
        known = {item.curie for row in found for item in row.evidence}
        for *_, about in read.edges(data=True):
            assert about["label"]
            assert set(filter(None, about["claims"].split("; "))) <= known
    path.write_text(
        registry.format_answer(whole, rows.answer_typed(whole, "direct-causes"), "graphml"), encoding="utf-8"
    )
    assert {about["label"] for *_, about in networkx.read_graphml(path).edges(data=True)} == {"delays"}
    with pytest.raises(UnfitFormat, match="node"):
        registry.format_answer(whole, rows.answer_text(whole, "SELECT (1 AS ?n) {}"), "graphml")


@pytest.mark.parametrize("name", ["who-taxes-what", "nexus-actors", "causal-chain", "who-operates-where"])
def test_turtle_is_the_part_of_the_graph_that_the_rows_rest_on(name: str, whole: Compiled) -> None:
    found = rows.answer_typed(whole, name)
    told = registry.format_answer(whole, found, "ttl")
    triples = {quad.triple for quad in parse(told, RdfFormat.TURTLE)}
    for triple in triples:
        assert Quad(triple.subject, triple.predicate, triple.object, HERE) in whole.store
    said = {triple.subject.value for triple in triples if isinstance(triple.subject, NamedNode)}
    for row in found:
        for item in row.evidence:
            assert {item.claim.value, f"{BASE}source/{item.source}", *(span.iri for span in item.spans)} <= said
        assert set(row.follows) <= triples
        assert {cell.iri for cell in row if cell.iri} <= said
    assert any(triple.predicate == nx("taxes") for triple in triples) or name != "who-taxes-what"


CSL_TYPES = {"article-journal", "article-newspaper", "report", "webpage", "dataset", "document"}
"""Of the types that the schema of CSL-JSON has, those that are written."""


def _sources(data: Compiled) -> Answer:
    return rows.answer_text(data, "SELECT ?claim { ?claim a nx:Claim } ORDER BY ?claim")


def test_csl_is_shaped_as_its_schema_demands(whole: Compiled) -> None:
    items = json.loads(registry.format_answer(whole, _sources(whole), "csl"))
    assert len(items) == 36
    assert len({item["id"] for item in items}) == 36
    for item in items:
        assert isinstance(item["id"], str)
        assert item["type"] in CSL_TYPES
        assert all(isinstance(value, str | list | dict) for value in item.values())
        for person in item.get("author", []):
            assert set(person) in ({"family", "given"}, {"literal"})
        if "issued" in item:
            ((*parts,),) = item["issued"]["date-parts"]
            assert 1 <= len(parts) <= 3
            assert all(isinstance(part, int) for part in parts)
        assert item["note"].startswith("Cited: ")
    ellis = next(item for item in items if item["id"] == "ellis-2015")
    assert ellis["type"] == "article-journal"
    assert (ellis["container-title"], ellis["volume"], ellis["issue"], ellis["page-first"]) == (
        "PRISM",
        "5",
        "4",
        "188",
    )
    assert "page" not in ellis  # only the first is known
    assert ellis["author"] == [{"family": "Ellis", "given": "R. Evan"}]
    undated = next(item for item in items if item["id"] == "wikipedia-pcc")
    assert "issued" not in undated


def _bibtex(text: str) -> list[tuple[str, str, dict[str, str]]]:
    """Type, key and fields of each entry; asserts that braces pair."""
    entries = []
    for kind, key, body in re.findall(r"@(\w+)\{([^,\s]+),\n(.*?)\n\}\n", text, re.DOTALL):
        fields = dict(re.fullmatch(r"  (\w+) = \{(.*)\},", line).groups() for line in body.splitlines())  # type: ignore[union-attr]
        for value in fields.values():
            bare = re.sub(r"\\.", "", value)
            assert bare.count("{") == bare.count("}"), value
        entries.append((kind, key, fields))
    return entries


def test_bibtex_has_an_entry_a_source_with_stable_keys(whole: Compiled) -> None:
    text = registry.format_answer(whole, _sources(whole), "bibtex")
    entries = _bibtex(text)
    assert text.count("\n@") + 1 == len(entries) == 36
    assert [key for _, key, _ in entries] == sorted(key for _, key, _ in entries)
    by_key = {key: (kind, fields) for kind, key, fields in entries}
    kind, fields = by_key["ellis-2015"]
    assert kind == "article"
    assert (fields["author"], fields["journal"], fields["number"]) == ("Ellis, R. Evan", "PRISM", "4")
    assert fields["pages"] == "188+"
    # An @article must have an author: a news item without one is none, and a medium is no author.
    kind, fields = by_key["el-deber-2015"]
    assert (kind, fields["howpublished"], "author" in fields) == ("misc", "El Deber", False)
    assert all("author" in fields for kind, fields in by_key.values() if kind in ("article", "techreport"))
    assert by_key["state-crt-2012"][1]["author"] == "{United States Department of State}"
    assert "Perú" in by_key["unodc-devida-2015"][1]["title"]
    for _, fields in by_key.values():
        assert fields["title"].startswith("{")
        assert not re.search(r"(?<!\\)[&%$#_]", fields["title"] + fields["note"])


def test_a_record_is_escaped_for_latex_and_its_doi_found(whole: Compiled) -> None:
    source = NamedNode(BASE + "source/x")
    claim = NamedNode(BASE + "claim/x.c1")
    seen = _with(
        whole,
        Quad(source, NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel"), Literal("50% {of} A&B_c \\ ~")),
        Quad(source, NamedNode(DCTERMS + "identifier"), Literal("https://doi.org/10.1000/xyz{1}")),
        Quad(source, NamedNode(DCTERMS + "creator"), Literal("Office & Sons")),
        Quad(claim, nx("fromSource"), source),
        Quad(claim, NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), nx("Claim")),
    )
    found = rows.answer_text(seen, f"SELECT ?claim {{ VALUES ?claim {{ {claim} }} ?claim a nx:Claim }}")
    ((kind, key, fields),) = _bibtex(registry.format_answer(seen, found, "bibtex"))
    assert (kind, key) == ("misc", "x")
    assert fields["title"] == r"{50\% \{of\} A\&B\_c \textbackslash{} \textasciitilde{}}"
    assert fields["author"] == r"{Office \& Sons}"
    assert fields["doi"].startswith("10.1000/xyz")
    assert "{" not in fields["url"]


def test_what_does_not_fit_names_what_does(small: Path) -> None:
    data = compilation.compiled()
    found = rows.answer_text(data, "SELECT (COUNT(?b) AS ?n) { ?a nx:taxes ?b } GROUP BY STR(?a)")
    assert registry.fitting_formats(data, found) == ("table", "csv", "tsv", "json", "md")
    for form in ("geojson", "graphml", "ttl", "cite", "bibtex", "csl"):
        with pytest.raises(UnfitFormat, match="These do: table, csv, tsv, json, md"):
            registry.format_answer(data, found, form)


@pytest.mark.slow
def test_a_store_on_disk_gives_the_same_bytes(home: Path, tmp_path: Path) -> None:
    data = compilation.compiled(home=home)
    with disk.open_target(tmp_path / "store") as target:
        push.push(data, target)
    there = disk.open_dataset(tmp_path / "store", home=home)
    for name in ("who-taxes-what", "nexus-actors", "what-is-planned"):
        found = rows.answer_typed(there, name)
        assert found == rows.answer_typed(data, name)
        for form in registry.fitting_formats(data, found)[1:]:
            assert registry.format_answer(there, found, form, True) == registry.format_answer(
                data, found, form, True
            ), form
