"""The pipeline: files -> claims -> facts -> closure -> loops -> views, and its cache in the user's cache directory.

A cache entry is a folder named by the digest of all that the dataset depends on: ontology/, queries/ and the package's
own source. It is written aside and renamed, checked against its manifest when read, and rebuilt when anything is amiss.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pyoxigraph import DefaultGraph, RdfFormat, Store, Triple

from nexuskg import catalogue, claims, graph, namespaces, resources, views
from nexuskg.catalogue import Parameter, StoredQuery
from nexuskg.errors import ParseFailure, QueryFailure

FORMAT: Final = 1
KEPT_ENTRIES: Final = 4
_QUADS: Final = "dataset.nq"
_CATALOGUE: Final = "catalogue.json"


@dataclass(frozen=True)
class Dataset:
    """What the build makes: a store with a named graph a file and a computed graph a step, and the stored queries."""

    home: Path
    store: Store
    queries: Mapping[tuple[str, str], StoredQuery]
    prefixes: Mapping[str, str]


@dataclass(frozen=True)
class Compiled:
    """A dataset ready to be asked: `store` has the view as its default graph, and a named graph a file."""

    home: Path
    view: str
    store: Store
    queries: Mapping[tuple[str, str], StoredQuery]
    prefixes: Mapping[str, str]

    @cached_property
    def catalogue(self) -> dict[str, StoredQuery]:
        """The stored questions by name."""
        return self.of_kind("question")

    def of_kind(self, kind: str) -> dict[str, StoredQuery]:
        """The stored queries of a kind (question, check, derive, export, lookup) by name."""
        return {name: query for (of, name), query in self.queries.items() if of == kind}


def compile_dataset(home: Path) -> Dataset:
    """The dataset of a home, made from its files alone, without the cache; raises ParseFailure, QueryFailure."""
    from nexuskg import closure, domain, links

    prefixes = namespaces.prefixes(home)
    queries = catalogue.read_all(home)
    derive = {name: query for (kind, name), query in queries.items() if kind == "derive"}
    missing = {*claims.STATED, "labels", "annotations"} - set(derive)
    if missing:
        raise QueryFailure(f"{home / 'queries/derive'}: the build needs {', '.join(sorted(missing))} there.")
    if ("lookup", "evidence") not in queries:
        raise QueryFailure(f"{home / 'queries/lookups'}: the build needs evidence there.")

    store = graph.load(home)
    for path in links.link_files(home):
        store.extend(links.read_sssom(path))

    def put(name: str, triples: list[Triple]) -> None:
        views.add(store, triples, namespaces.graph(name))

    # The scratch store grows step by step: what is stated, then what follows, then the same with implied claims.
    scratch = views.merged(store, views.members(store, "facts"))
    known_clauses = domain.known(scratch, queries)
    facts = claims.derive(scratch, derive)
    put("facts", facts)
    put("annotations", claims.web_annotations(scratch, derive))
    views.add(scratch, facts)
    labels = claims.labels(scratch, derive)
    put("labels", labels)
    put("inferred", closure.close(scratch, known_clauses))

    known = _default_graph(scratch)
    implied = [triple for triple in claims.derive(scratch, derive, implied=True) if triple not in known]
    views.add(scratch, implied)
    named = set(labels)
    implied.extend(triple for triple in claims.labels(scratch, derive) if triple not in named)
    put("implied", implied)
    put("inferred-implied", closure.close(scratch, known_clauses))

    put("loops", _loops(scratch))
    return Dataset(home, store, queries, prefixes)


def compiled(view: str = "facts", home: Path | None = None) -> Compiled:
    """The compiled dataset of a view, from the cache where that is fresh and whole, else built now and cached."""
    home = home or resources.home()
    entry = cache_dir() / digest(home)
    found = _read(entry, home, view)
    if found is not None:
        return found
    dataset = compile_dataset(home)
    _write(entry, dataset)
    return of_view(dataset, view)


def of_view(dataset: Dataset, view: str) -> Compiled:
    """The dataset with that view as the default graph of its store."""
    store = views.compose(dataset.store, view)
    return Compiled(dataset.home, view, store, dataset.queries, dataset.prefixes)


def digest(home: Path) -> str:
    """The digest of everything that the dataset depends on; raises ParseFailure for a file that cannot be read."""
    total = hashlib.blake2b(f"{FORMAT} {sys.version_info[:2]}".encode(), digest_size=16)
    package = Path(__file__).parent
    for root, folder in ((home, home / "ontology"), (home, home / "queries"), (package, package)):
        for path in _files(folder):
            if root is package and not path.endswith(".py"):
                continue
            try:
                data = Path(path).read_bytes()
            except OSError as error:
                raise ParseFailure(path, None, None, f"cannot be read ({error.strerror})") from None
            total.update(f"\n{os.path.relpath(path, root)} {len(data)}\n".encode())
            total.update(data)
    return total.hexdigest()


def _files(folder: Path) -> Iterator[str]:
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        yield from (os.path.join(path, name) for name in sorted(names) if not name.startswith("."))


def cache_dir() -> Path:
    """The folder of the cache: NEXUSKG_CACHE, else nexuskg in the platform's cache directory of this user."""
    wanted = os.environ.get("NEXUSKG_CACHE")
    if wanted:
        return Path(os.path.expanduser(wanted))  # leaves what it does not know
    user = Path(os.path.expanduser("~"))
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or user / "AppData" / "Local") / "nexuskg" / "Cache"
    if sys.platform == "darwin":
        return user / "Library" / "Caches" / "nexuskg"
    return Path(os.environ.get("XDG_CACHE_HOME") or user / ".cache") / "nexuskg"


def _default_graph(store: Store) -> set[Triple]:
    quads = store.quads_for_pattern(None, None, None, DefaultGraph())
    return {Triple(quad.subject, quad.predicate, quad.object) for quad in quads}


def _loops(closed: Store) -> list[Triple]:
    from nexuskg import causality

    return list(causality.loops(closed))


# --- the cache -------------------------------------------------------------------------------------------------------


def _read(entry: Path, home: Path, view: str) -> Compiled | None:
    """What a cache entry holds; None where it is absent, of another format, or not what its manifest says."""
    try:
        manifest = json.loads((entry / "manifest.json").read_bytes())
        store = Store()
        for name, form in ((f"{view}.nt", RdfFormat.N_TRIPLES), (_QUADS, RdfFormat.N_QUADS)):
            data, before = _checked(entry, name, manifest), len(store)
            store.load(input=data, format=form, lenient=True)
            if len(store) - before != manifest["files"][name]["triples"]:
                return None
        stored = json.loads(_checked(entry, _CATALOGUE, manifest))
        queries = {(item["kind"], item["name"]): _query(item) for item in stored["queries"]}
        os.utime(entry)  # its age decides what is pruned
        return Compiled(home, view, store, queries, stored["prefixes"])
    except (OSError, ValueError, KeyError, TypeError, SyntaxError):
        return None


def _checked(entry: Path, name: str, manifest: Mapping[str, Any]) -> bytes:
    data = (entry / name).read_bytes()
    if hashlib.blake2b(data).hexdigest() != manifest["files"][name]["digest"]:
        raise ValueError(f"{name} is damaged")
    return data


def _query(item: dict[str, Any]) -> StoredQuery:
    params = tuple(Parameter(**parameter) for parameter in item.pop("params"))
    return StoredQuery(**{**item, "params": params, "tags": tuple(item["tags"])})


def _write(entry: Path, dataset: Dataset) -> None:
    """Nothing; the cache then has the entry, unless its folder cannot be written: then the dataset stays in memory."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".new-", dir=entry.parent))
    except OSError:
        return
    try:
        _fill(aside, dataset)
        if entry.exists():  # damaged, or just written by another process: ours is good, so it takes the place
            entry.rename(aside.with_name(aside.name + ".old"))
        aside.rename(entry)
        _prune(entry)
    except OSError:
        pass
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(aside.with_name(aside.name + ".old"), ignore_errors=True)


def _fill(folder: Path, dataset: Dataset) -> None:
    files: dict[str, dict[str, Any]] = {}

    def put(name: str, data: bytes, triples: int) -> None:
        (folder / name).write_bytes(data)
        files[name] = {"digest": hashlib.blake2b(data).hexdigest(), "triples": triples}

    for view in views.VIEWS:
        merged = views.merged(dataset.store, views.members(dataset.store, view))
        put(f"{view}.nt", merged.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph()) or b"", len(merged))
    put(_QUADS, dataset.store.dump(format=RdfFormat.N_QUADS) or b"", len(dataset.store))
    stored = {"queries": [asdict(query) for query in dataset.queries.values()], "prefixes": dataset.prefixes}
    put(_CATALOGUE, json.dumps(stored, ensure_ascii=False).encode(), 0)
    # Last: without it the entry counts as damaged.
    (folder / "manifest.json").write_text(json.dumps({"format": FORMAT, "files": files}), encoding="utf-8")


def _prune(current: Path) -> None:
    """Nothing; only the most recently used entries are then left, and no remains of runs that died."""
    hour_ago = time.time() - 3600
    entries = [path for path in current.parent.iterdir() if path != current and (path / "manifest.json").is_file()]
    whole = sorted((path for path in entries if len(path.name) == 32), key=lambda path: path.stat().st_mtime)
    dead = [path for path in current.parent.glob(".new-*") if path.stat().st_mtime < hour_ago]
    for path in [*whole[: max(0, len(whole) - KEPT_ENTRIES + 1)], *dead]:
        shutil.rmtree(path, ignore_errors=True)
