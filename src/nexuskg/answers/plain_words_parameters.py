"""The parameters of a stored question from what a text in plain words names, says and dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from pyoxigraph import Literal, NamedNode

from nexuskg.answers.function_words import ASKING, SMALL
from nexuskg.answers.parameters import can_take
from nexuskg.base.namespaces import BASE, DEFAULT_GRAPH, OWL, SKOS, TYPE, compact, expand
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries.catalogue import NODES, Parameter, StoredQuery
from nexuskg.queries.tokens import tokenize
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import subject_nodes
from nexuskg.search.find import fold_name
from nexuskg.search.mentions import PROPER, Mention

SEVERAL: Final = 3
"""A name that so many things bear is bound to all of them; one that more bear is bound to none."""

_SCHEME: Final = "skos:ConceptScheme"
_LABEL: Final = NamedNode(SKOS + "prefLabel")
_DATE: Final = re.compile(r"(?<![\d-])(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?(?![\d-])")
_MONTHS: Final = (
    "jan ene",
    "feb fev",
    "mar",
    "apr abr",
    "may mai",
    "jun",
    "jul",
    "aug ago",
    "sep set",
    "oct out",
    "nov",
    "dec dic dez",
)
_MONTH: Final = re.compile(
    r"\b(jan\w*|ene\w*|feb\w*|fev\w*|mar[cz]\w*|apr\w*|abr\w*|may\w*|maio|jun\w*|jul\w*|aug\w*|ago\w*|sep\w*|"
    r"set\w*|oct\w*|out\w*|nov\w*|dec\w*|dic\w*|dez\w*)\s+(?:of\s+|de[l]?\s+)?((?:19|20)\d\d)\b"
)
_NUMBER: Final = re.compile(r"(?:paragraph|parrafo|paragrafo)\s+(\d+)")
_SINCE: Final = re.compile(r"\b(?:since|after|from|desde|despues|a partir|depois)\b")
_UNTIL: Final = re.compile(r"\b(?:until|before|up to|hasta|antes|ate)\b")
_THROUGH: Final = re.compile(r"\b(?:through|via|indirect\w*|a traves|por medio|por meio|atraves|caminho|camino|path)\b")


@dataclass(frozen=True, slots=True)
class Filling:
    """Parameters as one would type them, those still needed, and what is named but asked for by no parameter."""

    parameters: tuple[tuple[str, tuple[str, ...]], ...]
    needs: tuple[str, ...]
    aside: tuple[str, ...]


def fill_parameters(
    data: Compiled, query: StoredQuery, mentions: Sequence[Mention], text: str, language: str
) -> Filling:
    """The parameters of the question as the text has them; what it leaves open is open, whatever the default.

    Defaults are examples, and somebody who names nobody does not ask about the example. Those that are no example, such
    as the kinds of tie that are looked at, stay.
    """
    found = parameters_taking(data, query, mentions, fold_name(text))
    for parameter in query.params:
        if parameter.name not in found:
            values = tuple(_values_in_text(data, parameter, text, language))
            if values:
                found[parameter.name] = values
    # Whoever does not say what is measured does not ask about everything that is.
    unsaid = {p.name for p in query.params if p.type == "concept" and p.default_is == "example"}
    open_names = {name for name, values in found.items() if values == ("any",)} & unsaid
    needs = tuple(p.name for p in query.params if (p.required and p.name not in found) or p.name in open_names)
    named = tuple((p.name, found[p.name]) for p in query.params if p.name in found and p.name not in needs)
    used = {value for values in found.values() for value in values}
    aside = [
        m.iris for m in mentions if m.kind in PROPER and not used & {compact(iri, data.prefixes) for iri in m.iris}
    ]
    return Filling(named, needs, tuple(label_or_name(data.store, iris[0], language) for iris in aside))


def parameters_taking(
    data: Compiled, query: StoredQuery, mentions: Sequence[Mention], folded: str = ""
) -> dict[str, tuple[str, ...]]:
    """The parameters of the question that can take what is named, each with the things as CURIEs.

    Where the text has a cue for a parameter, that one goes first.
    """
    free = list(mentions)
    found: dict[str, tuple[str, ...]] = {}
    words = set(folded.split())
    for parameter in sorted(query.params, key=lambda parameter: not words & set(parameter.cues)):
        if parameter.type not in NODES or parameter.type == "term":
            continue
        for mention in sorted(free, key=partial(_rank, parameter)):
            if not _likely(parameter, mention):
                continue
            fitting = [iri for iri in _possible_things(data, mention) if can_take(data, parameter, iri)]
            if 0 < len(fitting) <= SEVERAL:
                found[parameter.name] = tuple(compact(iri, data.prefixes) for iri in fitting)
                free.remove(mention)
                break
    return found


def _rank(parameter: Parameter, mention: Mention) -> tuple[bool, bool]:
    """What is of the kind of the default goes first, then what has a name of its own; else the order is the text's."""
    return not parameter.default.startswith(f"{mention.kind}:"), mention.kind not in PROPER


def _likely(parameter: Parameter, mention: Mention) -> bool:
    """Whether it may be meant: where an entity of any class may stand, a condition by default, no actor or place is."""
    kind = parameter.default.partition(":")[0]
    common = parameter.default != "UNDEF" and kind not in PROPER
    return not (parameter.type == "entity" and not parameter.of and common and mention.kind in PROPER)


def _possible_things(data: Compiled, mention: Mention) -> Iterable[str]:
    """The things that a mention may mean: whoever names a kind may mean what is of that kind."""
    members = {node.value for iri in mention.iris for node in subject_nodes(data.store, TYPE, NamedNode(iri))}
    return [*mention.iris, *(sorted(members) if len(members) <= SEVERAL else ())]


def _values_in_text(data: Compiled, parameter: Parameter, text: str, language: str) -> Iterator[str]:
    """What the text says for a parameter for which it names nothing; what is left open is "any"."""
    folded = fold_name(text)
    if parameter.type == "concept" or parameter.of == _SCHEME:
        concept = _node_labelled(data, _concepts(data, parameter), folded, language)
        if concept:
            yield compact(concept, data.prefixes)
            return
    elif parameter.type == "term":
        term = _node_labelled(data, _terms(data, parameter), folded, language)
        if term:
            yield compact(term, data.prefixes)
        return
    elif parameter.type == "date":
        yield from _dates(parameter.name, text, folded)
    elif parameter.type == "language":
        yield language
    elif parameter.type == "integer":
        if _THROUGH.search(folded):
            yield "2"
    elif parameter.name == "paragraph":
        yield from _NUMBER.findall(folded)[:1] or ["any"]
    if parameter.type in NODES and parameter.default != "UNDEF" and not parameter.required:
        yield "any"


def _dates(name: str, text: str, folded: str) -> Iterator[str]:
    dates = sorted({*_months(folded), *_DATE.findall(_MONTH.sub("", folded) if _MONTH.search(folded) else text)})
    if not dates:
        return
    since, until = bool(_SINCE.search(folded)), bool(_UNTIL.search(folded))
    one_sided = len(dates) == 1 and since != until
    if name == "since" and not (one_sided and until):
        yield dates[0]
    elif name == "until" and not (one_sided and since):
        yield dates[-1]


def _months(folded: str) -> Iterator[str]:
    """The months that are named with their year, as dates.

    >>> list(_months("entre agosto de 2013 e september 2014"))
    ['2013-08', '2014-09']
    """
    for name, year in _MONTH.findall(folded):
        number = next(n for n, names in enumerate(_MONTHS, 1) if name.startswith(tuple(names.split())))
        yield f"{year}-{number:02}"


def _concepts(data: Compiled, parameter: Parameter) -> list[NamedNode]:
    if parameter.of == _SCHEME:
        return subject_nodes(data.store, TYPE, NamedNode(SKOS + "ConceptScheme"))
    scheme = NamedNode(f"{BASE}vocab/{parameter.of}")
    return subject_nodes(data.store, NamedNode(SKOS + "inScheme"), scheme)


def _terms(data: Compiled, parameter: Parameter) -> list[NamedNode]:
    """The terms that the default lists; any class where it lists none."""
    listed = [expand(token.text, data.prefixes) for token in tokenize(parameter.default) if token.kind == "pname"]
    if listed:
        return [NamedNode(iri) for iri in listed if iri]
    return subject_nodes(data.store, TYPE, NamedNode(OWL + "Class"))


def _node_labelled(data: Compiled, nodes: Iterable[NamedNode], folded: str, language: str) -> str:
    """The one node all of whose label's words, or their beginnings, are in the text, and most of them; else nothing."""
    small = SMALL[language] | ASKING[language]
    there = {_prefix(word) for word in folded.split() if word not in small}
    best: list[tuple[int, str]] = []
    for node in nodes:
        for quad in data.store.quads_for_pattern(node, _LABEL, None, DEFAULT_GRAPH):
            if isinstance(quad.object, Literal) and quad.object.language == language:
                words = {_prefix(word) for word in fold_name(quad.object.value).split() if word not in small}
                if words and words <= there:
                    best.append((len(words), node.value))
    most = max((size for size, _ in best), default=0)
    found = {iri for size, iri in best if size == most}
    return found.pop() if len(found) == 1 else ""


def _prefix(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") else word
