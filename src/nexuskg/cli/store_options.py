"""The options by which a command reads a store on disk or an endpoint, rather than the files of its home."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from nexuskg.pipeline.dataset import Compiled
    from nexuskg.pipeline.views import View

SECONDS: Final = 60.0
_KEY: Final = "nexuskg.place"


@dataclass(frozen=True, slots=True)
class StorePlace:
    """Where the user wants to read: an endpoint or a folder with a store; seconds that a server may be silent."""

    endpoint: str | None
    folder: Path | None
    timeout: float


def timeout_option(command: Callable[..., int]) -> Callable[..., int]:
    """The command with the option for how long a server may be silent."""
    return click.option(
        "--timeout",
        type=click.FloatRange(min=0.1, max=86_400),
        default=SECONDS,
        show_default=True,
        metavar="SECONDS",
        help="How long a server may be silent.",
    )(command)


def store_options(command: Callable[..., int]) -> Callable[..., int]:
    """The command with the options that say where to read; `dataset_here` then tells."""

    @click.option("--endpoint", metavar="URL", help="Read a SPARQL endpoint that nexuskg push has filled.")
    @click.option(
        "--store",
        "folder",
        type=click.Path(path_type=Path),
        help="Read a store on disk, a folder that nexuskg push has filled.",
    )
    @timeout_option
    @functools.wraps(command)
    def with_place(endpoint: str | None, folder: Path | None, timeout: float, **others: Any) -> int:
        if endpoint is not None and folder is not None:
            raise click.UsageError("give either --endpoint or --store.")
        click.get_current_context().meta[_KEY] = StorePlace(endpoint, folder, timeout)
        return command(**others)

    return with_place


def dataset_here(view: View) -> Compiled:
    """The dataset of a view where the user wants to read it; raises EndpointError where it is not there."""
    place = _place()
    if place is not None and place.endpoint is not None:
        from nexuskg.stores import remote

        return remote.open_endpoint(place.endpoint, view, timeout=place.timeout)
    if place is not None and place.folder is not None:
        from nexuskg.stores import disk

        return disk.open_dataset(place.folder, view)
    from nexuskg.pipeline import compilation

    return compilation.compiled(view)


def is_away() -> bool:
    """Whether the user wants to read elsewhere than in the files of the home."""
    place = _place()
    return place is not None and (place.endpoint is not None or place.folder is not None)


def at_home(what: str) -> None:
    """Raise UsageError where the user wants a command to read elsewhere that can only work on the files."""
    if is_away():
        raise click.UsageError(f"{what} from the files: leave out --endpoint and --store.")


def _place() -> StorePlace | None:
    context = click.get_current_context(silent=True)
    found: StorePlace | None = context.meta.get(_KEY) if context else None
    return found
