"""Linked data and pages: every IRI of ours answers, what is hostile stays text, and nothing leaves the host."""

from __future__ import annotations

import html.parser
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pyoxigraph as ox
import pytest

from nexuskg.base.namespaces import BASE, GRAPH, NX, SKOS
from nexuskg.search import describe
from nexuskg.server.api.operation import Call
from nexuskg.server.pages import linked_data, markup, schema_org
from nexuskg.server.pages.site import EXAMPLE, OPERATIONS
from nexuskg.server.state.host import Hosted

VOIDS = {"meta", "link", "input", "br"}
PAGES = [
    "/",
    "/?lang=pt",
    "/id/actor/sendero-luminoso",
    "/id/actor/sendero-luminoso?lang=es",
    "/claim/ellis-2015.c082",
    "/span/ellis-2015.2108-2143",
    "/source/ellis-2015",
    "/ontology",
    "/ontology?term=taxes",
    "/vocab/modality/asserted",
    "/graph/nexus",
    "/graph/view/implied",
    "/shape/Claim-kind",
    "/find?q=shining+path",
    "/find?q=zzzzqqqq",
    "/ask?q=Who+taxes+drug+trafficking%3F",
    "/answers/who-taxes-what?activity=drug+trafficking&lang=es",
    "/why?subject=actor:sendero-luminoso&predicate=nx:concentratedIn&value=place:vraem",
    "/sparql",
]
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\x1b[2J"


class Reader(html.parser.HTMLParser):
    """A page read: its tags with their attributes, its text; that every tag is closed in its turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said = ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOIDS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said += data


@pytest.fixture(scope="module")
def spoilt(site: Hosted) -> Hosted:
    """The same with a claim, an entity and a class that somebody has made to do harm."""
    store = ox.Store()
    store.extend(site.data.store)
    actor = ox.NamedNode(BASE + "id/actor/sendero-luminoso")
    for predicate in (SKOS + "prefLabel", SKOS + "definition", NX + "hedge", "javascript:alert(1)"):
        store.add(ox.Quad(actor, ox.NamedNode(predicate), ox.Literal(HOSTILE, language="en")))
    store.add(ox.Quad(actor, ox.NamedNode(NX + "linkedTo"), ox.NamedNode("javascript:alert(1)")))
    store.add(ox.Quad(actor, ox.NamedNode(NX + "linkedTo"), ox.NamedNode("https://example.org/a'b")))
    store.add(ox.Quad(actor, ox.NamedNode(NX + "linkedTo"), ox.NamedNode("data:text/html,x")))
    store.add(ox.Quad(actor, ox.NamedNode(NX + "linkedTo"), ox.NamedNode(BASE + "/evil.example/x")))
    data = replace(site.data, store=store)
    return replace(site, data=data, wide=data, graphs={}, pool=None)


@pytest.mark.slow
def test_every_iri_of_ours_answers(site: Hosted) -> None:
    document = linked_data.OPERATIONS[-1]
    quads = [*site.wide.store, *site.data.store]
    nodes = {term for quad in quads for term in (*quad.triple, quad.graph_name) if isinstance(term, ox.NamedNode)}
    nodes |= {term for one in site.publication for term in one if isinstance(term, ox.NamedNode)}
    nodes |= {ox.NamedNode(name) for name in site.graphs}
    ours = sorted(node.value.removeprefix(BASE) for node in nodes if node.value.startswith(BASE))
    assert len(ours) > 3000
    for name in ours:
        path, _, term = name.partition("#")
        call = Call({"path": path}, {"term": [term]} if term else {}, "application/n-triples")
        assert document.perform(site, call).body


@pytest.mark.slow
def test_every_document_says_what_sparql_says_and_describes_the_rest(site: Hosted) -> None:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    served = {
        str(quad.triple)
        for store in (site.data.store, *(g.store for g in site.graphs.values() if g is not site.wide))
        for quad in store
    }
    served |= {str(triple) for triple in site.publication}
    shown = {str(quad.triple) for quad in site.data.store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    wider = {str(quad.triple) for quad in site.wide.store}
    document = linked_data.OPERATIONS[-1]
    nodes = {
        term for quad in site.wide.store for term in (*quad.triple, quad.graph_name) if isinstance(term, ox.NamedNode)
    }
    ours = sorted(node.value.removeprefix(BASE) for node in nodes if node.value.startswith(BASE))
    outside = 0
    for name in ours:
        path, _, term = name.partition("#")
        call = Call({"path": path}, {"term": [term]} if term else {}, "application/n-triples")
        found = [quad.triple for quad in ox.parse(document.perform(site, call).body, format=ox.RdfFormat.N_TRIPLES)]
        described = {one.subject for one in found if one.object == ox.NamedNode(rdf + "Statement")}
        assert all(BASE + name + ("." if term else "#") in one.value for one in described)
        own = {one for one in found if one.subject in described or one.subject == ox.NamedNode(site.wider_view)}
        plain = [one for one in found if one not in own or name == site.wider_view.removeprefix(BASE)]
        for one in plain:
            blank = any(isinstance(end, ox.BlankNode) for end in (one.subject, one.object))
            assert blank or str(one) in served, (name, str(one))
        for node in described:
            parts = {one.predicate.value: one.object for one in own if one.subject == node}
            told = str(ox.Triple(*(parts[rdf + part] for part in ("subject", "predicate", "object"))))
            assert told in wider
            assert told not in {str(one) for one in plain}
            assert parts["http://purl.org/dc/terms/isPartOf"] == ox.NamedNode(site.wider_view)
            outside += told not in shown
    assert outside > 1000


def test_a_row_that_the_view_has_not_is_marked_on_its_page(client: httpx.Client) -> None:
    said = Reader(client.get("/id/actor/sendero-luminoso", headers={"Accept": "text/html"}).text).said
    assert "[not in the view that is served]" in said
    other = Reader(client.get("/vocab/loop-closure/closed", headers={"Accept": "text/html"}).text).said
    assert "[not in the view" not in other


def test_the_wider_view_can_be_asked_by_its_name(client: httpx.Client, site: Hosted) -> None:
    ask = {"query": "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/nexuskg/ontology#Claim> }"}
    json_ = {"Accept": "application/sparql-results+json"}
    counts = [
        int(client.get("/sparql", params={**ask, **more}, headers=json_).json()["results"]["bindings"][0]["n"]["value"])
        for more in ({}, {"default-graph-uri": site.wider_view})
    ]
    assert counts[0] < counts[1]


def test_no_page_stands_where_an_iri_answers(site: Hosted) -> None:
    firsts = {
        quad.subject.value.removeprefix(BASE).partition("/")[0]
        for quad in site.wide.store
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(BASE)
    }
    taken = {one.path.split("/")[1] for one in OPERATIONS} | {
        "sparql",
        "store",
        "api",
        "health",
        "ready",
        "limits",
    }
    assert not firsts & taken


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("application/ld+json", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml;q=0.5, text/turtle;q=0.4", "application/rdf+xml"),
    ],
)
def test_an_iri_answers_as_asked(client: httpx.Client, accept: str, media: str) -> None:
    found = client.get("/claim/ellis-2015.c082", headers={"Accept": accept})
    assert (found.status_code, found.headers["content-type"].partition(";")[0]) == (200, media)
    assert {"Accept", "Accept-Language"} == set(found.headers["vary"].split(", "))
    if media != "text/html":
        subjects = {quad.subject for quad in ox.parse(found.content, format=ox.RdfFormat.from_media_type(media))}
        assert ox.NamedNode(BASE + "claim/ellis-2015.c082") in subjects
    again = client.get("/claim/ellis-2015.c082", headers={"Accept": accept, "If-None-Match": found.headers["etag"]})
    assert again.status_code == 304


def test_a_form_can_be_asked_for_by_name(client: httpx.Client) -> None:
    for name, media in linked_data.FORMS.items():
        found = client.get("/id/actor/sendero-luminoso", params={"format": name})
        assert found.headers["content-type"].partition(";")[0] == media
    assert client.get("/id/actor/sendero-luminoso?format=exe").status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/id/actor/nobody", "/..%2f..%2fetc%2fpasswd", "/%00", "/id/actor/%3Cscript%3E", "/id/actor/sendero-luminoso/"],
)
def test_what_is_not_there_is_told_in_a_sentence(client: httpx.Client, path: str) -> None:
    for accept in ("text/html", "text/turtle"):
        found = client.get(path, headers={"Accept": accept})
        assert found.status_code == 404
        assert found.headers["content-type"].startswith("text/plain")
        assert re.fullmatch(r"[^\n]+\n", found.text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_asks_nothing_of_the_network(client: httpx.Client, path: str) -> None:
    found = client.get(path, headers={"Accept": "text/html"})
    assert found.status_code == 200, found.text
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    page = Reader(found.text)
    wanted = re.search(r"lang=(\w\w)", path)
    assert page.tags[0] == ("html", {"lang": wanted[1] if wanted else "en"})
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        assert tag not in ("img", "iframe", "object", "base")
        if tag == "script":
            assert attributes == {"type": "application/ld+json"}
        if tag == "link":
            assert (attributes["href"] or "").startswith("/")
        if tag == "form":
            assert (attributes.get("action") or "/").startswith("/")
        if tag == "a":
            assert re.match(r"#content$|/(?!/)|https?://", attributes["href"] or "")
    style = client.get("/style.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "@media print" in style.text
    assert "@media (max-width" in style.text
    assert "url(" not in style.text


def test_links_of_a_page_lead_somewhere(client: httpx.Client) -> None:
    seen = set()
    for path in PAGES:
        page = Reader(client.get(path, headers={"Accept": "text/html"}).text)
        seen |= {a["href"] for tag, a in page.tags if tag in ("a", "link") and str(a["href"]).startswith("/")}
    chosen = sorted(filter(None, seen))[::20]
    assert len(chosen) > 30
    for href in chosen:
        assert client.get(href).status_code == 200, href


def test_a_page_has_labels_in_the_asked_language_and_its_evidence(client: httpx.Client) -> None:
    accept = {"Accept": "text/html"}
    assert "terrorist organization" in client.get("/id/actor/sendero-luminoso", headers=accept).text
    spanish = client.get("/id/actor/sendero-luminoso", headers={**accept, "Accept-Language": "es"}).text
    assert "organización terrorista" in spanish
    claim = Reader(client.get("/claim/ellis-2015.c082", headers=accept).text).said
    assert "principally" in claim
    assert "residual elements" in claim
    assert "inferred" in client.get("/id/actor/sendero-luminoso", headers=accept).text


SCHEMA_TYPES = {
    *("Claim", "Country", "Dataset", "DataDownload", "DefinedTerm", "DefinedTermSet", "Event", "GeoCoordinates"),
    *("GovernmentOrganization", "NewsArticle", "Observation", "Organization", "Periodical", "Person", "Place"),
    *("CreativeWork", "Report", "ScholarlyArticle", "Thing", "WebPage"),
}
SCHEMA_PROPERTIES = {
    *("alternateName", "appearance", "author", "contentUrl", "creator", "datePublished", "description"),
    *("disambiguatingDescription", "distribution", "encodingFormat", "geo", "inDefinedTermSet", "inLanguage"),
    *("isAccessibleForFree", "isBasedOn", "isPartOf", "issn", "latitude", "license", "longitude", "name"),
    *("publisher", "sameAs", "termCode", "url", "version"),
}
"""What of schema.org is used; looked up there by hand."""


def data_of(page: str) -> dict[str, Any]:
    """The one block of data of a page."""
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return dict(json.loads(block))


def nodes(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


@pytest.mark.parametrize(
    ("path", "kind", "has"),
    [
        ("/", "Dataset", {"license", "creator", "description", "version", "distribution"}),
        ("/dataset", "Dataset", {"license", "creator", "description", "distribution"}),
        ("/graph/view/implied", "Dataset", {"license", "isPartOf", "distribution"}),
        ("/id/actor/sendero-luminoso", "Organization", {"alternateName", "sameAs"}),
        ("/id/actor/r-evan-ellis", "Person", set()),
        ("/id/place/callao", "Place", {"geo"}),
        ("/id/place/peru", "Country", {"geo", "sameAs"}),
        ("/id/place/vraem", "Place", set()),
        ("/claim/ellis-2015.c082", "Claim", {"appearance"}),
        ("/claim/ellis-2015.c125", "Claim", {"isBasedOn"}),
        ("/source/ellis-2015", "ScholarlyArticle", {"author", "datePublished", "isPartOf"}),
        ("/vocab/modality/asserted", "DefinedTerm", {"inDefinedTermSet", "termCode", "description"}),
        ("/vocab/modality", "DefinedTermSet", {"license"}),
        ("/ontology?term=taxes", "DefinedTerm", {"inDefinedTermSet", "description"}),
        ("/ontology", "DefinedTermSet", {"license", "version", "creator", "description"}),
        ("/shape/Claim-kind", "Thing", set()),
    ],
)
def test_a_page_says_what_it_is_about_in_words_of_schema_org(
    client: httpx.Client, path: str, kind: str, has: set[str]
) -> None:
    found = client.get(path, headers={"Accept": "text/html"})
    data = data_of(found.text)
    assert (data["@context"], data["@type"]) == ("https://schema.org", kind)
    assert data["@id"].startswith(BASE)
    assert data["name"]
    assert has <= set(data)
    for node in nodes(data):
        assert node.get("@type", "Thing") in SCHEMA_TYPES
        assert {name for name in node if not name.startswith("@")} <= SCHEMA_PROPERTIES
        assert all(value not in (None, "", []) for value in node.values())
    for one in data.get("distribution", []):
        served = client.get(one["contentUrl"], headers={"Accept": "image/png"})
        assert served.headers["content-type"].partition(";")[0] == one["encodingFormat"]
    # A block of data is none that runs, so the policy that forbids all scripts lets it stand.
    assert "default-src 'none'" in found.headers["content-security-policy"]
    assert "script-src" not in found.headers["content-security-policy"]


def test_what_only_a_claim_says_is_no_type_and_no_text_of_the_data(client: httpx.Client) -> None:
    page = client.get("/id/actor/sendero-luminoso", headers={"Accept": "text/html"}).text
    assert "terrorist organization" in page
    data = data_of(page)
    assert data["@type"] == "Organization"
    said = json.dumps({key: value for key, value in data.items() if key != "disambiguatingDescription"}).lower()
    assert not any(word in said for word in ("terror", "criminal", "illicit", "traffick"))


def test_every_entity_claim_and_source_has_its_type(site: Hosted) -> None:
    store, kinds = site.wide.store, dict[str, set[str]]()
    # What only the implied view holds has no page in this one.
    told_of = store.quads_for_pattern(None, None, None, ox.DefaultGraph())
    subjects = {quad.subject for quad in told_of if isinstance(quad.subject, ox.NamedNode)}
    for start in ("id/", "claim/", "source/"):
        for node in sorted((s for s in subjects if s.value.startswith(BASE + start)), key=str)[::3]:
            told = describe.describe(store, {}, f"<{node.value}>", prefixes=site.wide.prefixes)
            data = schema_org.about_node(site, node, told, "en")
            kinds.setdefault(start, set()).add(data["@type"])
            if start == "claim/":
                assert ("appearance" in data) != ("isBasedOn" in data)
                assert ("isBasedOn" in data) == (told.claims[0].modality in ("implied", "presupposed"))
    assert kinds["claim/"] == {"Claim"}
    assert {"Organization", "Person", "Place", "Country", "Event", "GovernmentOrganization"} <= kinds["id/"]
    assert "Product" not in kinds["id/"]  # nothing is offered
    assert {"NewsArticle", "Report", "WebPage"} <= kinds["source/"] <= SCHEMA_TYPES


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_found_through_without_seeing_it(client: httpx.Client, path: str) -> None:
    page = Reader(client.get(path, headers={"Accept": "text/html"}).text)
    tags = [tag for tag, _ in page.tags]
    assert tags.count("main") == tags.count("header") == tags.count("footer") == tags.count("nav") == 1
    skip = next(attributes["href"] for tag, attributes in page.tags if tag == "a")
    assert skip == "#" + str(next(attributes["id"] for tag, attributes in page.tags if tag == "main"))
    for at, (tag, attributes) in enumerate(page.tags):
        if tag in ("input", "textarea") and attributes.get("type") != "hidden":
            assert attributes.get("aria-label") or page.tags[at - 1][0] == "label"
        if tag == "nav":
            assert attributes["aria-label"]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_a_page_leads_to_its_other_forms(client: httpx.Client, path: str) -> None:
    page = Reader(client.get(path, headers={"Accept": "text/html"}).text)
    others = [a for tag, a in page.tags if tag == "link" and a.get("rel") == "alternate"]
    forms = [a for a in others if a.get("type")]
    assert forms or path == "/sparql"
    for one in forms:
        found = client.get(str(one["href"]), headers={"Accept": str(one["type"])})
        assert (found.status_code, found.headers["content-type"].partition(";")[0]) == (200, one["type"])
    for one in others:
        if tongue := one.get("hreflang"):
            found = client.get(str(one["href"]), headers={"Accept": "text/html"})
            assert Reader(found.text).tags[0] == ("html", {"lang": tongue})


def test_the_start_page_lists_what_there_is(client: httpx.Client, site: Hosted) -> None:
    hrefs = {a["href"] for tag, a in Reader(client.get("/").text).tags if tag == "a"}
    assert {f"/answers/{name}?lang=en" for name in site.data.catalogue} <= hrefs
    for one in client.get("/api/sources").json():
        assert one["address"] in hrefs
    assert {"/ontology?term=taxes", "/vocab/modality", "/id/actor/sendero-luminoso", "/graph/view/implied"} <= hrefs


def test_an_answer_on_a_page_leads_to_what_it_names(client: httpx.Client) -> None:
    page = Reader(client.get("/answers/who-taxes-what?lang=es").text)
    hrefs = {a["href"] for tag, a in page.tags if tag == "a"}
    assert {"/id/actor/sendero-luminoso?lang=es", "/claim/ellis-2015.c082?lang=es"} <= hrefs
    labels = [a["data-label"] for tag, a in page.tags if tag == "td"]
    assert labels[:2] == ["grupo", "actividad"]


def test_why_is_a_list_in_which_claims_are_links(client: httpx.Client) -> None:
    asked = {"subject": "actor:sendero-luminoso", "predicate": "a", "value": "nx:NarcoTaxingTerroristGroup"}
    page = Reader(client.get("/why", params=asked).text)
    assert ("a", {"href": "/claim/ellis-2015.c074"}) in page.tags
    told = client.get("/api/why", params=asked, headers={"Accept": "text/plain"}).text
    assert sum(tag == "li" for tag, _ in page.tags) >= len(told.splitlines()) > 10


def test_why_of_what_does_not_hold_tells_what_is_missing_and_no_command(client: httpx.Client) -> None:
    asked = {"subject": "Sinaloa Cartel", "predicate": "nx:operatesIn", "value": "place:peru"}
    reply = client.get("/why", params=asked)
    page = Reader(reply.text)
    assert reply.status_code == 200
    assert ("a", {"href": "/claim/cctv-2014.c002"}) in page.tags
    assert "It would follow by the rule" in page.said
    assert "nexuskg why" not in page.said
    assert ("a", {"href": f"/api/why-not?{urlencode(asked)}"}) in page.tags


def test_what_is_hostile_stays_text(spoilt: Hosted) -> None:
    document = linked_data.OPERATIONS[-1]
    call = Call({"path": "id/actor/sendero-luminoso"}, {}, "text/html")
    page = Reader(document.perform(spoilt, call).body.decode())
    assert [a for tag, a in page.tags if tag == "script"] == [{"type": "application/ld+json"}]
    assert not any(tag == "img" for tag, _ in page.tags)
    assert "\x1b" not in page.said
    hrefs = [a["href"] or "" for tag, a in page.tags if tag == "a"]
    assert "https://example.org/a'b" in hrefs
    assert not any(href.lower().startswith(("javascript:", "data:", "//")) for href in hrefs)
    data = re.search(
        r'<script type="application/ld\+json">(.*?)</script>', document.perform(spoilt, call).body.decode()
    )
    assert data is not None
    assert json.loads(data[1])["@id"] == BASE + "id/actor/sendero-luminoso"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/", {}),
        ("/find", {"q": ["sendero luminoso"]}),
        ("/ask", {"q": ["Who taxes drug trafficking?"]}),
        ("/answers/{name}", {}),
        ("/why", {"subject": ["actor:sendero-luminoso"], "predicate": ["nx:concentratedIn"], "value": ["place:vraem"]}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_label_stays_text_wherever_it_is_shown(
    spoilt: Hosted, path: str, query: dict[str, list[str]]
) -> None:
    """The label and the claims about the group have the harm in them, in the data block of the page, too."""
    store = ox.Store()
    store.extend(
        ox.Quad(q.subject, q.predicate, ox.Literal(HOSTILE + q.object.value, language="en"), q.graph_name)
        if q.predicate.value.endswith(("prefLabel", "#label", "anchorPhrase")) and isinstance(q.object, ox.Literal)
        else q
        for q in spoilt.data.store
    )
    data = replace(spoilt.data, store=store)
    site = replace(spoilt, data=data, wide=data)
    for cached in ("digest", "names", "described", "published", "_index"):
        site.__dict__.pop(cached, None)
    operation = next(one for one in OPERATIONS if one.path == path)
    inside = {"name": "who-taxes-what"} if "{name}" in path else {}
    body = operation.perform(site, Call(inside, query, "text/html")).body.decode()
    page = Reader(body)
    assert HOSTILE.replace("\x1b", "\\x1b") in page.said or path in ("/find", "/ask")
    assert not any(tag == "img" for tag, _ in page.tags)
    assert all(a == {"type": "application/ld+json"} for tag, a in page.tags if tag == "script")
    assert "\x1b" not in body


@pytest.mark.parametrize("path", ["/find?q=", "/ask?q=", "/answers/who-taxes-what?activity=", "/sparql?query="])
def test_what_is_asked_comes_back_as_text(client: httpx.Client, path: str) -> None:
    found = client.get(path + httpx.QueryParams(x=HOSTILE)["x"].replace("&", "%26").replace("\x1b", "%1b"))
    assert found.status_code in (200, 400, 404)
    if found.headers["content-type"].startswith("text/html"):
        assert not any(tag in ("script", "img") for tag, _ in Reader(found.text).tags)
    else:
        assert found.headers["content-type"].startswith("text/plain")
    assert "\x1b" not in found.text


def test_a_query_is_answered_on_a_page_where_somebody_reads(client: httpx.Client) -> None:
    accept = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    found = client.get("/sparql", params={"query": EXAMPLE}, headers=accept)
    page = Reader(found.text)
    assert ("a", {"href": "/id/actor/sendero-luminoso"}) in page.tags
    assert "actor:sendero-luminoso" in page.said
    assert "true" in Reader(client.get("/sparql", params={"query": "ASK {}"}, headers=accept).text).said
    asked = {"query": "CONSTRUCT WHERE { actor:sendero-luminoso nx:concentratedIn ?where }"}
    assert "concentratedIn" in Reader(client.get("/sparql", params=asked, headers=accept).text).said
    many = Reader(client.get("/sparql", params={"query": "SELECT ?s { ?s ?p ?o } LIMIT 1010"}, headers=accept).text)
    assert "and 10 more in the data" in many.said


def test_a_name_that_is_nowhere_is_told_on_the_page(client: httpx.Client) -> None:
    asked = {"query": "SELECT ?x { ?x nx:taxs ?y }", "lang": "es"}
    page = Reader(client.get("/sparql", params=asked, headers={"Accept": "text/html"}).text)
    assert "nx:taxs no está en ninguna parte" in page.said
    assert "Lo más cercano: nx:taxes." in page.said


def test_a_default_is_seen_in_its_box_and_above_the_answer(client: httpx.Client) -> None:
    page = Reader(client.get("/answers/direct-causes").text)
    boxes = {attrs["name"]: attrs for tag, attrs in page.tags if tag == "input" and "placeholder" in attrs}
    assert str(boxes["effect"]["placeholder"]).endswith("(default)")
    assert (boxes["cause"]["placeholder"], boxes["cause"]["value"]) == ("any", "")
    assert "With effect = " in page.said
    asked = Reader(client.get("/answers/direct-causes", params={"cause": "condition:greater-criminal-revenues"}).text)
    boxes = {attrs["name"]: attrs for tag, attrs in asked.tags if tag == "input" and "placeholder" in attrs}
    assert boxes["effect"]["placeholder"] == "any"
    assert "(default)" not in asked.said
    none = Reader(client.get("/answers/is-linked-to", params={"lang": "pt"}).text)
    assert "Com actor = Sendero Luminoso (padrão)" in none.said


def test_words_of_which_one_is_left_out_are_not_answered_on_the_page(client: httpx.Client) -> None:
    page = Reader(client.get("/ask", params={"q": "Which groups do not tax drug trafficking?"}).text)
    assert "none is answered" in page.said
    assert "leaves out: not" in page.said
    assert not [tag for tag, _ in page.tags if tag == "table"]


def test_what_a_query_gives_stays_text(client: httpx.Client) -> None:
    accept = {"Accept": "text/html"}
    harm = "<script>alert(1)</script>"
    for query in (
        f"SELECT ('{harm}' AS ?onerror) (IRI('javascript:alert(1)') AS ?i) {{}} # {harm}</textarea>{harm}",
        f"CONSTRUCT {{ <urn:a> <urn:b> '{harm}</pre>{harm}' }} {{}}",
    ):
        found = client.get("/sparql", params={"query": query}, headers=accept)
        assert found.status_code == 200, found.text
        page = Reader(found.text)
        assert not any(tag == "script" for tag, _ in page.tags)
        assert not any(str(a.get("href")).startswith("javascript") for _, a in page.tags)
    assert client.get("/sparql", params={"query": "SELECT (1 AS ?<img>) {}"}, headers=accept).status_code == 400


def test_void_is_at_its_well_known_address(client: httpx.Client) -> None:
    quads = list(ox.parse(client.get("/.well-known/void").content, format=ox.RdfFormat.TURTLE))
    assert any(quad.subject.value == BASE + "dataset" for quad in quads)
    assert client.get("/.well-known/void", headers={"Accept": "application/ld+json"}).json()


def test_a_graph_answers_with_what_is_in_it(client: httpx.Client, site: Hosted) -> None:
    found = client.get("/graph/view/facts", headers={"Accept": "application/n-triples"})
    count = sum(1 for _ in site.data.store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    assert len(set(found.text.splitlines())) == count
    assert GRAPH + "view/facts" in site.graphs


def test_a_graph_is_read_by_the_graph_store_protocol(client: httpx.Client) -> None:
    accept = {"Accept": "application/n-triples"}
    direct = client.get("/graph/nexus", headers=accept)
    named = client.get("/store", params={"graph": GRAPH + "nexus"}, headers=accept)
    assert set(named.text.splitlines()) == set(direct.text.splitlines())
    view = client.get("/store?default", headers=accept)
    assert len(view.text) == len(client.get("/graph/view/facts", headers=accept).text)
    assert client.get("/store", params={"graph": "file:///etc/passwd"}).status_code == 404
    assert client.get("/store").status_code == 400
    assert client.get("/store?default", headers={"Accept": "image/png"}).status_code == 406
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        found = client.request(method, "/store?default", content="<urn:a> <urn:b> <urn:c> .")
        assert found.status_code == 405
        assert "only reads" in found.text


def test_text_and_links_are_safe() -> None:
    assert markup.text_html(HOSTILE).count("<") == 0
    for iri in (
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,x",
        "//evil.example/",
        "file:///etc/passwd",
    ):
        assert markup.link_address(iri) is None


def test_the_page_of_a_query_is_in_the_language_asked_for(client: httpx.Client) -> None:
    html = {"Accept": "text/html"}
    for language, word in (("en", "Ask"), ("es", "Preguntar"), ("pt", "Perguntar")):
        for asked in ({}, {"query": "ASK {}"}):
            by_name = client.get("/sparql", params={**asked, "lang": language}, headers=html).text
            by_header = client.get("/sparql", params=asked, headers={**html, "Accept-Language": language}).text
            assert f'<html lang="{language}"' in by_name
            assert f"<button>{word}</button>" in by_name
            assert f'<html lang="{language}"' in by_header


def test_turtle_has_the_prefixes_that_it_uses(client: httpx.Client) -> None:
    found = client.get("/claim/ellis-2015.c082", headers={"Accept": "text/turtle"}).text
    prefixes = re.findall(r"^@prefix ([\w-]*):", found, re.MULTILINE)
    assert 3 < len(prefixes) < 30
    body = re.sub(r"^@prefix .*$", "", found, flags=re.MULTILINE)
    unused = [name for name in prefixes if not re.search(rf"(?<![\w-]){name}:", body)]
    assert set(unused) <= {"rdf"}  # which is spoken of as "a"
