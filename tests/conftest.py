"""Fixtures shared by the tests: the real home, and a small one that a test may change."""

from __future__ import annotations

import gc
import http.server
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from nexuskg.base import data_home
from nexuskg.cli.main import run
from nexuskg.pipeline import compilation
from nexuskg.pipeline.dataset import Compiled

CHECKOUT = Path(__file__).parent.parent

TERMS = """
@prefix nx: <https://w3id.org/nexuskg/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
nx:Actor a owl:Class ; skos:prefLabel "actor"@en .
nx:taxes a owl:ObjectProperty ; skos:prefLabel "taxes"@en ; rdfs:subPropertyOf nx:derivesRevenueFrom ;
  nx:nodeClass nx:TaxationArrangement ; nx:nodeKind "arrangement" ;
  nx:subjectRole nx:leviedBy ; nx:objectRole nx:leviedOn .
nx:derivesRevenueFrom a owl:ObjectProperty ; skos:prefLabel "derives revenue from"@en .
"""

DATA = """
@prefix activity: <https://w3id.org/nexuskg/id/activity/> .
@prefix actor: <https://w3id.org/nexuskg/id/actor/> .
@prefix claim: <https://w3id.org/nexuskg/claim/> .
@prefix comparator: <https://w3id.org/nexuskg/vocab/comparator/> .
@prefix kind: <https://w3id.org/nexuskg/vocab/kind/> .
@prefix modality: <https://w3id.org/nexuskg/vocab/modality/> .
@prefix nx: <https://w3id.org/nexuskg/ontology#> .
@prefix observation: <https://w3id.org/nexuskg/id/observation/> .
@prefix polarity: <https://w3id.org/nexuskg/vocab/polarity/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <https://w3id.org/nexuskg/source/> .
@prefix span: <https://w3id.org/nexuskg/span/> .
@prefix text: <https://w3id.org/nexuskg/text/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
actor:reds a nx:Actor ; skos:prefLabel "The Reds"@en , "Los Rojos"@es .
actor:blues a nx:Actor ; skos:prefLabel "The Blues"@en .
activity:growing skos:prefLabel "growing"@en .
activity:selling skos:prefLabel "selling"@en .
claim:t.c1 a nx:Claim ; skos:prefLabel "The Reds tax growing."@en ; nx:fromSource source:t ;
  nx:supportedBy span:t.0-9 ;
  nx:kind kind:state-of-affairs ; nx:polarity polarity:positive ; nx:modality modality:asserted ; nx:hedge "mainly"@en ;
  nx:claimSubject actor:reds ; nx:claimPredicate nx:taxes ; nx:claimObject activity:growing .
claim:t.c2 a nx:Claim ; skos:prefLabel "The Reds tax selling."@en ; nx:fromSource source:t ;
  nx:supportedBy span:t.10-19 ;
  nx:kind kind:state-of-affairs ; nx:polarity polarity:positive ; nx:modality modality:implied ;
  nx:claimSubject actor:reds ; nx:claimPredicate nx:taxes ; nx:claimObject activity:selling .
claim:t.c3 a nx:Claim ; skos:prefLabel "The Blues do not tax growing."@en ; nx:fromSource source:t ;
  nx:supportedBy span:t.0-9 ; nx:kind kind:state-of-affairs ; nx:polarity polarity:negative ;
  nx:modality modality:asserted ; nx:claimSubject actor:blues ; nx:claimPredicate nx:taxes ;
  nx:claimObject activity:growing .
claim:t.c4 a nx:Claim ; skos:prefLabel "The Reds are strong."@en ; nx:fromSource source:t ; nx:supportedBy span:t.0-9 ;
  nx:kind kind:evaluation ; nx:polarity polarity:positive ; nx:modality modality:asserted ;
  nx:claimSubject actor:reds ; nx:claimPredicate nx:ratedAs ; nx:claimValue "strong"@en .
claim:t.c5 a nx:Claim ; skos:prefLabel "The Reds have over 200 members."@en ; nx:fromSource source:t ;
  nx:supportedBy span:t.10-19 ; nx:kind kind:state-of-affairs ; nx:polarity polarity:positive ;
  nx:modality modality:estimated ; nx:comparator comparator:more-than ; nx:claimValue "200"^^xsd:decimal ;
  nx:edtf "2014-09" ; nx:claimSubject actor:reds ; nx:claimPredicate nx:hasObservation ;
  nx:claimObject observation:members .
observation:members a nx:Observation ; skos:prefLabel "members of the Reds"@en .
source:t a nx:SourceDocument ; skos:prefLabel "A test"@en .
span:t.0-9 nx:spanOf text:t ; nx:startOffset 0 ; nx:endOffset 9 ; nx:paragraph "1" ; nx:anchorPhrase "they tax" .
span:t.10-19 nx:spanOf text:t ; nx:startOffset 10 ; nx:endOffset 19 ; nx:paragraph "2" ; nx:anchorPhrase "and sell" ;
  nx:anchorOccurrence 2 .
"""

QUESTIONS = {
    "who-taxes-what": """
#+ summary: Who taxes which activity?
#+ tags: [economy]
#+ params:
#+   activity: {meaning: the activity taxed, type: any}
PREFIX nx: <https://w3id.org/nexuskg/ontology#>
SELECT ?group ?activity ?claim WHERE {
  VALUES ?activity { UNDEF }
  ?claim nx:claimPredicate nx:taxes ; nx:claimSubject ?group ; nx:claimObject ?activity .
  ?group nx:taxes ?activity .
}
ORDER BY ?group ?activity
""",
    "how-many-sources-of-revenue": """
#+ summary: From how many activities does each group derive revenue?
PREFIX nx: <https://w3id.org/nexuskg/ontology#>
SELECT ?group (COUNT(?activity) AS ?activities) WHERE { ?group nx:derivesRevenueFrom ?activity }
GROUP BY ?group
ORDER BY ?group
""",
    "which-actors-tax-nothing": """
#+ summary: Which actors tax nothing?
PREFIX nx: <https://w3id.org/nexuskg/ontology#>
SELECT ?actor WHERE { ?actor a nx:Actor . FILTER NOT EXISTS { ?actor nx:taxes ?activity } }
ORDER BY ?actor
""",
}


# Examples of a property: some for every change, many in CI. A machine that is busy is no fault of what is tested.
settings.register_profile("quick", max_examples=10, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

COLLECT_EVERY = 20
"""After so many tests garbage is collected."""


def pytest_configure() -> None:
    """Nothing; garbage is then collected on the main thread only, and where .ci/run has set the trap, it is on.

    The Java of some tests brings threads of its own; an iterator of pyoxigraph must die on the thread that made it.
    The trap (see trap.c) is for the tests only, not for what installs them.
    """
    gc.disable()
    if trapped := os.environ.get("NEXUSKG_TRAP_FOR_TESTS"):
        os.environ["NEXUSKG_TRAP"] = trapped


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Nothing; now and then the garbage of the tests so far is gone."""
    item.session.stash[_RUN] = item.session.stash.get(_RUN, 0) + 1
    if item.session.stash[_RUN] % COLLECT_EVERY == 0:
        gc.collect()


_RUN = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def home() -> Path:
    """The real ontology and queries."""
    return data_home.home()


def _small_home(root: Path) -> Path:
    for folder in ("ontology/terms", "ontology/data/claims", "queries/questions"):
        (root / folder).mkdir(parents=True)
    shutil.copy(CHECKOUT / "ontology/prefixes.ttl", root / "ontology")
    for folder in ("derive", "lookups"):
        shutil.copytree(CHECKOUT / "queries" / folder, root / "queries" / folder)
    (root / "ontology/terms/all.ttl").write_text(TERMS, encoding="utf-8")
    (root / "ontology/data/claims/t.ttl").write_text(DATA, encoding="utf-8")
    for name, text in QUESTIONS.items():
        (root / f"queries/questions/{name}.rq").write_text(text.lstrip(), encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The facts of the small home, for tests that only ask."""
    home = _small_home(tmp_path_factory.mktemp("small") / "home")
    return compilation.of_view(compilation.compile_dataset(home), "facts")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a handful of claims and questions; NEXUSKG_HOME points to it, the cache is its own."""
    root = _small_home(tmp_path / "home")
    monkeypatch.setenv("NEXUSKG_HOME", str(root))
    monkeypatch.setenv("NEXUSKG_CACHE", str(tmp_path / "cache"))
    return root


@pytest.fixture
def mine(started: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the home that the module has `started`, which a test may change."""
    shutil.copytree(started, tmp_path / "home")
    monkeypatch.setenv("NEXUSKG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NEXUSKG_CACHE", str(started.parent / "cache"))
    monkeypatch.setenv("NEXUSKG_CURATOR", "Ana Torres")
    return tmp_path / "home"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """A command, run with these arguments: its exit code, what it prints and what it says; never a fault of ours."""

    def run_it(*args: str | Path) -> tuple[int, str, str]:
        code = run([str(arg) for arg in args])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert "Unexpected" not in err
        return code, out, err

    return run_it


@pytest.fixture
def writable(tmp_path: Path) -> Iterator[Path]:
    """A folder that a test may make read-only."""
    folder = tmp_path / "locked"
    folder.mkdir()
    yield folder
    folder.chmod(0o755)


@pytest.fixture
def trap() -> Iterator[tuple[int, list[str]]]:
    """A server that notes whoever comes: its port, and what came in this test."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_error(404)

        do_POST = do_GET  # noqa: N815 - as the library calls it

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1], seen
    server.shutdown()
    server.server_close()
    thread.join()
