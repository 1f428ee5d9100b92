"""What a file or an answer made by somebody else may not have, found before a parser that dies of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nexuskg.errors import ParseFailure

if TYPE_CHECKING:
    import yaml

NESTED: Final = 1000
"""So often may a triple within a triple begin: a parser of RDF that follows too many runs out of stack, and ends."""

DEEPEST: Final = 50
"""So deep may YAML be nested."""


def check_depth(data: bytes) -> None:
    """Raise ValueError where triples may stand in triples too deep, in RDF or in results as JSON.

    >>> check_depth(b"<urn:a> <urn:b> <<( <urn:c> <urn:d> 1 )>> .")
    """
    if max(data.count(b"<<"), data.count(b'"triple"')) > NESTED:
        raise ValueError(f"has more than {NESTED:,} triples within triples")


def turtle_bytes(path: Path) -> bytes:
    """The bytes of a Turtle file that can be parsed without harm; raises ParseFailure, OSError."""
    data = path.read_bytes()
    try:
        check_depth(data)
    except ValueError as error:
        raise ParseFailure(path, None, None, str(error)) from None
    return data


def yaml_value(text: str) -> object:
    """The value of some YAML, as plain data; raises yaml.YAMLError, ValueError.

    An alias is refused, as a few of them stand for more than memory holds, and so is what is nested too deep.
    """
    import yaml

    return yaml.load(text, Loader=_loader())


@cache
def _loader() -> type[yaml.SafeLoader]:
    """What reads YAML so; made late, as YAML is not always read."""
    import yaml

    class Loader(yaml.SafeLoader):
        depth = 0

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            if self.check_event(yaml.AliasEvent):
                mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
                raise yaml.MarkedYAMLError(problem="an alias (*) is not read", problem_mark=mark)
            self.depth += 1
            if self.depth > DEEPEST:
                raise yaml.YAMLError("nested too deep")
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

    return Loader
