"""What of an update or a document is looked at before an engine does it, and which graphs it may change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from xml.parsers import expat

from nexuskg.base.namespaces import BASE
from nexuskg.errors import Refused
from nexuskg.queries.tokens import Token, tokenize

_NO_DATASET: Final = "The request names graphs (using-graph-uri), and the update does, too (WITH or USING): choose one."


def check_graph(name: str) -> None:
    """Raise Refused for a graph that nobody but a push may change; "" is the default graph."""
    if not name:
        raise Refused(
            403,
            "The default graph is a view of the dataset, which only nexuskg push replaces; write into a graph with a "
            "name: INSERT DATA { GRAPH <…> { … } }.",
        )
    if name.startswith(BASE):
        raise Refused(
            403,
            f"The graph {name[:300]} is of the dataset, which only nexuskg push replaces; give yours a name that does "
            f"not begin with {BASE}",
        )


def check_xml(data: bytes) -> None:
    """Raise Refused for XML that is cut short, which the engine would take, or that has a DOCTYPE."""

    def doctype(*_: object) -> None:
        raise Refused(400, "The body has a DOCTYPE, which is refused: it may name files, or grow without end.")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        raise Refused(
            400, f"line {error.lineno}, column {error.offset + 1}: the body is no whole XML ({said})."
        ) from None


def update_with_dataset(text: str, default: Sequence[str] | None, named: Sequence[str] | None) -> str:
    """The update with the graphs that the request names as those that its WHERE clauses read; raises Refused.

    >>> update_with_dataset("DELETE WHERE { ?a ?b 1 }", ["urn:g"], None)
    'DELETE { ?a ?b 1 } USING <urn:g> WHERE { ?a ?b 1 }'
    >>> update_with_dataset("INSERT { GRAPH <urn:h> { ?a ?b 1 } } WHERE { ?a ?b 2 }", None, ["urn:g"])
    'INSERT { GRAPH <urn:h> { ?a ?b 1 } } USING NAMED <urn:g> WHERE { ?a ?b 2 }'
    """
    if not default and not named:
        return text
    using = " ".join(
        [*(f"USING <{name}>" for name in default or ()), *(f"USING NAMED <{name}>" for name in named or ())]
    )
    out, done = list[str](), 0
    words = tokenize(text)
    for at, word in _outside(words):
        if word.key in ("WITH", "USING"):
            raise Refused(400, _NO_DATASET)
        if word.key != "WHERE":
            continue
        out.append(text[done : word.start])
        if words[at - 1].key == "DELETE":  # what is removed is what is found
            end = next((close for close, sign in _outside(words) if close > at and sign.key == "}"), None)
            if end is None:
                raise Refused(400, "The update has a { that is not closed.")
            out.append(f"{text[words[at + 1].start : words[end].end]} ")
        out.append(f"{using} ")
        done = word.start
    return "".join([*out, text[done:]])


def data_alone(text: str) -> tuple[str, str]:
    """For an update that only inserts data, or only deletes data: INSERT or DELETE, and the update that inserts it.

    Else two empty texts. What such an update changes does not depend on what is there.

    >>> data_alone("DELETE DATA { <urn:a> <urn:b> 1 }")
    ('DELETE', 'INSERT DATA { <urn:a> <urn:b> 1 }')
    >>> data_alone("INSERT DATA { } ; CLEAR DEFAULT")
    ('', '')
    """
    words = [word for _, word in _outside(tokenize(text)) if word.key not in ("{", "}", ";", "")]
    keys = [word.key for word in words if word.kind == "word" and word.key not in ("PREFIX", "BASE")]
    kind = keys[0] if keys else ""
    if kind not in ("INSERT", "DELETE") or keys != [kind, "DATA"] * (len(keys) // 2):
        return "", ""
    for word in reversed(words):
        if word.key == kind:
            text = f"{text[: word.start]}INSERT{text[word.end :]}"
    return kind, text


def _outside(words: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """The words that are in no braces, each with its number; of braces the outermost."""
    depth = 0
    for at, word in enumerate(words):
        depth -= word.key == "}"
        if depth == 0:
            yield at, word
        depth += word.key == "{"
