"""The small parser of SPARQL: prefixes, terms, property paths and triple patterns.

It reads what stored questions may use, and refuses the rest with the line and a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode, Variable

from nexuskg.base.namespaces import TYPE, XSD
from nexuskg.errors import Untraceable
from nexuskg.queries.property_paths import Path, PathStep
from nexuskg.queries.tokens import Token, tokenize, unescape

Slot: TypeAlias = NamedNode | Literal | Variable


@dataclass(frozen=True, slots=True)
class PlanPattern:
    """A triple pattern; its predicate may be a path. `branch` is bound where its OPTIONAL or UNION branch matched."""

    subject: Slot
    predicate: Path | Variable
    object: Slot
    branch: str = ""


def declared_prefixes(name: str, text: str) -> dict[str, str]:
    """The prefixes that the query of that name declares; raises Untraceable for a BASE.

    >>> declared_prefixes("q", "PREFIX nx: <urn:nx:> ASK { ?a nx:p ?b }")
    {'nx': 'urn:nx:'}
    """
    return PatternParser(name, text).declarations()


class PatternParser:
    """Reads one query; a class because the position in it is shared by every rule of the grammar.

    >>> parser = PatternParser("q", "PREFIX nx: <urn:nx:> ?a nx:p/nx:q+ ?b , 'c'@en")
    >>> parser.declarations()
    {'nx': 'urn:nx:'}
    >>> [(pattern.predicate.op, str(pattern.object)) for pattern in parser.triples("")]
    [('/', '?b'), ('/', '"c"@en')]
    """

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self.tokens = tokenize(text)
        self.at = 0
        self.prefixes: dict[str, str] = {}

    def declarations(self) -> dict[str, str]:
        """The prefixes declared here, which the parser then knows."""
        while self.now.key in ("PREFIX", "BASE"):
            if self.take().key == "BASE":
                raise self.untraceable("BASE; write PREFIX")
            prefix = self.take().text.removesuffix(":")
            self.prefixes[prefix] = self.take().text[1:-1]
        return self.prefixes

    # --- positions

    @property
    def now(self) -> Token:
        """The word here."""
        return self.tokens[self.at]

    def take(self, expected: str | None = None) -> Token:
        """The word here, behind which the parser then is; raises Untraceable where it is not the expected one."""
        token = self.now
        if token.kind == "end" or (expected is not None and token.key != expected):
            raise self.untraceable(f"{token.text or 'the end'!r} where {expected or 'more'!r} was expected")
        self.at += 1
        return token

    def accept(self, *keys: str) -> bool:
        """Whether one of these words is here; the parser is then behind it."""
        if self.now.key in keys and self.now.kind not in ("string", "end"):
            self.at += 1
            return True
        return False

    def untraceable(self, what: str) -> Untraceable:
        """The error that says what the query has here that is not read."""
        line = self.text.count("\n", 0, self.now.start) + 1
        return Untraceable(f"{self.name}: line {line} of the query has {what}; its evidence could not be found.")

    # --- triples

    def triples(self, branch: str) -> list[PlanPattern]:
        """The patterns of one subject, marked with the branch that they stand in."""
        found: list[PlanPattern] = []
        subject = self.slot()
        while True:
            predicate: Path | Variable = Variable(self.take().text[1:]) if self.now.kind == "var" else self.path()
            while True:
                found.append(PlanPattern(subject, predicate, self.slot(), branch))
                if not self.accept(","):
                    break
            if not self.accept(";"):
                return found
            while self.accept(";"):
                pass
            if self.now.text in (".", "}"):
                return found

    def slot(self) -> Slot:
        """The subject or object here."""
        token = self.now
        if token.kind == "var":
            return Variable(self.take().text[1:])
        if token.kind in ("iri", "pname"):
            return self.iri()
        if token.kind == "string":
            return self.literal()
        sign = self.take().text if token.text in ("-", "+") else ""
        if self.now.kind == "number":
            digits = self.take().text
            kind = "double" if "e" in digits.lower() else "decimal" if "." in digits else "integer"
            return Literal(sign + digits, datatype=NamedNode(XSD + kind))
        if token.kind == "word" and token.text in ("true", "false"):
            return Literal(self.take().text == "true")
        blank = token.text in ("[", "_")
        raise self.untraceable("a blank node; name it by a variable" if blank else repr(token.text or "the end"))

    def literal(self) -> Literal:
        """The quoted literal here, with its language or datatype."""
        quoted = self.take().text
        width = 3 if quoted[:3] in ('"""', "'''") else 1
        value = unescape(quoted[width:-width])
        if self.now.kind == "lang":
            return Literal(value, language=self.take().text[1:])
        return Literal(value, datatype=self.iri()) if self.accept("^^") else Literal(value)

    def iri(self) -> NamedNode:
        """The node here, in full or with a prefix."""
        token = self.take()
        if token.kind == "iri":
            return NamedNode(token.text[1:-1])
        prefix, _, local = token.text.partition(":")
        if token.kind != "pname" or prefix not in self.prefixes:
            raise self.untraceable(f"{token.text!r}, whose prefix it does not declare")
        return NamedNode(self.prefixes[prefix] + local)

    def path(self) -> Path:
        """The property path here, or the one property."""
        return self._chain("|", lambda: self._chain("/", self._path_element))

    def _chain(self, sign: str, read: Callable[[], Path]) -> Path:
        parts = [read()]
        while self.accept(sign):
            parts.append(read())
        return parts[0] if len(parts) == 1 else PathStep(sign, tuple(parts))  # type: ignore[arg-type]

    def _path_element(self) -> Path:
        if self.accept("^"):
            return PathStep("^", (self._path_element(),))
        path = self._path_primary()
        if self.now.kind == "sign" and self.now.text in ("*", "+", "?"):
            return PathStep(self.take().text, (path,))  # type: ignore[arg-type]
        return path

    def _path_primary(self) -> Path:
        if self.accept("!"):
            inside = self._path_element() if self.now.text == "^" else self._path_primary()
            parts = inside.parts if isinstance(inside, PathStep) and inside.op == "|" else (inside,)
            return PathStep("!", parts)
        if self.accept("("):
            path = self.path()
            self.take(")")
            return path
        if self.now.kind == "word" and self.now.text == "a":
            self.take()
            return TYPE
        return self.iri()
