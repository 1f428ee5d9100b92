"""API: the operations that programs call, one row of a table each; what they do is done by the rest of the package."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from pyoxigraph import DefaultGraph, NamedNode

from nexuskg import coverage, describe, find, formats, rows, sources, tabular, telling, whatif, why
from nexuskg.calling import ALTERNATIVES, LONGEST, VISIBLE, Call, Operation, Parameter, Reply, reply
from nexuskg.errors import BadParameter, Refused, UnfitFormat
from nexuskg.headings import LANGUAGES
from nexuskg.namespaces import BASE, NX, SKOS, compact

if TYPE_CHECKING:
    from nexuskg.catalogue import StoredQuery
    from nexuskg.dataset import Local
    from nexuskg.hosted import Hosted
    from nexuskg.understanding import Reading

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

_LANG: Final = Parameter(
    "lang", "The language of labels; else by Accept-Language.", schema={"type": "string", "enum": list(LANGUAGES)}
)
_VIEW: Final = Parameter(
    "view", "What counts; else what is served.", schema={"type": "string", "enum": ["facts", "implied"]}
)
_EVIDENCE: Final = Parameter(
    "evidence", "Whether tables show the claims and spans of each row.", schema={"type": "boolean"}
)
_WORDS: Final = Parameter("q", "Words in English, Spanish or Portuguese.", required=True, example="sendero luninoso")


def _questions(hosted: Hosted, _: Call) -> Reply:
    return reply([_question(query) for _, query in sorted(hosted.data.catalogue.items())])


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
                "required": parameter.required,
            }
            for parameter in query.params
        ],
        "address": f"/api/questions/{query.name}",
    }


def _viewed(hosted: Hosted, call: Call) -> Local:
    """The dataset of the view that the call names; raises Refused."""
    wanted = call.one("view")
    if wanted is None:
        return hosted.data
    found = next((of for of in hosted.graphs.values() if of.view.accept == wanted), None)
    if found is None:
        raise Refused(400, f"view: {wanted!r} is no view; write facts or implied.")
    return found


def _answer(hosted: Hosted, call: Call) -> Reply:
    name, dot, suffix = call.path["name"].partition(".")
    if dot and suffix not in FORMATS:
        raise Refused(404, f"There is no format {suffix!r}; there are {', '.join(FORMATS)}.")
    media = FORMATS[suffix] if dot else call.media(list(FORMATS.values()))
    form = next(form for form, of in FORMATS.items() if of == media)
    data = _viewed(hosted, call)
    language, spans = call.language, call.flag("evidence")
    given = {name: values for name, values in call.query.items() if name not in ("lang", "view", "evidence")}
    for key, several in given.items():
        if len(several) > ALTERNATIVES:
            raise Refused(400, f"{key[:100]}: at most {ALTERNATIVES} values, any of which will do, can be given.")
    values = rows.values_of(hosted.wide, name, given)  # names may be known from claims that the view leaves out
    found = rows.answer(data, name, values, language)
    try:
        return Reply(media, formats.written(data, found, form, spans).encode())
    except UnfitFormat as error:
        raise Refused(406, str(error).removeprefix("-f ")) from None


def _ask(hosted: Hosted, call: Call) -> Reply:
    data = _viewed(hosted, call)
    found = hosted.understand(call.needed("q"))
    language = call.language if "lang" in call.query else found.language
    meant = found.meant
    answer = None
    if meant is not None:
        values = rows.values_of(hosted.wide, meant.question, dict(meant.parameters))
        answer = tabular.plain_values(rows.answer(data, meant.question, values, language))
    readings = [_reading(hosted, reading, language) for reading in found.readings]
    return reply({"language": language, "sure": meant is not None, "readings": readings, "answer": answer})


def _reading(hosted: Hosted, reading: Reading, language: str) -> dict[str, Any]:
    pairs = [(name, value) for name, values in reading.parameters for value in values]
    return {
        "question": reading.question,
        "title": hosted.data.catalogue[reading.question].title(language),
        "parameters": {name: list(values) for name, values in reading.parameters},
        "sure": reading.sure,
        "needs": list(reading.needs),
        "aside": list(reading.aside),
        "address": f"/api/questions/{reading.question}" + (f"?{urlencode(pairs)}" if pairs else ""),
    }


def _find(hosted: Hosted, call: Call) -> Reply:
    limit = call.one("limit") or "10"
    if not limit.isascii() or not limit.isdecimal() or not 1 <= int(limit) <= 100:
        raise Refused(400, "limit: write a number from 1 to 100.")
    data = hosted.wide
    found = find.find(
        data.store,
        call.needed("q"),
        int(limit),
        queries=data.catalogue.values(),
        prefixes=data.prefixes,
        language=call.language,
    )
    return reply([{**asdict(match), "address": address(match.iri, match.curie)} for match in found])


def address(iri: str, name: str = "") -> str | None:
    """Where this server tells of a node of ours, or of a question by its name; None for a node of others.

    >>> address("https://w3id.org/nexuskg/ontology#taxes"), address("", "who-taxes-what")
    ('/ontology#taxes', '/api/questions/who-taxes-what')
    """
    if not iri:
        return f"/api/questions/{quote(name, safe='')}" if name else None
    ours = iri.startswith(BASE) and not iri.startswith(BASE + "/")
    return f"/{quote(iri.removeprefix(BASE), safe='/#')}" if ours else None


def _why(hosted: Hosted, call: Call) -> Reply:
    media = call.media(("application/json", "text/plain"))
    data = _viewed(hosted, call)
    words = [call.needed(name) for name in ("subject", "predicate", "value")]
    try:
        told = why.statement(data, why.parse(data, *words))
    except BadParameter as error:
        raise Refused(404 if error.name == "why" else 400, str(error).partition(" What is missing:")[0]) from None
    if media == "text/plain":
        return Reply(media, telling.as_text(told).encode())
    return reply(telling.as_json(told, data.prefixes))


def _without(hosted: Hosted, call: Call) -> Reply:
    media = call.media(("application/json", "text/plain"))
    data, texts = _viewed(hosted, call), [text for text in call.query.get("what", ()) if text.strip()]
    if not 1 <= len(texts) <= ALTERNATIVES:
        raise Refused(400, f"what: write from 1 to {ALTERNATIVES} claims, sources, spans or axioms: …?what=…")
    if hosted.lying is not None:
        raise Refused(501, "What falls is worked out from the files, and this server serves what lies in a store.")
    found = hosted.withdrawals.without(data, texts)
    if media == "text/plain":
        return Reply(media, whatif.as_text(found).encode())
    return reply(asdict(found))


def _described(hosted: Hosted, call: Call, name: str, kinds: tuple[str, ...]) -> Reply:
    data = hosted.wide
    found = describe.describe(data.store, data.catalogue, name, prefixes=data.prefixes, language=call.language)
    if found.kind.partition(":")[0] not in kinds:
        raise Refused(404, f"{name} is a {found.kind}, and told of at {address(found.iri, found.curie)}.")
    return reply({**asdict(found), "address": address(found.iri)})


def _entity(hosted: Hosted, call: Call) -> Reply:
    return _described(hosted, call, call.path["curie"], ("entity", "node", "source"))


def _term(hosted: Hosted, call: Call) -> Reply:
    return _described(hosted, call, call.path["curie"], ("class", "property", "concept", "vocabulary"))


def _claim(hosted: Hosted, call: Call) -> Reply:
    name = call.path["id"].removeprefix("claim:")
    return _described(hosted, call, f"<{BASE}claim/{name}>", ("claim",))


def _sources(hosted: Hosted, call: Call) -> Reply:
    data, language = hosted.wide, call.language
    kind = NamedNode(NX + "SourceDocument")
    found = []
    for iri in sources.subjects(data.store, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", kind.value):
        claims = data.store.quads_for_pattern(None, NamedNode(NX + "fromSource"), NamedNode(iri), DefaultGraph())
        reliability = sources.value(data.store, iri, NX + "reliability")
        found.append(
            {
                "source": compact(iri, data.prefixes),
                "iri": iri,
                "label": find.label_of(data.store, iri, language),
                "title": sources.value(data.store, iri, "http://purl.org/dc/terms/title"),
                "issued": sources.value(data.store, iri, "http://purl.org/dc/terms/issued"),
                "reliability": reliability and sources.value(data.store, reliability, SKOS + "notation"),
                "claims": sum(1 for _ in claims),
                "address": address(iri),
            }
        )
    return reply(found)


def _views(hosted: Hosted, _: Call) -> Reply:
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
    return reply({"views": views, "graphs": graphs})


def _coverage(hosted: Hosted, _: Call) -> Reply:
    store = hosted.wide.store
    return reply([json.loads(coverage.coverage_json(coverage.coverage(store, t.iri))) for t in sources.texts(store)])


OPERATIONS: Final = (
    Operation("/api/questions", "The stored questions, with titles, types and defaults.", _questions),
    Operation(
        "/api/questions/{name}",
        "The answer to a stored question. A suffix of the name chooses the format, as in who-taxes-what.csv; else "
        "Accept does. Parameters of the question are given by their names: a label, a CURIE or an <iri>.",
        _answer,
        (
            Parameter("name", "The name of the question.", "path", True, example="who-taxes-what"),
            _LANG,
            _VIEW,
            _EVIDENCE,
        ),
        tuple(FORMATS.values()),
        open=True,
    ),
    Operation(
        "/api/ask",
        "What a question in plain words may mean, and the answer where that is sure.",
        _ask,
        (
            Parameter("q", "The question.", required=True, example="Who taxes drug trafficking in the VRAEM?"),
            _LANG,
            _VIEW,
        ),
    ),
    Operation(
        "/api/find",
        "Entities, terms and questions by label, alias or misspelling.",
        _find,
        (
            _WORDS,
            Parameter("limit", "At most so many.", schema={"type": "integer", "minimum": 1, "maximum": 100}),
            _LANG,
        ),
    ),
    Operation(
        "/api/why",
        "Why a statement holds, down to claims and their places.",
        _why,
        (
            Parameter("subject", "A label, CURIE or <iri>.", required=True, example="actor:sendero-luminoso"),
            Parameter("predicate", "A property, or a for the kind.", required=True, example="nx:concentratedIn"),
            Parameter("value", "A label, CURIE or <iri>, or a text.", required=True, example="place:vraem"),
            _VIEW,
        ),
        ("application/json", "text/plain"),
    ),
    Operation(
        "/api/without",
        "What falls, and what appears, if claims, sources, spans or axioms are withdrawn, all at once.",
        _without,
        (
            Parameter(
                "what",
                "A claim, source or span by its CURIE, or an axiom by two or three of its terms; may be repeated.",
                required=True,
                schema={
                    "type": "array",
                    "minItems": 1,
                    "maxItems": ALTERNATIVES,
                    "items": {"type": "string", "maxLength": LONGEST, "pattern": VISIBLE},
                },
                example="claim:ellis-2015.c125",
            ),
            _VIEW,
        ),
        ("application/json", "text/plain"),
    ),
    Operation(
        "/api/entities/{curie}",
        "What there is to say of an entity or source.",
        _entity,
        (Parameter("curie", "A CURIE or label.", "path", True, example="actor:sendero-luminoso"), _LANG),
    ),
    Operation(
        "/api/terms/{curie}",
        "What there is to say of a class, property, concept or vocabulary.",
        _term,
        (Parameter("curie", "A CURIE or label.", "path", True, example="nx:taxes"), _LANG),
    ),
    Operation(
        "/api/claims/{id}",
        "A claim: what it says, how, and where.",
        _claim,
        (
            Parameter("id", "The claim, with or without claim: before it.", "path", True, example="ellis-2015.c082"),
            _LANG,
        ),
    ),
    Operation("/api/sources", "The sources, with date, reliability and number of claims.", _sources, (_LANG,)),
    Operation("/api/views", "The graphs that a query can name: views and files.", _views),
    Operation("/api/coverage", "What each segment of each source's text yields.", _coverage),
)
"""Every operation of the API, from which the routes and the OpenAPI document are made."""
