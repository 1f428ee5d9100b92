"""A store on disk that is written: what is acknowledged lasts, and what is wrong with it is noticed and told."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from nexuskg.base import atomic
from nexuskg.base.namespaces import XSD
from nexuskg.cli.main import run
from nexuskg.errors import EndpointError, StoreDamaged, StoreFull
from nexuskg.pipeline.views import FACTS
from nexuskg.stores import disk, disk_writer, layout, ledger, maintenance
from support import serving

KILLS = Path(__file__).parent / "kills.py"
G, H = NamedNode("urn:g"), NamedNode("urn:h")
posix = pytest.mark.skipif(os.name == "nt", reason="needs what only POSIX has")


def quads(count: int, tag: str = "a", graph: NamedNode = G) -> list[Quad]:
    return [Quad(NamedNode(f"urn:{tag}{n}"), NamedNode("urn:p"), Literal(n), graph) for n in range(count)]


@contextmanager
def writing(folder: Path, accept: bool = False) -> Iterator[disk_writer.DiskWriter]:
    kept = disk_writer.open_for_writing(folder, accept)
    try:
        yield kept
    finally:
        kept.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with two changes, neither of them in tables yet."""
    monkeypatch.setenv("NEXUSKG_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "store"
    with writing(place) as kept:
        kept.change(quads(100), ())
    with writing(place) as kept:
        kept.change(quads(1, "last", H), ())
    return place


def content(folder: Path) -> set[Quad]:
    return set(disk.read_only(folder, anew=True))


def in_process(code: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A process that has run this."""
    head = (
        "import os, sys\nfrom pathlib import Path\nfrom pyoxigraph import *\n"
        "from nexuskg.base import atomic\nfrom nexuskg.stores import disk, disk_writer, ledger, maintenance\n"
        "G = NamedNode('urn:g')\n"
        "def quads(count, tag='a'):\n"
        "    return [Quad(NamedNode(f'urn:{tag}{n}'), NamedNode('urn:p'), Literal(n), G) for n in range(count)]\n"
    )
    command = [sys.executable, "-c", head + code, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, **more})


# --- the ledger and the store say the same, whatever is done

TERMS = st.sampled_from(
    [
        NamedNode("urn:a"),
        BlankNode("b1"),
        BlankNode("b2"),
        Literal("x"),
        Literal("x", language="en-GB"),
        Literal("007", datatype=NamedNode(XSD + "integer")),
        Literal("7", datatype=NamedNode(XSD + "integer")),
        Literal("1.50", datatype=NamedNode(XSD + "decimal")),
        Literal("1", datatype=NamedNode(XSD + "boolean")),
        Literal("abc", datatype=NamedNode(XSD + "integer")),
        Literal("2014-01-01T00:00:00+00:00", datatype=NamedNode(XSD + "dateTime")),
        Literal('"\\\n\t\u2028}\U0001f600 .'),
    ]
)
QUADS = st.builds(
    Quad,
    st.sampled_from([NamedNode("urn:s"), NamedNode("urn:t"), BlankNode("b1")]),
    st.sampled_from([NamedNode("urn:p"), NamedNode("urn:q")]),
    TERMS,
    st.sampled_from([G, H, NamedNode("urn:x?a=1&b=%20#é")]),
)
CHANGES = st.lists(st.tuples(st.lists(QUADS, max_size=6), st.lists(QUADS, max_size=6), st.booleans()), max_size=6)


def as_in_a_store(some: list[Quad]) -> set[Quad]:
    store = Store()
    for quad in some:
        store.add(Quad(layout.skolemize(quad.subject), quad.predicate, layout.skolemize(quad.object), quad.graph_name))
    return set(store)


@settings(max_examples=settings.default.max_examples // 4 + 5)
@given(CHANGES)
def test_any_changes_leave_what_a_set_would_have(changes: list[tuple[list[Quad], list[Quad], bool]]) -> None:
    with TemporaryDirectory() as name:
        place, model = Path(name) / "store", set[Quad]()
        kept = disk_writer.open_for_writing(place)
        for added, removed, again in changes:
            coming = as_in_a_store(added)
            going = as_in_a_store(removed) - coming
            news, olds = kept.change(added, removed)
            assert (set(news), set(olds)) == (coming - model, going & model)
            model = (model | coming) - going
            if again:
                kept.close()
                kept = disk_writer.open_for_writing(place)
            assert set(kept.store) == model
            assert dict(kept.ledger.graphs) == ledger.graph_entries(kept.store)
            written = ledger.read_ledger(place)
            assert written == kept.ledger
        kept.close()
        assert set(disk.read_only(place, anew=True)) == model


def test_the_same_quad_added_and_removed_is_there(folder: Path) -> None:
    (one,) = quads(1, "both")
    with writing(folder) as kept:
        assert kept.change([one], [one]) == ([one], [])
        assert kept.change([one], [one]) == ([], [])
        assert one in kept.store


def written(kept: disk_writer.DiskWriter) -> tuple[object, ...]:
    """What a change alters: the quads, the newest log, the ledger. Its tables the store puts together when it likes."""
    log = max(kept.folder.glob("*.log"))
    return set(kept.store), log.name, log.stat().st_size, ledger.version(kept.folder), ledger.read_ledger(kept.folder)


def test_nothing_to_change_writes_nothing(folder: Path) -> None:
    with writing(folder) as kept:
        before = written(kept)
        assert kept.change(quads(5), quads(5, "never")) == ([], [])
        assert written(kept) == before


def test_what_the_engine_refuses_changes_nothing_and_the_next_is_written(folder: Path) -> None:
    told = Quad(NamedNode("urn:a"), NamedNode("urn:p"), Triple(NamedNode("urn:a"), NamedNode("urn:p"), G), G)
    with writing(folder) as kept:
        before = set(kept.store)
        update, kept._write = kept._write, lambda ledger, _: update(ledger, "INSERT DATA {")  # type: ignore[method-assign]
        with pytest.raises(EndpointError, match="cannot be written"):
            kept.change([told], ())
        assert set(kept.store) == before
        del kept._write  # type: ignore[method-assign]
        kept.change(quads(1, "next"), ())
    assert content(folder) == {*before, *quads(1, "next")}


@posix
def test_what_is_told_of_was_brought_to_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced, order = dict[str, int](), list[str]()
    sync, update = os.fsync, ledger.write_ledger

    def noted(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        synced[path.name] = path.stat().st_size
        order.append(path.suffix)
        sync(descriptor)

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs to know a file by its descriptor")
    with writing(folder) as kept:
        before = {path.name: path.stat().st_size for path in folder.glob("*.log")}
        monkeypatch.setattr(os, "fsync", noted)
        monkeypatch.setattr(ledger, "write_ledger", lambda *given: order.append("ledger") or update(*given))
        kept.change(quads(300, "power"), ())
        after = {path.name: path.stat().st_size for path in folder.glob("*.log")}
    assert before != after
    assert {name: synced[name] for name in after} == after
    assert order.index("ledger") < order.index(".part") < order.index(".log")
    assert order.index(".log") < order.index("ledger", order.index(".log"))


# --- what has happened to the files is noticed


def newest(folder: Path, kind: str) -> Path:
    return max((path for path in folder.glob(kind) if path.stat().st_size), key=lambda path: path.stat().st_mtime_ns)


def cut(kind: str, left: float) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        path = newest(folder, kind)
        os.truncate(path, int(path.stat().st_size * left))

    return do


def flip(kind: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        for path in folder.glob(kind):
            data = bytearray(path.read_bytes())
            for at in range(len(data) // 4, 3 * len(data) // 4):
                data[at] ^= 0x5A
            path.write_bytes(data)

    return do


def strange(folder: Path) -> None:
    store = Store(str(folder))
    store.add(quads(1, "strange")[0])
    store.flush()


def gone(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def filled(name: str, data: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(data) and None


DAMAGE: dict[str, tuple[Callable[[Path], None], bool]] = {
    # what is done, and whether the store can be used as it is afterwards
    "the log cut": (cut("*.log", 0.7), True),
    "the log emptied": (cut("*.log", 0), True),
    "the log flipped": (flip("*.log"), True),
    "the tables flipped": (flip("*.sst"), False),
    "the manifest cut": (cut("MANIFEST-*", 0.5), False),
    "CURRENT gone": (gone("CURRENT"), False),
    "CURRENT garbled": (filled("CURRENT", b"nonsense\n"), False),
    "the ledger cut": (cut(ledger.NAME, 0.5), True),
    "the ledger emptied": (filled(ledger.NAME, b""), True),
    "the ledger of another shape": (filled(ledger.NAME, b'{"format": 1, "graphs": [], "coming": 3}'), True),
    "a triple of somebody else": (strange, True),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", DAMAGE)
def test_damage_is_noticed_told_and_repaired(
    case: str, folder: Path, tmp_path: Path, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup, whole = tmp_path / "whole.nq.gz", content(folder)
    assert run(["store", "backup", str(folder), str(backup)]) == 0
    do, usable = DAMAGE[case]
    do(folder)
    for opened in (disk.read_only, disk_writer.open_for_writing):
        with pytest.raises(EndpointError) as error:
            opened(folder)
        assert str(folder) in str(error.value)
        assert "nexuskg store " in str(error.value)
        assert isinstance(error.value, StoreDamaged) == usable
    capsys.readouterr()
    assert run(["store", "check", str(folder)]) == (1 if usable else 2)
    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert f"nexuskg store repair {folder}" in err
    assert usable == bool(out)
    assert run(["ask", "who-taxes-what", "--store", str(folder)]) == 2
    assert capsys.readouterr().err.count("\n") == 1

    copied = tmp_path / "copied"
    shutil.copytree(folder, copied)
    if usable:
        assert run(["store", "repair", str(folder)]) == 0
        assert "taken as it is" in (out := capsys.readouterr().out) or "written anew" in out
        assert run(["store", "check", str(folder)]) == 0
        assert run(["store", "repair", str(folder)]) == 0
        assert "nothing to repair" in capsys.readouterr().out
        with writing(folder) as kept:
            kept.change(quads(1, "more"), ())
        assert quads(1, "more")[0] in content(folder)
    else:
        assert run(["store", "repair", str(folder)]) == 2
        assert "Restore it from a backup" in capsys.readouterr().err

    assert run(["store", "repair", str(copied), "--from", str(backup)]) == 0
    assert content(copied) == whole
    assert run(["store", "check", str(copied)]) == 0
    assert {path.name for path in (tmp_path / "copied.damaged-1").iterdir()} >= {"LOCK"}


def test_a_table_that_only_one_index_reads_is_checked_too(folder: Path) -> None:
    with writing(folder) as kept:
        kept.flush()
    tables = sorted(folder.glob("*.sst"))
    assert len(tables) > 5
    for table in tables:
        data = table.read_bytes()
        middle = len(data) // 4
        table.write_bytes(data[:8] + bytes(byte ^ 0x5A for byte in data[8:middle]) + data[middle:])
        with pytest.raises(EndpointError):
            print(table.name, maintenance.store_state(folder))  # told only where nothing is raised
        table.write_bytes(data)
    assert maintenance.store_state(folder).problems == ()


@pytest.mark.parametrize("command", [["check"], ["repair"]])
def test_a_ledger_of_a_newer_program_is_left_alone(
    command: list[str], folder: Path, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = (folder / ledger.NAME).read_bytes().replace(b'"format": 1', b'"format": 99')
    (folder / ledger.NAME).write_bytes(data)
    assert run(["store", *command, str(folder)]) == 2
    assert "a newer nexuskg has written it (format 99)" in capsys.readouterr().err
    with pytest.raises(EndpointError, match="newer"):
        disk_writer.open_for_writing(folder)
    assert (folder / ledger.NAME).read_bytes() == data


def test_the_note_of_a_store_that_was_right_hides_no_change(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = list[Store]()
    count = ledger.graph_entries
    monkeypatch.setattr(ledger, "graph_entries", lambda store: counted.append(store) or count(store))
    disk.read_only(folder)
    disk.read_only(folder)
    assert len(counted) == 1
    for path in sorted(folder.iterdir()):
        if path.name.startswith("LO"):
            continue
        counted.clear()
        data, times = path.read_bytes(), path.stat()
        path.write_bytes(data)  # the same: so it is right, but nobody can know before it was counted
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        disk.read_only(folder)
        assert len(counted) == 1, path.name


def test_what_another_program_has_filled_is_taken_and_its_nodes_get_names(tmp_path: Path) -> None:
    place = tmp_path / "theirs"
    store = Store(str(place))
    blank = BlankNode("x")
    store.add(Quad(blank, NamedNode("urn:p"), blank, G))
    store.add(Quad(NamedNode("urn:a"), NamedNode("urn:p"), Literal("in the default graph")))
    store.flush()
    del store
    assert maintenance.store_state(place).notes == ("it has no ledger: no nexuskg has written it yet",)
    with writing(place) as kept:
        assert not any(isinstance(quad.subject, BlankNode) for quad in kept.store)
        kept.change((), [Quad(blank, NamedNode("urn:p"), blank, G)])
        assert len(kept.store) == 1
    assert maintenance.store_state(place) == maintenance.StoreState(1, 1)


# --- a kill between any two steps

STEPS = {
    "before the ledger": ("ledger.write_ledger", 0, "before"),
    "after the ledger": ("ledger.write_ledger", 1, "before"),
    "before the store": ("Store.update", 0, "before"),
    "after the store": ("Store.update", 1, "after"),
    "after the log": ("Durable._settle", 1, "after"),
    "before the ledger again": ("ledger.write_ledger", 2, "after"),
    "after the ledger again": ("ledger.write_ledger", 3, "after"),
}


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_leaves_all_or_nothing(step: str, folder: Path) -> None:
    before = content(folder)
    what, at, how = STEPS[step]
    code = f"""
what, at = {what!r}, {at}
kept = disk_writer.open_for_writing(Path(sys.argv[1]))
seen = 0
def dying(real):
    def do(*given):
        global seen
        if seen == at: os._exit(9)
        seen += 1
        done = real(*given)
        if seen == at: os._exit(9)
        seen += 1
        return done
    return do
class Dying:
    def __init__(self, store): self.store = store
    def __getattr__(self, name): return getattr(self.store, name)
    def __contains__(self, quad): return quad in self.store
    def update(self, text): return dying(self.store.update)(text)
if what == "Store.update":
    kept.store = Dying(kept.store)
elif what == "ledger.write_ledger":
    ledger.write_ledger = dying(ledger.write_ledger)
else:
    disk_writer.DiskWriter._settle = dying(disk_writer.DiskWriter._settle)
kept.change(quads(50, "new"), quads(50))
"""
    done = in_process(code, str(folder))
    assert done.returncode == 9, done.stderr
    assert maintenance.store_state(folder).problems == ()
    after = {*quads(50, "new"), *(before - set(quads(50)))}
    assert content(folder) == {"before": before, "after": after}[how]
    with writing(folder) as kept:
        assert dict(kept.ledger.graphs) == ledger.graph_entries(kept.store)
        assert ledger.read_ledger(folder) == kept.ledger
    assert len(list(folder.glob(".*"))) <= 1


@pytest.mark.slow
@posix
def test_a_kill_while_a_file_is_written_leaves_the_old_one_and_one_remain_at_most(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic.write_file(path, [b"old"])
    code = "def parts():\n    yield b'new'\n    os._exit(9)\natomic.write_file(Path(sys.argv[1]), parts())"
    for _ in range(3):
        assert in_process(code, str(path)).returncode == 9
        assert path.read_bytes() == b"old"
        assert len(list(tmp_path.iterdir())) == 2
    atomic.write_file(path, [b"new"])
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
@posix
@pytest.mark.parametrize("exchange", [True, False], ids=["exchanged", "renamed"])
def test_a_kill_while_a_folder_is_put_into_its_place_leaves_one(exchange: bool, tmp_path: Path) -> None:
    place = tmp_path / "place"
    code = f"""
place, exchange = Path(sys.argv[1]), {exchange}
if not exchange: atomic._exchange = lambda *_: False
real = Path.rename
def rename(self, to):  # the first of two
    real(self, to)
    os._exit(9)
if sys.argv[2] != "whole": Path.rename = rename
with atomic.new_folder(place) as aside:
    (aside / "file").write_text(sys.argv[2])
    atomic.replace_folder(aside, place)
    if sys.argv[2] != "whole": os._exit(9)
"""
    assert in_process(code, str(place), "whole").returncode == 0
    for _ in range(3):
        assert in_process(code, str(place), "new").returncode == 9
        if exchange:
            assert (place / "file").read_text() == "new"
        assert len(list(tmp_path.iterdir())) <= 3
    with atomic.new_folder(place):
        assert (place / "file").read_text() == ("new" if exchange else "whole")
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == [place]


def test_a_folder_that_somebody_writes_is_not_swept(tmp_path: Path) -> None:
    (tmp_path / ".place.new-and-mine").mkdir()
    with atomic.new_folder(tmp_path / "place") as one, atomic.new_folder(tmp_path / "place") as other:
        assert one.is_dir()
        assert other.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == [".place.new-and-mine"]


@pytest.mark.slow
@posix
def test_a_store_whose_making_was_killed_is_made_by_the_next(tmp_path: Path) -> None:
    place = tmp_path / "store"
    place.mkdir()
    for name in ("LOCK", "LOG", "IDENTITY", "MANIFEST-000001", "000001.dbtmp"):
        (place / name).touch()
    with writing(place) as kept:
        kept.change(quads(1), ())
    assert content(place) == set(quads(1))


@pytest.mark.parametrize("number", [255, 511, 65535])
def test_a_number_is_found_alone_on_disk(number: int, folder: Path) -> None:
    some = [Quad(NamedNode("urn:a"), NamedNode("urn:p"), Literal(number + more), H) for more in range(-2, 300)]
    with writing(folder) as kept:
        kept.change(some, ())
    source = disk.Folder(disk.read_only(folder), folder)
    assert [quad.object for quad in source.match(None, None, Literal(number), H)] == [Literal(number)]
    assert maintenance.store_state(folder).problems == ()


# --- backups


@pytest.mark.slow
@posix
def test_a_backup_while_somebody_writes_is_of_one_moment(folder: Path, tmp_path: Path) -> None:
    code = """
kept = disk_writer.open_for_writing(Path(sys.argv[1]))
old = []
print("open", flush=True)
for turn in range(10**6):
    new = quads(50, f"turn{turn}x")
    kept.change(new, old)  # fifty at any moment
    old = new
    if turn == 0: print("writing", flush=True)
"""
    head = "import sys\nfrom pathlib import Path\nfrom pyoxigraph import *\nfrom nexuskg.stores import disk_writer\n"
    head += "def quads(n, tag): return [Quad(NamedNode(f'urn:{tag}{i}'), NamedNode('urn:p'), Literal(i), "
    head += "NamedNode('urn:t')) for i in range(n)]\n"
    command = [sys.executable, "-c", head + code, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert [process.stdout.readline() for _ in range(2)] == ["open\n", "writing\n"]
            moments = set()
            for number in range(8):
                file = tmp_path / f"{number}.nq"
                assert maintenance.write_backup(folder, file) == 151
                found = re.findall(rb"urn:turn(\d+)x", file.read_bytes())
                assert len(found) == 50
                assert len(set(found)) == 1
                moments |= set(found)
            assert len(moments) > 1  # it has written meanwhile
        finally:
            process.kill()
    for number in range(8):
        maintenance.restore_backup(tmp_path / "again", tmp_path / f"{number}.nq")
        assert len(content(tmp_path / "again")) == 151


@pytest.mark.parametrize("form", ["nq", "nq.gz"])
def test_a_backup_is_the_same_each_time_and_gives_the_store_back(form: str, folder: Path, tmp_path: Path) -> None:
    one, two = tmp_path / f"one.{form}", tmp_path / f"two.{form}"
    assert maintenance.write_backup(folder, one) == maintenance.write_backup(folder, two) == 101
    assert one.read_bytes() == two.read_bytes()
    assert maintenance.restore_backup(tmp_path / "new" / "store", one) is None
    assert content(tmp_path / "new" / "store") == content(folder)


def altered(data: bytes) -> dict[str, bytes]:
    lines = data.splitlines(keepends=True)
    return {
        "cut": data[: len(data) // 2],
        "without its last line": b"".join(lines[:-1]),
        "without a quad": b"".join([*lines[:3], *lines[4:]]),
        "with another quad": data.replace(b"urn:a5>", b"urn:b5>"),
        "with something behind it": data + b"<urn:a> <urn:b> <urn:c> .\n",
        "something else": b"<urn:a> <urn:b> <urn:c> .\n",
        "nothing": b"",
    }


@pytest.mark.slow
@pytest.mark.parametrize("form", ["nq", "nq.gz"])
@pytest.mark.parametrize("case", [*altered(b"")])
def test_what_is_no_whole_backup_is_refused_and_the_store_left(
    case: str, form: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"copy.{form}"
    maintenance.write_backup(folder, tmp_path / "whole.nq")
    data = altered((tmp_path / "whole.nq").read_bytes())[case]
    file.write_bytes(gzip.compress(data) if form.endswith("gz") else data)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run(["store", "repair", str(folder), "--from", str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir() if "store" in path.name) == ["store"]


def test_a_cut_or_missing_packed_backup_is_refused(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "whole.nq.gz"
    maintenance.write_backup(folder, file)
    for data in (file.read_bytes()[:-5], b"no gzip", file.read_bytes()[:40] + b"xx" + file.read_bytes()[42:]):
        file.write_bytes(data)
        with pytest.raises(EndpointError, match="backup"):
            maintenance.restore_backup(folder, file)
    with pytest.raises(EndpointError, match="cannot be read"):
        maintenance.restore_backup(folder, tmp_path / "nowhere")
    assert len(content(folder)) == 101


# --- two processes


@contextmanager
def another(folder: Path) -> Iterator[None]:
    """While it lasts, another process has the store open for writing."""
    code = "import sys; from nexuskg.stores import disk_writer; from pathlib import Path; "
    code += "kept = disk_writer.open_for_writing(Path(sys.argv[1]))"
    command = [sys.executable, "-c", f"{code}; print('open', flush=True); sys.stdin.read()", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        process.kill()


def test_one_process_writes_and_the_other_is_told_in_one_line(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, token, file = tmp_path / "store", tmp_path / "token", tmp_path / "copy.nq"
    token.touch(mode=0o600)
    token.write_text("0123456789abcdef0123456789abcdef")
    assert run(["push", "--store", str(place)]) == 0
    assert run(["store", "backup", str(place), str(file)]) == 0
    with another(place):
        capsys.readouterr()
        for command in (
            ["push", "--store", str(place)],
            ["serve", "--writable", "--token-file", str(token), "--port", "0", "--store", str(place)],
            ["store", "repair", str(place)],
            ["store", "repair", str(place), "--from", str(file)],
        ):
            assert run(command) == 2
            out, err = capsys.readouterr()
            assert (out, err.count("\n")) == ("", 1)
            assert str(place) in err
            assert "another process has the store open for writing" in err
            assert "end that one" in err
        assert not [path for path in place.iterdir() if path.name.startswith(".") or "repair" in path.name]
        assert not [path for path in tmp_path.iterdir() if path.name.startswith(".") or "damaged" in path.name]
        assert run(["ask", "who-taxes-what", "--store", str(place)]) == 0
        assert run(["store", "check", str(place)]) == 0
        assert run(["store", "backup", str(place), str(file)]) == 0
        assert run(["push", "--store", str(place), "--dry-run"]) == 0
    assert run(["push", "--store", str(place)]) == 0


@pytest.mark.slow
def test_of_two_pushes_at_once_one_is_whole_and_the_other_is_told(small: Path, tmp_path: Path) -> None:
    place = tmp_path / "store"
    command = [sys.executable, "-m", "nexuskg", "push", "--store", str(place)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = {(process.communicate(timeout=120)[1], process.returncode) for process in both}
    assert {code for _, code in said} <= {0, 2}
    assert any(code == 0 for _, code in said)
    for err, code in said:
        if code == 2:
            assert err.count("\n") == 1
            assert "another process has the store open for writing" in err
    assert maintenance.store_state(place).notes == ()
    assert maintenance.store_state(place).problems == ()


@pytest.mark.slow
def test_what_is_read_stays_as_it_was_while_a_push_replaces_it(small: Path, tmp_path: Path) -> None:
    place = tmp_path / "store"
    assert run(["push", "--store", str(place)]) == 0
    store = disk.read_only(place)
    before = set(store)
    for turn in range(3):
        lines = "".join(f'<urn:x{turn}> <urn:p> "{number}" .\n' for number in range(2000))
        (small / "ontology/terms/more.ttl").write_text(lines)
        done = subprocess.run([sys.executable, "-m", "nexuskg", "push", "--store", str(place)], check=True, timeout=120)
        assert done.returncode == 0
        with writing(place) as kept:
            kept.store.optimize()  # no file is left of those that were there
        assert set(store) == before
    assert len(set(disk.read_only(place)) - before) > 2000


@pytest.mark.slow
@posix
def test_a_server_that_reads_answers_as_before_while_a_push_replaces_it(small: Path, tmp_path: Path) -> None:
    pytest.importorskip("uvicorn")
    import httpx

    from nexuskg.server.state import host
    from nexuskg.server.state.live import Live

    place = tmp_path / "store"
    assert run(["push", "--store", str(place)]) == 0
    site = host.host_store(disk.read_only(place), place, FACTS)
    assert site.pool is not None

    def answers(at: str) -> list[str]:
        query = "SELECT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } }"
        csv = httpx.get(f"{at}/sparql", params={"query": query}, headers={"Accept": "text/csv"}, timeout=60)
        graph = httpx.get(f"{at}/store", params={"graph": names[0]}, headers={"Accept": "text/turtle"}, timeout=60)
        assert (csv.status_code, graph.status_code) == (200, 200)
        return [*sorted(csv.text.splitlines()), graph.text]

    names = [name for name in site.names if name.endswith("terms/all")]
    live = Live(site)
    try:
        with serving.running(live) as at:
            before = answers(at)
            for turn in range(2):
                lines = "".join(f'<urn:x{turn}> <urn:p> "{number}" .\n' for number in range(2000))
                with (small / "ontology/terms/all.ttl").open("a") as file:
                    file.write(lines)
                subprocess.run(
                    [sys.executable, "-m", "nexuskg", "push", "--store", str(place)], check=True, timeout=120
                )
                with writing(place) as kept:
                    kept.store.optimize()
                assert answers(at) == before
    finally:
        live.close()
    assert len(before) > 100


@pytest.mark.slow
@posix
def test_a_push_through_a_server_adds_a_dataset_that_is_not_there_yet(
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("uvicorn")
    from nexuskg.pipeline import compilation
    from nexuskg.server.sandbox.jobs import Limits
    from nexuskg.server.state import host, live

    place, token = tmp_path / "store", "0123456789abcdef0123456789abcdef"
    monkeypatch.setenv("NEXUSKG_TOKEN", token)
    site = live.open_live(place, FACTS, Limits(), host.LOOPBACK, token, lambda _: None, compilation.compiled)
    seen = list[object]()
    real = live.Live._go_over
    monkeypatch.setattr(live.Live, "_go_over", lambda self, kept: seen.append(kept) or real(self, kept))
    try:
        with serving.running(site) as at:
            assert run(["push", "--evidence", "locator", "--endpoint", f"{at}/sparql"]) == 0
            assert re.match(r"\d+ graphs loaded", capsys.readouterr().out)
            assert len(seen) == 1  # at its end, not with every graph
            assert run(["push", "--evidence", "locator", "--endpoint", f"{at}/sparql"]) == 0
            assert capsys.readouterr().out.startswith("0 graphs loaded")
    finally:
        site.close()
    assert maintenance.store_state(place).problems == maintenance.store_state(place).notes == ()


# --- no space


Usage = namedtuple("Usage", "total used free")


def test_too_little_space_is_told_before_anything_is_written(
    folder: Path, small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = disk_writer.open_for_writing(folder)
    before = written(kept)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 40, 1 << 40, disk_writer.LEAST - 1))
        with pytest.raises(StoreFull, match=r"17 MB are free, 17 MB are needed.*Reading works"):
            kept.change(quads(1, "more"), ())
        assert written(kept) == before
        kept.close()
        for place in (folder, folder.parent / "new"):
            assert run(["push", "--store", str(place)]) == 2
            out, err = capsys.readouterr()
            assert (out, err.count("\n")) == ("", 1)
            assert "too full to write" in err
        assert not (folder.parent / "new").exists()
        assert len(content(folder)) == 101
    with writing(folder) as kept:
        kept.change(quads(1, "more"), ())
    assert len(content(folder)) == 102


FILL = """
import resource, shutil
place, limit, how = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
disk_writer.LEAST, disk_writer.SPARE = 0, 0  # as if another program had taken the space meanwhile
kept = disk_writer.open_for_writing(place)
if how == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
from nexuskg.errors import EndpointError, StoreFull
turn = 0
try:
    while turn < 2000:
        kept.change(quads(500, f"turn{turn}x"), ())
        turn += 1
        print(turn, flush=True)
except StoreFull as error:
    assert len(str(error).splitlines()) == 1, error
    print("full", len(kept.store) >= turn * 500, str(place) in str(error), flush=True)
    try:
        kept.change(quads(1, "again"), ())
        print("written again")
    except EndpointError as error:
        print("refused")
"""


def acknowledged(done: subprocess.CompletedProcess[str]) -> int:
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[-2] == "full True True", (lines[-3:], done.stderr)
    numbers = [int(line) for line in lines[:-2]]
    assert numbers[-1] > 2
    return numbers[-1]


def whole_turns(folder: Path, told: int) -> None:
    """Nothing; all that was told of is there, and of the next all or nothing."""
    found = {str(quad.subject).partition("x")[0] for quad in content(folder) if "turn" in str(quad.subject)}
    assert len(content(folder)) == 500 * len(found)
    assert len(found) in (told, told + 1)


@posix
def test_a_file_that_may_not_grow_loses_nothing(tmp_path: Path) -> None:
    place = tmp_path / "store"
    told = acknowledged(in_process(FILL, str(place), str(2 << 20), "limit"))
    whole_turns(place, told)
    assert maintenance.store_state(place).problems == ()
    assert not list(place.glob(".*"))
    with writing(place) as kept:
        kept.change(quads(1, "turn99999x"), quads(1, "turn99999x"))
    assert maintenance.store_state(place).problems == ()


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, with 24 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=24m", "none", str(place)]
    if mount is None or subprocess.run([mount, *options], capture_output=True).returncode:
        pytest.skip("needs the right to mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
def test_a_disk_that_is_full_loses_nothing_and_is_written_again_when_there_is_space(
    tiny: Path, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tiny / "store"
    told = acknowledged(in_process(FILL, str(place), "0", "disk"))
    whole_turns(place, told)
    assert maintenance.store_state(place).problems == ()
    assert not list(place.glob(".*"))
    assert run(["push", "--store", str(place)]) == 2
    assert "too full to write" in capsys.readouterr().err
    assert run(["store", "backup", str(place), str(tiny / "copy.nq")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not list(tiny.glob("*copy*"))
    subprocess.run(["mount", "-o", "remount,size=256m", str(tiny)], check=True)
    with writing(place) as kept:
        kept.change(quads(500, f"turn{told + 5}x"), ())
        assert len(kept.store) >= 500 * (told + 1)
    assert maintenance.store_state(place).problems == ()


@pytest.mark.slow
@posix
def test_what_is_killed_at_any_moment_loses_nothing() -> None:
    done = subprocess.run([sys.executable, str(KILLS), "--kills", "6"], capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ kills, .* 0 lost, 0 half-applied, 0 failed reopens, 0 remains", done.stdout)
