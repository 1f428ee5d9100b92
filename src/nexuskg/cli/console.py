"""What all groups of commands have in common."""

from __future__ import annotations

import sys
from typing import Any

import click


class Command(click.Command):
    """A command whose help ends with one example.

    Where it has the flag `spans`, --evidence without span or locator after it is that flag: show the evidence in full.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What is left of the arguments after parsing."""
        if any(parameter.name == "spans" for parameter in self.params):
            args = _evidence_shown(args)
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example as it is to be typed, not wrapped."""
        if self.epilog:
            formatter.write(f"\nExample:\n  {self.epilog}\n")


def _evidence_shown(args: list[str]) -> list[str]:
    """The arguments with a bare --evidence written as the flag that it stands for.

    >>> _evidence_shown(["--evidence", "who-taxes-what", "--evidence", "locator", "--evidence"])
    ['--evidence-shown', 'who-taxes-what', '--evidence', 'locator', '--evidence-shown']
    """
    end = args.index("--") if "--" in args else len(args)
    following = [*args[1:], ""][: len(args)]
    return [
        "--evidence-shown" if at < end and arg == "--evidence" and after not in ("span", "locator") else arg
        for at, (arg, after) in enumerate(zip(args, following, strict=True))
    ]


class Group(click.Group):
    """A group of commands whose help ends with one example, and that meets an unknown command with the closest."""

    command_class = Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command named first; an unknown one is met with the closest name."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from nexuskg.errors import closest, did_you_mean

            close = closest(args[0], self.list_commands(ctx), limit=1)
            raise click.UsageError(f"There is no command {args[0]!r}.{did_you_mean(close)}", ctx)
        return super().resolve_command(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example as it is to be typed, not wrapped."""
        formatter.write(f"\nExample:\n  {self.epilog}\n")


class Progress:
    """A note on stderr while something longer than a second runs; nothing where nobody watches."""

    def __init__(self, what: str, wanted: bool = True) -> None:
        self.status: Any = None
        if wanted and sys.stderr.isatty():
            from rich.console import Console

            self.status = Console(stderr=True).status(f"{what} …")

    def __enter__(self) -> Progress:
        if self.status is not None:
            self.status.__enter__()
        return self

    def say(self, what: str) -> None:
        """Let the note say what is done now."""
        if self.status is not None:
            self.status.update(f"{what} …")

    def __exit__(self, *error: object) -> None:
        if self.status is not None:
            self.status.__exit__(*error)
