"""Corrections by the command line, from both sides: what is said afterwards, what is kept, and what is refused."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode

from nexuskg.authoring import file_changes
from nexuskg.authoring.source_context import source_context_of
from nexuskg.authoring.vocabulary import Vocabulary
from nexuskg.base.namespaces import BASE, CLAIM, DEFAULT_GRAPH, NX, WITHDRAWN
from nexuskg.cli.main import run
from nexuskg.evidence.coverage import coverage
from nexuskg.evidence.sources import source_keys
from nexuskg.pipeline import compilation, views
from nexuskg.publish import release
from nexuskg.rdf.store import first_value, select
from nexuskg.search.record_history import withdrawn_record
from nexuskg.validation import checks

AUTHORING = Path(__file__).parent.parent / "authoring"
TEXT = AUTHORING / "pisco-2025.txt"
KEY = "pisco-2025"
NEW = ["source", "new", KEY, "--text", str(TEXT), "--title", "Seizure at the port of Pisco", "--language", "en"]
NEW += ["--provenance", "The bulletin itself.", "--issued", "2025-03", "--document-type", "news article"]
NEW += ["--body-from", "Seizure at the port", "--body-to", "Thank you for reading."]
DRAFTS = """
- {says: The Blue Cartel takes money from haulage., new-entity: ['actor:blue-cartel=Organization:"Blue Cartel"',
   'activity:haulage=EconomicActivity:"haulage on the coastal road"'], subject: Blue Cartel, predicate: taxes,
   object: activity:haulage, phrase: It has taxed truck drivers, hedge: It}
- {says: Weak guarding of the port feeds trafficking., new-entity: 'condition:weak-port=Condition:"weak port security"',
   subject: condition:weak-port, predicate: contributes to, object: activity:drug-trafficking, causal-relation: feeds,
   phrase: Weak port security has contributed}
- {says: The gang earns more than 200000 dollars a month., new-entity: 'actor:blue-gang=Organization:"Blue Gang"',
   subject: actor:blue-gang, predicate: hasObservation, value: 200000, comparator: more-than, unit: us-dollar,
   measures: cocaine-seized, value-as-stated: 200000 dollars, phrase: the gang earns more than 200}
- {says: The Blue Gang is not linked to Sendero., subject: actor:blue-gang, predicate: linkedTo,
   object: Sendero Luminoso, polarity: negative, phrase: The gang is not linked to}
"""
Call = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.slow  # each command tries the whole out; what it is to write is held in test_edits.py


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with a source and four claims of it."""
    root = tmp_path_factory.mktemp("corrections")
    (root / "drafts.yaml").write_text(DRAFTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEXUSKG_CACHE", str(root / "cache"))
        patch.setenv("NEXUSKG_CURATOR", "Ana Torres")
        assert run(["copy", str(root / "home")]) == 0
        patch.setenv("NEXUSKG_HOME", str(root / "home"))
        assert run(NEW) == 0
        assert run(["claim", "import", KEY, str(root / "drafts.yaml"), "--text", str(TEXT)]) == 0
        yield root / "home"


def files(home: Path) -> dict[str, str]:
    data = home / "ontology"
    return {path.relative_to(home).as_posix(): path.read_text() for path in data.rglob("*") if path.is_file()}


def claims_text(home: Path) -> str:
    return (home / f"ontology/data/claims/{KEY}.ttl").read_text()


def block(text: str, head: str) -> str:
    """A block of canonical Turtle; empty where there is none."""
    body = "\n".join(line for line in text.splitlines() if not line.startswith("PREFIX "))
    return next((one for one in body.split("\n.\n") if one.strip().startswith(head + "\n")), "")


def subjects(home: Path) -> set[str]:
    store = compilation.compiled(views.WHOLE, home).store
    found = store.quads_for_pattern(None, None, None, DEFAULT_GRAPH)
    return {quad.subject.value for quad in found if isinstance(quad.subject, NamedNode)}


def new_findings(home: Path) -> list[str]:
    """What the checks find of what this test made; a source under work has segments that are not read yet."""
    unread = set(file_changes.UNFINISHED)
    found = checks.check_home(home)
    mine = (KEY, "blue", "weak-port", "haulage")
    return [
        f.message
        for f in found
        if any(n in f.focus + f.message for n in mine) and f.rule not in unread
        if f.severity == "violation"
    ]


# --- who entered what -------------------------------------------------------------------------------------------------


def test_an_import_says_who_when_and_from_which_file(mine: Path) -> None:
    text = claims_text(mine)
    act = block(text, f"curation:{KEY}.1")
    assert 'nx:draftFile "drafts.yaml"' in act
    assert f'dcterms:date "{date.today().isoformat()}"^^xsd:date' in act
    assert "prov:wasAssociatedWith curator:ana-torres" in act
    assert "curation-method:import" in act
    assert f"prov:wasGeneratedBy curation:{KEY}.1" in block(text, f"claim:{KEY}.c001")
    assert new_findings(mine) == []


@pytest.mark.parametrize("command", ["withdraw", "correct"])
def test_who_does_it_is_asked_for_in_one_line(
    mine: Path, call: Call, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.delenv("NEXUSKG_CURATOR")
    before = files(mine)
    code, out, err = call("claim", command, f"{KEY}.c001", "--reason", "x")
    assert (code, out, err) == (2, "", "nexuskg: Say who does this: --curator NAME, or set NEXUSKG_CURATOR.\n")
    assert files(mine) == before


def test_the_option_goes_before_the_environment(mine: Path, call: Call) -> None:
    args = ("claim", "correct", f"{KEY}.c001", "--hedge", "", "--reason", "No hedge.", "--curator", "Bo  Li")
    assert call(*args)[0] == 0
    assert 'skos:prefLabel "Bo Li"@en' in (mine / "ontology/data/curation.ttl").read_text()
    assert "curator:bo-li" in block(claims_text(mine), f"curation:{KEY}.2")


# --- what a claim is known by -----------------------------------------------------------------------------------------


def test_no_two_claims_of_the_data_say_the_same_of_one_place(started: Path) -> None:
    vocabulary = Vocabulary(compilation.compiled(views.WHOLE, started))
    for key in source_keys(vocabulary.store):
        said = list(source_context_of(vocabulary, key, None).statements.items())
        twice = [(a, b) for i, (one, a) in enumerate(said) for two, b in said[:i] if a != b and one.repeats(two)]
        assert twice == []


@pytest.mark.parametrize("more", ["modality: possible", "date: '2021'", "claimed-by: actor:dirandro", "unit: euro"])
def test_a_sentence_may_say_two_things_of_one_place(mine: Path, call: Call, tmp_path: Path, more: str) -> None:
    """A claim that differs in what a claim is known by is no duplicate; the very same is."""
    draft = "- {says: It takes money again., subject: Blue Cartel, predicate: taxes, object: activity:haulage, "
    draft += "phrase: It has taxed truck drivers, hedge: again%s}\n"
    again = tmp_path / "again.yaml"
    again.write_text(draft % "")
    code, out, _ = call("claim", "import", KEY, str(again), "--text", str(TEXT))
    assert code == 1
    assert f"duplicate: claim:{KEY}.c001 says the same of the same place" in out
    again.write_text(draft % f", {more}")
    code, out, _ = call("claim", "import", KEY, str(again), "--text", str(TEXT), "--dry-run")
    assert code == (1 if "euro" in more else 0), out
    assert "duplicate" not in out


# --- a claim is corrected ---------------------------------------------------------------------------------------------


def test_what_is_no_identity_is_corrected_in_place_and_its_former_value_kept(mine: Path, call: Call) -> None:
    before = claims_text(mine)
    code, out, _ = call("claim", "correct", f"claim:{KEY}.c001", "--hedge", "", "--reason", "It is no hedge.")
    assert code == 0
    assert f"was: claim:{KEY}.c001 nx:hedge: It (en)\n" in out
    after = claims_text(mine)
    claim = block(after, f"claim:{KEY}.c001")
    assert "nx:hedge" not in claim
    assert f"nx:correctedIn curation:{KEY}.2" in claim
    assert f"prov:wasGeneratedBy curation:{KEY}.1" in claim, "who entered it is kept"
    act = block(after, f"curation:{KEY}.2")
    assert f'nx:formerValue "claim:{KEY}.c001 nx:hedge: It (en)"@en' in act
    assert 'nx:reason "It is no hedge."@en' in act
    others = [f"claim:{KEY}.c00{n}" for n in (2, 3, 4)]
    assert [block(after, name) for name in others] == [block(before, name) for name in others]
    _, out, _ = call("show", f"claim:{KEY}.c001", "--evidence", "locator")
    assert "corrected: " in out
    assert "It is no hedge." in out
    assert new_findings(mine) == []
    assert call("fmt", "--check")[0] == 0


def test_what_is_identity_makes_a_new_claim_and_the_old_one_is_kept(mine: Path, call: Call, tmp_path: Path) -> None:
    taxes = f"SELECT ?c {{ ?c a <{NX}Claim> ; <{NX}fromSource> <{BASE}source/{KEY}> ; <{NX}claimPredicate> ?p }}"
    assert call("claim", "review", f"{KEY}.c001", "--outcome", "confirmed")[0] == 0
    code, out, _ = call("claim", "correct", f"{KEY}.c001", "--modality", "possible", "--reason", "Only a rumour.")
    assert code == 0
    assert f"claim:{KEY}.c001 is superseded by claim:{KEY}.c001-v2\n" in out
    assert "falls: fact: Blue Cartel taxes haulage on the coastal road" in out
    text = claims_text(mine)
    old, new = block(text, f"claim:{KEY}.c001"), block(text, f"claim:{KEY}.c001-v2")
    assert "modality:asserted" in old
    assert "claim-status:superseded" in old
    assert f"dcterms:isReplacedBy claim:{KEY}.c001-v2" in old
    assert f"prov:wasInvalidatedBy curation:{KEY}.2" in old
    assert "modality:possible" in new
    assert f"prov:wasGeneratedBy curation:{KEY}.2" in new
    assert "nx:reviewedIn" in old
    assert "nx:reviewedIn" not in new, "another statement was reviewed"
    data = compilation.compiled(views.WHOLE, mine)
    found = {str(row[0]) for row in select(data.store, taxes).rows}
    assert f"<{CLAIM}{KEY}.c001-v2>" in found
    assert f"<{CLAIM}{KEY}.c001>" not in found
    _, out, _ = call("why", "--not", "Blue Cartel", "nx:taxes", "activity:haulage")
    assert f"claim:{KEY}.c001 speaks of it, but it was withdrawn on" in out
    assert f"(Only a rumour.); replaced by claim:{KEY}.c001-v2" in out
    _, out, _ = call("show", f"claim:{KEY}.c001")
    assert "(withdrawn claim)" in out
    assert "Ana Torres (Only a rumour.)" in out
    made = release.release_files(compilation.compiled("facts", mine), wider=data)
    assert f"{WITHDRAWN}data/claims/{KEY}".encode() in made["nexuskg.nq"]
    assert f"claim:{KEY}.c001\n".encode() not in made["nexuskg.ttl"]
    assert new_findings(mine) == []
    assert call("claim", "correct", f"{KEY}.c001", "--modality", "reported", "--reason", "x")[0] == 2
    assert call("claim", "correct", f"{KEY}.c001-v2", "--modality", "reported", "--reason", "x")[0] == 0
    assert f"isReplacedBy claim:{KEY}.c001-v3" in block(claims_text(mine), f"claim:{KEY}.c001-v2")
    assert new_findings(mine) == []


def test_what_refers_to_a_claim_or_its_nodes_follows(mine: Path, call: Call) -> None:
    comparisons = mine / "ontology/data/comparisons.ttl"
    comparisons.write_text(
        comparisons.read_text().replace("claim:cctv-2014.c001 ,", f"claim:cctv-2014.c001 ,\n        claim:{KEY}.c003 ,")
    )
    assert f"observation:{KEY}.c003 " in claims_text(mine)
    args = ("--value", "300000", "--says", "The gang earns more than 300000 dollars a month.", "--reason", "Misread.")
    code, _, err = call("claim", "correct", f"{KEY}.c003", *args)
    assert code == 0, err
    assert f"claim:{KEY}.c003-v2" in comparisons.read_text()
    assert f"claim:{KEY}.c003 " not in comparisons.read_text()
    text = claims_text(mine)
    assert f"nx:claimObject observation:{KEY}.c003 ;" in block(text, f"claim:{KEY}.c003")
    assert f"nx:claimObject observation:{KEY}.c003-v2 ;" in block(text, f"claim:{KEY}.c003-v2")
    store = compilation.compiled(views.WHOLE, mine).store
    assert first_value(store, f"{BASE}id/observation/{KEY}.c003-v2", NX + "lowerBound") == "300000"
    assert first_value(store, f"{BASE}id/observation/{KEY}.c003", NX + "lowerBound") is None


def test_a_claim_moves_to_another_place_and_an_idle_span_goes(mine: Path, call: Call) -> None:
    spans = claims_text(mine).count("a nx:EvidenceSpan")
    place = ("--text", str(TEXT), "--phrase", "It has taxed truck drivers on the coastal road")
    code, out, err = call("claim", "correct", f"{KEY}.c001", *place, "--reason", "The road belongs to it.")
    assert code == 0, err
    assert f"was: claim:{KEY}.c001 nx:supportedBy: span:{KEY}." in out
    assert claims_text(mine).count("a nx:EvidenceSpan") == spans
    assert new_findings(mine) == []


REFUSED = {
    "unknown claim": (("correct", f"{KEY}.c999", "--hedge", "x"), "There is no claim"),
    "nothing given": (("correct", f"{KEY}.c001"), "Say what is to be corrected"),
    "says just that": (("correct", f"{KEY}.c001", "--hedge", "It"), "says just that already"),
    "what must be there": (("correct", f"{KEY}.c001", "--voice", ""), "voice: it cannot be left out"),
    "no such concept": (("correct", f"{KEY}.c001", "--modality", "maybe"), "the scheme modality has no concept"),
    "no wording": (("correct", f"{KEY}.c001", "--object", "drug trafficking"), 'give --says "…"'),
    "a thing of a wrong kind": (
        ("correct", f"{KEY}.c001", "--object", "Peru", "--says", "It taxes Peru."),
        "the object of nx:taxes is a",
    ),
    "a phrase of nowhere": (
        ("correct", f"{KEY}.c001", "--text", str(TEXT), "--phrase", "nobody said this"),
        "is not in the text",
    ),
    "withdraws nothing": (("withdraw", f"{KEY}.c999"), "There is no claim"),
    "replaced by itself": (
        ("withdraw", f"{KEY}.c001", "--replaced-by", f"claim:{KEY}.c001"),
        "cannot be replaced by itself",
    ),
    "replaced by nothing": (("withdraw", f"{KEY}.c001", "--replaced-by", "x.c1"), "There is no claim"),
}


@pytest.mark.parametrize(("args", "told"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_refused_in_one_line_and_nothing_written(
    mine: Path, call: Call, args: tuple[str, ...], told: str
) -> None:
    before = files(mine)
    code, out, err = call("claim", *args, "--reason", "Because.")
    assert code == 2
    assert told in err
    assert err.count("\n") == 1
    assert out == ""
    assert files(mine) == before


@pytest.mark.parametrize(
    "args",
    [
        ("claim", "correct", f"{KEY}.c001", "--hedge", ""),
        ("claim", "withdraw", f"{KEY}.c001"),
        ("source", "withdraw", KEY),
        ("entity", "edit", "actor:blue-cartel", "--label", "Blues"),
        ("entity", "merge", "actor:blue-cartel", "actor:blue-gang"),
    ],
)
@pytest.mark.parametrize("reason", ["", "  ", "\x1b[2J"])
def test_a_reason_is_given(mine: Path, call: Call, args: tuple[str, ...], reason: str) -> None:
    before = files(mine)
    code, _, err = call(*args, "--reason", reason)
    assert (code, err) == (2, "nexuskg: Give the reason in your own words: --reason TEXT\n")
    assert call(*args)[0] == 2
    assert files(mine) == before


# --- a claim or a source is withdrawn ---------------------------------------------------------------------------------


def test_a_claim_is_withdrawn_and_withdrawn_once(mine: Path, call: Call) -> None:
    args = ("claim", "withdraw", f"{KEY}.c001", "--reason", "Not in the text.")
    before = files(mine)
    code, out, err = call(*args, "--dry-run")
    assert code == 0
    assert "falls: fact: Blue Cartel taxes haulage on the coastal road" in out
    assert "this was a dry run" in err
    assert files(mine) == before
    code, again, _ = call(*args)
    assert (code, again) == (0, out)
    assert "claim-status:rejected" in block(claims_text(mine), f"claim:{KEY}.c001")
    left = subjects(mine)
    assert not left & {f"{CLAIM}{KEY}.c001", f"{BASE}id/actor/blue-cartel", f"{BASE}id/activity/haulage"}
    store = compilation.compiled(views.WHOLE, mine).store
    assert not [row for row in coverage(store, KEY).rows if f"{CLAIM}{KEY}.c001" in row.claims]
    record = withdrawn_record(store, f"{CLAIM}{KEY}.c001")
    assert record is not None
    assert (record.status, record.reason, record.curator) == ("rejected", "Not in the text.", "Ana Torres")
    assert new_findings(mine) == []
    code, _, err = call(*args)
    assert code == 2
    assert "was withdrawn on" in err


def test_the_same_may_be_claimed_again_after_a_withdrawal(mine: Path, call: Call, tmp_path: Path) -> None:
    assert call("claim", "withdraw", f"{KEY}.c001", "--reason", "Not in the text.")[0] == 0
    again = tmp_path / "again.yaml"
    again.write_text(
        "- {says: It takes money., subject: actor:blue-cartel, predicate: taxes, object: drug trafficking, "
        "phrase: It has taxed truck drivers}\n"
    )
    code, out, _ = call("claim", "import", KEY, str(again), "--text", str(TEXT))
    assert code == 1, "an entity that only withdrawn claims use is not in the graph"
    again.write_text(again.read_text().replace("actor:blue-cartel", "Sendero Luminoso"))
    code, out, _ = call("claim", "import", KEY, str(again), "--text", str(TEXT))
    assert code == 0, out
    assert f"claim:{KEY}.c005" in out, "no id is used twice"


def test_a_source_is_withdrawn_with_its_claims_and_its_record_stays(mine: Path, call: Call) -> None:
    code, out, _ = call("source", "withdraw", KEY, "--reason", "A hoax.")
    assert code == 0
    assert f"source:{KEY} is withdrawn, and 4 claims of it" in out
    left = subjects(mine)
    assert not {one for one in left if one.startswith(f"{CLAIM}{KEY}.")}
    assert f"{BASE}source/{KEY}" in left
    _, out, _ = call("show", f"source:{KEY}")
    assert "withdrawn: " in out
    assert "A hoax." in out
    rest = {f.rule for f in checks.check_home(mine) if KEY in f.focus}
    assert not rest & set(file_changes.UNFINISHED), "its segments need no reason any more"
    assert call("source", "withdraw", KEY, "--reason", "A hoax.")[0] == 2
    more = ("--subject", "Blue Cartel", "--predicate", "taxes", "--object", "drug trafficking", "--says", "It does.")
    code, _, err = call("claim", "new", KEY, *more, "--locator", "page 1")
    assert code == 2
    assert "is withdrawn, so no claim is taken from it" in err
    assert call("source", "withdraw", "nowhere-1", "--reason", "A hoax.")[0] == 2


# --- reviews ----------------------------------------------------------------------------------------------------------


def test_a_review_is_recorded_and_changes_nothing_else(mine: Path, call: Call) -> None:
    before = compilation.compiled("facts", mine)
    facts = set(before.store.quads_for_pattern(None, None, None, NamedNode(BASE + "graph/facts")))
    names = (f"{KEY}.c001", f"claim:{KEY}.c002", f"{KEY}.c001")
    assert call("claim", "review", *names, "--outcome", "confirmed", "--reviewer", "Bo")[0] == 0
    text = claims_text(mine)
    assert "nx:reviewOutcome review-outcome:confirmed" in block(text, f"review:{KEY}.1")
    assert "prov:wasAssociatedWith curator:bo" in block(text, f"review:{KEY}.1")
    assert text.count(f"nx:reviewedIn review:{KEY}.1") == 2
    after = compilation.compiled("facts", mine)
    assert facts == set(after.store.quads_for_pattern(None, None, None, NamedNode(BASE + "graph/facts")))
    _, out, _ = call("show", f"claim:{KEY}.c001")
    assert "Bo; confirmed" in out
    assert new_findings(mine) == []


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((f"{KEY}.c001", "--outcome", "fine"), "There are: confirmed, objected, undecided."),
        ((f"{KEY}.c001", "--outcome", "objected"), "Give the reason"),
        ((f"{KEY}.c001", f"{KEY}.c999", "--outcome", "confirmed"), "There is no claim"),
    ],
)
def test_a_review_that_says_too_little_is_refused(mine: Path, call: Call, args: tuple[str, ...], told: str) -> None:
    before = files(mine)
    code, _, err = call("claim", "review", *args)
    assert code == 2
    assert told in err
    assert files(mine) == before


# --- entities ---------------------------------------------------------------------------------------------------------


def test_an_entity_is_edited_and_what_it_was_called_is_kept(mine: Path, call: Call) -> None:
    args = ("--label", "The Blue Cartel", "--label", "Cartel Azul@es", "--alias", "Blues", "--note", "Local.")
    code, _, err = call(
        "entity", "edit", "actor:blue-cartel", *args, "--type", "NonStateArmedGroup", "--reason", "Wrong."
    )
    assert code == 0, err
    text = (mine / "ontology/data/entities/actors.ttl").read_text()
    entity = block(text, "actor:blue-cartel")
    assert '"The Blue Cartel"@en' in entity
    assert '"Cartel Azul"@es' in entity
    assert '"Blue Cartel"@en' not in entity
    assert 'nx:ownName "Blues"@en' in entity
    assert "nx:correctedIn curation:actor.blue-cartel.1" in entity
    act = block((mine / "ontology/data/curation.ttl").read_text(), "curation:actor.blue-cartel.1")
    assert "actor:blue-cartel skos:prefLabel: Blue Cartel (en)" in act
    assert new_findings(mine) == []
    assert call("entity", "edit", "actor:blue-cartel", "--alias", "Blues", "--reason", "It is not said.")[0] == 0
    assert '"Blues"' not in (mine / "ontology/data/entities/actors.ttl").read_text(), "nor as a name of our own"


def test_two_entities_that_are_one_are_merged(mine: Path, call: Call) -> None:
    links = mine / "ontology/links/opensanctions.sssom.tsv"
    last = links.read_text().splitlines()[-1].split("\t")
    links.write_text(links.read_text() + "\t".join(["actor:blue-gang", "Blue Gang", *last[2:]]) + "\n")
    code, out, err = call("entity", "merge", "actor:blue-cartel", "actor:blue-gang", "--reason", "One gang.")
    assert code == 0, err
    assert "falls: fact: Blue Gang has the observation" in out
    text = claims_text(mine)
    for name in ("c003", "c004"):
        claim = block(text, f"claim:{KEY}.{name}")
        assert "nx:claimSubject actor:blue-cartel" in claim
        assert "nx:correctedIn curation:actor.blue-gang.1" in claim
    entities = (mine / "ontology/data/entities/actors.ttl").read_text()
    merged = block(entities, "actor:blue-gang")
    assert "owl:deprecated true" in merged
    assert "dcterms:isReplacedBy actor:blue-cartel" in merged
    kept = block(entities, "actor:blue-cartel")
    assert 'skos:altLabel "Blue Gang"@en' in kept
    assert 'nx:ownName "Blue Gang"@en' in kept, "no source and no record uses it"
    assert "actor:blue-cartel\tBlue Gang" in links.read_text()
    assert f"{BASE}id/actor/blue-gang" not in subjects(mine)
    _, out, _ = call("show", "actor:blue-gang")
    assert "merged entity" in out
    assert "into actor:blue-cartel" in out
    _, out, _ = call("show", "Blue Gang")
    assert "actor:blue-cartel" in out
    assert new_findings(mine) == []
    assert call("fmt", "--check")[0] == 0
    assert call("entity", "merge", "actor:blue-cartel", "actor:blue-gang", "--reason", "One gang.")[0] == 2


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("merge", "actor:blue-cartel", "actor:blue-cartel"), "cannot be merged with itself"),
        (("merge", "actor:blue-cartel", "place:peru"), "nothing is both"),
        (("merge", "actor:blue-gang", "actor:sendero-luminoso"), "the two are different things"),
        (("merge", "actor:blue-cartel", "actor:nobody"), "Nothing is called"),
        (("edit", "actor:blue-cartel", "--label", "Blue Cartel"), "described just so already"),
        (("edit", "actor:blue-cartel"), "described just so already"),
        (("edit", "actor:blue-cartel", "--type", "Place"), "is no nx:Actor"),
        (("edit", "actor:blue-cartel", "--type", "TerroristOrganization"), "is a contested kind"),
        (("edit", "actor:blue-cartel", "--label", "@es"), "cannot be without one"),
        (("edit", "modality:asserted", "--label", "x"), "is no entity"),
    ],
)
def test_an_entity_is_not_made_what_it_is_not(mine: Path, call: Call, args: tuple[str, ...], told: str) -> None:
    before = files(mine)
    code, _, err = call("entity", *args, "--reason", "Because.")
    assert code == 2
    assert told in err
    assert files(mine) == before


# --- killed between two files -----------------------------------------------------------------------------------------

DYING = {
    "correct": ("claim", "correct", f"{KEY}.c001", "--modality", "possible", "--curator", "Bo"),
    "source": ("source", "withdraw", KEY, "--curator", "Bo"),
    "merge": ("entity", "merge", "actor:blue-cartel", "actor:blue-gang", "--curator", "Bo"),
}


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("args", DYING.values(), ids=DYING)
def test_a_home_loads_and_is_sound_wherever_the_writing_stops(
    mine: Path, call: Call, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], nth: int
) -> None:
    replace, count = os.replace, list[object]()

    def killed(source: Any, target: Any) -> None:
        if "ontology" in str(target):
            count.append(target)
            if len(count) == nth:
                raise OSError(5, "the plug was pulled", str(target))
        replace(source, target)

    before = files(mine)
    monkeypatch.setattr(os, "replace", killed)
    code, _, err = call(*args, "--reason", "Because.")
    monkeypatch.undo()
    if len(count) < nth:
        assert code == 0
        return
    assert code == 2
    assert "the plug was pulled" in err
    assert sum(text != before.get(name) for name, text in files(mine).items()) == nth - 1
    assert not list((mine / "ontology").rglob(".*"))
    assert new_findings(mine) == []
