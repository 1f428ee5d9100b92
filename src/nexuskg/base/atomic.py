"""A file or a folder that is there as a whole or not at all, whatever happens while it is written.

Where a system can lock files, what processes that were killed have left is removed by the next one that writes the
same.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

if sys.platform != "win32":
    import fcntl

_RANDOM: Final = r"[a-z0-9_]{8}"
"""What makes the name of a temporary folder its own."""
_DAY: Final = 86_400


def write_file(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file that has these bytes also after a loss of power; raises OSError, and the file is then as it was."""
    if os.name == "posix":
        aside = path.with_name(f".{path.name}.part")
        file = _open_unshared(aside)
    else:
        aside = path.with_name(f".{path.name}.{os.getpid()}.part")
        file = aside.open("wb", buffering=0)
    try:
        for part in parts:
            left = memoryview(part)
            while left:
                left = left[file.write(left) or 0 :]
        os.fsync(file.fileno())
        if os.name != "posix":  # where what is open cannot be renamed
            file.close()
        aside.replace(path)
    except BaseException:
        file.close()
        aside.unlink(missing_ok=True)
        raise
    file.close()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let what was made, renamed or removed in the folder stay so after a loss of power, where a system can."""
    if os.name == "posix":
        sync(folder)


def sync(path: Path) -> None:
    """Bring to the disk what was written into the file, or the folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def new_folder(place: Path, shared: str = "") -> Iterator[Path]:
    """A new folder beside a place, to be filled for it; gone at the end, if it was not put there; raises OSError.

    So are those that killed processes have left there; `shared` is a name for the folders of several places.
    """
    prefix = f".{shared or place.name}.new-"
    left = re.compile(re.escape(prefix) + _RANDOM + r"(\.old)?")
    with contextlib.ExitStack() as held:
        with lock(place.parent):  # else one that has just been made could be taken for left behind
            for path in place.parent.iterdir():
                if left.fullmatch(path.name):
                    _sweep(path, None if shared else place)
            aside = Path(tempfile.mkdtemp(prefix=prefix, dir=place.parent))
            held.callback(shutil.rmtree, aside, ignore_errors=True)
            held.enter_context(lock(aside))
        aside.chmod(0o755)
        yield aside


@contextmanager
def lock(path: Path, shared: bool = False, patience: float | None = None) -> Iterator[bool]:
    """While it lasts, no other process is in here for the same folder, but those that share it as this one does.

    Gives whether it is so: not where that took more than so many seconds, or the system cannot lock.
    """
    if sys.platform == "win32":
        yield False
        return
    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if patience is None:
            fcntl.flock(descriptor, how)
            yield True
            return
        until = time.monotonic() + patience
        while not (got := _at_once(descriptor, how)) and time.monotonic() < until:
            time.sleep(0.002)
        yield got
    finally:
        os.close(descriptor)


def replace_folder(aside: Path, place: Path) -> None:
    """Put the folder into its place instead of another, which goes; raises OSError, and then that one stays.

    On Linux and macOS the two change places in one step. Where a file system cannot, a kill at the wrong moment leaves
    nothing in the place; the old folder is then beside it, and the next `new_folder` for the place puts it back.
    """
    if not os.path.lexists(place):
        aside.rename(place)
        return
    if _exchange(aside, place):
        return
    old = aside.with_name(aside.name + ".old")
    place.rename(old)
    try:
        aside.rename(place)
    except OSError:
        old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _open_unshared(aside: Path) -> BinaryIO:
    """The file, empty and open, once nobody else writes it."""
    while True:
        file = aside.open("ab", buffering=0)
        try:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX)
            # Who had it before may have renamed or removed it.
            if os.path.samestat(os.fstat(file.fileno()), aside.stat()):
                file.truncate(0)
                return file
        except FileNotFoundError:
            pass
        except BaseException:
            file.close()
            raise
        file.close()


def _at_once(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sweep(path: Path, place: Path | None) -> None:
    """Remove what nobody writes any more, or put it back in the place that a killed process has left empty."""
    with contextlib.suppress(OSError), lock(path, patience=0) as free:
        # Where nothing tells whether somebody still writes it, what is a day old is taken for left behind.
        if not free and (sys.platform != "win32" or path.stat().st_mtime > time.time() - _DAY):
            return
        if place is not None and path.suffix == ".old" and not os.path.lexists(place):
            path.rename(place)
        else:
            shutil.rmtree(path, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Whether the two have changed names, in one step; not where the system or the file system cannot do it."""
    here, swap = -100, 2  # AT_FDCWD, and RENAME_EXCHANGE, which is RENAME_SWAP elsewhere
    names = os.fsencode(one), os.fsencode(other)
    try:
        if sys.platform == "linux":
            return bool(ctypes.CDLL(None).renameat2(here, names[0], here, names[1], swap) == 0)
        if sys.platform == "darwin":
            return bool(ctypes.CDLL(None).renamex_np(*names, swap) == 0)
    except (AttributeError, OSError):  # a C library without it
        pass
    return False
