"""Answers as values: rows of cells with the labels they had when asked, and the evidence of each row.

An answer is complete in itself: it can be kept, compared and shown without the graph that gave it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.answers import table
from nexuskg.base.namespaces import XSD
from nexuskg.base.text_table import plain_table
from nexuskg.errors import NexuskgError
from nexuskg.pipeline.views import FACTS, View
from nexuskg.rdf.store import Term

if TYPE_CHECKING:
    import pandas
    import polars

_NUMBERS: Final = {XSD + name: kind for name, kind in (("integer", int), ("decimal", Decimal), ("double", float))} | {
    XSD + name: int for name in ("int", "long", "nonNegativeInteger", "positiveInteger")
}


@dataclass(frozen=True, slots=True)
class EvidenceSpan:
    """A span of a hashed text: offsets in code points (end exclusive), its paragraph and the words to look for."""

    iri: str
    curie: str
    start: int
    end: int
    paragraph: str = ""
    anchor: str = ""
    occurrence: str = ""
    """Which occurrence of the anchor it is, where there are several."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A claim and where it stands: hedges, source, paragraph (or locator), anchor phrase; empty where it has none.

    `grade` is span or locator: whether the place is fixed to characters of a text, or given in words.
    """

    claim: NamedNode
    hedge: str
    source: str
    paragraph: str
    anchor: str
    grade: str = ""
    curie: str = ""
    spans: tuple[EvidenceSpan, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """The CURIEs of its spans; its locator where there is only that."""
        return tuple(span.curie for span in self.spans) or ((self.paragraph,) if self.paragraph else ())


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a row: the term, and how it is called in the language that was asked in.

    >>> Cell(Literal("7.6", datatype=NamedNode(XSD + "decimal")), "7.6").value
    Decimal('7.6')
    >>> print(Cell(NamedNode("https://example.org/reds"), "The Reds", "ex:reds"))
    The Reds
    """

    term: Term | None
    label: str = ""
    curie: str = ""

    @property
    def iri(self) -> str | None:
        """The IRI of a node; None for a literal and for nothing."""
        return self.term.value if isinstance(self.term, NamedNode) else None

    @property
    def value(self) -> Any:
        """A number, a truth value or a text as Python has it; a node's IRI; None where the cell is empty."""
        if not isinstance(self.term, Literal):
            return None if self.term is None else self.iri or self.label
        kind = self.term.datatype.value
        try:
            if kind == XSD + "boolean":
                return self.term.value in ("true", "1")
            return _NUMBERS[kind](self.term.value) if kind in _NUMBERS else self.term.value
        except (ValueError, InvalidOperation):  # ill-typed: as it stands
            return self.term.value

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class Row:
    """An answer row; `rests_on` is claims, absence, claims and absence, or curation (our own names and kinds).

    A cell is found by its column, `row["group"]` or `row.group`; iterating gives them all in order. `follows` are the
    statements behind the row that are inferred, but for kinds that go without saying beside the others; `found_by` is
    the evidence of what a filter or a look-up used to find the row, which does not need it to hold.

    >>> row = Row((Literal("two"),), (), "absence", ("n",), (("two", ""),))
    >>> row.n.label, row["n"].value, [str(cell) for cell in row]
    ('two', 'two', ['two'])
    """

    cells: tuple[Term | None, ...]
    evidence: tuple[Evidence, ...]
    rests_on: str
    columns: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    """The label and the CURIE of each cell."""
    follows: tuple[Triple, ...] = ()
    found_by: tuple[Evidence, ...] = ()
    """What a look-up or a filter used to find the row: it says nothing of what the row says."""
    also: tuple[Evidence, ...] = ()
    """What else justifies the row, without the evidence."""

    def __getitem__(self, column: str | int) -> Cell:
        if isinstance(column, int):
            return Cell(self.cells[column], *self.names[column])
        if column not in self.columns:
            raise KeyError(f"no column {column!r}; there are {', '.join(self.columns)}")
        return self[self.columns.index(column)]

    def __getattr__(self, name: str) -> Cell:
        """The cell of the column of that name."""
        if name.startswith("_") or name in self.__slots__ or name not in self.columns:
            raise AttributeError(f"a row has no {name!r}")
        return self[name]

    def __iter__(self) -> Iterator[Cell]:
        return (self[number] for number in range(len(self.cells)))

    def __len__(self) -> int:
        return len(self.cells)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question: column names, and rows with their evidence; `view` and `language` as asked.

    It iterates over its rows, has their number as its length, prints as a plain table, and is a table in a notebook.

    >>> answer = Answer("q", ("n",), (Row((Literal("two"),), (), "absence", ("n",), (("two", ""),)),))
    >>> print(answer)
    n    source  paragraph  anchor  rests on
    ---  ------  ---------  ------  --------
    two                             absence
    >>> len(answer), answer[0].n.label, answer.to_dicts()
    (1, 'two', [{'n': 'two', 'claims': [], 'spans': [], 'rests_on': 'absence', 'also': [], 'found_by': []}])
    """

    question: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    untraced: str = ""
    """Why no row has evidence, where none could be traced."""
    view: View = FACTS
    language: str = "en"
    defaults: tuple[tuple[str, tuple[Cell, ...]], ...] = ()
    """The parameters that nobody gave and that narrow the answer, each with what it is by default."""
    own: bool = False
    """Whether it answers a query of somebody's own, rather than a stored question."""
    unknown: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The names in a query of one's own that stand nowhere in the graph, each with the closest that do."""

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Row:
        return self.rows[number]

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dictionary a row: the label of a node, the Python value of a literal; then the claims and spans by CURIE.

        Of the evidence it has the claims, their spans, what the row rests on, what else justifies it, and the claims
        that it was found by. A column of the query's own that has such a name goes before ours.
        """
        rows = []
        for row in self.rows:
            ours = {
                "claims": [item.curie for item in row.evidence],
                "spans": [place for item in row.evidence for place in item.places],
                "rests_on": row.rests_on,
                "also": [item.curie for item in row.also],
                "found_by": [item.curie for item in row.found_by],
            }
            own = {name: cell.label if cell.iri else cell.value for name, cell in zip(self.columns, row, strict=True)}
            rows.append({**own, **{name: value for name, value in ours.items() if name not in own}})
        return rows

    def to_pandas(self) -> pandas.DataFrame:
        """The rows of to_dicts as a pandas.DataFrame, decimals as floats; raises NexuskgError without pandas.

        >>> Answer("q", ("n",), ()).to_pandas().shape  # doctest: +SKIP
        (0, 6)
        """
        try:
            import pandas
        except ImportError:
            raise NexuskgError("pandas is not installed. Install it: pip install pandas") from None
        return pandas.DataFrame(self._floats(), columns=self._frame())

    def to_polars(self) -> polars.DataFrame:
        """The rows of to_dicts as a polars.DataFrame, decimals as floats; raises NexuskgError without polars.

        >>> Answer("q", ("n",), ()).to_polars().shape  # doctest: +SKIP
        (0, 6)
        """
        try:
            import polars
        except ImportError:
            raise NexuskgError("polars is not installed. Install it: pip install polars") from None
        return polars.DataFrame(self._floats(), schema=self._frame(), strict=False, infer_schema_length=None)

    def _frame(self) -> list[str]:
        return list(dict.fromkeys((*self.columns, "claims", "spans", "rests_on", "also", "found_by")))

    def _floats(self) -> list[dict[str, Any]]:
        # Both libraries take a Decimal as an object with which nothing can be reckoned.
        return [
            {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}
            for row in self.to_dicts()
        ]

    def __str__(self) -> str:
        return "\n".join([plain_table(*table.answer_table(self, 3)), *table.remarks(self)])

    def _repr_html_(self) -> str:
        return table.html_text(self)
