"""What the operations of the API give; each is done by the rest of the package, and put into JSON here."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from nexuskg.answers import rows, table
from nexuskg.answers.question import question_of
from nexuskg.base.headings import LANGUAGES
from nexuskg.base.namespaces import BASE, SKOS, compact, source_iri
from nexuskg.errors import BadParameter, Refused, UnfitFormat
from nexuskg.evidence import coverage, records, sources
from nexuskg.explain import render, what_if, why, why_not
from nexuskg.formats import registry
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import first_value
from nexuskg.search import describe, find
from nexuskg.server.api.operation import ALTERNATIVES, Call, Reply, json_reply

if TYPE_CHECKING:
    from nexuskg.answers.plain_words import Reading
    from nexuskg.pipeline.dataset import Local
    from nexuskg.queries.catalogue import StoredQuery
    from nexuskg.server.state.host import Hosted

FORMATS: Final = {
    "json": "application/json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "md": "text/markdown",
    "geojson": "application/geo+json",
    "graphml": "application/graphml+xml",
    "ttl": "text/turtle",
    "cite": "text/plain",
    "bibtex": "application/x-bibtex",
    "csl": "application/vnd.citationstyles.csl+json",
}
"""The formats of an answer, as the suffix of a question's name, each with its media type; the preferred first."""


def list_questions(hosted: Hosted, _: Call) -> Reply:
    """Every stored question, with its parameters."""
    return json_reply([_question(query) for _, query in sorted(hosted.data.catalogue.items())])


def _question(query: StoredQuery) -> dict[str, Any]:
    return {
        "name": query.name,
        "titles": {language: query.title(language) for language in LANGUAGES},
        "description": query.description,
        "tags": list(query.tags),
        "parameters": [
            {
                "name": parameter.name,
                "meaning": parameter.meaning,
                "type": parameter.type,
                "of": parameter.of,
                "default": parameter.shown_default,
                "default_is": parameter.default_is,
                "required": parameter.required,
            }
            for parameter in query.params
        ],
        "address": f"/api/questions/{query.name}",
    }


def _dataset_of(hosted: Hosted, call: Call) -> Local:
    """The dataset of the view that the call names; raises Refused."""
    wanted = call.one("view")
    if wanted is None:
        return hosted.data
    found = next((of for of in hosted.graphs.values() if of.view.accept == wanted), None)
    if found is None:
        raise Refused(400, f"view: {wanted!r} is no view; write facts or implied.")
    return found


def answer_question(hosted: Hosted, call: Call) -> Reply:
    """The answer to a stored question, in the format asked for."""
    name, dot, suffix = call.path["name"].partition(".")
    if dot and suffix not in FORMATS:
        raise Refused(404, f"There is no format {suffix!r}; there are {', '.join(FORMATS)}.")
    media = FORMATS[suffix] if dot else call.media(list(FORMATS.values()))
    form = next(form for form, of in FORMATS.items() if of == media)
    data = _dataset_of(hosted, call)
    language, spans = call.language, call.flag("evidence")
    given = {name: values for name, values in call.query.items() if name not in ("lang", "view", "evidence")}
    for key, several in given.items():
        if len(several) > ALTERNATIVES:
            raise Refused(400, f"{key[:100]}: at most {ALTERNATIVES} values, any of which will do, can be given.")
    question = question_of(hosted.wide, name, given)  # names may be known from claims that the view leaves out
    found = rows.answer(data, question, language)
    try:
        return Reply(media, registry.format_answer(data, found, form, spans).encode())
    except UnfitFormat as error:
        raise Refused(406, str(error).removeprefix("-f ")) from None


def ask_words(hosted: Hosted, call: Call) -> Reply:
    """What plain words may mean, and the answer where that is sure."""
    data = _dataset_of(hosted, call)
    found = hosted.understand(call.require("q"))
    language = call.language if "lang" in call.query else found.language
    meant = found.meant
    answer = None
    if meant is not None:
        question = question_of(hosted.wide, meant.question, dict(meant.parameters))
        answer = table.plain_values(rows.answer(data, question, language))
    readings = [_reading(hosted, reading, language) for reading in found.readings]
    return json_reply({"language": language, "sure": meant is not None, "readings": readings, "answer": answer})


def _reading(hosted: Hosted, reading: Reading, language: str) -> dict[str, Any]:
    pairs = [(name, value) for name, values in reading.parameters for value in values]
    return {
        "question": reading.question,
        "title": hosted.data.catalogue[reading.question].title(language),
        "parameters": {name: list(values) for name, values in reading.parameters},
        "sure": reading.sure,
        "needs": list(reading.needs),
        "aside": list(reading.aside),
        "unused": list(reading.unused),
        "address": f"/api/questions/{reading.question}" + (f"?{urlencode(pairs)}" if pairs else ""),
    }


def find_names(hosted: Hosted, call: Call) -> Reply:
    """What is called so, or nearly so."""
    limit = call.one("limit") or "10"
    if not limit.isascii() or not limit.isdecimal() or not 1 <= int(limit) <= 100:
        raise Refused(400, "limit: write a number from 1 to 100.")
    data = hosted.wide
    found = find.find_things(
        data.store,
        call.require("q"),
        int(limit),
        queries=data.catalogue.values(),
        prefixes=data.prefixes,
        language=call.language,
    )
    return json_reply([{**asdict(match), "address": node_address(match.iri, match.curie)} for match in found])


def node_address(iri: str, name: str = "") -> str | None:
    """Where this server tells of a node of ours, or of a question by its name; None for a node of others.

    >>> node_address("https://w3id.org/nexuskg/ontology#taxes"), node_address("", "who-taxes-what")
    ('/ontology#taxes', '/api/questions/who-taxes-what')
    """
    if not iri:
        return f"/api/questions/{quote(name, safe='')}" if name else None
    ours = iri.startswith(BASE) and not iri.startswith(BASE + "/")
    return f"/{quote(iri.removeprefix(BASE), safe='/#')}" if ours else None


def explain_triple(hosted: Hosted, call: Call) -> Reply:
    """Why a statement holds."""
    media = call.media(("application/json", "text/plain"))
    data = _dataset_of(hosted, call)
    words = [call.require(name) for name in ("subject", "predicate", "value")]
    try:
        told = why.explain_statement(data, why.parse_triple(data, *words))
    except BadParameter as error:
        said = str(error).partition(" What is missing:")[0]
        if error.name == "why":
            raise Refused(404, f"{said} What is missing: /api/why-not") from None
        raise Refused(400, said) from None
    if media == "text/plain":
        return Reply(media, render.explanation_text(told).encode())
    return json_reply(render.explanation_json(told, data.prefixes))


def explain_missing(hosted: Hosted, call: Call) -> Reply:
    """What is missing for a statement to hold."""
    media = call.media(("application/json", "text/plain"))
    data = hosted.among_views(_dataset_of(hosted, call))
    triple = why.parse_triple(data, *(call.require(name) for name in ("subject", "predicate", "value")))
    told = why_not.explain_absence(data, triple)
    if media == "text/plain":
        return Reply(media, why_not.absence_text(told).encode())
    return json_reply(why_not.absence_json(told))


def withdraw(hosted: Hosted, call: Call) -> Reply:
    """What falls without something, and what appears."""
    media = call.media(("application/json", "text/plain"))
    data, texts = _dataset_of(hosted, call), [text for text in call.query.get("what", ()) if text.strip()]
    if not 1 <= len(texts) <= ALTERNATIVES:
        raise Refused(400, f"what: write from 1 to {ALTERNATIVES} claims, sources, spans or axioms: …?what=…")
    if hosted.lying is not None:
        raise Refused(501, "What falls is worked out from the files, and this server serves what lies in a store.")
    found = hosted.withdrawals.without(data, texts)
    if media == "text/plain":
        return Reply(media, what_if.withdrawal_text(found).encode())
    return json_reply(asdict(found))


def _description(hosted: Hosted, call: Call, name: str, kinds: tuple[str, ...]) -> Reply:
    data = hosted.wide
    found = describe.describe(data.store, data.catalogue, name, prefixes=data.prefixes, language=call.language)
    if found.kind.partition(":")[0] not in kinds:
        raise Refused(404, f"{name} is a {found.kind}, and told of at {node_address(found.iri, found.curie)}.")
    return json_reply({**asdict(found), "address": node_address(found.iri), "view": str(data.view)})


def describe_entity(hosted: Hosted, call: Call) -> Reply:
    """What there is to say of an entity or a source."""
    return _description(hosted, call, call.path["curie"], ("entity", "node", "source"))


def describe_term(hosted: Hosted, call: Call) -> Reply:
    """What there is to say of a term."""
    return _description(hosted, call, call.path["curie"], ("class", "property", "concept", "vocabulary"))


def describe_claim(hosted: Hosted, call: Call) -> Reply:
    """What there is to say of a claim."""
    name = call.path["id"].removeprefix("claim:")
    return _description(hosted, call, f"<{BASE}claim/{name}>", ("claim",))


def list_sources(hosted: Hosted, call: Call) -> Reply:
    """The sources, with what is known of each."""
    data, language = hosted.wide, call.language
    found = []
    for key in sources.source_keys(data.store):
        iri = source_iri(key)
        reliability = records.field_value(data.store, key, "reliability")
        found.append(
            {
                "source": compact(iri, data.prefixes),
                "iri": iri,
                "label": label_or_name(data.store, iri, language),
                "title": records.field_value(data.store, key, "title"),
                "issued": records.field_value(data.store, key, "issued"),
                "reliability": reliability and first_value(data.store, reliability, SKOS + "notation"),
                "claims": len(sources.claims_from(data.store, key)),
                "address": node_address(iri),
            }
        )
    return json_reply(found)


def list_views(hosted: Hosted, _: Call) -> Reply:
    """The graphs that a query can name, with their sizes."""

    def count(name: str) -> int:
        return sum(1 for _ in hosted.quads(name))

    views = [
        {
            "graph": name,
            "accept": of.view.accept,
            "view": str(of.view),
            "default": of is hosted.data,
            "triples": count(name),
        }
        for name, of in hosted.graphs.items()
    ]
    graphs = [{"graph": name, "triples": count(name)} for name in hosted.names]
    return json_reply({"views": views, "graphs": graphs})


def report_coverage(hosted: Hosted, _: Call) -> Reply:
    """What each segment of each text yields."""
    store = hosted.wide.store
    return json_reply(
        [json.loads(coverage.coverage_json(coverage.coverage(store, t.iri))) for t in sources.source_texts(store)]
    )
