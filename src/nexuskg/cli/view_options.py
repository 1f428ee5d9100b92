"""The options by which a command that reads chooses what counts, and the dataset that they choose."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from nexuskg.cli.store_options import dataset_here, store_options
from nexuskg.errors import BadParameter, EndpointError, NexuskgError, UnknownTerm

if TYPE_CHECKING:
    from nexuskg.pipeline.dataset import Compiled
    from nexuskg.pipeline.views import View


def view_options(command: Callable[..., int]) -> Callable[..., int]:
    """The command with the options that choose a view, which it gets as `view`, and those that say where to read it."""
    return selection_options(store_options(command))


def selection_options(command: Callable[..., int]) -> Callable[..., int]:
    """The command with the options that choose a view, which it gets as `view`."""

    @click.option(
        "--accept",
        type=click.Choice(["facts", "implied"]),
        default="facts",
        show_default=True,
        help="What counts: what the sources state, or also what they imply.",
    )
    @click.option("--no-inference", is_flag=True, help="Only what is stated: the axioms and rules add nothing.")
    @click.option(
        "--evidence",
        type=click.Choice(["span", "locator"]),
        default="span",
        show_default=True,
        help="Claims fixed to a span of a text, or also those with a locator only. Alone, where there are rows: show "
        "the claims and spans of each.",
    )
    @click.option("--source", "sources", multiple=True, metavar="KEY", help="Only claims of this source (repeatable).")
    @click.option("--as-of", metavar="DATE", help="Only claims of sources published on or before this date.")
    @click.option("--min-confidence", metavar="N|WORD", help="Only claims so firm: 0 to 100, or a word such as likely.")
    @click.option(
        "--prefer",
        metavar="latest|most-corroborated|KEY",
        help="Set aside what the later, the better corroborated, or that source's claims contradict.",
    )
    @functools.wraps(command)
    def with_view(accept: str, no_inference: bool, **others: Any) -> int:
        from nexuskg.pipeline import views

        parts = {name: others.pop(name) for name in views.ViewParts.__annotations__ if name in others}
        view = views.view(accept, inference=not no_inference, **parts)
        try:
            return command(view=view, **others)
        except (UnknownTerm, BadParameter) as error:
            raise _with_hint(error, view) from None

    return with_view


def _with_hint(error: NexuskgError, view: View) -> NexuskgError:
    """The error, which also says so where claims that the view leaves out for their grade speak of what was meant."""
    unknown = error if isinstance(error, UnknownTerm) else error.__cause__
    if view.evidence == "span" and isinstance(unknown, UnknownTerm):
        from nexuskg.pipeline import views
        from nexuskg.search.find import resolve_name

        try:
            whole = selected_dataset(views.WHOLE)
            resolve_name(whole.store, unknown.name, prefixes=whole.prefixes)
        except NexuskgError:
            return error
        message = f"{unknown.name!r} is known from claims with a locator only; they count with --evidence locator."
        return NexuskgError(message)
    return error


def selected_dataset(view: View | None = None) -> Compiled:
    """The dataset of a view, where the user wants to read it; what it contradicts itself in is told on stderr."""
    from nexuskg.pipeline import views

    data = dataset_here(view or views.FACTS)
    if data.contradictions:
        first, *more = data.contradictions
        others = f" (and {len(more)} more)" if more else ""
        click.echo(f"The graph contradicts itself{others}. {first.message} All: nexuskg check", err=True)
    return data


def widest_dataset(view: View | None = None) -> Compiled:
    """The dataset in which every claim counts, where the user reads; that of the view where it is not there."""
    from nexuskg.pipeline import views

    try:
        return selected_dataset(views.WHOLE)
    except EndpointError:  # elsewhere there may be one dataset alone
        return selected_dataset(view)
