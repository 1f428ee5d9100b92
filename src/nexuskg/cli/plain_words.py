"""Plain words on the command line; what was understood is told, and what was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nexuskg.base import headings
from nexuskg.base.namespaces import expand
from nexuskg.base.safe_text import escape_controls

if TYPE_CHECKING:
    from nexuskg.answers.plain_words import Reading
    from nexuskg.pipeline.dataset import Compiled


def understand_words(data: Compiled, words: str) -> tuple[Reading | None, str]:
    """The reading of plain words that is to be answered, if there is one, and their language; tells what it is."""
    from nexuskg.answers import plain_words

    found = plain_words.Index(data).understand(words)
    language, reading = found.language, found.meant
    if reading is not None:
        title = question_title(data, reading, language)
        said = headings.message("understood", language, title=title, sure=reading.sure, call=reading.call)
        for line in said.splitlines():
            click.echo(escape_controls(line), err=True)
        return reading, language
    if not found.readings:
        click.echo(headings.message("unknown", language), err=True)
    else:
        click.echo(headings.message("unsure", language), err=True)
    for near in found.readings:
        lines = [f"  {data.catalogue[near.question].title(language)}", f"    {near.call}"]
        if near.left_out:
            lines.append(f"    {headings.message('left out', language, names=', '.join(near.left_out))}")
        click.echo(escape_controls("\n".join(lines)), err=True)
    return None, language


def question_title(data: Compiled, reading: Reading, language: str) -> str:
    """The title of the question that is read, about what is asked for rather than about its own example."""
    query = data.catalogue[reading.question]
    title, others = query.title(language), list[str]()
    examples = {parameter.name: parameter.default for parameter in query.params}
    for name, values in reading.parameters:
        labels = [_label(data, value, language) for value in values if value != "any"]
        example = _label(data, examples[name], language)
        if labels and example and example in title:
            title = title.replace(example, ", ".join(labels))
        else:
            others += (label for label in labels if label not in title)
    return f"{title} [{', '.join(others)}]" if others else title


def _label(data: Compiled, curie: str, language: str) -> str:
    """The label of a node; what is no node is its own label."""
    from nexuskg.rdf.labels import label_or_name

    iri = expand(curie, data.prefixes)
    return label_or_name(data.store, iri, language) if iri else curie
