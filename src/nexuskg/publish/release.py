"""The distribution files of a compiled dataset, the same bytes for the same input.

nexuskg.nq, .nq.gz   every named graph, sorted canonical N-Quads
nexuskg.ttl          the default view, sorted Turtle
queries.ttl          the stored queries, each a sh:SPARQLExecutable
ontology.ttl         classes and properties in one file, to open in an editor
void.ttl             what is in it: VoID counts a graph, class and property; DCAT distributions; license
coverage.md, .json   what each segment of each source's text yields
model.mmd            the picture of the model (Mermaid)
SHA256SUMS           the manifest; by it a folder is known to be ours
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from pyoxigraph import (
    NamedNode,
    RdfFormat,
    Triple,
    serialize,
)

from nexuskg.base import atomic
from nexuskg.base.namespaces import BASE, DEFAULT_GRAPH, GRAPH, OWL
from nexuskg.errors import NexuskgError
from nexuskg.evidence import coverage, sources
from nexuskg.pipeline.dataset import Compiled
from nexuskg.publish.model_diagram import model_picture
from nexuskg.queries import shacl_executables
from nexuskg.rdf import turtle
from nexuskg.rdf.store import Readable
from nexuskg.rdf.void import DCAT, void_description

MANIFEST: Final = "SHA256SUMS"


def write_release(compiled: Compiled, out: Path, modified: date | None = None) -> dict[str, str]:
    """The files written, name -> SHA-256; `out` then holds these and no others.

    They are written aside and the folder is put into its place in one step, so that `out` is never half-written (see
    `atomic.put`). `modified` is the date of the version; no other time is recorded. Raises NexuskgError where `out`
    exists and is not a folder of ours, or cannot be written.
    """
    out = Path(os.path.abspath(out))
    _check(out)
    wanted = release_files(compiled, modified)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with atomic.new_folder(out) as aside:
            sums = _write(aside, wanted)
            atomic.replace_folder(aside, out)
    except OSError as error:
        what = "it holds what it held before" if out.exists() else "nothing was written"
        raise NexuskgError(f"{out}: cannot be written ({error.strerror}); {what}.") from None
    return sums


def release_files(compiled: Compiled, modified: date | None = None) -> dict[str, bytes]:
    """The content of every distribution file but the manifest, by name."""
    store, prefixes = compiled.store, compiled.prefixes
    quads = dataset_nquads(store)
    packed = gzip.compress(quads, mtime=0)
    view = view_turtle(store, prefixes)
    terms = ontology_turtle(store, prefixes)
    stored = turtle.plain_turtle(
        shacl_executables.executable_triples(compiled.queries.values(), prefixes), {**prefixes, "dcat": DCAT}
    )
    sizes = {
        "nexuskg.nq": len(quads),
        "nexuskg.nq.gz": len(packed),
        "nexuskg.ttl": len(view),
        "ontology.ttl": len(terms),
        "queries.ttl": len(stored),
    }
    void = void_description(store, str(compiled.view), sizes, modified)
    reports = [coverage.coverage(store, text.iri) for text in sources.source_texts(store)]
    pages = [coverage.coverage_markdown(report, prefixes) for report in reports]
    return {
        "nexuskg.nq": quads,
        "nexuskg.nq.gz": packed,
        "nexuskg.ttl": view,
        "ontology.ttl": terms,
        "queries.ttl": stored,
        "void.ttl": turtle.plain_turtle(void, {**prefixes, "dcat": DCAT}),
        "coverage.md": "\n".join(pages).encode(),
        "coverage.json": (
            json.dumps([json.loads(coverage.coverage_json(r)) for r in reports], indent=2) + "\n"
        ).encode(),
        "model.mmd": model_picture(store).encode(),
    }


def dataset_nquads(store: Readable) -> bytes:
    """Every named graph of the store as N-Quads, blank nodes named canonically (RDFC-1.0), lines sorted."""
    named = turtle.canonical_dataset(quad for quad in store if quad.graph_name != DEFAULT_GRAPH)
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
