"""The operations that programs call, one row of a table each; what they give is in `handlers`."""

from __future__ import annotations

from typing import Final

from nexuskg.base.headings import LANGUAGES
from nexuskg.server.api import handlers
from nexuskg.server.api.handlers import FORMATS
from nexuskg.server.api.operation import ALTERNATIVES, LONGEST, VISIBLE, Operation, OperationParameter

_LANG: Final = OperationParameter(
    "lang", "The language of labels; else by Accept-Language.", schema={"type": "string", "enum": list(LANGUAGES)}
)
_VIEW: Final = OperationParameter(
    "view", "What counts; else what is served.", schema={"type": "string", "enum": ["facts", "implied"]}
)
_EVIDENCE: Final = OperationParameter(
    "evidence", "Whether tables show the claims and spans of each row.", schema={"type": "boolean"}
)
_WORDS: Final = OperationParameter(
    "q", "Words in English, Spanish or Portuguese.", required=True, example="sendero luninoso"
)
_STATEMENT: Final = (
    OperationParameter("subject", "A label, CURIE or <iri>.", required=True, example="actor:sendero-luminoso"),
    OperationParameter("predicate", "A property, or a for the kind.", required=True, example="nx:concentratedIn"),
    OperationParameter("value", "A label, CURIE or <iri>, or a text.", required=True, example="place:vraem"),
)


OPERATIONS: Final = (
    Operation("/api/questions", "The stored questions, with titles, types and defaults.", handlers.list_questions),
    Operation(
        "/api/questions/{name}",
        "The answer to a stored question. A suffix of the name chooses the format, as in who-taxes-what.csv; else "
        "Accept does. Parameters of the question are given by their names: a label, a CURIE or an <iri>.",
        handlers.answer_question,
        (
            OperationParameter("name", "The name of the question.", "path", True, example="who-taxes-what"),
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
        handlers.ask_words,
        (
            OperationParameter("q", "The question.", required=True, example="Who taxes drug trafficking?"),
            _LANG,
            _VIEW,
        ),
    ),
    Operation(
        "/api/find",
        "Entities, terms and questions by label, alias or misspelling.",
        handlers.find_names,
        (
            _WORDS,
            OperationParameter("limit", "At most so many.", schema={"type": "integer", "minimum": 1, "maximum": 100}),
            _LANG,
        ),
    ),
    Operation(
        "/api/why",
        "Why a statement holds, down to claims and their places.",
        handlers.explain_triple,
        (
            *_STATEMENT,
            _VIEW,
        ),
        ("application/json", "text/plain"),
    ),
    Operation(
        "/api/why-not",
        "Why a statement does not hold: the claims that speak of it without counting, with every reason and the "
        "options that would count them, and the nearest rules with what they lack.",
        handlers.explain_missing,
        (*_STATEMENT, _VIEW),
        ("application/json", "text/plain"),
    ),
    Operation(
        "/api/without",
        "What falls, and what appears, if claims, sources, spans or axioms are withdrawn, all at once.",
        handlers.withdraw,
        (
            OperationParameter(
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
        handlers.describe_entity,
        (OperationParameter("curie", "A CURIE or label.", "path", True, example="actor:sendero-luminoso"), _LANG),
    ),
    Operation(
        "/api/terms/{curie}",
        "What there is to say of a class, property, concept or vocabulary.",
        handlers.describe_term,
        (OperationParameter("curie", "A CURIE or label.", "path", True, example="nx:taxes"), _LANG),
    ),
    Operation(
        "/api/claims/{id}",
        "A claim: what it says, how, and where.",
        handlers.describe_claim,
        (
            OperationParameter(
                "id", "The claim, with or without claim: before it.", "path", True, example="ellis-2015.c082"
            ),
            _LANG,
        ),
    ),
    Operation(
        "/api/sources", "The sources, with date, reliability and number of claims.", handlers.list_sources, (_LANG,)
    ),
    Operation("/api/views", "The graphs that a query can name: views and files.", handlers.list_views),
    Operation("/api/coverage", "What each segment of each source's text yields.", handlers.report_coverage),
)
"""Every operation of the API, from which the routes and the OpenAPI document are made."""
