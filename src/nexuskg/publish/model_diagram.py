"""The model drawn from the ontology, as a Mermaid flow chart of its load-bearing classes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Final

from pyoxigraph import NamedNode

from nexuskg.base.namespaces import DEFAULT_GRAPH, GRAPH, NX, OWL, RDFS, SKOS, TYPE, VOCAB
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import Readable, nodes_with

NODES: Final = 22
"""Most classes in the picture."""
VERBS: Final = 5
"""Most properties written on one arrow."""

ANYTHING: Final = OWL + "Thing"
CONCEPT: Final = SKOS + "Concept"
_FOREIGN: Final = {ANYTHING: "any thing"}
_COLORS: Final = ("#fde2e2", "#e2ecfd", "#e5f5e0", "#fff3cd", "#ece2f7", "#ddf3f5", "#f7e6d5", "#eeeeee")

_Edge = tuple[str, str]


def model_picture(store: Readable, nodes: int = NODES) -> str:
    """The Mermaid text of the model: classes, and the properties between them by domain and range.

    The classes that most properties connect are drawn, at most `nodes`, colored by the file that defines them;
    "any thing" stands where a property has no domain or range and claims speak with it. Of two inverse
    properties one is drawn, and an unused one whose super-property joins the same classes is not. Properties are
    written as a query names them, the most used first. A dotted arrow leads to
    a broader class.
    """
    edges = _edges(store)
    weight: Counter[str] = Counter()
    spoken: Counter[str] = Counter()
    for edge, names in edges.items():
        for iri in {*edge}:
            weight[iri] += len(names)
            spoken[iri] += sum(_uses(store, name) for name in names)
    drawn = set(sorted(weight, key=lambda iri: (-weight[iri], -spoken[iri], iri))[:nodes])
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for iri in sorted(drawn):
        groups[_module(store, iri)].append(iri)
    lines = ["flowchart LR", *(f'  {_id(iri)}["{_label(store, iri)}"]' for iri in sorted(drawn))]
    for color, (module, members) in zip(_COLORS, sorted(groups.items()), strict=False):
        lines.append(f"  classDef {_id(module)} fill:{color},stroke:#444,color:#111")
        lines.append(f"  class {','.join(map(_id, members))} {_id(module)}")
    for (source, target), names in sorted(edges.items()):
        if source in drawn and target in drawn:
            shown = [name.removeprefix(NX) for name in names[:VERBS]]
            shown += [f"+ {len(names) - VERBS} more"] if len(names) > VERBS else []
            lines.append(f'  {_id(source)} -->|"{"<br/>".join(shown)}"| {_id(target)}')
    for iri in sorted(drawn):
        lines += [
            f"  {_id(iri)} -.-> {_id(parent)}" for parent in _values(store, iri, RDFS + "subClassOf") if parent in drawn
        ]
    return "\n".join(lines) + "\n"


def _edges(store: Readable) -> dict[_Edge, list[str]]:
    """(class, class) -> the object properties from the one to the other, most used first."""
    typed = store.quads_for_pattern(None, TYPE, NamedNode(OWL + "ObjectProperty"), DEFAULT_GRAPH)
    ends: dict[str, _Edge] = {}
    for iri in sorted(quad.subject.value for quad in typed if isinstance(quad.subject, NamedNode)):
        sources, targets = _values(store, iri, RDFS + "domain"), _values(store, iri, RDFS + "range")
        roles = (NX + "subjectRole", NX + "objectRole")
        if (sources and targets) or _uses(store, iri) or any(nodes_with(store, role, iri) for role in roles):
            ends[iri] = ((sources or [ANYTHING])[0], (targets or [_implicit_range(store, iri)])[0])
    found: defaultdict[_Edge, list[str]] = defaultdict(list)
    for iri, edge in ends.items():
        inverses = [*_values(store, iri, OWL + "inverseOf"), *nodes_with(store, OWL + "inverseOf", iri)]
        if any(other in ends and (-_uses(store, other), other) < (-_uses(store, iri), iri) for other in inverses):
            continue
        wider = [above for above in _values(store, iri, RDFS + "subPropertyOf") if above != iri]
        if not _uses(store, iri) and any(ends.get(above) == edge for above in wider):
            continue
        if CONCEPT not in edge:  # nearly every class has its vocabularies: those arrows would hide the rest
            found[edge].append(iri)
    return {edge: sorted(names, key=lambda name: (-_uses(store, name), name)) for edge, names in found.items()}


def _implicit_range(store: Readable, prop: str) -> str:
    """What a property without a range leads to: a concept where all claims with it have one, else any thing."""
    claims = nodes_with(store, NX + "claimPredicate", prop)
    values = {value for claim in claims for value in _objects(store, claim, NX + "claimObject")}
    return CONCEPT if values and all(value.startswith(VOCAB) for value in values) else ANYTHING


def _uses(store: Readable, prop: str) -> int:
    """How many claims speak with a property, so that the arrows say what the data do."""
    return len(nodes_with(store, NX + "claimPredicate", prop))


def _values(store: Readable, subject: str, predicate: str) -> list[str]:
    """The terms of ours that are values of a property."""
    return [value for value in _objects(store, subject, predicate) if value.startswith(NX)]


def _objects(store: Readable, subject: str, predicate: str) -> list[str]:
    quads = store.quads_for_pattern(NamedNode(subject), NamedNode(predicate), None, DEFAULT_GRAPH)
    return sorted(quad.object.value for quad in quads if isinstance(quad.object, NamedNode))


def _module(store: Readable, iri: str) -> str:
    """The name of the file of terms that defines a class."""
    quads = store.quads_for_pattern(NamedNode(iri), TYPE, NamedNode(OWL + "Class"), None)
    names = (q.graph_name.value for q in quads if isinstance(q.graph_name, NamedNode))
    return min(
        (n.removeprefix(GRAPH + "terms/") for n in names if n.startswith(GRAPH + "terms/")),
        default="things of any class",
    )


def _label(store: Readable, iri: str) -> str:
    return _FOREIGN.get(iri) or _text(label_or_name(store, iri))


def _id(iri: str) -> str:
    return re.sub(r"\W", "", re.split(r"[/#]", iri)[-1])


def _text(label: str) -> str:
    """A label without what Mermaid would read as its own."""
    return label.replace('"', "'").replace("|", "/")
