"""An explanation as text, as plain values for JSON, and as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pyoxigraph import NamedNode, Triple

from nexuskg.base.namespaces import compact
from nexuskg.explain.why import Explanation, Reason, StatedClaim

CURATION = "a name or kind of our own"


def explanation_text(told: Explanation) -> str:
    """The explanation as an indented tree, a line each for a statement, a rule, a claim and a passage.

    What was derived above already is not derived again.
    """
    several = len(told.reasons) != 1 or len(told.reasons[0]) > 1 or bool(told.claims)
    lines = [told.about] if several else []
    margin = "  " if several else ""
    seen: set[Triple] = set()
    for said in told.claims:
        lines += _indent(_claim_lines(said), margin)
    for reasons in told.reasons:
        for number, reason in enumerate(reasons, 1):
            if len(reasons) > 1:
                seen = set()
                lines.append(f"  {number} of {len(reasons)}{'' if told.complete else ' or more'}:")
            lines += _indent(_lines(reason, seen), margin)
    lines += (f"{margin}{line}" for line in told.set_aside)
    if told.absence:
        lines.append("  It rests on absence, too: on what no statement of the graph says.")
    return "\n".join(lines) + "\n"


def _lines(reason: Reason, seen: set[Triple]) -> Iterator[str]:
    again = reason.triple in seen and bool(reason.rule)
    seen.add(reason.triple)
    yield f"{reason.text}  [{_basis(reason)}]{' as above' if again else ''}"
    if again:
        return
    if reason.rule:
        yield f"  by the rule: {reason.sentence}"
        for axiom in reason.axioms:
            yield f"  axiom: {axiom}"
    for said in reason.claims:
        yield from _indent(_claim_lines(said), "  ")
    of_claims: dict[str, list[Reason]] = {}
    for premise in reason.premises:
        if _of_itself(premise):
            of_claims.setdefault(premise.claims[0].claim, []).append(premise)
        else:
            yield from _indent(_lines(premise, seen), "  ")
    for premises in of_claims.values():
        (said,) = premises[0].claims
        yield from _indent(_claim_lines(said), "  ")
        yield f"    {'; '.join(premise.text.removeprefix(said.label).strip() for premise in premises)}"


def _of_itself(reason: Reason) -> bool:
    """Whether what is said is said of a claim, by that claim: it is told with it."""
    at = getattr(reason.triple.subject, "value", "")
    return len(reason.claims) == 1 and at.endswith(f"/claim/{reason.claims[0].claim.partition(':')[2]}")


def _basis(reason: Reason) -> str:
    how = f"{reason.modality}, confidence {reason.confidence}" if reason.modality else CURATION
    return f"inferred; {how}" if reason.rule else f"stated; {how}" if reason.claims else reason.naming or CURATION


def _claim_lines(said: StatedClaim) -> Iterator[str]:
    yield f"{said.claim}: {said.label}  [{_firm(said)}]"
    yield f"  {claim_place(said)}"
    for passage in said.passages:
        yield f"  {passage}"


def _firm(said: StatedClaim) -> str:
    hedge = said.evidence.hedge if said.evidence else ""
    words = (
        said.modality,
        hedge and f"hedged: {hedge}",
        "" if said.confidence is None else f"confidence {said.confidence}",
    )
    return ", ".join(filter(None, words))


def claim_place(said: StatedClaim) -> str:
    """Where a claim stands: source, paragraph (or locator), and the words to look for."""
    if said.evidence is None:
        return "no place known"
    at = said.evidence
    where = f"{at.source}, paragraph {at.paragraph}" if at.anchor else f"{at.source}, {at.paragraph} (locator only)"
    return f"{where}, at: {at.anchor}" if at.anchor else where


def _indent(lines: Iterator[str], margin: str) -> list[str]:
    return [margin + line for line in lines]


# ---- JSON ---------------------------------------------------------------------------------------------------------


def explanation_json(told: Explanation, prefixes: Mapping[str, str]) -> dict[str, object]:
    """The explanation as plain values: nested reasons with rule, axioms, premises, claims and their places."""
    return {
        "about": told.about,
        "complete": told.complete,
        "rests_on_absence": told.absence,
        "set_aside": list(told.set_aside),
        "claims": [_claim(said) for said in told.claims],
        "reasons": [[_reason(reason, prefixes) for reason in reasons] for reasons in told.reasons],
    }


def _reason(reason: Reason, prefixes: Mapping[str, str]) -> dict[str, object]:
    out: dict[str, object] = {
        "statement": reason.text,
        "triple": [compact(t.value, prefixes) if isinstance(t, NamedNode) else str(t) for t in reason.triple],
        "confidence": reason.confidence,
        "modality": reason.modality,
    }
    if reason.rule:
        out["rule"] = {"name": reason.rule, "sentence": reason.sentence, "axioms": list(reason.axioms)}
        out["premises"] = [_reason(premise, prefixes) for premise in reason.premises]
    else:
        out["claims"] = [_claim(said) for said in reason.claims]
        if reason.naming:
            out["naming"] = reason.naming
    return out


def _claim(said: StatedClaim) -> dict[str, object]:
    out: dict[str, object] = {
        "claim": said.claim,
        "label": said.label,
        "modality": said.modality,
        "confidence": said.confidence,
    }
    if said.evidence is not None:
        out |= {name: getattr(said.evidence, name) for name in ("hedge", "source", "paragraph", "anchor", "grade")}
    if said.passages:
        out["passages"] = list(said.passages)
    return out


# ---- Mermaid ------------------------------------------------------------------------------------------------------


def explanation_mermaid(told: Explanation) -> str:
    """The explanation as a Mermaid flowchart: claims at the bottom, what follows from them above."""
    lines = ["flowchart BT"]
    seen: dict[Any, str] = {}

    def node(key: Any, text: str, shape: str) -> tuple[str, bool]:
        new = key not in seen
        if new:
            seen[key] = f"n{len(seen)}"
            opening, closing = shape.split("|")
            lines.append(f'  {seen[key]}{opening}"{_escape(text)}"{closing}')
        return seen[key], new

    def claim(said: StatedClaim, above: str) -> None:
        name, new = node(said.claim, f"{said.claim}<br/>{claim_place(said)}", "[/|/]")
        lines.append(f"  {name} --> {above}")
        if new:
            lines.append(f"  class {name} claim")

    def draw(reason: Reason) -> str:
        name, new = node(reason.triple, reason.text, "[|]")
        if new:
            lines.append(f"  class {name} {'inferred' if reason.rule else 'stated' if reason.claims else 'curation'}")
            for said in reason.claims:
                claim(said, name)
        for premise in reason.premises:
            line = f'  {draw(premise)} -->|"{_escape(reason.rule)}"| {name}'
            if line not in lines:
                lines.append(line)
        return name

    top, _ = node(None, told.about, "([|])")
    for said in told.claims:
        claim(said, top)
    for reasons in told.reasons:
        drawn = dict.fromkeys(map(draw, reasons))
        lines.extend(f"  {name} --> {top}" for name in drawn)
    lines += [
        "  classDef inferred fill:#e2ecfd,stroke:#444,color:#111",
        "  classDef stated fill:#fff,stroke:#444,color:#111",
        "  classDef curation fill:#eee,stroke:#444,color:#111",
        "  classDef claim fill:#fff3cd,stroke:#444,color:#111",
    ]
    return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    # Mermaid's own entities: a quote would end the text, and it reads others as markup.
    plain = "".join(f"#{ord(c)};" if c in '"#&<>`|' else c for c in text.replace("<br/>", "\n"))
    return plain.replace("\n", "<br/>")
