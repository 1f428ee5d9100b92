"""From what a user typed for each parameter of a stored question to the terms that are meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pyoxigraph import NamedNode

from nexuskg.base.namespaces import BASE, NX, SKOS, TYPE, compact, expand
from nexuskg.errors import BadParameter
from nexuskg.pipeline.dataset import Compiled
from nexuskg.queries.catalogue import Parameter, StoredQuery, Value, parameter, parse_value
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import Readable, classes_above, object_nodes, subject_nodes
from nexuskg.search.find import kind_of, resolve_name

_IN = NamedNode(SKOS + "inScheme")
_TERMS = ("class", "property")
_NAMED = 6
"""So many candidates are named where a name is ambiguous."""
_OTHERS = (*_TERMS, "concept", "vocabulary")


def parameter_values(data: Compiled, query: StoredQuery, texts: Mapping[str, Iterable[str]]) -> dict[str, list[Value]]:
    """The terms meant by what was typed for each parameter of the question; raises BadParameter.

    Of several things that bear a name, the one is meant that the parameter can take. Where the question needs something
    to be about, something has to be named.
    """

    def node(words: str, wanted: Parameter) -> NamedNode:
        return _node(data, words, wanted)

    found = {
        name: [parse_value(value, parameter(query, name), node) for value in several] for name, several in texts.items()
    }
    needed = next((each.name for each in query.params if each.required), "")
    if needed and opens_examples(query, found) and not _names_any(found):
        raise BadParameter(needed, "it cannot be left open; name what you ask about.")
    return found


def opens_examples(query: StoredQuery, values: Mapping[str, Sequence[Value]]) -> bool:
    """Whether parameters whose default is an example are open unless given: something is named, or one of them open.

    Who asks about a cause does not mean the effect of the example; who widens the scope of the example does mean it.
    """
    return _names_any(values) or any(each.name in values for each in query.params if each.default_is == "example")


def _names_any(values: Mapping[str, Sequence[Value]]) -> bool:
    return any(term is not None for terms in values.values() for term in terms)


def can_take(data: Compiled, wanted: Parameter, iri: str) -> bool:
    """Whether the parameter can take the node."""
    if wanted.type == "any":
        return True
    kind = kind_of(data.store, iri)
    if wanted.type == "term":  # of a foreign term, such as skos:exactMatch, the graph knows no kind
        return kind in (*_TERMS, None)
    if wanted.type == "concept":
        schemes = {scheme.value for scheme in object_nodes(data.store, NamedNode(iri), _IN)}
        return f"{BASE}vocab/{wanted.of}" in schemes if wanted.of else kind == "concept"
    wide = NX + "Place" if wanted.type == "place" else expand(wanted.of, data.prefixes)
    return wide in _classes(data.store, iri) if wide else kind not in _OTHERS


def accepted_kinds(data: Compiled, wanted: Parameter) -> str:
    """What the parameter can take, in words: a place, an organization, a concept of a vocabulary, a date."""
    if wanted.type == "concept" and wanted.of:
        return f"concept of the vocabulary {wanted.of}"
    iri = expand(wanted.of, data.prefixes)
    return label_or_name(data.store, iri) if iri else {"term": "class or property"}.get(wanted.type, wanted.type)


def _node(data: Compiled, words: str, wanted: Parameter) -> NamedNode:
    found = resolve_name(data.store, words, prefixes=data.prefixes, among=lambda iri: can_take(data, wanted, iri))
    if can_take(data, wanted, found.value):
        return found
    if kind_of(data.store, found.value) == "class":  # whoever names a kind may mean the one thing of that kind
        members = [node for node in subject_nodes(data.store, TYPE, found) if can_take(data, wanted, node.value)]
        if len(members) == 1:
            return members[0]
        if members:
            names = [compact(node.value, data.prefixes) for node in sorted(members, key=str)]
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            several = (
                f"{words.strip()!r} is a kind of thing; write the one you mean: {', '.join(names[:_NAMED])}{more}."
            )
            raise BadParameter(wanted.name, several)
    from nexuskg.reasoning.verbalize import with_article

    kinds = [label_or_name(data.store, kind.value) for kind in object_nodes(data.store, found, TYPE)]
    kind = min(kinds, default=None, key=lambda name: (name not in ("place", "organization", "person"), name))
    what = f"is {with_article(kind)}" if kind else "is of no known kind"
    name = label_or_name(data.store, found.value)
    raise BadParameter(wanted.name, f"{name} {what}; {wanted.name} takes {with_article(accepted_kinds(data, wanted))}.")


def _classes(store: Readable, iri: str) -> set[str]:
    """The classes of the node and those above them."""
    return {each.value for each in classes_above(store, object_nodes(store, NamedNode(iri), TYPE))}
