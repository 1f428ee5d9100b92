"""What is done with a request that has passed the gate: read, let do, told; one function a kind of route."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, Final, TypeVar

import anyio
from starlette.requests import Request
from starlette.responses import Response

from nexuskg.base.headings import LANGUAGES
from nexuskg.base.media_types import RESULTS, TRIPLES, language, negotiate
from nexuskg.base.safe_text import one_line
from nexuskg.errors import Refused
from nexuskg.queries.update_guard import check_graph
from nexuskg.server.api import sparql_protocol
from nexuskg.server.api.operation import Call, Operation
from nexuskg.server.pages import site
from nexuskg.server.sandbox.jobs import DocumentJob, QueryJob, UpdateJob
from nexuskg.server.state.live import Live

BODY_SECONDS: Final = 10.0
"""So long may a client take to send a body."""
WAITING: Final = 64
"""So many operations of the API, and so many writes, may wait."""

_DRAINED: Final = 16
"""A body of so many times the limit is still read to its end, though it is refused."""

Handler = Callable[[Request], Any]
Result = TypeVar("Result")


def text_response(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer that is one line of text."""
    body = one_line(sentence)[:2000] + "\n"
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, "text/plain; charset=utf-8")


def check_token(live: Live, request: Request) -> None:
    """Raise Refused where the request does not have the token of the server."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    known = live.token.encode()
    if scheme.lower() != "bearer" or not known or not hmac.compare_digest(given.strip().encode(), known):
        raise Refused(401, "Writing needs the token of this server: Authorization: Bearer TOKEN.")


async def _body(request: Request, limit: int) -> bytes:
    """The body of the request; raises Refused where it is too large or too slow."""
    large = Refused(413, f"The body is larger than {limit:,} bytes.")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _DRAINED * limit:
        raise large
    parts, seen = bytearray(), 0
    try:
        with anyio.fail_after(BODY_SECONDS):
            async for part in request.stream():
                seen += len(part)
                if seen > _DRAINED * limit:
                    raise large
                # What is too large is read to its end, if that is near: who is still sending hears no answer.
                parts += part[: max(0, limit + 1 - len(parts))]
    except TimeoutError:
        raise Refused(408, f"The body was not sent within {BODY_SECONDS:g} seconds.") from None
    if seen > limit:
        raise large
    return bytes(parts)


def sparql_handler(live: Live, writers: anyio.CapacityLimiter) -> Handler:
    """The handler of the SPARQL Protocol."""
    # As many as may run or wait in the pool, which turns away the others: nothing else waits for these.
    askers = anyio.CapacityLimiter(live.now.limits.workers + live.now.limits.waiting + 8)

    async def handle(request: Request) -> Response:
        accept = ",".join(request.headers.getlist("accept"))
        given = {name: request.query_params.getlist(name) for name in request.query_params}
        media, body = None, b""
        if request.method == "POST":
            media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            body = await _body(request, live.now.limits.body)
        asked = sparql_protocol.parse_request(live.now, given, media, body, accept)
        if isinstance(asked, UpdateJob):
            if live.kept is None:
                raise Refused(403, "This server only reads: updates are refused.")
            check_token(live, request)
            await _write_in_turn(writers, live.update, asked)
            return Response(status_code=204)

        def work() -> tuple[str, bytes]:
            hosted = live.now
            tongue = language(request.query_params.get("lang"), request.headers.get("accept-language", ""), LANGUAGES)
            people = negotiate(accept, (*RESULTS, *TRIPLES, "text/html")) == "text/html"
            if isinstance(asked, QueryJob) and people:
                plain = replace(asked, results="application/sparql-results+json", triples="text/turtle")
                return "text/html", site.sparql_page(
                    hosted, tongue, asked.text, *sparql_protocol.query_result(hosted, plain)
                )
            if isinstance(asked, QueryJob):
                return sparql_protocol.query_result(hosted, asked)
            if people:
                return "text/html", site.sparql_page(hosted, tongue)
            return sparql_protocol.service_description(
                hosted, str(request.url.replace(query="")), accept, live.kept is not None
            )

        kind, result = await anyio.to_thread.run_sync(work, limiter=askers)
        return Response(
            result, 200, {"Vary": "Accept, Accept-Language", "Cache-Control": "no-cache"}, content_type(kind)
        )

    return handle


def graph_store_handler(live: Live, writers: anyio.CapacityLimiter) -> Handler:
    """The handler of what the Graph Store Protocol writes."""

    async def handle(request: Request) -> Response:
        check_token(live, request)
        names = request.query_params.getlist("graph")
        if "default" in request.query_params and not names:
            check_graph("")
        headers = {}
        if request.method == "POST" and not request.query_params:  # a new graph, which the server names
            names = [f"urn:uuid:{uuid.uuid4()}"]
            headers["Location"] = f"/store?graph={names[0]}"
        if len(names) != 1 or not names[0]:
            raise Refused(400, "Name one graph: …?graph=IRI.")
        (name,) = names
        if request.method == "DELETE":
            await _write_in_turn(writers, live.remove, name)
            return Response(status_code=204)
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in TRIPLES:
            raise Refused(415, f"Triples are sent as one of: {', '.join(TRIPLES)}; not as {media[:100] or 'no type'}.")
        data = await _body(request, live.now.limits.upload)
        write = live.replace if request.method == "PUT" else live.add
        new = await _write_in_turn(writers, write, name, DocumentJob(media, name, data))
        return Response(status_code=201 if new else 204, headers=headers)

    return handle


def either(reading: Handler, writing: Handler) -> Handler:
    """The handler that lets the one read and the other write."""

    async def handle(request: Request) -> Response:
        does = reading if request.method in ("GET", "HEAD") else writing
        found: Response = await does(request)
        return found

    return handle


async def _write_in_turn(writers: anyio.CapacityLimiter, write: Callable[..., Result], *args: object) -> Result:
    """What the write gives, once it is its turn; raises Refused where too many wait."""
    if writers.statistics().tasks_waiting > WAITING:
        raise Refused(503, "The server is busy with other writes; try again.", retry=5)
    return await anyio.to_thread.run_sync(write, *args, limiter=writers)


def content_type(media: str) -> str:
    """The media type with the encoding, where it has one to tell.

    >>> content_type("text/csv"), content_type("application/json")
    ('text/csv; charset=utf-8', 'application/json')
    """
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def operation_handler(live: Live, does: Operation, limiter: anyio.CapacityLimiter) -> Handler:
    """The handler of an operation of the API, or of a page."""

    async def handle(request: Request) -> Response:
        accept, languages = (",".join(request.headers.getlist(name)) for name in ("accept", "accept-language"))
        hosted = live.now
        # While the data stays as it is, who has an answer to the same request has this one.
        parts = (hosted.digest, str(live.revision), request.url.path, request.url.query, accept, languages)
        tag = f'"{hashlib.blake2b(chr(10).join(parts).encode(), digest_size=12).hexdigest()}"'
        keep = "no-cache" if live.kept else "public, max-age=60"
        headers = {"ETag": tag, "Cache-Control": keep, "Vary": "Accept, Accept-Language"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        query = {name: request.query_params.getlist(name) for name in request.query_params}
        call = Call(request.path_params, query, accept, languages)
        if limiter.statistics().tasks_waiting > WAITING:
            raise Refused(503, "The server is busy with other requests; try again.", retry=5)
        found = await anyio.to_thread.run_sync(does.perform, hosted, call, limiter=limiter)
        return Response(found.body, 200, headers, content_type(found.media))

    return handle


async def health(_: Request) -> Response:
    """The answer that the server runs."""
    return text_response(200, "ok")


def ready(live: Live) -> Handler:
    """The handler that answers when a query is answered."""

    async def handle(_: Request) -> Response:
        if live.now.pool is not None:
            await anyio.to_thread.run_sync(live.now.pool.answer, QueryJob("ASK {}"))
        return text_response(200, "ready")

    return handle


def limits(live: Live) -> Handler:
    """The handler that tells the limits."""

    async def handle(_: Request) -> Response:
        limits = {**asdict(live.now.limits), "body_seconds": BODY_SECONDS}
        return Response(json.dumps(limits, indent=2) + "\n", 200, {"Cache-Control": "no-cache"}, "application/json")

    return handle
