"""The words of a text in plain words that a reading of it leaves out: an answer without them answers something else.

A word is used where it names or says what a parameter is given, or where the question itself is put with it. A word
that could have been a value, such as the name of a group, is not used by being in an example; a negation or comparison
only where the question is put with one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from nexuskg.answers.function_words import ASKING, SMALL, words_by_language
from nexuskg.answers.parameters import can_take
from nexuskg.base.namespaces import DEFAULT_GRAPH, SKOS, TYPE, expand
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries.catalogue import NODES, OPEN, Parameter, StoredQuery
from nexuskg.rdf.store import subject_nodes
from nexuskg.search.find import fold_name
from nexuskg.search.mentions import Mention

_TURNING_EN = """
not no never neither nor without except unless isn aren wasn weren don doesn didn hasn haven cannot both either than
versus vs unlike compare compared comparison
"""
_TURNING_ES = "no nunca sin ni tampoco excepto salvo ambos ambas comparar comparado comparada comparacion"
_TURNING_PT = "nao nunca sem nem tampouco exceto ambos ambas comparar comparado comparada comparacao"
TURNING: Final[Mapping[str, frozenset[str]]] = words_by_language(_TURNING_EN, _TURNING_ES, _TURNING_PT)
"""Words that turn a question into another: negations and comparisons."""

_FILLING_EN = """
ever if so all regarding concerning these those days there then now also just really actually please
"""
_FILLING_ES = "sobre acerca tan ese esa esos esas otros otras tambien ya mismo todo todos"
_FILLING_PT = "sobre acerca tao esse essa esses essas outros outras tambem ja mesmo tudo todos"
FILLING: Final[Mapping[str, frozenset[str]]] = words_by_language(_FILLING_EN, _FILLING_ES, _FILLING_PT)
"""Words that stand in a question and change nothing of it, beside those that every text has."""
SHARED: Final = 4
"""So many letters at least have two words in common that are forms of one."""

_LABELS: Final = tuple(NamedNode(SKOS + name) for name in ("prefLabel", "altLabel", "hiddenLabel"))


class ValueWords:
    """The words in the names of what parameters can take, looked up once; a class as it keeps what it has found."""

    def __init__(self, data: Compiled, things: Iterable[str]) -> None:
        self.data = data
        self.things = sorted(set(things))
        self._known: dict[tuple[str, str], frozenset[str]] = {}
        classes = subject_nodes(data.store, TYPE, NamedNode("http://www.w3.org/2002/07/owl#Class"))
        self.kinds = frozenset(word for node in classes for word in self.of_node(node.value))

    def of_node(self, iri: str) -> frozenset[str]:
        """The words in all names of a thing, in every language, cut to what their forms share."""
        quads = (
            quad
            for label in _LABELS
            for quad in self.data.store.quads_for_pattern(NamedNode(iri), label, None, DEFAULT_GRAPH)
        )
        texts = (quad.object.value for quad in quads if isinstance(quad.object, Literal))
        return frozenset(cut(word) for text in texts for word in fold_name(text).split())

    def of_parameter(self, wanted: Parameter) -> frozenset[str]:
        """The words in the names of whatever the parameter can take, but for those that name kinds of things."""
        key = (wanted.type, wanted.of)
        if key not in self._known:
            taken = (iri for iri in self.things if can_take(self.data, wanted, iri))
            found = {word for iri in taken for word in self.of_node(iri)}
            self._known[key] = frozenset(found - self.kinds)
        return self._known[key]


def unused_words(
    known: ValueWords,
    query: StoredQuery,
    given: Mapping[str, Sequence[str]],
    words: Sequence[str],
    mentions: Sequence[Mention],
    asked_with: Collection[str],
    language: str,
) -> tuple[str, ...]:
    """The words of a text that a question with these parameters leaves out, in their order.

    `words` are folded, `mentions` what they name, and `asked_with` the words that the question is put with, folded.
    """
    table = known.data.prefixes
    bound = [value for values in given.values() for value in values if value not in OPEN]
    iris = {iri for value in bound if (iri := expand(value, table))}
    named = {at for mention in mentions if iris & set(mention.iris) for at in range(mention.start, mention.end)}
    said = {word for iri in iris for word in known.of_node(iri)}
    said |= {word for value in bound for word in fold_name(value).split()}
    dated = any(parameter.type == "date" and parameter.name in given for parameter in query.params)
    nodes = [each for each in query.params if each.type in NODES and each.type != "term"]
    values = {word for each in nodes for word in known.of_parameter(each)}
    put = {cut(word) for word in asked_with}
    own = {cut(word) for each in query.params for word in fold_name(f"{each.name} {each.meaning}").split()}
    concepts = {word for each in nodes if each.type == "concept" for word in known.of_parameter(each)}
    own |= {cut(fold_name(word)) for _, word in query.keywords} - concepts
    small = SMALL[language] | ASKING[language] | FILLING[language]
    found = []
    for at, word in enumerate(words):
        short = cut(word)
        if word in TURNING[language]:
            used = word in asked_with
        elif word in small or at in named or short in said or (dated and (word.isdigit() or len(word) < 3)):
            used = True
        else:
            used = short in put and (short not in values or short in own)
        if not used:
            found.append(word)
    return tuple(dict.fromkeys(found))


def cut(word: str) -> str:
    """A folded word without the ending that its forms differ in.

    >>> [cut(word) for word in ("exports", "exported", "exporta", "coca", "cocaine")]
    ['expor', 'expor', 'expor', 'coca', 'cocai']
    """
    return word[: SHARED + 1] if len(word) > SHARED else word.rstrip("s")
