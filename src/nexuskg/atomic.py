"""A file that is there as a whole or not at all, whatever happens while it is written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def write(path: Path, parts: Iterable[bytes]) -> None:
    """Nothing; the file then has these bytes, also after a loss of power; raises OSError, and is then as it was."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        settle(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def settle(folder: Path) -> None:
    """Nothing; what was made, renamed or removed in the folder stays so after a loss of power, where a system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
