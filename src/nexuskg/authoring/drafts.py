"""Claims as somebody proposes them, on the command line or in a file of YAML, JSON or CSV. Nothing is trusted.

A draft is text in named fields. What the fields mean is decided against the graph and the source's text (see
nexuskg.authoring.claim_drafts); here it is only read, and every draft keeps its number and line, so that a report can
name it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from unicodedata import category

from nexuskg.errors import BadDraft, closest, did_you_mean

Sort = Literal["concept", "node", "words", "plain", "note", "flag"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a draft that qualifies the claim: the property it becomes, and what sort of value that takes.

    Concepts are of the scheme `scheme`; words are the source's own, in its language; a note is ours, in English.
    """

    prop: str
    sort: Sort
    help: str
    scheme: str = ""


QUALIFIERS: Final[Mapping[str, Field]] = {
    "modality": Field("nx:modality", "concept", "How it is said: asserted, reported, estimated, implied …", "modality"),
    "polarity": Field("nx:polarity", "concept", "positive, or negative where the source denies it.", "polarity"),
    "kind": Field("nx:kind", "concept", "state-of-affairs, causal, evaluation or bibliographic.", "kind"),
    "voice": Field("nx:voice", "concept", "Who speaks: author, named-authority, unnamed-experts …", "voice"),
    "claimed-by": Field("nx:claimedBy", "node", "The actor to whom the source gives the statement."),
    "hedge": Field("nx:hedge", "words", "The source's limiting word, such as mainly."),
    "degree": Field("nx:degree", "words", "The source's strengthening word, such as significant."),
    "time": Field("nx:timeAsStated", "words", "The time in the source's words."),
    "date": Field("nx:edtf", "plain", "The time as a date in EDTF: 2014-09, ../2014."),
    "place": Field("nx:placeAsStated", "words", "The place in the source's words, such as near."),
    "comparator": Field("nx:comparator", "concept", "How a figure is bounded: equal-to, more-than …", "comparator"),
    "unit": Field("nx:unit", "concept", "The unit of a figure.", "unit"),
    "measures": Field("nx:measures", "concept", "What a figure measures.", "quantity"),
    "value-as-stated": Field("nx:valueAsStated", "words", "The figure in the source's words."),
    "quantity-word": Field("nx:quantityWord", "words", "A quantity in words, such as many."),
    "causal-relation": Field("nx:causalRelation", "concept", "The verb of a causal claim.", "causal-relation"),
    "describes": Field("nx:describesNode", "node", "The node of ours that the claim describes."),
    "mentioned-as": Field("nx:mentionedAs", "words", "The source's own name for the thing."),
    "footnote": Field("nx:footnote", "plain", "The footnote mark that ends the sentence."),
    "open-list": Field("nx:openList", "flag", "true where the source leaves its list open."),
    "note": Field("skos:editorialNote", "note", "A note of ours."),
}
"""Every qualifying field, in the order of the options."""
WHAT: Final = ("subject", "predicate", "object", "value", "says", "phrase", "occurrence", "locator", "new-entity")
"""The fields that say what is claimed, and where."""
_SAME: Final = {"anchor": "phrase", "claim": "says", "label": "says", "edtf": "date", "describes-node": "describes"}
_EMPTY: Final = ("", "null", "~", "None")
_LISTS: Final = ("claims", "drafts")


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim as proposed: the texts of its fields, its number in the file (from 1) and line, None where not known."""

    fields: Mapping[str, tuple[str, ...]]
    number: int = 1
    line: int | None = None
    problem: str = ""
    """Why it cannot even be read; empty where it can."""

    def one(self, name: str) -> str:
        """The first text of a field; empty where the draft does not have it."""
        return next(iter(self.fields.get(name, ())), "")

    @property
    def place(self) -> str:
        """Where it stands, as a person says it."""
        return f"{self.number} (line {self.line})" if self.line else str(self.number)


def draft(fields: Mapping[str, Any], number: int = 1, line: int | None = None) -> Draft:
    """The draft of some fields, their names and values put in order; a field that is unknown is its problem.

    >>> draft({"Claimed_by": " X ", "hedge": ["mainly"], "unit": None}).fields
    {'claimed-by': ('X',), 'hedge': ('mainly',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    problems = []
    for key, value in fields.items():
        name = str(key).strip().lower().replace("_", "-").replace(" ", "-")
        name = _SAME.get(name, name)
        if name not in QUALIFIERS and name not in WHAT:
            hint = did_you_mean(closest(name, [*WHAT, *QUALIFIERS], limit=1))
            problems.append(f"no field is called {str(key)[:40]!r}.{hint}")
            continue
        values = value if isinstance(value, list | tuple) else [value]
        if any(isinstance(one, dict | list) for one in values):
            problems.append(f"{name}: a text was expected, or a list of texts.")
            continue
        texts = tuple(_text(one) for one in values)
        texts = tuple(one if name == "phrase" else " ".join(one.split()) for one in texts if one not in _EMPTY)
        if any(map(unwritable, texts)):
            problems.append(f"{name}: there are characters in it that no text has.")
            continue
        if name in found and texts:
            problems.append(f"{name}: given twice.")
        if texts:
            found[name] = texts
    single = [name for name in found if name != "new-entity" and _sort(name) != "words"]
    problems += [f"{name}: one value was expected." for name in single if len(found[name]) > 1]
    return Draft(found, number, line, " ".join(problems))


def unwritable(words: str) -> bool:
    """Whether there is a character in the words that no text has: a control character, or half of one.

    >>> unwritable("one\\ntwo"), unwritable("\\x1b[2J")
    (False, True)
    """
    return any(category(char) in ("Cc", "Cs") and not char.isspace() for char in words)


def _sort(name: str) -> str:
    return QUALIFIERS[name].sort if name in QUALIFIERS else ""


def _text(value: object) -> str:
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value).strip()


def read_drafts(path: Path) -> list[Draft]:
    """The drafts in a file, by its suffix: .yaml, .yml, .json or .csv; raises BadDraft where it cannot be read.

    A list of mappings, or a mapping with such a list as "claims"; in CSV a row each, under the names of the fields.
    """
    readers = {".yaml": _yaml, ".yml": _yaml, ".json": _json, ".csv": _csv}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise BadDraft(f"{path}: drafts are read from .yaml, .json or .csv; rename the file after what is in it.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadDraft(f"{path}: cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        raise BadDraft(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8.") from None
    found = list(reader(text, path))
    if not found:
        raise BadDraft(f"{path}: there is no draft in it.")
    return found


def _as_list(data: object, path: Path) -> list[Any]:
    if isinstance(data, dict):
        data = next((data[name] for name in _LISTS if name in data), None)
    if not isinstance(data, list):
        raise BadDraft(f"{path}: a list of drafts was expected, or a mapping with such a list as claims.")
    return data


def _of(items: Sequence[Any], lines: Sequence[int | None]) -> Iterator[Draft]:
    for number, (item, line) in enumerate(zip(items, lines, strict=True), 1):
        if isinstance(item, dict):
            yield draft(item, number, line)
        else:
            yield Draft({}, number, line, "fields with values were expected (subject: …, predicate: …).")


def _yaml(text: str, path: Path) -> Iterator[Draft]:
    import yaml

    try:
        # Every scalar stays the text it is: no dates, no numbers, no objects.
        loader = yaml.BaseLoader(text)
        root = loader.get_single_node()
        data: object = None if root is None else loader.construct_document(root)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        raise BadDraft(f"{place}: not YAML: {getattr(error, 'problem', None) or error}.") from None
    except (RecursionError, ValueError, TypeError):  # nested without end, or a mapping as a key
        raise BadDraft(f"{path}: not drafts: it is nested too deep or names its fields by lists.") from None
    items = _as_list(data, path)
    node: Any = root
    if isinstance(root, yaml.MappingNode):
        by_name = {key.value: value for key, value in root.value if isinstance(key, yaml.ScalarNode)}
        node = next(by_name[name] for name in _LISTS if name in by_name)
    yield from _of(items, [child.start_mark.line + 1 for child in node.value])


def _json(text: str, path: Path) -> Iterator[Draft]:
    try:
        data = json.loads(text, parse_float=str, parse_int=str)
    except json.JSONDecodeError as error:
        raise BadDraft(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}.") from None
    except RecursionError:
        raise BadDraft(f"{path}: not drafts: it is nested too deep.") from None
    items = _as_list(data, path)
    yield from _of(items, [None] * len(items))


def _csv(text: str, path: Path) -> Iterator[Draft]:
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        header = next(rows, [])
        number, line = 0, rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row):
                number += 1
                if len(row) > len(header):
                    problem = f"{len(row)} cells stand under {len(header)} names; quote a cell that has a comma in it."
                    yield Draft({}, number, line, problem)
                else:
                    yield draft(dict(zip(header, row, strict=False)), number, line)
            line = rows.line_num + 1
    except csv.Error as error:
        raise BadDraft(f"{path}:{rows.line_num}: not CSV: {error}.") from None
