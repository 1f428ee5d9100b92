"""What the parameters of a stored query are where nobody says, as terms."""

from __future__ import annotations

from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

from nexuskg.base.namespaces import XSD, expand
from nexuskg.queries.catalogue import Parameter
from nexuskg.queries.tokens import tokenize


def default_terms(wanted: Parameter, prefixes: Mapping[str, str]) -> tuple[NamedNode | Literal, ...]:
    """The terms of a parameter's default; none where that is open.

    >>> default_terms(Parameter("most", "", "integer", default="1"), {})
    (<Literal value=1 datatype=<NamedNode value=http://www.w3.org/2001/XMLSchema#integer>>,)
    >>> default_terms(Parameter("who", "", "any"), {})
    ()
    """
    found: list[NamedNode | Literal] = []
    for token in tokenize(wanted.default):
        iri = expand(token.text, prefixes) if token.kind == "pname" else None
        if iri:
            found.append(NamedNode(iri))
        elif token.kind == "number":
            found.append(Literal(token.text, datatype=NamedNode(XSD + "integer")))
        elif token.kind == "string":
            found.append(Literal(token.text[1:-1]))
    return tuple(found)
