"""What a file or an answer made by somebody else may not have, found before a parser that dies of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast

from nexuskg.errors import ParseFailure

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

    # The parser in C takes a tenth of the time, and every command reads the headers of the stored queries.
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(
                problem="an alias (*) is not read", problem_mark=cast(yaml.error.Mark, event.start_mark)
            )
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise yaml.YAMLError("nested too deep")
    return yaml.load(text, Loader=loader)
