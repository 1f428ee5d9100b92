"""Stored queries: `.rq` files with a `#+` YAML header -> StoredQuery, and the binding of their parameters.

A parameter is a line `VALUES ?name { default }`; binding replaces what is between the braces with the N-Triples form of
parsed terms, so that nothing a user types is ever read as query text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from pyoxigraph import Literal, NamedNode

from nexuskg.base import edtf, input_limits
from nexuskg.base.data_home import query_files
from nexuskg.base.headings import LANGUAGES
from nexuskg.base.namespaces import XSD
from nexuskg.errors import (
    BYTE_ORDER_MARK,
    BadParameter,
    QueryFailure,
    UnknownQuery,
    UnknownTerm,
    closest,
    did_you_mean,
)
from nexuskg.queries import tokens

Value: TypeAlias = NamedNode | Literal | None
"""What a parameter can be bound to; None is UNDEF: anything."""

Resolver: TypeAlias = Callable[[str, "Parameter"], NamedNode]
"""From an <iri>, a CURIE or a label to the node that is meant for it; raises UnknownTerm or BadParameter."""

NODES: Final = ("any", "entity", "place", "concept", "term")
TYPES: Final = (*NODES, "text", "date", "integer", "number", "language")
"""What a parameter takes: a node of any kind, an entity, a place, a concept, a class or property, or a literal."""

OPEN: Final = ("any", "UNDEF")
"""What leaves a parameter open, as an empty value does."""
WORDS: Final = 3000
NESTING: Final = 200
"""So long and so deep may a stored query be; the engine runs out of stack on more, and the process ends with it."""

KINDS: Final = {"questions": "question", "checks": "check", "derive": "derive", "export": "export", "lookups": "lookup"}

DEFAULTS: Final = ("example", "scope")
"""A default is an example, which is there only until anything is named, or belongs to what the question is about."""

_STRING = r'"(?:[^"\\]|\\.)*"'
_NUMBERS: Final = {"integer": XSD + "integer", "number": XSD + "decimal"}

PATTERNS: Final = {
    # Questions compare dates as texts, which has no sense with ~ or X in them, nor with two ends.
    "date": edtf.PLAIN,
    "integer": "[+-]?[0-9]{1,15}",  # more digits than engines count with would compare with nothing, in silence
    "number": r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?",
    "language": "[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*",
}
"""How a value of such a type is written, all of it, in what JSON Schema has of patterns."""

_OTHERWISE: Final = {
    "date": "is no date; write a year, month or day, such as 2013, 2013-08 or 2013-08-05.",
    "integer": "is not a number; write one of at most 15 digits.",
    "number": "is not a number; write one of at most 15 digits, and as many behind the point.",
    "language": "is no language; write its code, such as en, es or pt.",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a stored query: what it means, what it takes (see TYPES), and what it is if nobody says.

    `of` narrows the type: the class of an entity as a CURIE, the scheme of a concept by its name. `default` is SPARQL,
    UNDEF for anything.
    """

    name: str
    meaning: str
    type: str
    of: str = ""
    default: str = "UNDEF"
    required: bool = False
    """Whether it, or another parameter like it, has to be named: else the question would be about everything."""
    default_is: str = ""
    """What its default is, one of DEFAULTS; empty where that is UNDEF."""
    cues: tuple[str, ...] = ()
    """Words by which it is asked for before the other parameters, in any language: "effects of" names a cause."""

    @property
    def takes(self) -> str:
        """What it takes, in a word or two: place, entity nx:Actor, concept unit."""
        return f"{self.type} {self.of}".rstrip()

    @property
    def shown_default(self) -> str:
        """The default as one would type it."""
        return "any" if self.default == "UNDEF" else self.default


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A stored query; `kind` is question, check, derive, export or lookup, `text` is its SPARQL without the header.

    The first tag of a question is its group. `titles` are the question as a user asks it by language, English being the
    summary; `phrasings` are other ways to ask it, each with its language; `keywords` other words for what it is about.
    """

    name: str
    summary: str
    description: str
    tags: tuple[str, ...]
    params: tuple[Parameter, ...]
    text: str
    kind: str
    severity: str = ""
    """Of a check: how grave what it finds is."""
    titles: Mapping[str, str] = field(default_factory=dict)
    phrasings: tuple[tuple[str, str], ...] = ()
    keywords: tuple[tuple[str, str], ...] = ()

    def title(self, language: str = "en") -> str:
        """The question as a user asks it in that language, else in English."""
        return self.titles.get(language, self.summary)


def read_query(path: Path) -> StoredQuery:
    """The stored query in the file; raises QueryFailure."""
    import yaml

    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except OSError as error:
        raise QueryFailure(f"{path}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise QueryFailure(f"{path}: not UTF-8.") from None
    if lines and lines[0].startswith("\ufeff"):
        raise QueryFailure(f"{path}:1: {BYTE_ORDER_MARK}.")
    header = [line for line in lines if line.startswith("#+")]
    text = "".join(line for line in lines if not line.startswith("#+")).strip() + "\n"
    words = tokens.tokenize(text)
    if len(words) > WORDS or tokens.too_deep(words, NESTING) is not None:
        most = f"{WORDS:,} words and {NESTING} brackets within each other"
        raise QueryFailure(f"{path}: it is longer or more nested than a stored query may be ({most}).")
    try:
        data = input_limits.yaml_value("".join(line[2:].removeprefix(" ") or "\n" for line in header)) or {}
    except (yaml.YAMLError, ValueError) as error:  # a ValueError: a date that the calendar does not have
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        raise QueryFailure(f"{path}{line}: the #+ header is not YAML ({problem}).") from None
    if not isinstance(data, dict) or not data.get("summary"):
        raise QueryFailure(f"{path}:1: a stored query starts with a header of #+ lines that has at least a summary.")
    tags, named = data.get("tags") or [], data.get("params") or {}
    if not isinstance(tags, list):
        raise QueryFailure(f"{path}:1: tags are a list: [one, another].")
    if not isinstance(named, dict) or not all(isinstance(name, str) for name in named):
        raise QueryFailure(f"{path}:1: params are names, each with its meaning and type.")
    params = tuple(_parameter(name, value, text, path) for name, value in named.items())
    titles = _by_language(data, "question", path)
    return StoredQuery(
        name=path.stem,
        summary=_one_line(data["summary"]),
        description=_one_line(data.get("description", "")),
        tags=tuple(str(tag) for tag in tags),
        params=params,
        text=text,
        kind=KINDS.get(path.parent.name, path.parent.name),
        severity=_one_line(data.get("severity", "")),
        titles={"en": _one_line(data["summary"]), **{name: _one_line(title) for name, title in titles.items()}},
        phrasings=_texts_by_language(data, "phrasings", path),
        keywords=_texts_by_language(data, "keywords", path),
    )


def read_catalogue(home: Path) -> dict[tuple[str, str], StoredQuery]:
    """Every stored query below queries/ by kind and name; raises QueryFailure."""
    queries = [read_query(path) for path in query_files(home)]
    return {(query.kind, query.name): query for query in queries}


def find_query(queries: Mapping[str, StoredQuery], name: str) -> StoredQuery:
    """The stored query of that name; raises UnknownQuery with the closest names."""
    if name not in queries:
        raise UnknownQuery(name, closest(name, list(queries)))
    return queries[name]


def bind(query: StoredQuery, values: Mapping[str, Iterable[Value]]) -> str:
    """The query's text with the given values in the place of the defaults; raises BadParameter.

    >>> text = "ASK { VALUES ?x { UNDEF } ?x ?p ?o }"
    >>> query = StoredQuery("q", "", "", (), (Parameter("x", "", "any"),), text, "question")
    >>> bind(query, {"x": [NamedNode("https://example.org/a"), Literal("b }")]})
    'ASK { VALUES ?x { <https://example.org/a> "b }" } ?x ?p ?o }'
    """
    text = query.text
    for name, terms in values.items():
        parameter(query, name)
        text = bind_text(text, name, terms)
    return text


def bind_text(text: str, name: str, terms: Iterable[Value]) -> str:
    """The text with these terms between the braces of every `VALUES ?name { }` in it."""
    written = " ".join("UNDEF" if term is None else str(term) for term in terms) or "UNDEF"
    pieces, end = [], 0
    for match in _values_of(name).finditer(tokens.without_comments(text)):
        pieces += [text[end : match.start()], f"{match[1]} {written} }}"]
        end = match.end()
    return "".join([*pieces, text[end:]])


def with_prefixes(text: str, prefixes: Mapping[str, str]) -> str:
    """The query with the prefixes that it uses and does not declare, on its first line, so that line numbers stay.

    >>> with_prefixes("ASK { nx:Actor a owl:Class }", {"nx": "https://example.org/", "geo": "https://example.com/"})
    'PREFIX nx: <https://example.org/> ASK { nx:Actor a owl:Class }'
    """
    uncommented = re.sub(r"(<[^<>\s]*>)|#.*", r"\1", text)
    declared = set(re.findall(r"\bPREFIX\s+([\w.-]*):", uncommented, re.IGNORECASE))
    used = set(re.findall(r"([A-Za-z][\w.-]*):", text)) - declared
    return "".join(f"PREFIX {name}: <{iri}> " for name, iri in sorted(prefixes.items()) if name in used) + text


def parameter(query: StoredQuery, name: str) -> Parameter:
    """The query's parameter of that name; raises BadParameter with the closest names."""
    for known in query.params:
        if known.name == name:
            return known
    names = [known.name for known in query.params]
    has = f"its parameters are {', '.join(names)}." if names else "it has none."
    raise BadParameter(name, f"{query.name} has no such parameter; {has}", closest(name, names))


def parse_value(raw: str, parameter: Parameter, resolve: Resolver) -> Value:
    """The term meant by what was typed: `any`, text, a number, or what `resolve` makes of it; raises BadParameter.

    >>> parse_value("7.6", Parameter("n", "", "number"), lambda words, parameter: NamedNode("urn:x"))
    <Literal value=7.6 datatype=<NamedNode value=http://www.w3.org/2001/XMLSchema#decimal>>
    """
    name, raw = parameter.name, raw.strip()
    if not raw or raw in OPEN:
        return None
    if parameter.type in PATTERNS and not re.fullmatch(PATTERNS[parameter.type], raw):
        raise BadParameter(name, f"{raw!r} {_OTHERWISE[parameter.type]}")
    if parameter.type in _NUMBERS:
        return Literal(raw, datatype=NamedNode(_NUMBERS[parameter.type]))
    if parameter.type in ("text", "language", "date"):
        return Literal(raw)
    try:
        return resolve(raw, parameter)
    except UnknownTerm as error:
        raise BadParameter(name, f"nothing is called {raw!r}.", error.close_matches) from error


def _parameter(name: str, value: Any, text: str, path: Path) -> Parameter:
    match = _values_of(name).search(tokens.without_comments(text))
    if match is None:
        raise QueryFailure(f"{path}: the header has a parameter {name}, but there is no VALUES ?{name} {{ … }} line.")
    default = _one_line(match[2])
    if not isinstance(value, dict):
        value = {"meaning": value or ""}
    kind = str(value.get("type", ""))
    if not kind:  # the default shows it
        kind = "text" if default.startswith('"') else "number" if re.match(r"[+-]?\d", default) else "any"
    if kind not in TYPES:
        close = did_you_mean(closest(kind, TYPES))
        raise QueryFailure(f"{path}:1: {name} has the type {kind}; a type is one of {', '.join(TYPES)}.{close}")
    return Parameter(
        name,
        _one_line(value.get("meaning", "")),
        kind,
        _one_line(value.get("of", "")),
        default,
        bool(value.get("required")),
        str(value.get("default", "")),
        tuple(str(value.get("cues", "")).split()),
    )


def _by_language(data: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    found = data.get(key) or {}
    if not isinstance(found, dict):
        raise QueryFailure(f"{path}:1: {key} is given by language: es: …")
    if unknown := set(found) - set(LANGUAGES):
        raise QueryFailure(f"{path}:1: {min(map(str, unknown))} is none of the languages {', '.join(LANGUAGES)}.")
    return found


def _texts_by_language(data: Mapping[str, Any], key: str, path: Path) -> tuple[tuple[str, str], ...]:
    """The texts under a key, each with its language; keywords may stand in one string."""
    found = []
    for language, several in _by_language(data, key, path).items():
        texts = several.split() if isinstance(several, str) else several
        if not isinstance(texts, list):
            raise QueryFailure(f"{path}:1: {key} in {language} are a list.")
        found += [(language, _one_line(words)) for words in texts]
    return tuple(found)


def _values_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"(\bVALUES\s+\?{re.escape(name)}\s*\{{)((?:{_STRING}|<[^>]*>|[^}}\"<])*)\}}", re.IGNORECASE)


def _one_line(value: Any) -> str:
    return " ".join(str(value).split())
