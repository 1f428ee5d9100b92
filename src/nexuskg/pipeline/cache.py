"""The cache of compiled datasets, in the user's cache directory.

An entry is a folder named by the digest of all that a dataset depends on: ontology/, queries/, the package's own
source, and the restriction of its view. It is written aside and renamed, checked against its manifest when read, and
built again when anything is amiss.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from pyoxigraph import RdfFormat, Store

from nexuskg.base import atomic
from nexuskg.base.data_home import PACKAGE
from nexuskg.base.namespaces import DEFAULT_GRAPH
from nexuskg.errors import ParseFailure
from nexuskg.pipeline import views
from nexuskg.pipeline.dataset import Dataset, Local
from nexuskg.pipeline.views import View
from nexuskg.queries.catalogue import Parameter, StoredQuery
from nexuskg.reasoning.contradiction_texts import WordedContradiction

FORMAT: Final = 5
KEPT_ENTRIES: Final = 8
_QUADS: Final = "dataset.nq"
_CATALOGUE: Final = "catalogue.json"


def folder_of(home: Path, view: View) -> Path:
    """The folder of the entry for the datasets of a home under a view's restriction; raises ParseFailure."""
    return cache_dir() / digest(home, view.key)


def earlier(home: Path, but: Path) -> Path | None:
    """The unrestricted entry last used that was made from the same files but for ontology/data; None without one."""
    basis, found = digest(home, data=False), list[tuple[float, Path]]()
    for path in cache_dir().glob("*/manifest.json"):
        try:
            if path.parent != but and json.loads(path.read_bytes()).get("basis") == basis:
                found.append((path.parent.stat().st_mtime, path.parent))
        except (OSError, ValueError, AttributeError):  # another process prunes, or the entry is damaged
            continue
    return max(found)[1] if found else None


def digest(home: Path, restriction: str = "", data: bool = True) -> str:
    """The digest of everything that a dataset depends on; raises ParseFailure for a file that cannot be read.

    Without `data` that of everything but ontology/data.
    """
    total = hashlib.blake2b(f"{FORMAT} {sys.version_info[:2]} {restriction}".encode(), digest_size=16)
    for root, folder in ((home, home / "ontology"), (home, home / "queries"), (PACKAGE, PACKAGE)):
        for path in _files(folder):
            name = os.path.relpath(path, root)
            if root is PACKAGE and not path.endswith(".py"):
                continue
            if not data and Path(name).parts[:2] == ("ontology", "data"):
                continue
            try:
                content = Path(path).read_bytes()
            except OSError as error:
                raise ParseFailure(path, None, None, f"cannot be read ({error.strerror})") from None
            total.update(f"\n{name} {len(content)}\n".encode())
            total.update(content)
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


def read_entry(entry: Path, home: Path, view: View) -> Local | None:
    """What a cache entry holds; None where it is absent, of another format, or not what its manifest says."""
    try:
        manifest = json.loads((entry / "manifest.json").read_bytes())
        store = Store()
        for name, form in ((f"{view.accept}.nt", RdfFormat.N_TRIPLES), (_QUADS, RdfFormat.N_QUADS)):
            data, before = _checked_bytes(entry, name, manifest), len(store)
            store.load(input=data, format=form, lenient=True)
            if len(store) - before != manifest["files"][name]["triples"]:
                return None
        stored = json.loads(_checked_bytes(entry, _CATALOGUE, manifest))
        queries = {(item["kind"], item["name"]): _query(item) for item in stored["queries"]}
        os.utime(entry)  # its age decides what is pruned
        clashes = tuple(WordedContradiction(**clash) for clash in stored["clashes"])
        return Local(home, view, store, queries, stored["prefixes"], clashes)
    except (OSError, ValueError, KeyError, TypeError, SyntaxError):
        return None


def _checked_bytes(entry: Path, name: str, manifest: Mapping[str, Any]) -> bytes:
    data = (entry / name).read_bytes()
    if hashlib.blake2b(data).hexdigest() != manifest["files"][name]["digest"]:
        raise ValueError(f"{name} is damaged")
    return data


def _query(item: dict[str, Any]) -> StoredQuery:
    params = tuple(Parameter(**{**each, "cues": tuple(each["cues"])}) for each in item.pop("params"))
    worded = {key: tuple((language, words) for language, words in item[key]) for key in ("phrasings", "keywords")}
    return StoredQuery(**{**item, **worded, "params": params, "tags": tuple(item["tags"])})


def write_entry(entry: Path, dataset: Dataset) -> None:
    """Put the entry into the cache, unless its folder cannot be written: then the dataset stays in memory."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with atomic.new_folder(entry, "cache") as aside:
            _fill(aside, dataset)
            # What is there is damaged, or was just written by another process: ours is good, so it takes the place.
            atomic.replace_folder(aside, entry)
        _prune(entry)
    except OSError:
        return


def _fill(folder: Path, dataset: Dataset) -> None:
    files: dict[str, dict[str, Any]] = {}

    def put(name: str, data: bytes, triples: int) -> None:
        (folder / name).write_bytes(data)
        files[name] = {"digest": hashlib.blake2b(data).hexdigest(), "triples": triples}

    for view in views.VIEWS:
        merged = views.merge(dataset.store, views.member_graphs(dataset.store, view))
        put(f"{view}.nt", merged.dump(format=RdfFormat.N_TRIPLES, from_graph=DEFAULT_GRAPH) or b"", len(merged))
    put(_QUADS, dataset.store.dump(format=RdfFormat.N_QUADS) or b"", len(dataset.store))
    stored = {
        "queries": [asdict(query) for query in dataset.queries.values()],
        "prefixes": dataset.prefixes,
        "clashes": [asdict(clash) for clash in dataset.clashes],
    }
    put(_CATALOGUE, json.dumps(stored, ensure_ascii=False).encode(), 0)
    # Last: without it the entry counts as damaged.
    basis = "" if dataset.view.key else digest(dataset.home, data=False)
    manifest = {"format": FORMAT, "basis": basis, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def _prune(current: Path) -> None:
    """Remove all but the most recently used entries."""
    entries = [path for path in current.parent.iterdir() if path != current and (path / "manifest.json").is_file()]
    whole = sorted((path for path in entries if len(path.name) == 32), key=lambda path: path.stat().st_mtime)
    for path in whole[: max(0, len(whole) - KEPT_ENTRIES + 1)]:
        shutil.rmtree(path, ignore_errors=True)
