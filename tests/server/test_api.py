"""The API: what it gives, in which forms, and that its own description of it is true."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from nexuskg.answers import rows, table
from nexuskg.cli.main import program_group
from nexuskg.errors import Refused
from nexuskg.explain import what_if
from nexuskg.server.api.handlers import FORMATS
from nexuskg.server.api.routes import OPERATIONS
from nexuskg.server.state import withdrawals
from nexuskg.server.state.host import Hosted

HOSTILE = [
    'v" . ?x ?y ?z } #',
    "<urn:x> } UNION { ?s ?p ?o",
    "<https://w3id.org/nexuskg/id/actor/sendero-luminoso> <b>",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "\0",
    "\ud7ff\u202e",
    "any any",
    "x" * 299,
]


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> dict[str, Any]:
    found = client.get("/api/openapi.json").json()
    assert found["openapi"].startswith("3.1")
    return dict(found)


def test_the_catalogue_has_titles_in_three_languages_and_typed_parameters(client: httpx.Client, site: Hosted) -> None:
    found = client.get("/api/questions").json()
    assert [one["name"] for one in found] == sorted(site.data.catalogue)
    who = next(one for one in found if one["name"] == "who-taxes-what")
    assert set(who["titles"]) == {"en", "es", "pt"}
    assert set(who["parameters"][0]) == {"name", "meaning", "type", "of", "default", "default_is", "required"}
    assert client.get(who["address"]).status_code == 200


def test_an_answer_is_that_of_the_program(client: httpx.Client, site: Hosted) -> None:
    wanted = table.plain_values(rows.answer_typed(site.data, "who-taxes-what", {"activity": "drug trafficking"}, "es"))
    found = client.get("/api/questions/who-taxes-what", params={"activity": "drug trafficking", "lang": "es"})
    assert found.json() == json.loads(json.dumps(wanted))
    found = client.get("/api/questions/who-taxes-what", headers={"Accept-Language": "pt-BR, en;q=0.5"})
    assert found.json()["language"] == "pt"


@pytest.mark.parametrize("form", FORMATS)
def test_a_suffix_or_accept_chooses_the_format(client: httpx.Client, form: str) -> None:
    name = "who-operates-where" if form == "geojson" else "who-taxes-what"
    by_suffix = client.get(f"/api/questions/{name}.{form}")
    by_accept = client.get(f"/api/questions/{name}", headers={"Accept": FORMATS[form]})
    assert by_suffix.status_code == by_accept.status_code == 200, by_suffix.text
    assert by_suffix.headers["content-type"].partition(";")[0] == FORMATS[form]
    assert by_suffix.content == by_accept.content


def test_evidence_is_shown_on_demand_and_a_view_chosen(client: httpx.Client) -> None:
    plain, shown = (client.get(f"/api/questions/who-taxes-what.csv{more}").text for more in ("", "?evidence"))
    without, columns = (set(next(csv.reader(io.StringIO(text)))) for text in (plain, shown))
    assert columns - without == {"claims", "spans", "also", "found by"}
    assert client.get("/api/questions/who-taxes-what?view=implied").json()["view"] == "implied"


def test_plain_words_are_understood_or_the_nearest_told(client: httpx.Client) -> None:
    found = client.get("/api/ask", params={"q": "Who taxes illegal mining?"}).json()
    assert found["sure"]
    assert found["answer"]["question"] == found["readings"][0]["question"] == "who-taxes-what"
    assert client.get(found["readings"][0]["address"]).status_code == 200
    unsure = client.get("/api/ask", params={"q": "Where is the nearest bakery?"}).json()
    assert not unsure["sure"]
    assert unsure["answer"] is None


def test_things_are_found_and_told(client: httpx.Client) -> None:
    (first, *_) = client.get("/api/find", params={"q": "sendero luninoso"}).json()
    assert (first["curie"], first["address"]) == ("actor:sendero-luminoso", "/id/actor/sendero-luminoso")
    assert client.get("/api/entities/actor:sendero-luminoso").json()["label"] == "Sendero Luminoso"
    assert client.get("/api/terms/nx:taxes", params={"lang": "es"}).json()["label"] == "grava"
    for name in ("ellis-2015.c082", "claim:ellis-2015.c082"):
        assert client.get(f"/api/claims/{name}").json()["claims"][0]["source"] == "ellis-2015"
    assert "told of at /ontology#taxes" in client.get("/api/entities/nx:taxes").json()["error"]


def test_why_is_told_down_to_claims(client: httpx.Client) -> None:
    asked = {"subject": "actor:sendero-luminoso", "predicate": "nx:concentratedIn", "value": "place:vraem"}
    assert client.get("/api/why", params=asked).json()["reasons"][0][0]["claims"]
    text = client.get("/api/why", params=asked, headers={"Accept": "text/plain"}).text
    assert text.startswith("Sendero Luminoso is concentrated in VRAEM")
    other = client.get("/api/why", params={**asked, "value": "place:peru"})
    assert (other.status_code, "/api/why-not" in other.json()["error"]) == (404, True)


def test_what_is_missing_is_told_of_the_view_that_is_asked(client: httpx.Client) -> None:
    asked = {"subject": "actor:sendero-luminoso", "predicate": "a", "value": "nx:HybridActor"}
    told = client.get("/api/why-not", params=asked).json()
    claims = {claim["claim"]: claim["add"] for claim in told["nearest"][0]["lacking"][0]["claims"]}
    assert claims == {
        "claim:ellis-2015.c125": ["--accept implied"],
        "claim:treasury-2015.c003-1": ["--evidence locator"],
    }
    assert client.get("/api/why-not", params={**asked, "view": "implied"}).json()["present"] is True
    text = client.get("/api/why-not", params=asked, headers={"Accept": "text/plain"}).text
    assert text.startswith("The graph does not say that Sendero Luminoso is a hybrid actor.")


@pytest.mark.slow
@pytest.mark.parametrize(
    "what",
    [
        ["claim:ellis-2015.c125"],
        pytest.param(["nx:HybridActor owl:equivalentClass"], marks=pytest.mark.slow),
        pytest.param(["nx:taxes rdfs:subPropertyOf any"], marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
def test_what_falls_is_what_the_program_says(client: httpx.Client, what: list[str]) -> None:
    told = CliRunner().invoke(program_group, ["without", *what[0].split(), "--format", "json"]).stdout
    found = client.get("/api/without", params={"what": what})
    assert found.json() == json.loads(told)
    assert found.json()["falls"]
    text = client.get("/api/without", params={"what": what}, headers={"Accept": "text/plain"}).text
    assert len(text.splitlines()) == len(found.json()["falls"]) + len(found.json()["appears"])
    assert all(f": {change['text']}\n" in text for change in found.json()["falls"])


@pytest.mark.slow
def test_several_things_are_withdrawn_at_once(client: httpx.Client) -> None:
    """In the view asked for; what one claim holds up alone falls only with both."""
    both = ["claim:ellis-2015.c125", "claim:ellis-2015.c082"]
    falls = [
        {change["text"] for change in client.get("/api/without", params={"what": what}).json()["falls"]}
        for what in (both[:1], both[1:], both)
    ]
    assert falls[0] | falls[1] <= falls[2]
    assert client.get("/api/without", params={"what": both}).json()["withdrawn"] == sorted(both)
    implied = client.get("/api/without", params={"what": both, "view": "implied"}).json()
    rows = {change["text"] for change in implied["falls"] if change["kind"] == "row"}
    assert any(row.startswith("who-taxes-what: Sendero Luminoso | drug trafficking") for row in rows)


@pytest.mark.slow
def test_a_stranger_who_withdraws_leaves_the_cache_alone(
    client: httpx.Client, site: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEXUSKG_CACHE", str(tmp_path))
    monkeypatch.setattr(withdrawals, "KEPT", 3)
    answered = 0
    for number in range(withdrawals.KEPT + 6):
        found = client.get("/api/without", params={"what": f"claim:ellis-2015.c{100 + number:03}"})
        assert found.status_code in (200, 404)
        answered += found.status_code == 200
    assert answered > withdrawals.KEPT
    assert len(site.withdrawals.known) == withdrawals.KEPT
    assert not list(tmp_path.iterdir())
    what_if.without(
        site.data, [what_if.parse_withdrawal(site.data, ["claim:ellis-2015.c125"])]
    )  # as the user of the machine does
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.slow
def test_one_withdrawal_is_worked_out_at_a_time(
    client: httpx.Client, site: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = threading.Event(), threading.Event()
    real = what_if.without

    def slow(*args: Any, **more: Any) -> what_if.Withdrawal:
        asked.set()
        assert go_on.wait(60)
        return real(*args, **more)

    known = {"what": "claim:ellis-2015.c125"}
    assert client.get("/api/without", params=known).status_code == 200
    monkeypatch.setattr(what_if, "without", slow)
    with ThreadPoolExecutor(1) as apart:
        first = apart.submit(client.get, "/api/without", params={"what": "claim:ellis-2015.c010"})
        try:
            assert asked.wait(60)
            second = client.get("/api/without", params={"what": "claim:ellis-2015.c011"})
            assert (second.status_code, second.headers["retry-after"]) == (503, str(withdrawals.RETRY))
            assert client.get("/api/without", params=known, headers={"Accept": "text/plain"}).status_code == 200
            assert client.get("/api/questions").status_code == 200
        finally:
            go_on.set()
        assert first.result().status_code == 200
    assert client.get("/api/without", params={"what": "claim:ellis-2015.c011"}).status_code == 200


def test_nothing_is_withdrawn_from_files_that_are_others_by_now(client: httpx.Client, site: Hosted) -> None:
    old = withdrawals.Withdrawals(since=0.0)
    with pytest.raises(Refused, match="changed since") as refused:
        old.without(site.data, ["claim:ellis-2015.c125"])
    assert refused.value.status == 503
    assert not old.known
    site.withdrawals.known.clear()
    assert client.get("/api/without", params={"what": "claim:ellis-2015.c125"}).status_code == 200


def test_sources_views_and_coverage(client: httpx.Client, site: Hosted) -> None:
    sources = client.get("/api/sources").json()
    assert len(sources) > 30
    assert sum(source["claims"] for source in sources) > 400
    views = client.get("/api/views").json()
    assert [view["view"] for view in views["views"]] == ["facts", "implied", "facts, evidence locator"]
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    for view in views["views"]:
        asked = {"query": count, "default-graph-uri": view["graph"]}
        (row,) = client.get("/sparql", params=asked).json()["results"]["bindings"]
        assert int(row["n"]["value"]) == view["triples"]
    assert client.get("/api/coverage").json()[0]["gaps"] == []


@pytest.mark.parametrize(
    ("status", "path"),
    [
        (404, "/api/questions/who-taxs"),
        (404, "/api/questions/who-taxes-what.exe"),
        (404, "/api/questions/..%2F..%2Fetc%2Fpasswd"),
        (404, "/api/questions/%2e%2e%2fchecks%2floops"),
        (404, "/api/entities/actor:nobody"),
        (404, "/api/claims/ellis-2015.c9999"),
        (404, "/api/nothing"),
        (404, "/api/questions/"),
        (400, "/api/questions/who-taxes-what?colour=red"),
        (400, "/api/questions/who-taxes-what?lang=fr"),
        (400, "/api/questions/who-taxes-what?evidence=perhaps"),
        (400, "/api/questions/who-taxes-what?view=all"),
        (400, "/api/questions?x=1"),
        (400, "/api/find"),
        (400, "/api/find?q=a&q=b"),
        (400, "/api/find?q=a&limit=1000"),
        (400, "/api/find?q=" + "x" * 301),
        (400, "/api/ask"),
        (400, "/api/ask?q=%C2%AB&view=all"),
        (400, "/api/questions/who-taxes-what?" + "&".join(["group=any"] * 11)),
        (400, "/api/why?subject=a"),
        (404, "/api/without?what=claim:ellis-2015.c9999"),
        (404, "/api/without?what=nobody+at+all"),
        (404, "/api/without?what=%3Curn:x%3E+a"),
        (404, "/api/without?what=%00"),
        (400, "/api/without"),
        (400, "/api/without?what="),
        (400, "/api/without?what=actor:sendero-luminoso"),
        (400, "/api/without?what=nx:taxes+rdfs:subPropertyOf+nx:linkedTo"),
        (400, "/api/without?" + "&".join(["what=claim:ellis-2015.c125"] * 11)),
        (400, "/api/without?what=claim:ellis-2015.c125&view=all"),
        (400, "/api/without?claim=claim:ellis-2015.c125"),
    ],
)
def test_what_is_wrong_is_one_sentence(client: httpx.Client, status: int, path: str) -> None:
    found = client.get(path)
    assert found.status_code == status, found.text
    assert found.headers["content-type"] == "application/json"
    assert re.fullmatch(r"[^\n]+", found.json()["error"])
    assert "nexuskg " not in found.json()["error"]


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_is_given_becomes_part_of_a_query(client: httpx.Client, text: str) -> None:
    for path, name in (
        ("/api/questions/who-taxes-what", "activity"),
        ("/api/find", "q"),
        ("/api/ask", "q"),
        ("/api/questions/what-does-the-source-say-about", "thing"),
    ):
        found = client.get(path, params={name: text})
        assert found.status_code in (200, 400, 404), found.text
        if name in ("activity", "thing"):
            assert found.status_code in (400, 404)
    assert client.get(f"/api/entities/{httpx.QueryParams(a=text)!s}"[:400]).status_code in (400, 404)


def test_an_answer_known_already_is_not_sent_again(client: httpx.Client) -> None:
    first = client.get("/api/questions/who-taxes-what.csv")
    again = client.get("/api/questions/who-taxes-what.csv", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/api/questions/who-taxes-what.csv?lang=es")
    assert other.headers["etag"] != first.headers["etag"]
    assert "max-age" in first.headers["cache-control"]


def test_the_description_has_every_route_and_only_those(document: dict[str, Any], site: Hosted) -> None:
    named = {f"/api/questions/{name}" for name in site.data.catalogue}
    assert set(document["paths"]) == {operation.path for operation in OPERATIONS} | named


def test_what_is_described_is_so(document: dict[str, Any], client: httpx.Client) -> None:
    """Each operation, called as its description says, gives what that says; so it does in each media type."""
    for path, item in document["paths"].items():
        operation = item["get"]
        example = {(one["in"], one["name"]): one["example"] for one in operation["parameters"] if one["required"]}
        inside = {name: value for (where, name), value in example.items() if where == "path"}
        query = {name: value for (where, name), value in example.items() if where == "query"}
        if path.startswith("/api/questions/") and "{" not in path and path != "/api/questions/who-taxes-what":
            continue
        for media in operation["responses"]["200"]["content"]:
            found = client.get(path.format(**inside), params=query, headers={"Accept": media})
            assert str(found.status_code) in operation["responses"], (path, found.text)
            if found.status_code == 200:
                assert found.headers["content-type"].partition(";")[0] == media
            else:
                assert (found.status_code, media) == (406, "application/geo+json")
        assert client.get(path.format(**inside), params=query, headers={"Accept": "image/png"}).status_code == 406


def test_parameters_of_questions_are_described_and_no_name_is_taken_twice(
    document: dict[str, Any], site: Hosted
) -> None:
    for name, query in site.data.catalogue.items():
        names = [one["name"] for one in document["paths"][f"/api/questions/{name}"]["get"]["parameters"]]
        assert len(names) == len(set(names))
        assert {parameter.name for parameter in query.params} < set(names)


def test_turtle_of_an_answer_can_be_read(client: httpx.Client) -> None:
    assert list(ox.parse(client.get("/api/questions/who-taxes-what.ttl").content, format=ox.RdfFormat.TURTLE))
