"""Realistic data in our model, of any size: python tests/bench/generate.py --triples 100k --seed 1 -o data.nt

The authored layer only, as ontology/data holds it (entities, sources, claims); what follows is derived. The same size
and seed give the same bytes. It is to be loaded beside ontology/terms, vocab and data, whose terms, countries and
goods it uses.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path
from random import Random

from document import A, Document, term
from scenes import key, tell


def source(index: int, seed: int = 1) -> Document:
    """The source of that number, about 200 claims; it speaks of no later one, so it can be added to those before."""
    doc = Document(key(index), Random(f"{seed}/{index}"))
    tell(doc, index)
    return doc


def sources(triples: int, seed: int = 1) -> Iterator[Document]:
    """Sources, one after the other, until there are so many triples; at least one."""
    made = 0
    for index in count():
        doc = source(index, seed)
        made += sum(len(lines) for _, lines in doc.blocks())
        yield doc
        # Half a source more or less: stop where the size is met best.
        if made + made // (index + 1) // 2 >= triples:
            return


def lines(documents: Iterator[Document], quads: bool = False, violations: float = 0.0, seed: int = 1) -> Iterator[str]:
    """The statements of the sources as N-Triples, or as N-Quads with a named graph for each file they would stand in.

    `violations` is the share of claims that get something wrong with them, for validators to report.
    """
    random = Random(f"violations/{seed}")
    for doc in documents:
        if violations:
            _plant(doc, violations, random)
        for graph, block in doc.blocks():
            end = f" {graph} .\n" if quads else " .\n"
            yield end.join(block) + end


def _plant(doc: Document, share: float, random: Random) -> None:
    """Nothing; that share of the claims then breaks a shape, each in one of four ways."""
    kind, voice, modality, hedge = (term(f"nx:{name}") for name in ("kind", "voice", "modality", "hedge"))
    marked = [line.split(" ", 1)[0] for line in doc.claims if line.endswith(f" {A} {term('nx:Claim')}")]
    broken = {iri: random.randrange(4) for iri in marked if random.random() < share}
    kept = []
    for line in doc.claims:
        subject, predicate, _ = line.split(" ", 2)
        fault = broken.get(subject)
        if not (fault == 0 and predicate == voice) and not (fault == 1 and predicate == kind):
            kept.append(line)
    kept += [f'{iri} {hedge} "partly"' for iri, fault in broken.items() if fault == 2]
    kept += [f"{iri} {modality} {term('voice:author')}" for iri, fault in broken.items() if fault == 3]
    doc.claims = kept


def size(words: str) -> int:
    """A number of triples as people write it.

    >>> size("10k"), size("1M"), size("250")
    (10000, 1000000, 250)
    """
    units = {"k": 1_000, "m": 1_000_000}
    unit = units.get(words[-1:].lower())
    return round(float(words[:-1]) * unit) if unit else int(words)


def main() -> None:
    """Nothing; writes the file, N-Quads where its name ends in .nq."""
    parser = argparse.ArgumentParser(description="Write realistic data in the model of the graph.")
    parser.add_argument("--triples", type=size, default=10_000, help="about how many, such as 10k or 1M")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--violations", type=float, default=0.0, help="share of claims with something wrong")
    parser.add_argument("--source", type=int, help="only the source of this number")
    parser.add_argument("-o", "--output", type=Path, help="the file; standard output if there is none")
    args = parser.parse_args()
    documents = sources(args.triples, args.seed) if args.source is None else chain([source(args.source, args.seed)])
    quads = args.output is not None and args.output.suffix == ".nq"
    text = lines(iter(documents), quads, args.violations, args.seed)
    if args.output is None:
        sys.stdout.writelines(text)
        return
    with args.output.open("w", encoding="utf-8") as file:
        file.writelines(text)


if __name__ == "__main__":
    main()
