"""Statements, axioms and rules as plain English sentences, by the labels of the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pyoxigraph import BlankNode, NamedNode, Triple, Variable

from nexuskg.base.namespaces import TYPE, compact
from nexuskg.rdf.labels import term_text
from nexuskg.rdf.store import Readable
from nexuskg.reasoning.rules import Clause

_LETTERS: Final = ("X", "Y", "Z", "W", "V", "U", "T", "S")


def statement_text(
    store: Readable, triple: Iterable[Any], prefixes: Mapping[str, str], names: Mapping[Any, str] = {}
) -> str:
    """The triple or pattern as a clause of a sentence; `names` gives what variables are called.

    >>> from pyoxigraph import Store
    >>> a, p, b = (NamedNode("urn:" + name) for name in "apb")
    >>> statement_text(Store(), (a, p, b), {"u": "urn:"})
    'u:a u:p u:b'
    """

    def name(part: Any) -> str:
        return names.get(part) or term_text(part, store, prefixes)

    subject, predicate, value = triple
    if predicate == TYPE:
        return f"{name(subject)} is {with_article(name(value))}"
    return f"{name(subject)} {name(predicate)} {name(value)}"


def rule_sentence(store: Readable, of: Clause, prefixes: Mapping[str, str]) -> str:
    """What the clause says of anything, as one sentence: if this, then that; or: never this.

    >>> from pyoxigraph import Store
    >>> from nexuskg.reasoning.rules import clauses
    >>> store = Store()
    >>> store.update("INSERT DATA { <urn:p> a <http://www.w3.org/2002/07/owl#SymmetricProperty> }")
    >>> [rule_sentence(store, clause, {"u": "urn:"}) for clause in clauses(store, concluding=True)]
    ['If X u:p Y, then Y u:p X.']
    """
    if of.body:
        return of.rule.sentence
    names: dict[Any, str] = {}
    for pattern in (*of.premises, of.head or ()):
        for part in pattern:
            if isinstance(part, Variable) and part not in names:
                at = len(names)
                names[part] = _LETTERS[at] if at < len(_LETTERS) else f"X{at}"
    told = " and ".join(statement_text(store, pattern, prefixes, names) for pattern in of.premises)
    if of.head:
        return f"If {told}, then {statement_text(store, of.head, prefixes, names)}."
    apart = [names[Variable(name)] for name in of.rule.apart or ()]
    return f"It cannot be that {told}{f' where {apart[0]} is not {apart[1]}' if apart else ''}."


def axiom_text(of: Clause, triple: Triple, prefixes: Mapping[str, str]) -> str:
    """An axiom of the clause as written, in CURIEs; a class expression or list by the terms in it."""
    ends = (triple.subject, triple.object)
    parts = [part for pattern in (*of.premises, of.head or ()) for part in pattern]
    terms = [part for part in dict.fromkeys(parts) if isinstance(part, NamedNode) and part != TYPE and part not in ends]
    inside = f"({' '.join(compact(term.value, prefixes) for term in terms)})"

    def text_of(part: Any) -> str:
        return compact(part.value, prefixes) if isinstance(part, NamedNode) else inside

    if all(isinstance(end, BlankNode) for end in ends):  # the list of an axiom that has no name
        return f"{compact(triple.predicate.value, prefixes)} {inside}"
    return " ".join(map(text_of, triple))


def with_article(noun: str) -> str:
    """A noun with its indefinite article, by its first letter.

    >>> with_article("organization"), with_article("market"), with_article("unit")
    ('an organization', 'a market', 'a unit')
    """
    return f"{'an' if noun[:1].lower() in 'aeiou' and not noun.startswith(('uni', 'use', 'one')) else 'a'} {noun}"
