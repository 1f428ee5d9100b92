"""The distribution files of a compiled dataset, the same bytes for the same input.

nexuskg.nq, .nq.gz   every named graph of either grade of evidence, sorted canonical N-Quads
nexuskg.ttl          the default view, sorted Turtle; nexuskg-implied.ttl, nexuskg-locator.ttl and
                     nexuskg-locator-implied.ttl the other views
queries.ttl          the stored queries, each a sh:SPARQLExecutable
ontology.ttl         classes and properties in one file, to open in an editor
void.ttl             what is in it: VoID of its grades, views and graphs, with counts; DCAT distributions; license
coverage.md, .json   what each segment of each source's text yields
model.mmd            the picture of the model (Mermaid)
SHA256SUMS           the manifest; by it a folder is known to be ours

An excerpt, which is of one restricted view, has the same files but those of the other grade, and an IRI, a title and
names of graphs of its own.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from pyoxigraph import (
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    serialize,
)

from nexuskg.base import atomic
from nexuskg.base.namespaces import BASE, DEFAULT_GRAPH, GRAPH, OWL
from nexuskg.errors import NexuskgError
from nexuskg.evidence import coverage, sources
from nexuskg.pipeline.dataset import Local
from nexuskg.publish.model_diagram import model_picture
from nexuskg.queries import shacl_executables
from nexuskg.rdf import turtle
from nexuskg.rdf.store import Readable
from nexuskg.rdf.void import DCAT, CountedGraph, DatasetPart, void_description
from nexuskg.stores.published_parts import merged_views, published_part

MANIFEST: Final = "SHA256SUMS"


def write_release(data: Local, out: Path, modified: date | None = None, wider: Local | None = None) -> dict[str, str]:
    """The files written, name -> SHA-256; `out` then holds these and no others.

    `data` is the dataset of the default view and `wider` that in which every claim counts; without the latter it is an
    excerpt that is written. They are written aside and the folder is put into its place in one step, so that `out` is
    never half-written (see `atomic.put`). `modified` is the date of the version; no other time is recorded. Raises
    NexuskgError where `out` exists and is not a folder of ours, or cannot be written.
    """
    out = Path(os.path.abspath(out))
    _check(out)
    wanted = release_files(data, modified, wider)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with atomic.new_folder(out) as aside:
            sums = _write(aside, wanted)
            atomic.replace_folder(aside, out)
    except OSError as error:
        what = "it holds what it held before" if out.exists() else "nothing was written"
        raise NexuskgError(f"{out}: cannot be written ({error.strerror}); {what}.") from None
    return sums


def release_files(data: Local, modified: date | None = None, wider: Local | None = None) -> dict[str, bytes]:
    """The content of every distribution file but the manifest, by name."""
    store, prefixes = data.store, data.prefixes
    graded = [data] if wider is None else [data, wider]
    files: dict[str, bytes] = {}
    parts = []
    for number, one in enumerate(graded):
        merged = merged_views(one)
        names = {accept: f"nexuskg{'-locator' * number}{'-implied' * (accept == 'implied')}.ttl" for accept in merged}
        files |= {name: view_turtle(merged[accept], prefixes) for accept, name in names.items()}
        parts.append(published_part(one, merged, names))
    parts = shared_graphs(parts)
    quads = graphs_nquads(parts)
    files |= {
        "nexuskg.nq": quads,
        "nexuskg.nq.gz": gzip.compress(quads, mtime=0),
        "ontology.ttl": ontology_turtle(store, prefixes),
        "queries.ttl": turtle.plain_turtle(
            shacl_executables.executable_triples(data.queries.values(), prefixes), {**prefixes, "dcat": DCAT}
        ),
    }
    void = void_description(parts, {name: len(content) for name, content in files.items()}, modified)
    reports = [coverage.coverage(store, text.iri) for text in sources.source_texts(store)]
    pages = [coverage.coverage_markdown(report, prefixes) for report in reports]
    return files | {
        "void.ttl": turtle.plain_turtle(void, {**prefixes, "dcat": DCAT}),
        "coverage.md": "\n".join(pages).encode(),
        "coverage.json": (
            json.dumps([json.loads(coverage.coverage_json(r)) for r in reports], indent=2) + "\n"
        ).encode(),
        "model.mmd": model_picture(store).encode(),
    }


def shared_graphs(parts: Sequence[DatasetPart]) -> list[DatasetPart]:
    """The parts, where a graph of a later one that has the same triples as that of the first is this one."""
    first, *others = parts
    inner = {counted.graph: counted for counted in first.graphs}
    out = [first]
    for part in others:
        graphs = tuple(
            inner[one.graph] if one.graph in inner and _canonical(inner[one.graph]) == _canonical(one) else one
            for one in part.graphs
        )
        out.append(replace(part, graphs=graphs))
    return out


def _canonical(counted: CountedGraph) -> set[Triple]:
    quads = counted.store.quads_for_pattern(None, None, None, counted.graph)
    return {quad.triple for quad in turtle.canonical_dataset(quads)}


def graphs_nquads(parts: Iterable[DatasetPart]) -> bytes:
    """Every graph of the parts by its published name as N-Quads, blank nodes named canonically, lines sorted."""
    graphs = {counted.name: counted for part in parts for counted in part.graphs}
    named = turtle.canonical_dataset(
        Quad(quad.subject, quad.predicate, quad.object, NamedNode(name))
        for name, counted in graphs.items()
        for quad in counted.store.quads_for_pattern(None, None, None, counted.graph)
    )
    return b"".join(sorted(_bytes(serialize(named, format=RdfFormat.N_QUADS)).splitlines(keepends=True)))


def view_turtle(store: Readable, prefixes: Mapping[str, str]) -> bytes:
    """The default graph of the store as Turtle, one predicate a line, subjects sorted."""
    quads = turtle.canonical_dataset(store.quads_for_pattern(None, None, None, DEFAULT_GRAPH))
    return turtle.plain_turtle((Triple(q.subject, q.predicate, q.object) for q in quads), prefixes)


def ontology_turtle(store: Readable, prefixes: Mapping[str, str]) -> bytes:
    """The ontology's terms in one canonical Turtle file, under the header of the ontology as a whole."""
    header = BASE + "ontology"
    triples = [
        Triple(q.subject, q.predicate, q.object)
        for q in store
        if isinstance(q.graph_name, NamedNode)
        and (q.graph_name.value == GRAPH + "nexus" or q.graph_name.value.startswith(GRAPH + "terms/"))
        # the headers of the parts, and the import of them, have no place in a file that holds them all
        and not (isinstance(q.subject, NamedNode) and q.subject.value.startswith(header + "/"))
        and q.predicate.value != OWL + "imports"
    ]
    return turtle.canonical_turtle(_bytes(serialize(triples, format=RdfFormat.N_TRIPLES)), prefixes).encode()


def _bytes(data: bytes | None) -> bytes:
    assert data is not None  # the writer gives bytes where it is given no file
    return data


def _write(folder: Path, contents: Mapping[str, bytes]) -> dict[str, str]:
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents.items())}
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    lines = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    (folder / MANIFEST).write_bytes(lines.encode())
    return sums


def _check(out: Path) -> None:
    """Raise NexuskgError where the path is taken by something that a build did not make."""
    if not os.path.lexists(out):
        return
    if out.is_symlink() or not out.is_dir():
        raise NexuskgError(f"{out}: this is no folder; name one that is new, empty, or of an earlier build.")
    try:
        names = {path.name for path in out.iterdir()}
        listed = (out / MANIFEST).read_text(encoding="utf-8").splitlines() if MANIFEST in names else []
    except (OSError, UnicodeDecodeError):
        raise NexuskgError(f"{out}: this folder cannot be read; name another.") from None
    made = {line.partition("  ")[2] for line in listed} | {MANIFEST}
    foreign = names - (made if "nexuskg.nq" in made else set())
    if foreign:
        what = f"{out}: this folder holds what no build made ({min(foreign)})"
        raise NexuskgError(f"{what}, and is left alone; name another, or empty it.")
