"""Each row of an answer as one sentence at its source's own strength, with numbered footnotes.

What a claim says is attributed to who says it, with the verb of its modality, its hedges, comparators and denials. What
was inferred follows from claims, and is put no more strongly than the weakest of them; what rests on absence says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache, cached_property
from itertools import groupby
from string import ascii_lowercase
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple

from nexuskg.answers.row_evidence import evidence_of_claims
from nexuskg.base import headings
from nexuskg.base.namespaces import BASE, DEFAULT_GRAPH
from nexuskg.base.safe_text import one_line
from nexuskg.evidence.records import bibliographic_record
from nexuskg.evidence.sources import source_keys
from nexuskg.formats.claim_clause import ClaimParts, Wording
from nexuskg.formats.claim_frames import HELD, VERBS, WORDS
from nexuskg.formats.row_statement import RowStatement, row_statement
from nexuskg.rdf.store import claim_of
from nexuskg.reasoning import verbalize
from nexuskg.reasoning.grounds import STRENGTH
from nexuskg.search.names import OURS, record_names

if TYPE_CHECKING:
    from nexuskg.answers.answer import Answer, Cell, Evidence, EvidenceSpan, Row
    from nexuskg.pipeline.dataset import Compiled

MOST: Final = 3
"""Where more statements follow, a row is told by its cells."""
GROUPED: Final = 10_000
"""From here on the digits of a number are grouped: below it may be a year."""

_OTHER_MARKS: Final = str.maketrans(",.", ".,")


def cite_text(data: Compiled, found: Answer) -> str:
    """The rows as sentences, one line each, and the footnotes after them (Markdown); empty where there are no rows.

    >>> from nexuskg import load
    >>> graph = load()
    >>> first = cite_text(graph.data, graph.ask("who-taxes-what")).splitlines()[0]
    >>> first.startswith("Ellis (2015) states that "), "[^1]" in first
    (True, True)
    """
    citer = Citer(data, found.language)
    sentences = [citer.sentence(row, found.columns) for row in found.rows]
    notes = [f"[^{number}]: {note}" for note, number in citer.notes.items()]
    blocks = ["\n\n".join(sentences), "\n".join(notes)]
    return "\n\n".join(block for block in blocks if block) + ("\n" if sentences else "")


class Citer:
    """What writes sentences with footnotes; `notes` are those so far, by their text, with their numbers."""

    def __init__(self, data: Compiled, language: str = "en") -> None:
        self.data, self.language = data, language
        self.words, self.verbs = WORDS[language], VERBS[language]
        self.wording, self.english = Wording(data, language), Wording(data, "en")
        self.statement = cache(self.wording.statement)
        self.notes: dict[str, int] = {}
        self.record = cache(lambda source: bibliographic_record(data.store, source, language))

    def sentence(self, row: Row, columns: Sequence[str]) -> str:
        """One row as one sentence with its footnote marks."""
        items = self._items(row)
        absent = "absence" in row.rests_on
        if not items:
            why = self.words["absent" if absent else "untraced" if row.rests_on == "not traced" else "curation"]
            if (whose := self._whose_name(row)) is not None:
                why = self.words[whose]
            elif absent and any(isinstance(cell, Literal) and cell.value == "false" for cell in row.cells):
                why = self.words["false"]
            return _capital(f"{self._cells(row, columns)}: {why}.")
        told, ours = self._row_text(row, columns, items)
        found = self._claims_text(row.found_by)
        parts = [told, *([f"{self.words['found']}: {found}"] if found else [])]
        whole = "; ".join([*parts, *([self.words["absent too"]] if absent else [])]) + "."
        # The name of a source is written as it is.
        return _capital(whole) if ours or whole.startswith(self.words["page"]) else whole

    def _whose_name(self, row: Row) -> str | None:
        """Which words say whose name a row without claims is: of a linked record, or our own; None where it is none."""
        texts = {cell.value for cell in row.cells if isinstance(cell, Literal)}
        records = (cell for cell in row.cells if isinstance(cell, NamedNode) and not cell.value.startswith(BASE))
        if any(texts & set(record_names(self.data.store, record)) for record in records):
            return "record"
        return "curation" if OURS in texts else None

    def _items(self, row: Row) -> list[Evidence]:
        """The evidence of the row, and of the other claims that its cells name: a row may set one against another."""
        named = {claim for cell in row.cells if (claim := claim_of(cell))} - {item.claim for item in row.evidence}
        others = sorted(evidence_of_claims(self.data, named).values(), key=lambda found: found[0])
        return [*row.evidence, *(item for _, item in others)]

    def _row_text(self, row: Row, columns: Sequence[str], items: Sequence[Evidence]) -> tuple[str, bool]:
        """What the row says, and whether the sentence begins with words of ours.

        The row is told by the claims that say it, else by what follows and says it, else by its cells.
        """
        words = self.words
        if "claim" in columns:
            made = [(name, cell) for name, cell in zip(columns, row, strict=True) if self._is_made(cell)]
            lead = f"{_enumeration(made, self.language)}: " if made else ""
            return f"{lead}{self._claims_text(items)}", bool(lead)
        said = row_statement(self.data.store, row, items)
        if said.follows and said.premises and len(said.follows) <= MOST and not _counts(row):
            told = f"{self._inference(said)}, {words['from']}: {self._claims_text(said.premises)}"
            return told + (f"; {words['also']}: {self._claims_text(said.own)}" if said.own else ""), True
        if said.whole and not said.follows:
            rest = f"; {words['found']}: {self._claims_text(said.rest)}" if said.rest else ""
            return f"{self._claims_text(said.own)}{rest}", False
        notes = [words["inferred"], *self._reserve(items)] if row.follows else []
        cells = self._cells(row, columns) + (f" ({'; '.join(notes)})" if notes else "")
        return f"{cells}; {words['rests']}: {self._claims_text(items)}", True

    # ---- what sources say -----------------------------------------------------------------------------------------

    def _claims_text(self, items: Iterable[Evidence]) -> str:
        """The claims, each with its footnote; those that one source says in one way share their frame."""
        said = [(item, self.statement(item.claim)) for item in items]
        parts = []
        for frame, group in groupby(said, key=lambda pair: self.frame(pair[0].source, pair[1])):
            verb = frame.rsplit(" that", 1)
            join = f", {self.words['and']} that " if len(verb) > 1 else "; "
            clauses = [f"{self.clause(statement)}{self._mark(item)}" for item, statement in group]
            parts.append(f"{frame} {join.join(clauses)}")
        return "; ".join(parts)

    def frame(self, source: str, statement: ClaimParts) -> str:
        """Who says it, citing whom, and how: "UNODC (2015), citing experts, gives the estimate that".

        What a document is and looks like is said by the page that carries it, and never by its author.
        """
        words = self.words
        who = self._who(source)
        own, passed_on = self.verbs.get(statement.modality, (words["says"], words["says"]))
        if statement.voice == "publishing-page" or statement.kind == "bibliographic":
            return f"{words['page']} {who} {own}"
        cited = [told for name, told in statement.cited if name != self.record(source).who]
        if not statement.cited and statement.voice not in ("author", ""):
            cited = [words.get(statement.voice) or self.wording.concept("voice", statement.voice)]
        own, passed_on = statement.belief or (own, passed_on)
        if not cited:
            return f"{who} {own}"
        together = f" {words['and']} ".join(cited)
        if self.language != "en":  # beside the verb, so that no article or gender is asked of the name
            return f"{who} {passed_on.removesuffix(':')} ({words['citing']}: {together}):"
        if statement.modality == "possible":
            return f"{who} reports that {together} {passed_on if statement.belief else HELD}"
        return f"{who}, {words['citing']} {together}, {passed_on}"

    def clause(self, statement: ClaimParts) -> str:
        """What is said, and in brackets what its wording does not show."""
        notes = list(statement.notes)
        if statement.modality not in self.verbs and statement.modality:
            notes.append(f"{self.words['modality']}: {self.wording.concept('modality', statement.modality)}")
        return f"{statement.wording} ({'; '.join(notes)})" if notes else statement.wording

    def _who(self, source: str) -> str:
        record = self.record(source)
        return f"{record.who} ({record.year or self.words['undated']}{self._letters.get(source, '')})"

    @cached_property
    def _letters(self) -> dict[str, str]:
        """The letters that tell sources of one author and year apart: those of the whole graph, so that they stay."""
        alike: dict[tuple[str, str], list[str]] = {}
        for key in source_keys(self.data.store):
            alike.setdefault((self.record(key).who, self.record(key).year), []).append(key)
        return {
            key: f"{'' if year else ', '}{ascii_lowercase[number % 26]}"
            for (_, year), group in alike.items()
            if len(group) > 1
            for number, key in enumerate(group)
        }

    # ---- what follows ---------------------------------------------------------------------------------------------

    def _inference(self, said: RowStatement) -> str:
        """What follows and says the row, put no more strongly than the weakest claim behind it."""
        words = self.words
        weakest, hedges = self._weakest(said.premises)
        start = words["follows"] if weakest == "asserted" else words.get(f"weak-{weakest}", words["weak"])
        # Words of the graph in another language have a gender and a number that it does not give.
        told = one_line(" and ".join(map(self._statement_clause, said.follows)))
        return f"{start} {self.wording.in_english(told)}" + (f" ({hedges})" if hedges else "")

    def _reserve(self, items: Sequence[Evidence]) -> list[str]:
        """The notes that tell how firm what follows from the claims is."""
        weakest, hedges = self._weakest(items)
        firm = f"{self.words['no firmer']}: {self.wording.concept('modality', weakest)}"
        return [note for note in (firm if weakest != "asserted" else "", hedges) if note]

    def _weakest(self, items: Iterable[Evidence]) -> tuple[str, str]:
        """The weakest modality of the claims, and their hedges as a note; empty where there are none."""
        said = [self.statement(item.claim) for item in items]
        hedges = dict.fromkeys(hedge for statement in said for hedge in statement.hedges)
        note = f"{self.words['hedges']}: {self.wording.quote(hedges)}" if hedges else ""
        return max((statement.modality for statement in said), key=_weakness), note

    def _statement_clause(self, triple: Triple) -> str:
        # A node without a name of its own is called after its claim: a sentence, told apart by quotes.
        names = {part: self.english.term_name(part) for part in triple}
        names = {part: f"“{name.removesuffix('.')}”" if name.endswith(".") else name for part, name in names.items()}
        return verbalize.statement_text(self.data.store, triple, self.data.prefixes, names)

    def _is_made(self, cell: Cell) -> bool:
        """Whether a cell is a text that the query itself made, such as for or against; the graph does not have it."""
        if not isinstance(cell.term, Literal) or not isinstance(cell.value, str):
            return False
        return next(iter(self.data.store.quads_for_pattern(None, None, cell.term, DEFAULT_GRAPH)), None) is None

    def _cells(self, row: Row, columns: Sequence[str]) -> str:
        named = zip(columns, row, strict=True)
        return _enumeration([(name, cell) for name, cell in named if name != "claim"], self.language) or "-"

    # ---- footnotes ------------------------------------------------------------------------------------------------

    def _mark(self, item: Evidence) -> str:
        note = self.footnote(item)
        return f"[^{self.notes.setdefault(note, len(self.notes) + 1)}]"

    def footnote(self, item: Evidence) -> str:
        """Author, title, where it appeared and when, the place in it with the words to look for, and its address."""
        record, words = self.record(item.source), self.words
        volume = record.volume + (f"({record.issue})" if record.issue else "")
        appeared = f"{record.container} {volume}".strip() or (record.publisher if record.authors else "")
        names = f" {words['and']} ".join(map(str, record.authors)) or record.publisher
        address = f"https://doi.org/{record.doi}" if record.doi else record.url
        parts = [
            names,
            f'"{record.title}"',
            appeared,
            record.issued or words["undated"],
            self._place(item),
            f"<{address}>" if address else "",
        ]
        return one_line(", ".join(part for part in parts if part)) + "."

    def _place(self, item: Evidence) -> str:
        words = self.words
        if not item.spans:
            return f"{item.paragraph} [{words['locator']}]" if item.paragraph else ""
        told = []
        for paragraph, spans in groupby(item.spans, key=lambda span: span.paragraph):
            anchors = ", ".join(dict.fromkeys(_looked_for(span) for span in spans if span.anchor))
            where = f"{words['paragraph']} {paragraph}"
            told.append(f"{where}, {words['at']} {anchors}" if anchors else where)
        return "; ".join(told)


def _looked_for(span: EvidenceSpan) -> str:
    return f'"{span.anchor}"' + (f" [{span.occurrence}]" if span.occurrence else "")


def _enumeration(cells: Iterable[tuple[str, Cell]], language: str) -> str:
    told = (f"{headings.heading(name, language)} {_cell_text(cell, language)}" for name, cell in cells if cell.label)
    return one_line(", ".join(told))


def _cell_text(cell: Cell, language: str) -> str:
    """What is in a cell, a number as the language writes it: 49,800 and 2.4 are 49.800 and 2,4 in Spanish."""
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return cell.label.removesuffix(".")
    number: int | Decimal = value
    text = f"{number}" if -GROUPED < number < GROUPED else f"{number:,}"
    return text if language == "en" else text.translate(_OTHER_MARKS)


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _weakness(modality: str) -> int:
    return STRENGTH.index(modality) if modality in STRENGTH else len(STRENGTH)


def _counts(row: Row) -> bool:
    """Whether a row has a number that no statement behind it has: it counts them."""
    said = {triple.object for triple in row.follows}
    return any(type(cell.value) is int and cell.term not in said for cell in row)
