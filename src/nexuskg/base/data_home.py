"""Where ontology/ and queries/ are: in the wheel, in a checkout, or where NEXUSKG_HOME points."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from nexuskg.errors import HomeNotFound

PACKAGE: Final = Path(__file__).parent.parent
"""The folder of the package itself, with all its rooms."""


def is_home(folder: Path) -> bool:
    """Whether the folder holds ontology/ and queries/."""
    return (folder / "ontology").is_dir() and (folder / "queries").is_dir()


def home() -> Path:
    """The folder that holds ontology/ and queries/; raises HomeNotFound.

    NEXUSKG_HOME wins; then the wheel's own data; then the checkout around an editable install.
    """
    wanted = os.environ.get("NEXUSKG_HOME")
    if wanted:
        folder = Path(os.path.expanduser(wanted))
        if not is_home(folder):
            raise HomeNotFound(f"NEXUSKG_HOME is {folder}, but there is no ontology/ and queries/ in it.")
        return folder
    package = PACKAGE
    for folder in (package / "_data", package.parent.parent):
        if is_home(folder):
            return folder
    raise HomeNotFound("ontology/ and queries/ are missing: reinstall nexuskg, or set NEXUSKG_HOME to a checkout.")


def is_packaged(home: Path) -> bool:
    """Whether the home is the data of the installed package itself, which its next version replaces."""
    return home.resolve() == (PACKAGE / "_data").resolve()


def turtle_files(home: Path) -> list[Path]:
    """Every Turtle file below ontology/, sorted by path."""
    return sorted((home / "ontology").rglob("*.ttl"))


def query_files(home: Path) -> list[Path]:
    """Every stored query below queries/, sorted by path."""
    return sorted((home / "queries").rglob("*.rq"))


def display_path(path: Path, home: Path) -> str:
    """The path as a person wants to read it: below the home where it lies there, else as given."""
    try:
        return path.resolve().relative_to(home.resolve()).as_posix()
    except ValueError:
        return str(path)
