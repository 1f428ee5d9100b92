"""From a text to claims by the command line, as an analyst goes about it; and every way in which that is refused."""

from __future__ import annotations

import functools
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nexuskg.authoring import bibliographic_record, claim_drafts, drafts, file_changes, review, source_context
from nexuskg.authoring.curation_record import Origin
from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.base import data_home
from nexuskg.base.namespaces import BASE, NX, graph_iri, prefixes
from nexuskg.cli.claim import claim_group
from nexuskg.cli.main import run
from nexuskg.cli.source import source_group
from nexuskg.pipeline import compilation
from nexuskg.pipeline.dataset import Compiled
from nexuskg.rdf import load
from nexuskg.rdf.store import first_value, select
from nexuskg.rdf.turtle import write_together
from nexuskg.validation import checks

HERE = Path(__file__).parent
TEXT, DRAFTS = HERE / "pisco-2025.txt", HERE / "pisco-2025.yaml"
KEY = "pisco-2025"
NEW = ["source", "new", KEY, "--text", str(TEXT), "--title", "Seizure at the port of Pisco", "--language", "en"]
NEW += ["--provenance", "The bulletin itself.", "--issued", "2025-03", "--publisher", "Harbour Watch"]
NEW += ["--document-type", "news article", "--extent", "full", "--body-from", "Seizure at the port"]
NEW += ["--body-to", "Thank you for reading."]
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def started(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with the source recorded, and nothing claimed of it."""
    root = tmp_path_factory.mktemp("authoring")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEXUSKG_CACHE", str(root / "cache"))
        patch.setenv("NEXUSKG_CURATOR", "Ana Torres")
        assert run(["copy", str(root / "home")]) == 0
        patch.setenv("NEXUSKG_HOME", str(root / "home"))
        assert run(NEW) == 0
        yield root / "home"


def files(home: Path) -> dict[str, str]:
    """What the home holds, by file; leftovers would show."""
    data = home / "ontology" / "data"
    return {path.relative_to(home).as_posix(): path.read_text() for path in data.rglob("*") if path.is_file()}


def claim(*more: str, phrase: str = "The Blue Cartel, a local gang") -> list[str]:
    """A command line for a claim; what is given again at its end counts."""
    return ["claim", "new", KEY, "--text", str(TEXT), *(["--phrase", phrase] if phrase else []), *more]


ABOUT = [
    "--subject",
    "Sendero Luminoso",
    "--predicate",
    "engagesIn",
    "--object",
    "drug trafficking",
    "--says",
    "It does.",
]


# --- a source ---------------------------------------------------------------------------------------------------------


def test_a_source_is_recorded_with_its_segments_and_none_of_its_words(mine: Path) -> None:
    text = (mine / f"ontology/data/sources/{KEY}.ttl").read_text()
    assert "cocaine" not in text
    assert text.count("a nx:TextSegment") == 16
    store = compilation.compiled(file_changes.VIEW, mine).store
    assert first_value(store, f"{BASE}text/{KEY}", NX + "textLength") == str(len(TEXT.read_text()))
    kinds = {
        (str(row[0].value), str(row[1].value).rsplit("/", 1)[-1])  # type: ignore[union-attr]
        for row in select(
            store,
            f"SELECT ?p ?k {{ ?s <{NX}segmentOf> <{BASE}text/{KEY}> ; <{NX}paragraph> ?p ; <{NX}segmentKind> ?k }}",
        ).rows
    }
    assert kinds == {("0", "header"), ("0h", "heading"), ("9", "page-furniture"), *((p, "sentence") for p in "123")}
    rest = [
        finding
        for finding in checks.check_dataset(compilation.compiled(file_changes.VIEW, mine))
        if finding.severity != "info"
    ]
    assert {finding.rule for finding in rest} == {"segment-without-claim-or-reason"}
    assert len(rest) == 15  # the page furniture has its reason


def test_the_segments_are_listed_again_for_the_same_text(mine: Path, call: Call) -> None:
    before = files(mine)
    code, out, err = call("source", "new", KEY, "--text", str(TEXT))
    assert code == 0
    assert len(out.splitlines()) == 2 + 16
    assert "5       1          sentence        153-208            Behind the squid" in out
    assert "has this text already" in err
    assert files(mine) == before


@pytest.mark.parametrize(
    ("args", "hints"),
    [
        (["source", "new", "x-1", "--text", str(TEXT)], ["--title", "--language", "--provenance"]),
        (["source", "new", "X 1", "--text", str(TEXT)], ["no key"]),
        (["source", "new", KEY], ["in the graph already"]),
        (["source", "new", KEY, "--text", str(DRAFTS)], ["another text already", "key of its own"]),
        (["source", "new", KEY, "--text", "nowhere.txt"], ["nowhere.txt", "cannot be read"]),
        ([*NEW[:2], "x-1", *NEW[3:], "--issued", "March"], ["--issued", "EDTF"]),
        ([*NEW[:2], "x-1", *NEW[3:], "--language", "English"], ["--language"]),
        ([*NEW[:2], "x-1", *NEW[3:], "--extent", "fulll"], ["--extent", "Did you mean full?"]),
        ([*NEW[:2], "x-1", *NEW[3:], "--body-from", "squid"], ["--body-from", "2 places"]),
        ([*NEW[:2], "x-1", *NEW[3:], "--body-from", "whale"], ["--body-from", "not in the text"]),
        (["source", "no-claim", KEY, "99", "--reason", "No."], ["1 to 16"]),
        (["source", "no-claim", "pisco-2024", "9", "--reason", "No."], ["Did you mean pisco-2025"]),
        (["source", "no-claim", KEY, "9", "--reason", " "], ["reason"]),
    ],
)
def test_a_source_is_refused_in_one_line(args: list[str], hints: list[str], mine: Path, call: Call) -> None:
    before = files(mine)
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert all(hint in err for hint in hints), err
    assert files(mine) == before


@pytest.mark.slow
def test_the_same_text_under_another_key_is_refused(mine: Path, call: Call) -> None:
    before = files(mine)
    code, _, err = call(*NEW[:2], "x-1", *NEW[3:])
    assert code == 1
    assert "duplicate-text" in err
    assert "Nothing was written." in err
    assert files(mine) == before


@pytest.mark.slow
def test_a_source_in_another_language_keeps_its_title_and_passes(mine: Path, call: Call) -> None:
    french = [
        "source",
        "new",
        "livre-2020",
        "--title",
        "Un livre",
        "--language",
        "fr",
        "--provenance",
        "Its title page.",
    ]
    assert call(*french, "--creator", "R. Evan Ellis", "--publisher", "Une maison")[0] == 0
    record = (mine / "ontology/data/sources/livre-2020.ttl").read_text()
    assert '"Un livre"@fr' in record
    assert "dcterms:creator actor:r-evan-ellis" in record
    assert 'dcterms:publisher "Une maison"' in record
    assert not [f for f in checks.check_home(mine) if "livre" in f.focus and f.severity != "info"]
    assert call("claim", "new", "livre-2020", *ABOUT, "--locator", "p. 3")[0] == 0
    assert call("ask", "what-does-the-source-say-about", "thing=Sendero Luminoso")[0] == 0


def test_an_empty_text_is_refused(mine: Path, call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text(" \n\n")
    code, _, err = call(*NEW[:2], "x-1", "--text", str(tmp_path / "empty.txt"), *NEW[5:11])
    assert code == 2
    assert "the text is empty" in err


@pytest.mark.slow
def test_what_is_missing_is_asked_for_where_somebody_can_answer(
    mine: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal("A book\nen\nIts title page.\n"))
    assert call("source", "new", "book-2020")[0] == 0
    assert '"A book"@en' in (mine / "ontology/data/sources/book-2020.ttl").read_text()
    monkeypatch.setattr(sys, "stdin", Terminal("not linked to Sendero Luminoso\n1\ntaxes\nplace:peru\nIt is so\n"))
    code, _, err = call("claim", "new", KEY, "--text", str(TEXT))
    assert code == 1  # asked, and then refused: nobody taxes a place
    assert "1  actor:sendero-luminoso  Sendero Luminoso" in err
    monkeypatch.setattr(
        sys, "stdin", Terminal("not linked to Sendero Luminoso\n1\nratedAs\n=dangerous\nIt is dangerous\n")
    )
    code, out, err = call("claim", "new", KEY, "--text", str(TEXT))
    assert (code, out.split()[0]) == (0, f"claim:{KEY}.c001"), err
    assert 'nx:claimValue "dangerous"@en' in (mine / f"ontology/data/claims/{KEY}.ttl").read_text()


@pytest.mark.parametrize(
    "name", [f"{group.name} {one}" for group in (source_group, claim_group) for one in group.commands]
)
def test_each_help_ends_with_one_example(name: str, call: Call) -> None:
    code, out, _ = call(*name.split(), "--help")
    lines = out.rstrip().splitlines()
    assert code == 0
    assert lines[-2] == "Example:"
    assert lines[-1].startswith(f"  nexuskg {name} ")
    assert all(len(line) <= 100 for line in lines)


# --- from a text to claims --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_from_a_text_to_claims_that_pass_every_check(mine: Path, call: Call) -> None:
    code, out, err = call("claim", "import", KEY, str(DRAFTS), "--text", str(TEXT))
    assert code == 0, out + err
    assert "8 drafts: 8 good, 0 refused." in out
    assert "10 segments of pisco-2025 yield neither a claim nor a reason yet." in err
    assert call("source", "no-claim", KEY, "1", "2", "3", "--reason", "The frame of the bulletin.")[0] == 0
    code, _, err = call("source", "no-claim", KEY, "6", "7", "9", "10", "13", "14", "15", "--reason", "Left out here.")
    assert code == 0
    assert "All of pisco-2025 is read." in err
    code, out, _ = call("check")
    assert code == 0
    assert all(": info: " in line for line in out.splitlines())
    assert call("fmt", "--check")[0] == 0

    code, out, _ = call("ask", "what-does-the-source-say-about", "thing=Blue Cartel", "--format", "csv")
    rows = [line.split(",") for line in out.splitlines()]
    assert ["pisco-2025", "2", "taxed truck"] in [row[-3:] for row in rows]
    code, out, _ = call("verify", "--source", KEY, "--text", str(TEXT))
    assert code == 0
    assert "8 spans: 8 in place" in out
    written = (mine / f"ontology/data/claims/{KEY}.ttl").read_text()
    assert "nx:claimValue 1.3 ;" in written
    assert "truck drivers on the coastal road" not in "".join(files(mine).values())
    assert 'skos:prefLabel "Blue Cartel"@en' in (mine / "ontology/data/entities/actors.ttl").read_text()


@pytest.mark.slow
def test_json_and_csv_say_the_same_as_yaml(mine: Path, call: Call, tmp_path: Path) -> None:
    fields = {"subject": "actor:sendero-luminoso", "predicate": "nx:engagesIn", "object": "activity:drug-trafficking"}
    fields |= {"phrase": "not linked to Sendero Luminoso", "says": "It traffics, so to say."}
    (tmp_path / "d.json").write_text(json.dumps([fields]))
    (tmp_path / "d.csv").write_text(";".join(fields) + "\n" + ";".join(fields.values()) + "\n")
    (tmp_path / "d.yaml").write_text(
        "".join(f"{'- ' if i == 0 else '  '}{k}: {v}\n" for i, (k, v) in enumerate(fields.items()))
    )
    found = []
    for name, line in (("d.json", None), ("d.csv", 2), ("d.yaml", 1)):
        args = ("claim", "import", KEY, str(tmp_path / name), "--text", str(TEXT), "--dry-run", "--format", "json")
        code, out, err = call(*args)
        assert code == 0, out
        assert "dry run" in err
        report = json.loads(out)
        assert report["good"][0].pop("line") == line
        found.append(report)
    assert found[0] == found[1] == found[2]
    assert found[0]["good"] == [{"number": 1, "claim": f"claim:{KEY}.c001", "span": [620, 650], "entities": []}]
    assert found[0]["written"] == []


@pytest.mark.slow
def test_a_claim_by_labels_takes_the_next_id_and_shares_a_span(mine: Path, call: Call) -> None:
    assert call(*claim(*ABOUT))[1].startswith(f"claim:{KEY}.c001  ")
    other = [
        "--subject",
        "Sendero Luminoso",
        "--predicate",
        "operatesIn",
        "--object",
        "place:peru",
        "--says",
        "It is there",
    ]
    code, out, _ = call(*claim(*other))
    assert (code, out.split()[0]) == (0, f"claim:{KEY}.c002")
    written = (mine / f"ontology/data/claims/{KEY}.ttl").read_text()
    assert written.count("a nx:EvidenceSpan") == 1
    assert '"It is there."@en' in written


@pytest.mark.slow
def test_an_observation_needs_no_name_of_its_own(mine: Path, call: Call) -> None:
    figure = ["--subject", "place:peru", "--predicate", "hasObservation", "--value", "1.30", "--unit", "metric-ton"]
    figure += ["--comparator", "equal-to", "--measures", "cocaine-seized", "--value-as-stated", "1.3 metric tons"]
    code, _, err = call(*claim(*figure, "--says", "In Peru 1.3 tons were seized.", phrase="1.3 metric tons"))
    assert code == 0, err
    assert call("check")[0] == 1  # for what is not read yet
    assert f"observation:{KEY}.c001" in (mine / f"ontology/data/claims/{KEY}.ttl").read_text()
    store = compilation.compiled(file_changes.VIEW, mine).store
    assert first_value(store, f"{BASE}id/observation/{KEY}.c001", NX + "bestValue") == "1.3"
    word = ["--subject", "place:peru", "--predicate", "hasObservation", "--quantity-word", "more"]
    code, _, err = call(*claim(*word, "--measures", "cocaine-seized", "--says", "It was more.", phrase="earns more"))
    assert code == 0, err


@pytest.mark.slow
def test_a_claim_of_somebody_else_has_that_voice(mine: Path, call: Call) -> None:
    args = claim(
        *ABOUT, "--claimed-by", "actor:officials", "--new-entity", 'actor:officials=UnnamedGroup:"officials (unnamed)"'
    )
    assert call(*args)[0] == 0
    written = (mine / f"ontology/data/claims/{KEY}.ttl").read_text()
    assert "nx:voice voice:unnamed-experts" in written
    assert "nx:modality modality:reported" in written


@pytest.mark.slow
def test_a_claim_voids_the_reason_for_having_none(mine: Path, call: Call) -> None:
    call("source", "no-claim", KEY, "7", "--reason", "Nothing there.")
    assert "Nothing there." in (mine / f"ontology/data/sources/{KEY}.ttl").read_text()
    code, _, err = call(*claim(*ABOUT))
    assert code == 0
    assert f"Wrote ontology/data/sources/{KEY}.ttl" in err
    assert "Nothing there." not in (mine / f"ontology/data/sources/{KEY}.ttl").read_text()
    assert call("source", "no-claim", KEY, "7", "--reason", "Again.")[0] == 2


@pytest.mark.slow
def test_a_copy_with_other_line_ends_will_do_and_another_text_will_not(mine: Path, call: Call, tmp_path: Path) -> None:
    (tmp_path / "dos.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.read_bytes().replace(b"\n", b"\r\n"))
    (tmp_path / "other.txt").write_text(TEXT.read_text().replace("squid", "octopus"))
    assert call(*claim("--text", str(tmp_path / "dos.txt"), *ABOUT))[0] == 0
    assert call("verify", "--source", KEY, "--text", str(TEXT))[0] == 0
    code, _, err = call(*claim("--text", str(tmp_path / "other.txt"), *ABOUT))
    assert code == 2
    assert "offsets would be wrong" in err


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "hints"),
    [
        (
            [*ABOUT, "--phrase", "paid dockworker to move"],
            ["not in the text. Did you mean “paid dockworkers to move” (paragraph 2, 98 % alike)"],
        ),
        ([*ABOUT, "--phrase", "xyzzy"], ["nor anything like it"]),
        pytest.param(
            [*ABOUT, "--phrase", "the squid they found 1.3 metric tons of cocaine. The load"],
            [],
            marks=pytest.mark.slow,
        ),
        pytest.param(
            [*ABOUT, "--phrase", "harbour master. The Blue Cartel"], ["several paragraphs"], marks=pytest.mark.slow
        ),
        ([*ABOUT, "--phrase", "our newsletter"], ["page furniture"]),
        ([*ABOUT, "--phrase", "squid"], ["2 places", "by occurrence", "1: …"]),
        pytest.param(
            [*ABOUT, "--phrase", "squid", "--occurrence", "3"], ["no occurrence 3", "2 times"], marks=pytest.mark.slow
        ),
        pytest.param(
            [*ABOUT, "--phrase", "squid", "--occurrence", "two"], ["not a whole number"], marks=pytest.mark.slow
        ),
        ([*ABOUT, "--subject", "Sendero Lumino"], ["Did you mean actor:sendero-luminoso"]),
        pytest.param([*ABOUT, "--subject", "actor:sendero"], ["actor:sendero-luminoso"], marks=pytest.mark.slow),
        ([*ABOUT, "--predicate", "nx:engageIn"], ["Did you mean nx:engagesIn"]),
        pytest.param([*ABOUT, "--predicate", "nx:claimSubject"], ["no claim can have"], marks=pytest.mark.slow),
        ([*ABOUT, "--object", "place:peru"], ["nx:engagesIn is a nx:Activity, but place:peru is a nx:Place"]),
        pytest.param(
            [*ABOUT, "--subject", "place:peru"], ["the subject of nx:engagesIn is a nx:Actor"], marks=pytest.mark.slow
        ),
        pytest.param([*ABOUT, "--value", "3"], ["takes a thing of the graph"], marks=pytest.mark.slow),
        pytest.param([*ABOUT, "--predicate", "edtf"], ["takes a value"], marks=pytest.mark.slow),
        pytest.param([*ABOUT, "--predicate", "a", "--object", "place:peru"], ["is no class"], marks=pytest.mark.slow),
        ([*ABOUT, "--modality", "assertd"], ["Did you mean asserted?"]),
        pytest.param([*ABOUT, "--polarity", "maybe so"], ["There are: negative, positive."], marks=pytest.mark.slow),
        pytest.param(
            [*ABOUT, "--claimed-by", "actor:nobody-at-all"], ["claimed-by: Nothing is called"], marks=pytest.mark.slow
        ),
        pytest.param(
            [*ABOUT, "--voice", "named-authority"], ["Name the speaker", "Claim-attribution"], marks=pytest.mark.slow
        ),
        ([*ABOUT, "--date", "2025-13"], ["2025-13"]),
        pytest.param([*ABOUT, "--open-list", "yes"], ["it is true, or left out"], marks=pytest.mark.slow),
        pytest.param(
            [*ABOUT, "--hedge", "one two three four five six seven"], ["at most 6 words"], marks=pytest.mark.slow
        ),
        pytest.param([*ABOUT, "--locator", "page 3"], ["leave one of the two out"], marks=pytest.mark.slow),
        pytest.param([*ABOUT, "--footnote", "note seven"], ["Claim-footnote"], marks=pytest.mark.slow),
        (
            [*ABOUT, "--says", "The Blue Cartel, a local gang, had paid dockworkers to move the container."],
            ["words in a row are the source's own"],
        ),
        pytest.param([*ABOUT, "--predicate", "contributesTo"], ["causalRelation"], marks=pytest.mark.slow),
        ([*ABOUT, "--new-entity", 'actor:x=TerroristOrganization:"X"'], ["contested kind", "by a claim"]),
        pytest.param(
            [*ABOUT, "--new-entity", 'actor:x=CriminalOrganization:"X"'], ["contested kind"], marks=pytest.mark.slow
        ),
        pytest.param(
            [*ABOUT, "--new-entity", 'actor:x=DrugTraffickingOrganization:"X"'],
            ["contested kind"],
            marks=pytest.mark.slow,
        ),
        pytest.param([*ABOUT, "--new-entity", 'actor:x=HybridActor:"X"'], ["contested kind"], marks=pytest.mark.slow),
        pytest.param([*ABOUT, "--new-entity", 'actor:x=Country:"X"'], ["is no nx:Actor"], marks=pytest.mark.slow),
        pytest.param(
            [*ABOUT, "--new-entity", 'actor:x=Organisation:"X"'], ["Did you mean Organization"], marks=pytest.mark.slow
        ),
        pytest.param(
            [*ABOUT, "--new-entity", 'actr:x=Organization:"X"'], ["Did you mean actor?"], marks=pytest.mark.slow
        ),
        pytest.param([*ABOUT, "--new-entity", 'actor:x_y=Organization:"X"'], ["slug"], marks=pytest.mark.slow),
        pytest.param([*ABOUT, "--new-entity", 'actor:x="X"'], ["no class"], marks=pytest.mark.slow),
        pytest.param([*ABOUT, "--new-entity", 'actor:x=Organization:""'], ["no label"], marks=pytest.mark.slow),
        pytest.param([*ABOUT, "--new-entity", "actor:x"], ["KIND:SLUG"], marks=pytest.mark.slow),
        pytest.param(
            [*ABOUT, "--new-entity", 'mechanism:x=CausalMechanism:"X"'],
            ["claims give it its class"],
            marks=pytest.mark.slow,
        ),
        pytest.param(
            [*ABOUT, "--new-entity", 'actor:sendero-luminoso=Organization:"X"'],
            ["in the graph already"],
            marks=pytest.mark.slow,
        ),
        ([*ABOUT, "--new-entity", 'actor:x=Organization:"Sendero Luminoso"'], ["has this label"]),
    ],
)
def test_a_claim_is_refused_and_nothing_written(args: list[str], hints: list[str], mine: Path, call: Call) -> None:
    before = files(mine)
    code, _, err = call(*claim(*args))
    if not hints:  # a phrase over two sentences of one paragraph is fine
        assert code == 0
        return
    assert code == 1, err
    assert err.endswith("Nothing was written.\n")
    assert all(hint in err for hint in hints), err
    assert files(mine) == before


def test_what_is_missing_is_named_in_one_message_with_what_the_sentence_names(mine: Path, call: Call) -> None:
    code, _, err = call(*claim("--predicate", "taxes", phrase="is not linked to"))
    assert code == 2
    assert err.count("\n") == 1
    assert "lacks --subject, --object or --value, --says" in err
    assert "actor:sendero-luminoso (Sendero Luminoso)" in err
    code, _, err = call("claim", "new", KEY)
    assert "--phrase or --locator" in err
    code, _, err = call("claim", "new", "nowhere-2020", "--text", str(TEXT))
    assert code == 2
    assert "There is no source 'nowhere-2020'" in err
    code, _, err = call("claim", "new", KEY, "--phrase", "squid", *ABOUT)
    assert code == 1
    assert "give --text FILE" in err


@pytest.mark.slow
def test_the_same_claim_twice_is_refused(mine: Path, call: Call) -> None:
    assert call(*claim(*ABOUT))[0] == 0
    code, _, err = call(*claim(*ABOUT))
    assert code == 1
    assert f"duplicate: claim:{KEY}.c001 says the same of the same place." in err
    assert call(*claim(*ABOUT, "--phrase", "a local gang"))[0] == 1  # part of that place
    assert call(*claim(*ABOUT, "--phrase", "a local gang, had paid"))[0] == 0  # another place, where it is said again


@pytest.mark.slow
def test_a_denial_stands_beside_what_it_denies_and_is_told(mine: Path, call: Call) -> None:
    said = [
        "--subject",
        "Sendero Luminoso",
        "--predicate",
        "taxes",
        "--object",
        "drug trafficking",
        "--says",
        "It does not.",
    ]
    code, _, err = call(*claim(*said, "--polarity", "negative"))
    assert code == 0
    assert "contradicts" not in err  # a denial of today does not deny what was so ten years ago
    then = ["--polarity", "negative", "--date", "2014-12", "--phrase", "Officials estimate that"]
    code, _, err = call(*claim(*said[:-1], "It did not.", *then))
    assert code == 0, err
    assert "contradicts claim:ellis-2015.c082 (" in err


# --- many drafts ------------------------------------------------------------------------------------------------------

BAD = """
- {subject: Blue Cartel, predicate: taxes, object: drug trafficking, phrase: a local gang, says: Who is that.}
- {subject: Sendero Luminoso, predicate: taxes, object: drug trafficking, phrase: a local gng, says: It taxes.}
- {subject: Sendero Luminoso, predicate: taxes, object: drug trafficking, phrase: a local gang, says: It taxes.}
- {subject: Sendero Luminoso, predicate: taxes, object: drug trafficking, phrase: a local gang, says: Again.}
- {subject: Sendero Luminoso, predicate: contributesTo, object: drug trafficking, phrase: one driver, says: It feeds.}
- {subjet: Sendero Luminoso, predicate: taxes}
- just words
- {subject: {a: b}, predicate: taxes}
"""


@pytest.mark.slow
def test_refused_drafts_are_reported_with_number_and_line_and_nothing_is_written(
    mine: Path, call: Call, tmp_path: Path
) -> None:
    path, before = tmp_path / "bad.yaml", files(mine)
    path.write_text(BAD)
    code, out, err = call("claim", "import", KEY, str(path), "--text", str(TEXT))
    assert code == 1
    assert "8 drafts: 1 good, 7 refused." in out
    assert files(mine) == before
    assert "--accept-good" in err
    told = {line.split()[0]: line for line in reversed(out.splitlines()[2:-1])}
    assert told["1"].split()[1:3] == ["2", "refused"]
    assert "% alike" in told["2"]
    assert "claim:pisco-2025.c001" in told["3"]
    assert "duplicate: draft 3" in told["4"]
    assert "causal-relation" in told["5"]
    assert "Did you mean subject?" in told["6"]
    assert "fields with values" in told["7"]
    assert "a text was expected" in told["8"]


@pytest.mark.slow
def test_the_good_ones_are_taken_where_asked_for(mine: Path, call: Call, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD)
    args = ("claim", "import", KEY, str(path), "--text", str(TEXT), "--accept-good")
    before = files(mine)
    assert call(*args, "--dry-run")[0] == 1
    assert files(mine) == before
    code, out, _ = call(*args)
    assert code == 1
    assert "1 good, 7 refused" in out
    assert [name for name, text in files(mine).items() if before.get(name) != text] == [
        f"ontology/data/claims/{KEY}.ttl"
    ]
    assert call("fmt", "--check")[0] == 0
    assert "duplicate: claim:pisco-2025.c001" in call(*args)[1]


@pytest.mark.slow
def test_two_hundred_drafts_make_one_report_and_one_compilation(
    mine: Path, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ["subject,predicate,object,phrase,says"]
    for i in range(200):
        subject = "actor:sendero-luminoso" if i % 2 else f"Gang number {i}"
        rows.append(f"{subject},engagesIn,drug trafficking,{('a local gang', 'a locl gang')[i % 4 == 3]},Draft {i}.")
    (tmp_path / "many.csv").write_text("\n".join(rows))
    count = []
    compile_dataset = compilation.compile_dataset
    monkeypatch.setattr(compilation, "compile_dataset", lambda *args: count.append(1) or compile_dataset(*args))
    before = files(mine)
    code, out, _ = call("claim", "import", KEY, str(tmp_path / "many.csv"), "--text", str(TEXT))
    assert code == 1
    assert "200 drafts: 1 good, 199 refused." in out
    assert len(count) <= 3  # the home, the trial, and the home again where the cache had no room
    assert files(mine) == before


@pytest.mark.slow
def test_a_clash_that_only_the_whole_graph_shows_is_put_down_to_its_draft(
    mine: Path, call: Call, tmp_path: Path
) -> None:
    (tmp_path / "d.yaml").write_text(
        """
- subject: Sendero Luminoso
  predicate: a
  object: nx:NarcoTaxingTerroristGroup
  polarity: negative
  phrase: a local gang
  says: No.
- {subject: Sendero Luminoso, predicate: operatesIn, object: place:peru, phrase: a local gang, says: It is there.}
"""
    )
    code, out, err = call("claim", "import", KEY, str(tmp_path / "d.yaml"), "--text", str(TEXT), "--accept-good")
    assert code == 1
    assert "1      2     refused" in out
    assert "draft 1 is denied here and stated by" in out
    assert f"2      8     claim:{KEY}.c001" in out
    assert "Wrote" in err


CODEBOOK = {
    "hedge: believed": "draft 1 yields a fact, though its source only doubts or suspects it (hedge: believed)",
    "hedge: reportedly": "draft 2 is passed on by hearsay (hedge: reportedly), yet not as reported.",
    "hedge: but": "draft 3 has the hedge but, which weakens nothing. Remove hedge;",
    "hedge: likely\n  claimed-by: actor:dirandro": "draft 4 yields a fact",
    "kind: bibliographic\n  voice: author\n  predicate: heading\n  value: Taxes": "draft 5 says in the voice of the",
}
"""Fields that break the codebook, and what an import says of them; the next ones break nothing."""
KEPT = ["hedge: believed\n  modality: possible", "hedge: reportedly\n  modality: reported", "hedge: mainly"]


@pytest.mark.slow
def test_a_draft_that_breaks_the_codebook_is_refused_with_what_to_do(mine: Path, call: Call, tmp_path: Path) -> None:
    things = ["activity:illegal-mining", "activity:mining", "activity:drug-trafficking", "activity:human-trafficking"]
    things += ["activity:contraband", "activity:intimidation", "activity:petroleum-extraction", "activity:fishing"]
    (tmp_path / "d.yaml").write_text(
        "".join(
            f"- subject: Sendero Luminoso\n  phrase: a local gang\n  says: It does.\n  {fields}\n"
            + ("" if "predicate:" in fields else f"  predicate: engagesIn\n  object: {thing}\n")
            for thing, fields in zip(things, [*CODEBOOK, *KEPT], strict=True)
        )
    )
    code, out, _ = call("claim", "import", KEY, str(tmp_path / "d.yaml"), "--text", str(TEXT), "--dry-run")
    assert code == 1
    told = " ".join(out.split())
    for said in CODEBOOK.values():
        assert said in told, out
    assert f"{len(CODEBOOK)} refused" in told


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        ("d.txt", "", "rename the file"),
        ("d.yaml", "", "a list of drafts was expected"),
        ("d.yaml", "[]", "no draft in it"),
        ("d.yaml", "a: [b", "not YAML"),
        ("d.yaml", "? [a, b]\n: c\n", "not YAML"),
        ("d.yaml", "!!python/object/apply:os.system ['true']", "fields with values were expected"),
        ("d.json", "{", "not JSON"),
        ("d.json", "[" * 100_000, "nested too deep"),
        ("d.json", '{"drafts": 3}', "a list of drafts was expected"),
        ("d.csv", 'subject\n"a', "not CSV"),
        ("d.csv", "subject\na,b\n", "2 cells stand under 1 names"),
        ("missing.yaml", None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_drafts_is_told_in_one_line(
    name: str, text: str | None, hint: str, mine: Path, call: Call, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    code, out, err = call("claim", "import", KEY, str(tmp_path / name), "--text", str(TEXT))
    assert code in (1, 2)
    assert hint in out + err


def test_nothing_read_steers_the_terminal(mine: Path, call: Call, tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(json.dumps([{"subject": "\x1b[2J", "says": "x", "sub\x1bject": "y"}]))
    code, out, err = call("claim", "import", KEY, str(tmp_path / "d.json"), "--text", str(TEXT))
    assert code == 1
    assert "\x1b" not in out + err


# --- nothing half-written ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_kill_between_two_files_leaves_a_home_that_loads(
    mine: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, replace, count = files(mine), os.replace, []

    def killed(source: Path, target: Path) -> None:
        if "ontology" in str(target):
            count.append(target)
            if len(count) == 2:
                raise OSError(5, "the plug was pulled", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", killed)
    code, _, err = call("claim", "import", KEY, str(DRAFTS), "--text", str(TEXT))
    monkeypatch.undo()
    assert code == 2
    assert "the plug was pulled" in err
    after = files(mine)
    assert [name for name in after if after[name] != before.get(name)] == ["ontology/data/entities/activities.ttl"]
    assert not {finding.rule for finding in checks.check_home(mine) if finding.severity != "info"} - {
        "segment-without-claim-or-reason",
        "entity-without-use",
    }


@pytest.mark.slow
def test_a_process_that_dies_between_two_files_leaves_a_home_that_loads(mine: Path, call: Call) -> None:
    code = (
        "import os, sys; from nexuskg.cli.main import run; replace, seen = os.replace, []\n"
        "def dying(source, target):\n"
        "    seen.append(target)\n"
        "    replace(source, target) if len(seen) < 3 else os._exit(9)\n"
        "os.replace = dying; run(sys.argv[1:])"
    )
    before = files(mine)
    command = ["claim", "import", KEY, str(DRAFTS), "--text", str(TEXT)]
    assert subprocess.run([sys.executable, "-c", code, *command], capture_output=True).returncode == 9
    changed = {name for name, text in files(mine).items() if before.get(name) != text and name.endswith(".ttl")}
    assert changed == {f"ontology/data/entities/{name}.ttl" for name in ("activities", "actors")}
    assert call("fmt", "--check")[0] == 0
    assert not [
        f for f in checks.check_home(mine) if f.severity == "violation" and f.rule not in file_changes.UNFINISHED
    ]


def test_files_are_replaced_from_entities_to_claims(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [file_changes.FileChange(f"data/{folder}/zz.ttl", None, "") for folder in ("claims", "sources", "entities")]
    written = file_changes.write_changes(mine, made)
    assert [name.split("/")[2] for name in written] == ["entities", "sources", "claims"]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(mine: Path) -> None:
    file = f"data/claims/{KEY}.ttl"
    made = file_changes.change(mine, Vocabulary(compilation.compiled(file_changes.VIEW, mine)).data.prefixes, file, [])
    path = mine / "ontology" / file
    path.write_text(path.read_text() + "\n")
    with pytest.raises(file_changes.NotWritable, match="changed by somebody else"):
        file_changes.write_changes(mine, [file_changes.FileChange(file, made.before, "other")])


def test_what_the_graph_has_of_a_file_can_be_taken_from_it(mine: Path) -> None:
    """A store knows the integers of every type as xsd:integer; taken away is what the file says, all the same."""
    store = load.load_files(mine)
    for file in (f"data/sources/{KEY}", "data/claims/ellis-2015", "data/points", "data/entities/actors"):
        there = [quad.triple for quad in store.quads_for_pattern(None, None, None, graph_iri(file))]
        assert file_changes.change(mine, prefixes(mine), f"{file}.ttl", [], there).after.strip() == ""
        kept = file_changes.change(mine, prefixes(mine), f"{file}.ttl", [], there[1:]).after
        assert kept.count("\n.\n") == 1


def test_write_together_leaves_nothing_aside(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_together([(tmp_path / "a.ttl", "a"), (tmp_path / "nowhere" / "b.ttl", "b")])
    assert list(tmp_path.iterdir()) == []


# --- locators and homes -----------------------------------------------------------------------------------------------

BOOK = ["source", "new", "book-2020", "--title", "A book", "--language", "en", "--provenance", "Its title page."]


@pytest.mark.slow
def test_a_claim_known_by_a_locator_moves_up_to_a_span(mine: Path, call: Call, tmp_path: Path) -> None:
    text = tmp_path / "book.txt"
    text.write_text("The group sells drugs on its own account. It has done so for years.\n")
    assert call(*BOOK, "--note", "Only the first page.")[0] == 0
    by_locator = [*ABOUT, "--locator", "page 3"]
    assert call("claim", "new", "book-2020", *by_locator)[0] == 0
    assert call("claim", "new", "book-2020", *by_locator)[0] == 1  # twice
    ground = ("claim", "ground", "claim:book-2020.c001", "--text", str(text), "--phrase")
    code, _, err = call(*ground, "sells drugs")
    assert code == 2
    assert f"nexuskg source new book-2020 --text {text}" in err
    assert call("source", "new", "book-2020", "--text", str(text), "--extent", "excerpt")[0] == 0
    record = (mine / "ontology/data/sources/book-2020.ttl").read_text()
    assert "Only the first page." in record
    assert "a nx:SourceText" in record
    assert "a nx:TextSegment" in record
    assert call(*ground, "sels drugs")[0] == 2
    assert call("source", "no-claim", "book-2020", "1", "2", "--reason", "Not yet read.")[0] == 0
    code, out, _ = call(*ground, "sells drugs")
    assert (code, out) == (0, "claim:book-2020.c001  10-21, paragraph 1, at: sells drugs\n")
    assert call(*ground, "sells drugs")[0] == 2
    written = (mine / "ontology/data/claims/book-2020.ttl").read_text()
    assert 'nx:locator "page 3"' not in written
    assert 'nx:formerValue "claim:book-2020.c001 nx:locator: page 3"@en' in written
    assert "nx:evidenceGrade evidence-grade:span ;" in written
    assert [f for f in checks.check_home(mine) if "book" in f.focus] == []
    assert call("fmt", "--check")[0] == 0
    assert call("claim", "ground", "claim:nowhere.c1", "--text", str(text), "--phrase", "x")[0] == 2


def test_the_packages_own_home_is_not_written_to(
    mine: Path, call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(data_home, "is_packaged", lambda home: True)
    before = files(mine)
    for args in (BOOK, claim(*ABOUT), ("source", "no-claim", KEY, "1", "--reason", "x")):
        code, _, err = call(*args)
        assert code == 2
        assert "nexuskg copy DIR" in err
        assert "NEXUSKG_HOME" in err
    assert files(mine) == before


def test_a_home_is_copied_whole_and_only_to_a_new_folder(mine: Path, call: Call, tmp_path: Path) -> None:
    code, out, _ = call("copy", str(tmp_path / "mine"))
    assert code == 0
    assert out == f"export NEXUSKG_HOME={tmp_path / 'mine'}\n"
    assert data_home.is_home(tmp_path / "mine")
    assert files(tmp_path / "mine") == files(mine)
    code, _, err = call("copy", str(tmp_path / "mine"))
    assert code == 2
    assert "not empty" in err
    (tmp_path / "empty").mkdir()
    assert call("copy", str(tmp_path / "empty"))[0] == 0


def test_a_home_that_cannot_be_written_to_is_told(mine: Path, call: Call) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    (mine / "ontology/data/claims").chmod(0o555)
    code, _, err = call(*claim(*ABOUT))
    (mine / "ontology/data/claims").chmod(0o755)
    assert code == 2
    assert "cannot be written" in err


# --- the rules agree with the graph -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def vocabulary(home: Path) -> Vocabulary:
    data: Compiled = compilation.compiled(file_changes.VIEW, home)
    return Vocabulary(data)


def test_every_predicate_of_a_claim_there_is_may_be_claimed(vocabulary: Vocabulary) -> None:
    used = select(vocabulary.store, f"SELECT DISTINCT ?p {{ ?c <{NX}claimPredicate> ?p }}").rows
    for (predicate,) in used:
        curie = vocabulary.curie(predicate.value)  # type: ignore[union-attr]
        assert vocabulary.predicate(curie) == predicate


def test_every_entity_there_is_could_be_described_anew(vocabulary: Vocabulary) -> None:
    from nexuskg.authoring.entities import KINDS, parse_entity

    text = "SELECT DISTINCT ?e ?k ?g { GRAPH ?g { ?e a ?k } FILTER(CONTAINS(STR(?g), '/data/entities/')) }"
    for entity, kind, graph in select(vocabulary.store, text).rows:
        prefix = vocabulary.curie(entity.value).partition(":")[0]  # type: ignore[union-attr]
        if not KINDS.get(prefix, ("", ""))[1]:
            continue
        local = kind.value.removeprefix(NX)  # type: ignore[union-attr]
        found = parse_entity(f'{prefix}:zz-new={local}:"A thing never heard of"', vocabulary)
        assert found.file == graph.value.removeprefix(BASE + "graph/") + ".ttl"  # type: ignore[union-attr]


def test_every_claim_there_is_fits_its_predicate(vocabulary: Vocabulary) -> None:
    text = "SELECT ?s ?p ?o { ?c nx:claimSubject ?s ; nx:claimPredicate ?p OPTIONAL { ?c nx:claimObject ?o } }"
    for subject, predicate, thing in select(vocabulary.store, text, prefixes=vocabulary.data.prefixes).rows:
        for end, node in (("domain", subject), ("range", thing)):
            if node is not None and not predicate.value.endswith("#type"):  # type: ignore[union-attr]
                kinds = vocabulary.kinds(node.value)  # type: ignore[union-attr]
                assert vocabulary.misfit(predicate.value, end, node.value, kinds) == ""  # type: ignore[union-attr]


@pytest.mark.slow
def test_a_record_states_what_the_check_admits_and_the_rest_is_claimed(mine: Path, call: Call) -> None:
    store = compilation.compiled(file_changes.VIEW, mine).store
    assert first_value(store, f"{BASE}source/{KEY}", NX + "documentType") == f"{BASE}vocab/document-type/news-article"
    assert first_value(store, f"{BASE}text/{KEY}", NX + "textExtent") == f"{BASE}vocab/extent/full"
    rated = ["--reliability", "usually reliable", "--reliability-reason", "It was right before."]
    code, _, err = call(*BOOK, "--reliability", "usually-reliable")
    assert code == 2
    assert "both or neither" in err
    admitted = "nx:reliability" in (mine / f"queries/checks/{bibliographic_record.RULE}.rq").read_text()
    assert call(*BOOK, *rated)[0] == (0 if admitted else 2)


# --- whatever is typed ------------------------------------------------------------------------------------------------

WORDS = [
    "Sendero Luminoso",
    "actor:sendero-luminoso",
    "place:peru",
    "taxes",
    "a",
    "edtf",
    "hasObservation",
    "ratedAs",
    "",
]
WORDS += [
    "<x y>",
    "<https://w3id.org/nexuskg/id/actor/>",
    "nx:",
    ":",
    "a local gang",
    "squid",
    "2025-03",
    "7.6",
    "NaN",
    "1e999",
]
WORDS += [
    "x@en",
    "@",
    "actor:x=Organization:X",
    "place:y=Place:",
    "=",
    "true",
    "asserted",
    "0",
    "-1",
    "\ud800",
    "\0",
    "\x1b[2J",
]
ORIGIN = Origin("Ana Torres", date(2026, 3, 31), "import")
FIELDS = [*drafts.QUALIFIERS, *drafts.WHAT, "anchor", "nonsense"]
FIELD = st.sampled_from(WORDS) | st.text(max_size=12) | st.lists(st.sampled_from(WORDS), max_size=3)


@given(proposed=st.lists(st.dictionaries(st.sampled_from(FIELDS), FIELD, max_size=9), max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_draft_makes_anything_but_a_claim_or_a_reason(started: Path, proposed: list[dict[str, Any]]) -> None:
    held = _held(started)
    made = [
        drafts.draft({"says": "It is so.", "phrase": "a local gang", **one}, i) for i, one in enumerate(proposed, 1)
    ]
    found = claim_drafts.author_claims(held, made)
    assert len(found) == len(made)
    for one in found:
        if isinstance(one, claim_drafts.RefusedDraft):
            assert one.reasons
            assert all(one.reasons)
        else:
            assert one.triples
            review.changes(held, [one], ORIGIN)


@functools.cache
def _held(home: Path) -> source_context.SourceContext:
    return source_context.source_context_of(Vocabulary(compilation.compiled(file_changes.VIEW, home)), KEY, TEXT)
