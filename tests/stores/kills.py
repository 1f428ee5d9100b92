"""Kills servers, pushes and builds at random moments, and looks whether what was acknowledged is still there.

    python tests/stores/kills.py --kills 200 --seed 1

A process is ended by SIGKILL at any moment from its start on. Afterwards the store opens without repair, has all that
was acknowledged, and what was under way wholly or not at all; the folder of a build is the old one or the new one;
the cache is not wrong. Prints the totals, and exits with 1 where one that should be 0 is not.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import os
import random
import re
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[1]))

from pyoxigraph import DefaultGraph, NamedNode, Store

from conftest import DATA, QUESTIONS, TERMS
from nexuskg.base import data_home
from nexuskg.cli.main import run
from nexuskg.errors import NexuskgError
from nexuskg.pipeline import cache, compilation
from nexuskg.pipeline.views import FACTS, WHOLE
from nexuskg.publish import release
from nexuskg.stores import disk, disk_writer, layout, ledger, maintenance

WAIT = 60.0
"""Seconds within which a process must have come so far."""
CLIENTS = 3
REMOTE = 4.0
"""Seconds within which a push through a server is cut short, if it has not come to its end."""
TOKEN = "0123456789abcdef0123456789abcdef"
EXTRA = 4
"""Files of the home that change."""
ME = NamedNode("urn:kills:mine")

Pairs = frozenset[tuple[int, int]]
"""The triples of a client's graph: number of the subject, number that it has."""


@dataclass
class Client:
    """What a client knows of its graph: what is acknowledged, and what becomes of it if what is under way is done."""

    number: int
    known: Pairs = frozenset()
    coming: Pairs | None = None
    writes: int = 0

    @property
    def graph(self) -> str:
        return f"urn:kills:client{self.number}"

    def write(self, line: http.client.HTTPConnection, chance: random.Random) -> None:
        """Nothing; one more change was acknowledged; raises OSError or HTTPException where it was not."""
        self.coming, request = self._next(chance)
        line.request(*request)
        answer = line.getresponse()
        said = answer.read()
        if answer.status in (200, 201, 204):
            self.known, self.writes = self.coming, self.writes + 1
        elif answer.status not in (404, 503):
            raise AssertionError(f"{answer.status} {said!r} for {request}")
        self.coming = None

    def _next(self, chance: random.Random) -> tuple[Pairs, tuple[str, str, str, dict[str, str]]]:
        head = {"Authorization": f"Bearer {TOKEN}"}
        store = f"/store?graph={quote(self.graph, safe='')}"
        some = frozenset((chance.randrange(2000), chance.randrange(5)) for _ in range(chance.choice((1, 10, 300))))
        kind = chance.randrange(10)
        if kind == 0:
            return frozenset(), ("DELETE", store, "", head)
        if kind in (1, 2):
            after = some if kind == 1 else self.known | some
            return after, (
                "PUT" if kind == 1 else "POST",
                store,
                _triples(some),
                {**head, "Content-Type": "text/turtle"},
            )
        if kind < 7:
            text, after = f"INSERT DATA {{ GRAPH <{self.graph}> {{ {_triples(some)} }} }}", self.known | some
        elif kind < 9:
            gone = frozenset(pair for pair in self.known if chance.random() < 0.3)
            text, after = f"DELETE DATA {{ GRAPH <{self.graph}> {{ {_triples(gone)} }} }}", self.known - gone
        else:
            old, new = chance.sample(range(5), 2)
            where = f"GRAPH <{self.graph}> {{ ?s <urn:has> {old} }}"
            text = (
                f"DELETE {{ {where} }} INSERT {{ GRAPH <{self.graph}> {{ ?s <urn:has> {new} }} }} WHERE {{ {where} }}"
            )
            after = frozenset((subject, new if value == old else value) for subject, value in self.known)
        return after, ("POST", "/sparql", text, {**head, "Content-Type": "application/sparql-update"})


def _triples(pairs: Pairs) -> str:
    return "\n".join(f"<urn:s:{subject}> <urn:has> {value} ." for subject, value in pairs)


@dataclass
class Run:
    """All that the kills are about, and what was found so far."""

    root: Path
    chance: random.Random
    found: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    clients: list[Client] = field(default_factory=lambda: [Client(number) for number in range(CLIENTS)])
    lying: dict[str, frozenset[bytes]] = field(default_factory=dict)
    """What the graphs of the dataset had in the store when it was last looked at."""
    whole: bool = True
    """Whether it said that no push of it was cut short."""
    built: str = ""
    lasts: dict[str, float] = field(default_factory=dict)
    """Seconds that a command takes."""

    @property
    def store(self) -> Path:
        return self.root / "store"

    def fault(self, kind: str, said: str) -> None:
        self.found[kind] += 1
        self.faults.append(f"{kind}, kill {self.found['kills']}: {said}")

    # --- processes

    def start(self, *command: str, **more: str) -> subprocess.Popen[str]:
        env = {**os.environ, "NEXUSKG_CACHE": str(self.root / "cache"), "NEXUSKG_TOKEN": TOKEN, **more}
        return subprocess.Popen(
            [sys.executable, "-m", "nexuskg", *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
        )

    def kill(self, process: subprocess.Popen[str], many: bool = True) -> None:
        """Nothing; the process is gone; `many` counts it as a kill, if it did not end by itself before."""
        self.found["kills"] += many and process.poll() is None
        process.kill()
        process.wait(WAIT)
        assert process.stderr is not None
        process.stderr.close()

    def moment(self, process: subprocess.Popen[str], name: str, begun: Callable[[], bool], rest: float) -> None:
        """Nothing; some moment of what the process does has come, half of the times one after it has begun to write."""
        if self.chance.random() < 0.5:
            time.sleep(self.chance.uniform(0, self.lasts.get(name, 1.0)))
            return
        until = time.monotonic() + WAIT
        while not begun() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(self.chance.uniform(0, rest))

    def done(self, name: str, *command: str) -> None:
        """Nothing; the command has run to its end."""
        start = time.monotonic()
        process = self.start(*command)
        _, said = process.communicate(timeout=WAIT)
        self.lasts[name] = time.monotonic() - start
        if process.returncode:
            self.fault("failed reopens", f"{' '.join(command)}: {said}")

    def change_home(self) -> None:
        for number in range(EXTRA):
            if self.chance.random() < 0.7:
                lines = "".join(
                    f'nx:x{self.chance.randrange(10**6)} a nx:Actor ; skos:prefLabel "x"@en .\n' for _ in range(40)
                )
                (self.root / f"home/ontology/terms/extra{number}.ttl").write_text(TERMS.split("nx:Actor")[0] + lines)

    # --- the three kinds of turns

    def serve(self) -> None:
        process = self.start(
            "serve", "--store", str(self.store), "--writable", "--token-file", str(self.root / "token"), "--port", "0"
        )
        if self.chance.random() < 0.15:  # while it starts
            time.sleep(self.chance.uniform(0, self.lasts.get("serve", 1.0)))
            self.kill(process)
            return
        start = time.monotonic()
        address = _address(process)
        if address is None:
            self.fault("failed reopens", "the server does not start")
            self.kill(process, False)
            return
        self.lasts["serve"] = time.monotonic() - start
        threads = [
            threading.Thread(target=self._client, args=(client, address, random.Random(self.chance.random())))
            for client in self.clients
        ]
        for thread in threads:
            thread.start()
        pushing = None
        if self.chance.random() < 0.25:  # through the server
            if not self.whole:  # it has completed the push when it was started
                self.lying = self._wanted()
            self.change_home()
            pushing = self.start("push", "--endpoint", f"http://{address}/sparql")
            time.sleep(self.chance.uniform(0, REMOTE))
            self.found["pushes through a server"] += pushing.poll() is None
        else:
            time.sleep(self.chance.uniform(0, 0.6))
        self.kill(process)
        for thread in threads:
            thread.join(WAIT)
        if pushing is not None:
            self.kill(pushing, False)

    def _client(self, client: Client, address: str, chance: random.Random) -> None:
        line = http.client.HTTPConnection(address, timeout=WAIT)
        try:
            while True:
                client.write(line, chance)
        except AssertionError as error:
            self.fault("lost", str(error))
        except (OSError, http.client.HTTPException):
            return
        finally:
            line.close()

    def push(self) -> None:
        self.change_home()
        before = ledger.version(self.store)
        process = self.start("push", "--store", str(self.store))
        self.moment(process, "push", lambda: ledger.version(self.store) != before, 0.5)
        self.kill(process)

    def first(self) -> None:
        """A push into a folder that is not there yet."""
        new = self.root / "new"
        shutil.rmtree(new, ignore_errors=True)
        process = self.start("push", "--store", str(new))
        self.moment(process, "push", new.exists, 0.1)
        self.kill(process)
        with self._reopened("the new store"):
            disk_writer.open_for_writing(new).close()
            for problem in maintenance.store_state(new).problems:
                self.fault("half-applied", problem)

    def build(self) -> None:
        self.change_home()
        process = self.start("build", "-o", str(self.root / "dist"))
        self.moment(process, "build", lambda: any(self.root.glob(".dist.new-*")), 0.03)
        self.kill(process)

    # --- what is found afterwards

    @contextmanager
    def _reopened(self, what: str) -> Iterator[None]:
        try:
            yield
        except (NexuskgError, *disk_writer.FAULTS) as error:
            self.fault("failed reopens", f"{what}: {error}")

    def look(self) -> None:
        with self._reopened("to read"):
            self._look(disk.read_only(self.store, anew=True))
        with self._reopened("to write"):
            disk_writer.open_for_writing(self.store).close()
        out = StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            code = run(["store", "check", str(self.store)])
        if code:
            self.fault("half-applied", out.getvalue())
        with self._reopened("to read"):
            self._look_at_push(disk.read_only(self.store), "is not whole" in out.getvalue())

    def _look(self, store: Store) -> None:
        for client in self.clients:
            quads = store.quads_for_pattern(None, None, None, NamedNode(client.graph))
            found = frozenset((int(quad.subject.value[6:]), int(quad.object.value)) for quad in quads)
            if found not in (client.known, client.coming):
                sure = client.known if client.coming is None else client.known & client.coming
                self.fault("lost" if sure - found else "half-applied", client.graph)
            client.known, client.coming = found, None
        if len(list(store.quads_for_pattern(None, None, None, ME))) != 1:
            self.fault("lost", "a graph that no push may touch")

    def _look_at_push(self, store: Store, told: bool) -> None:
        wanted = self._wanted()
        manifest = layout.space_of(FACTS).manifest.value
        names = {graph.value for graph in store.named_graphs() if isinstance(graph, NamedNode)}
        found = {
            name: frozenset(ledger.lines_of(store, NamedNode(name)))
            for name in names
            if not name.startswith("urn:kills:") and name != manifest
        }
        for name in {*found, *self.lying}:
            lines = found.get(name, frozenset())
            if lines not in (self.lying.get(name, frozenset()), wanted.get(name, frozenset())):
                self.fault("half-applied", f"the push of {name}")
        if found not in (self.lying, wanted) and not told:
            self.fault("half-applied", "it is not told that the push was cut short")
        self.lying, self.whole = found, not told

    def complete(self) -> None:
        """Nothing; the next push has completed those that were cut short."""
        self.done("push", "push", "--store", str(self.store))
        with self._reopened("after a push"):
            self._look_at_push(disk.read_only(self.store), False)
        if self.lying != self._wanted():
            self.fault("half-applied", "the next push does not complete it")
        with self._reopened("to check"):
            for note in maintenance.store_state(self.store).notes:
                self.fault("half-applied", note)

    def _wanted(self) -> dict[str, frozenset[bytes]]:
        home = compilation.compiled(FACTS, self.root / "home")
        return {
            graph.name.value: frozenset(line.removesuffix(b"\n") for line in graph.lines())
            for graph in layout.stored_graphs(home)
        }

    def look_at_build(self) -> None:
        home = self.root / "home"
        data, wider = (compilation.compiled(view, home) for view in (FACTS, WHOLE))
        new = hashlib.sha256(release.release_files(data, wider=wider)["nexuskg.nq"]).hexdigest()
        try:
            lines = (self.root / "dist/SHA256SUMS").read_text().splitlines()
            sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
            found = {
                path.name: hashlib.sha256(path.read_bytes()).hexdigest()
                for path in (self.root / "dist").iterdir()
                if path.name != "SHA256SUMS"
            }
        except OSError as error:
            self.fault("lost", f"the build: {error}")
            return
        if found != sums or sums.get("nexuskg.nq") not in (self.built, new):
            self.fault("half-applied", "the build")
        self.built = sums.get("nexuskg.nq", "")
        entry = self.root / "cache" / cache.digest(home)
        kept = cache.read_entry(entry, home, FACTS)
        if kept is not None and _plain(kept.store) != _plain(data.store):
            self.fault("half-applied", "the cache is wrong")

    def look_for_remains(self) -> None:
        patterns = [".dist.*", "cache/.*", "store/.*", "new/.*", ".store*"]
        for pattern in patterns:
            left = list(self.root.glob(pattern))
            if len(left) > 1:
                self.fault("remains", f"{len(left)} of {pattern}")


def _plain(store: Store) -> set[str]:
    return {re.sub(r"_:\w+", "_", str(quad)) for quad in store if quad.graph_name != DefaultGraph()}


def _address(process: subprocess.Popen[str]) -> str | None:
    assert process.stderr is not None
    until, said = time.monotonic() + WAIT, ""
    while time.monotonic() < until:
        if select.select([process.stderr], [], [], 0.2)[0]:
            line = os.read(process.stderr.fileno(), 4096).decode()
            said += line
            hit = re.search(r"at http://(\S+?)/? ", said)
            if hit:
                return hit[1]
            if not line:
                break
    sys.stderr.write(said)
    return None


def main(kills: int, seed: int) -> int:
    chance = random.Random(seed)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nexuskg-kills-") as folder:
        here = Run(Path(folder), chance)
        _lay(here)
        kinds = [here.serve, here.push, here.serve, here.build, here.push, here.first]
        turn = 0
        while here.found["kills"] < kills and turn < 3 * kills and not here.found["failed reopens"]:
            do = kinds[turn % len(kinds)]
            turn += 1
            do()
            if do == here.build:
                here.look_at_build()
            elif do != here.first:
                here.look()
            here.look_for_remains()
            if turn % 12 == 0:
                here.complete()
        here.complete()
        here.done("build", "build", "-o", str(here.root / "dist"))
        here.look_at_build()
        writes = sum(client.writes for client in here.clients)
    for fault in here.faults:
        print(fault, file=sys.stderr)
    bad = ("lost", "half-applied", "failed reopens", "remains")
    print(
        f"{here.found['kills']} kills, {writes} writes acknowledged, "
        f"{here.found['pushes through a server']} pushes through a server cut short: "
        + ", ".join(f"{here.found[name]} {name}" for name in bad)
        + f" ({time.monotonic() - start:.0f} s, seed {seed})"
    )
    return int(any(here.found[name] for name in bad) or here.found["kills"] < kills)


def _lay(here: Run) -> None:
    """Nothing; a home, a store with its dataset and a graph of somebody's own, and a build are there."""
    home = here.root / "home"
    for name in ("ontology/terms", "ontology/data/claims", "queries/questions"):
        (home / name).mkdir(parents=True)
    real = data_home.home()
    shutil.copy(real / "ontology/prefixes.ttl", home / "ontology")
    for name in ("derive", "lookups"):
        shutil.copytree(real / "queries" / name, home / "queries" / name)
    (home / "ontology/terms/all.ttl").write_text(TERMS)
    (home / "ontology/data/claims/t.ttl").write_text(DATA)
    for name, text in QUESTIONS.items():
        (home / f"queries/questions/{name}.rq").write_text(text.lstrip())
    os.environ["NEXUSKG_CACHE"] = str(here.root / "looked")
    os.environ["NEXUSKG_HOME"] = str(home)
    token = here.root / "token"
    token.touch(mode=0o600)
    token.write_text(TOKEN)
    here.change_home()
    here.done("push", "push", "--store", str(here.store))
    here.done("build", "build", "-o", str(here.root / "dist"))
    here.lying = here._wanted()
    here.built = hashlib.sha256((here.root / "dist/nexuskg.nq").read_bytes()).hexdigest()
    kept = disk_writer.open_for_writing(here.store)
    kept.change(disk.in_graph(ME, b"<urn:a> <urn:b> <urn:c> ."), ())
    kept.close()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--kills", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = arguments.parse_args()
    sys.exit(main(options.kills, options.seed))
