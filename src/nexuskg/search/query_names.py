"""The names in a query of somebody's own that stand nowhere in the graph, each with the closest that do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import NamedNode

from nexuskg.base.namespaces import DEFAULT_GRAPH, XSD, compact
from nexuskg.queries.tokens import Token, tokenize
from nexuskg.rdf.store import Readable
from nexuskg.search.find import find_things

NEAREST: Final = 3
"""So many names are offered for one that is nowhere."""


def unknown_names(store: Readable, text: str, prefixes: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The properties, classes and things that a query asks for and no triple has, as written, with the closest names.

    Looked for is in the default graph, and in every graph where the query names graphs. What a CONSTRUCT makes,
    datatypes and functions are not asked for.

    >>> from pyoxigraph import Store
    >>> unknown_names(Store(), "PREFIX nx: <urn:nx:> ASK { ?a nx:foo 2 }", {})
    {'nx:foo': ()}
    """
    tokens = tokenize(text)
    declared = {
        tokens[at + 1].text.rstrip(":"): tokens[at + 2].text[1:-1]
        for at, token in enumerate(tokens[:-2])
        if token.key == "PREFIX"
    }
    table = {**prefixes, **declared}
    everywhere = any(token.key in ("GRAPH", "FROM") for token in tokens)
    found: dict[str, tuple[str, ...]] = {}
    for token in _asked_for(tokens):
        if token.kind == "iri":
            iri = token.text[1:-1]
        else:
            prefix, _, name = token.text.partition(":")
            iri = table[prefix] + name if prefix in table else ""
        if token.text in found or ":" not in iri or iri.startswith(XSD) or is_used(store, iri, everywhere):
            continue
        found[token.text] = tuple(nearest_names(store, iri, prefixes))
    return found


def is_used(store: Readable, iri: str, everywhere: bool = False) -> bool:
    """Whether a triple has the IRI in any place: one of the default graph, or of any graph."""
    try:
        node = NamedNode(iri)
    except ValueError:
        return False
    graph = None if everywhere else DEFAULT_GRAPH
    patterns = ((node, None, None), (None, node, None), (None, None, node))
    return any(next(iter(store.quads_for_pattern(s, p, o, graph)), None) is not None for s, p, o in patterns)


def nearest_names(store: Readable, iri: str, prefixes: Mapping[str, str]) -> list[str]:
    """The CURIEs of what has a name like the last part of the IRI, those of its own kind first."""
    local = re.split(r"[/#:]", iri.rstrip("/#:"))[-1]
    space = iri.removesuffix(local)
    hits = find_things(store, local, 4 * NEAREST, prefixes=prefixes)
    ordered = sorted(hits, key=lambda hit: not hit.iri.startswith(space))
    return [compact(hit.iri, prefixes) for hit in ordered[:NEAREST]]


def _asked_for(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens that name what a triple has to have for the query to have an answer."""
    behind = _template_end(tokens)
    for at, token in enumerate(tokens[:-1]):
        before, after = tokens[at - 1] if at else token, tokens[at + 1]
        if token.kind not in ("pname", "iri") or token.text.endswith(":") or at < behind:
            continue
        declares = before.key in ("BASE", "FROM", "NAMED", "GRAPH", "^^", "SERVICE") or before.text.endswith(":")
        calls = after.text == "(" and after.start == token.end
        if not declares and not calls:
            yield token


def _template_end(tokens: Sequence[Token]) -> int:
    """Where the template of a CONSTRUCT ends, which names what is made; 0 where there is none of its own."""
    start = next((at for at, token in enumerate(tokens) if token.key == "CONSTRUCT"), None)
    if start is None or tokens[start + 1].text != "{":
        return 0
    depth = 0
    for at in range(start + 1, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[at].text, 0)
        if depth == 0:
            return at
    return len(tokens)
