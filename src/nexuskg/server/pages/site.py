"""The pages that are about no IRI: the start, search, an answer with its evidence, why, a form for SPARQL."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, parse_query_results

from nexuskg.answers import rows, table
from nexuskg.answers.question import question_of
from nexuskg.base import headings
from nexuskg.base.namespaces import DEFAULT_GRAPH, GRAPH, TYPE
from nexuskg.explain import render, why, why_not
from nexuskg.rdf.labels import label_or_name
from nexuskg.rdf.store import holds
from nexuskg.search import find, query_names
from nexuskg.server.api.handlers import FORMATS
from nexuskg.server.api.operation import Call, Operation, OperationParameter, Reply
from nexuskg.server.pages import markup, schema_org
from nexuskg.server.state.host import Hosted

_HTML: Final = "text/html"
EXAMPLE: Final = "SELECT ?who ?what { ?who nx:taxes ?what }"
SHOWN: Final = 1000
"""So many rows of a result are on a page."""

_TABLES: Final = ("csv", "json", "ttl", "cite")
"""Forms of an answer that a page leads to."""

_LANG: Final = OperationParameter("lang", "The language.")


def start_page(hosted: Hosted, call: Call) -> Reply:
    """The start page: what this is, a place to ask, and the stored questions by group."""
    language = call.language
    groups: dict[str, list[str]] = {}
    for name, query in sorted(hosted.data.catalogue.items()):
        item = markup.local_link(f"/answers/{name}", query.title(language), lang=language)
        groups.setdefault("".join(query.tags[:1]), []).append(item)
    listed = "".join(
        f"<h3>{markup.text_html(group)}</h3>{markup.html_list(items)}" for group, items in sorted(groups.items())
    )
    body = (
        f"<p>{markup.word('intro', language)}</p>{_search_form(language)}"
        f"{markup.section('questions', language, listed)}"
        f"{markup.section('what there is', language, _contents(hosted, language))}"
        f"<p class='note'>{markup.text_html(str(hosted.data.view))}</p>"
        f"{markup.schema_org_block(schema_org.about_dataset(hosted, language))}"
    )
    graphs = [markup.link_address(name) for name, of in hosted.graphs.items() if of is hosted.data]
    forms = [(name, of, f"{graph}?format={name}") for graph in graphs for name, of in schema_org.DISTRIBUTED.items()]
    return Reply(_HTML, markup.html_page("nexuskg", body, language, "/", {}, forms))


def _contents(hosted: Hosted, language: str) -> str:
    """What there are pages about, to be unfolded: entities, sources, vocabularies, terms, graphs."""
    store = hosted.wide.store
    typed = store.quads_for_pattern(None, TYPE, None, DEFAULT_GRAPH)
    nodes = {quad.subject.value for quad in typed if isinstance(quad.subject, NamedNode)}
    kinds: dict[str, list[str]] = {}
    for iri in nodes:
        if (kind := find.kind_of(store, iri)) is not None:
            kinds.setdefault(kind, []).append(iri)
    graphs = [*hosted.graphs, *hosted.names]
    parts = []
    for name, some in (
        ("entities", kinds.get("entity", [])),
        ("sources", kinds.get("source", [])),
        ("vocabularies", kinds.get("vocabulary", [])),
        ("ontology", [*kinds.get("class", []), *kinds.get("property", [])]),
        ("graphs", graphs),
    ):
        told = [
            (label_or_name(store, iri, language) if name != "graphs" else iri.removeprefix(GRAPH), iri) for iri in some
        ]
        items = [
            markup.node_link(iri, label, language)
            for label, iri in sorted(told, key=lambda pair: (find.fold_name(pair[0]), pair[1]))
        ]
        title = f"{markup.word(name, language)} ({len(items)})"
        parts.append(f"<details><summary>{title}</summary>{markup.html_list(items)}</details>")
    return "".join(parts)


def search_page(hosted: Hosted, call: Call) -> Reply:
    """What words may mean: things and questions, the likeliest first."""
    language, words, data = call.language, call.require("q"), hosted.wide
    found = find.find_things(
        data.store, words, 30, queries=data.catalogue.values(), prefixes=data.prefixes, language=language
    )
    items = [
        (
            markup.node_link(match.iri, match.label, language)
            if match.iri
            else markup.local_link(f"/answers/{match.curie}", match.label, lang=language)
        )
        + f' <span class="note">{markup.text_html(match.kind)}; {markup.text_html(match.matched)}</span>'
        for match in found
    ]
    body = markup.html_list(items) or f"<p>{markup.word('nothing', language)}</p>"
    return Reply(_HTML, markup.html_page(words, body, language, "/find", {"q": words}, _as_json("/find", {"q": words})))


def words_page(hosted: Hosted, call: Call) -> Reply:
    """What a question in plain words may mean; where that is sure, with its answer."""
    words = call.require("q")
    found = hosted.understand(words)
    language = call.language if "lang" in call.query else found.language
    items = []
    for reading in found.readings:
        title = hosted.data.catalogue[reading.question].title(language)
        pairs = {name: values[0] for name, values in reading.parameters if values}
        linked = markup.local_link(f"/answers/{reading.question}", title, **{**pairs, "lang": language})
        left = ", ".join(reading.left_out)
        beside = f"; {headings.message('left out', language, names=left)}" if left else ""
        items.append(f"{linked} ({reading.sure}/100{markup.text_html(beside)})")
    told = f"<p>{markup.text_html(headings.message('unsure', language))}</p>" if items and found.meant is None else ""
    body = _search_form(language) + told + (markup.html_list(items) or f"<p>{markup.word('nothing', language)}</p>")
    if found.meant is not None:
        question = question_of(hosted.wide, found.meant.question, dict(found.meant.parameters))
        answer = rows.answer(hosted.data, question, language)
        body += (
            table.html_text(answer, _link(language))
            if answer.rows
            else f"<p>{markup.text_html(rows.found_none(hosted.wide, question, language))}</p>"
        )
    return Reply(_HTML, markup.html_page(words, body, language, "/ask", {"q": words}, _as_json("/ask", {"q": words})))


def answer_page(hosted: Hosted, call: Call) -> Reply:
    """The answer to a stored question, each row with its evidence, and a form for its parameters."""
    language, name = call.language, call.path["name"]
    given = {key: [value for value in values if value] for key, values in call.query.items() if key != "lang"}
    given = {key: values for key, values in given.items() if values}
    question = question_of(hosted.wide, name, given)
    query = question.query
    found = rows.answer(hosted.data, question, language)
    used = {
        key: headings.message("default", language, value=", ".join(map(str, cells))) for key, cells in found.defaults
    }
    fields = "".join(
        f"<p><label>{markup.text_html(headings.heading(p.name, language))} "
        f'<input name="{escape(p.name)}" maxlength="300" placeholder="{markup.text_html(used.get(p.name, "any"))}" '
        f'value="{markup.text_html("".join(given.get(p.name, [""])[:1]))}"></label> '
        f'<span class="note">{markup.text_html(p.meaning)}</span></p>'
        for p in query.params
    )
    asked = f'<input type="hidden" name="lang" value="{language}"><button>{markup.word("ask", language)}</button>'
    form = f"<form>{fields}{asked}</form>" if fields else ""
    none = f"<p>{markup.text_html(headings.message('no rows', language))}</p>"
    body = f"<p>{markup.text_html(query.description)}</p>{form}" + (
        table.html_text(found, _link(language))
        if found.rows
        else f"{none}<p>{markup.text_html(table.defaults_text(found))}</p>"
    )
    here = {key: values[0] for key, values in given.items()}
    pairs = [("lang", language), *((key, value) for key, values in given.items() for value in values)]
    forms = [(form, FORMATS[form], markup.href(f"/api/questions/{query.name}.{form}", pairs)) for form in _TABLES]
    return Reply(_HTML, markup.html_page(query.title(language), body, language, f"/answers/{query.name}", here, forms))


def reason_page(hosted: Hosted, call: Call) -> Reply:
    """Why a statement holds, down to claims and their places; of one that does not, what is missing."""
    asked = {name: call.require(name) for name in ("subject", "predicate", "value")}
    data = hosted.among_views(hosted.wide)
    triple = why.parse_triple(data, *asked.values())
    if holds(data.store, triple):
        found = why.explain_statement(data, triple)
        title, told, where = found.about, render.explanation_text(found), "/why"
    else:
        absence = why_not.explain_absence(data, triple)
        title, told, where = absence.text, why_not.absence_text(absence), "/why-not"
    body = f'<div lang="en">{markup.outline(told, call.language)}</div>'
    return Reply(_HTML, markup.html_page(title, body, call.language, "/why", asked, _as_json(where, asked)))


def sparql_page(hosted: Hosted, language: str, query: str = EXAMPLE, media: str = "", body: bytes = b"") -> bytes:
    """The page with a form for a query of one's own, and the result of one where there is one, in that media type."""
    form = (
        '<form action="/sparql"><p><textarea name="query" aria-label="SPARQL" maxlength="64000">'
        f'{markup.text_html(query)}</textarea></p><input type="hidden" name="lang" value="{language}">'
        f"<button>{markup.word('ask', language)}</button></form>"
    )
    if media:
        unknown = query_names.unknown_names(hosted.data.store, query, hosted.data.prefixes)
        form += "".join(f"<p>{markup.text_html(said)}</p>" for said in table.unknown_texts(unknown.items(), language))
    if media == "text/turtle":
        form += f"<pre>{markup.text_html(body.decode())}</pre>"
    elif media:
        found = parse_query_results(body, format=QueryResultsFormat.JSON)
        form += (
            f"<p>{str(bool(found)).lower()}</p>"
            if isinstance(found, QueryBoolean)
            else _solutions(hosted, found, language)
        )
    return markup.html_page("SPARQL", form, language, "/sparql", {"query": query})


def _solutions(hosted: Hosted, found: QuerySolutions, language: str) -> str:
    names = [variable.value for variable in found.variables]
    head = "".join(f"<th>{markup.text_html(name)}</th>" for name in names)
    rows, more = list[str](), 0
    for solution in found:
        more += len(rows) == SHOWN
        if len(rows) < SHOWN:
            told = ((markup.text_html(name), markup.term_html(solution[name], hosted.data.prefixes)) for name in names)
            cells = "".join(f'<td data-label="{name}">{cell}</td>' for name, cell in told)
            rows.append(f"<tr>{cells}</tr>")
    note = f'<p class="note">{markup.word("more", language, n=more)}</p>' if more else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{note}"


def style_sheet(_: Hosted, __: Call) -> Reply:
    """The style sheet of every page."""
    return Reply("text/css", markup.STYLE.encode())


def _as_json(path: str, query: dict[str, str]) -> list[tuple[str, str, str]]:
    """The same by the API."""
    return [("json", "application/json", markup.href(f"/api{path}", query))]


def _link(language: str) -> Callable[[str, str], str]:
    return lambda iri, label: markup.node_link(iri, label, language)


def _search_form(language: str) -> str:
    return (
        f'<form action="/ask"><input name="q" maxlength="300" required aria-label="{markup.word("ask", language)}">'
        f"<button>{markup.word('ask', language)}</button></form>"
    )


_Q: Final = OperationParameter("q", "Words.", required=True)
OPERATIONS: Final = (
    Operation("/", "The start page.", start_page, (_LANG,), (_HTML,)),
    Operation("/find", "A search.", search_page, (_Q, _LANG), (_HTML,)),
    Operation("/ask", "A question in plain words.", words_page, (_Q, _LANG), (_HTML,)),
    Operation("/answers/{name}", "An answer.", answer_page, (_LANG,), (_HTML,), open=True),
    Operation(
        "/why",
        "Why a statement holds, or what is missing.",
        reason_page,
        (
            OperationParameter("subject", ""),
            OperationParameter("predicate", ""),
            OperationParameter("value", ""),
            _LANG,
        ),
        (_HTML,),
    ),
    Operation("/style.css", "The style sheet.", style_sheet, media=("text/css",)),
)
"""The pages for people."""
