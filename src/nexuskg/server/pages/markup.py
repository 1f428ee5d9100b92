"""HTML that is read without JavaScript, on paper and on a small screen, and that asks nothing of the network.

All that comes from the data or from a request is escaped; a link leads to an address of this server, else to http(s).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from pyoxigraph import Literal, NamedNode

from nexuskg.base.headings import LANGUAGES
from nexuskg.base.namespaces import BASE, compact
from nexuskg.base.safe_text import printable

STYLE: Final = """\
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 0 1rem 3rem; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
header, footer { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; padding: .75rem 0; }
header form { flex: 1 1 12rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; margin: 0 0 1rem; }
form p { flex: 1 1 100%; margin: 0; }
header form { flex-wrap: nowrap; margin: 0; }
input, textarea, button { font: inherit; max-width: 100%; box-sizing: border-box; }
input { flex: 1; min-width: 0; }
input::placeholder { color: inherit; opacity: 1; font-style: italic; }
textarea { width: 100%; min-height: 12rem; font-family: monospace; }
main { overflow-x: auto; }
h1 { font-size: 1.7rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin-top: 2rem; }
p, code, a, span, li, dd { overflow-wrap: anywhere; }
td, th { overflow-wrap: break-word; }
td a:not([href^="http"]), td span { overflow-wrap: inherit; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid #8888; }
dt { font-weight: bold; }
dd { margin-left: 1.5rem; }
ul { padding-left: 1.5rem; }
summary { cursor: pointer; padding: .25rem 0; }
.note { opacity: .8; font-size: .9rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  table, tbody, tr, th, td { display: block; }
  thead { display: none; }
  th, td { border: 0; padding: .1rem 0; overflow-wrap: anywhere; }
  td[data-label]::before { content: attr(data-label) ": "; font-weight: bold; }
  td:empty { display: none; }
  tr { border-bottom: 1px solid #8888; padding: .4rem 0; }
}
@media print {
  .skip, header, footer, form { display: none; }
  body { max-width: none; color: #000; background: #fff; }
  main { overflow: visible; }
  a { color: inherit; }
}
"""

SAFE: Final = "/:@!$&'()*+,;="
"""What stands in the path of an address as it is, beside letters, digits and -._~."""

_CLAIM: Final = re.compile(r"claim:([\w-]+(?:\.[\w-]+)+)(?=:? )")

WORDS: Final = {
    "search": ("Search", "Buscar", "Buscar"),
    "questions": ("Questions", "Preguntas", "Perguntas"),
    "claims": ("What sources say", "Lo que dicen las fuentes", "O que dizem as fontes"),
    "links out": ("What is said of it", "Lo que se dice de ello", "O que se diz dele"),
    "links in": ("Where it is spoken of", "Dónde se habla de ello", "Onde se fala dele"),
    "details": ("Details", "Detalles", "Detalhes"),
    "axioms": ("Axioms (in English)", "Axiomas (en inglés)", "Axiomas (em inglês)"),
    "inferred": ("inferred", "inferido", "inferido"),
    "why": ("why", "por qué", "por quê"),
    "more": ("and {n} more in the data", "y {n} más en los datos", "e mais {n} nos dados"),
    "as data": ("As data", "Como datos", "Como dados"),
    "nothing": ("Nothing was found.", "No se encontró nada.", "Nada foi encontrado."),
    "ask": ("Ask", "Preguntar", "Perguntar"),
    "skip": ("To the content", "Al contenido", "Ao conteúdo"),
    "languages": ("Languages", "Idiomas", "Idiomas"),
    "query": ("Query", "Consulta", "Consulta"),
    "what there is": ("What there is", "Lo que hay", "O que há"),
    "entities": ("Actors, places, events and the like", "Actores, lugares, eventos y demás", "Atores, lugares, etc."),
    "sources": ("Sources", "Fuentes", "Fontes"),
    "vocabularies": ("Vocabularies", "Vocabularios", "Vocabulários"),
    "ontology": ("Classes and properties", "Clases y propiedades", "Classes e propriedades"),
    "graphs": ("Graphs, as data", "Grafos, como datos", "Grafos, como dados"),
    "intro": (
        "What sources say about the crime-terror nexus. Every answer names the source, the paragraph and the words to "
        "look for.",
        "Lo que dicen las fuentes sobre el nexo entre crimen y terrorismo. Cada respuesta nombra la fuente, el párrafo "
        "y las palabras que buscar.",
        "O que dizem as fontes sobre o nexo entre crime e terrorismo. Cada resposta indica a fonte, o parágrafo e as "
        "palavras a procurar.",
    ),
    "beyond": ("not in the view that is served", "fuera de la vista servida", "fora da vista servida"),
    "wide": (
        "Every claim is shown here, also those whose place is known in words only; what the view that is served does "
        "not have is marked.",
        "Aquí se muestra toda afirmación, también aquellas cuyo lugar solo se conoce en palabras; lo que la vista "
        "servida no tiene va marcado.",
        "Aqui se mostra toda afirmação, também aquelas cujo lugar só se conhece em palavras; o que a vista servida não "
        "tem vai marcado.",
    ),
}


def word(name: str, language: str, **values: object) -> str:
    """A word or sentence of a page in the language, escaped.

    >>> word("more", "es", n=3)
    'y 3 más en los datos'
    """
    return text_html(WORDS[name][LANGUAGES.index(language)].format(**values))


def text_html(value: str) -> str:
    """The text as HTML: escaped, and with what steers a display written out.

    >>> text_html('<b title="x">\\x1b')
    '&lt;b title=&quot;x&quot;&gt;\\\\x1b'
    """
    return escape(printable(value, keep="\n\t"))


def link_address(iri: str, language: str = "en") -> str | None:
    """Where a link to the IRI leads, in the language of the page: here where it is ours; None where a link would harm.

    >>> link_address(BASE + "ontology#taxes", "es"), link_address("javascript:alert(1)")
    ('/ontology?term=taxes&lang=es', None)
    >>> link_address(BASE + "/evil.example/"), link_address(BASE + "id/a?b")
    (None, '/id/a%3Fb')
    """
    query = {} if language == "en" else {"lang": language}
    if iri.startswith(BASE):
        path, _, term = iri.removeprefix(BASE).partition("#")
        query = {"term": term, **query} if term else query
        if path.startswith("/"):  # as an address that would be another host
            return None
        return f"/{quote(path, safe=SAFE)}" + (f"?{urlencode(query)}" if query else "")
    try:
        parts = urlsplit(iri)
    except ValueError:
        return None
    return iri if parts.scheme in ("http", "https") and parts.netloc else None


def node_link(iri: str, label: str, language: str = "en") -> str:
    """A link to the node, with its label; the label alone where a link would harm.

    >>> node_link("javascript:alert(1)", "<b>")
    '&lt;b&gt;'
    """
    where = link_address(iri, language)
    if where is None:
        return text_html(label)
    away = "" if where.startswith("/") else ' rel="nofollow noreferrer external"'
    return f'<a href="{escape(where)}"{away}>{text_html(label)}</a>'


def term_html(value: Any, prefixes: Mapping[str, str]) -> str:
    """A term as HTML: a node as a link by its CURIE, a literal as it is; empty where there is none."""
    if isinstance(value, NamedNode):
        return node_link(value.value, compact(value.value, prefixes))
    if isinstance(value, Literal):
        tongue = f' lang="{escape(value.language)}"' if value.language else ""
        return f"<span{tongue}>{text_html(value.value)}</span>"
    return "" if value is None else text_html(str(value))


def local_link(path: str, label: str, **query: str) -> str:
    """A link to a path of this server with a query."""
    return f'<a href="{escape(href(path, query))}">{text_html(label)}</a>'


def section(name: str, language: str, body: str) -> str:
    """A part of a page under its heading; empty where there is nothing in it."""
    return f"<section><h2>{word(name, language)}</h2>{body}</section>" if body else ""


def html_list(items: Iterable[str]) -> str:
    """A list of pieces of HTML; empty where there are none."""
    body = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{body}</ul>" if body else ""


def outline(told: str, language: str = "en") -> str:
    """Lines of plain text, indented by two spaces a level, as lists within lists; a claim that begins one is a link.

    >>> outline("a\\n  b\\nc\\n")
    '<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>'
    """
    out, depth = list[str](), -1
    for line in told.splitlines():
        words = line.lstrip(" ")
        level = min((len(line) - len(words)) // 2, depth + 1)
        out.append("<ul>" if level > depth else "</li>" + "</ul></li>" * (depth - level))
        if found := _CLAIM.match(words):
            linked = node_link(f"{BASE}claim/{found[1]}", found[0], language)
            out.append(f"<li>{linked}{text_html(words[found.end() :])}")
        else:
            out.append(f"<li>{text_html(words)}")
        depth = level
    return "".join(out) + ("</li>" + "</ul></li>" * depth + "</ul>" if out else "")


def definition_list(pairs: Sequence[tuple[str, str]]) -> str:
    """Pairs of plain text as a list of terms with what they are; empty where there are none."""
    body = "".join(f"<dt>{text_html(name)}</dt><dd>{text_html(value)}</dd>" for name, value in pairs)
    return f"<dl>{body}</dl>" if body else ""


def schema_org_block(values: Mapping[str, object]) -> str:
    """The thing in the words of schema.org, as a block of data that no reader sees."""
    data = json.dumps({"@context": "https://schema.org", **values}, ensure_ascii=False)
    for sign in "<>&":
        data = data.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/ld+json">{data}</script>'


def href(path: str, query: Mapping[str, str] | Sequence[tuple[str, str]]) -> str:
    """The address of a path of this server with a query."""
    return path + (f"?{urlencode(query)}" if query else "")


def html_page(
    title: str,
    body: str,
    language: str,
    path: str,
    query: Mapping[str, str],
    forms: Sequence[tuple[str, str, str]] = (),
) -> bytes:
    """A whole page. `path` and `query` are its address.

    `forms` are the names of its other forms, with the media type and the address of each.
    """

    def here(lang: str) -> str:
        return escape(href(path, {**query, "lang": lang}))

    tongues = " ".join(
        f"<strong>{name}</strong>" if name == language else f'<a href="{here(name)}" hreflang="{name}">{name}</a>'
        for name in LANGUAGES
    )
    others = "".join(f'<link rel="alternate" type="{media}" href="{escape(at)}">' for _, media, at in forms)
    data = " · ".join(f'<a href="{escape(at)}">{text_html(name)}</a>' for name, _, at in forms)
    others += "".join(
        f'<link rel="alternate" hreflang="{name}" href="{here(name)}">' for name in LANGUAGES if name != language
    )
    as_data = word("as data", language)
    hidden = f'<input type="hidden" name="lang" value="{language}">'
    home = escape("/" if language == "en" else f"/?lang={language}")
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{text_html(title)} · nexuskg</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="/style.css">{others}</head><body>'
        f'<a class="skip" href="#content">{word("skip", language)}</a>'
        f'<header><a href="{home}">nexuskg</a><form action="/find" role="search">{hidden}'
        f'<input name="q" maxlength="300" aria-label="{word("search", language)}" required>'
        f"<button>{word('search', language)}</button></form>"
        f'<nav aria-label="{word("languages", language)}">{tongues}</nav></header>'
        f'<main id="content"><h1>{text_html(title)}</h1>{body}</main>'
        f"<footer>{data and f'<span>{as_data}: {data}</span>'}"
        '<a href="/sparql">SPARQL</a><a href="/api/openapi.json">API</a></footer></body></html>\n'
    ).encode()
