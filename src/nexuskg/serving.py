"""Serving: the application, an ASGI one of Starlette: its routes, and the gate that every request passes."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from typing import Any, Final

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nexuskg import browsing, endpoint, linked, openapi
from nexuskg.api import OPERATIONS
from nexuskg.calling import Call, Operation, reply
from nexuskg.errors import NexuskgError, Refused, UnknownQuery, UnknownTerm, did_you_mean
from nexuskg.hosted import Hosted
from nexuskg.negotiation import RESULTS, TRIPLES, chosen
from nexuskg.printing import one_line
from nexuskg.sandbox import Question

HEADERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer has: any page may read, none is framed, and nothing runs or is fetched from elsewhere."""

BODY_SECONDS: Final = 10.0
"""So long may a client take to send a body."""

_DRAINED: Final = 16
"""A body of so many times the limit is still read to its end, though it is refused."""

THREADS: Final = 4
WAITING: Final = 64
"""So many operations of the API are done at once, and so many may wait."""

DOCUMENT: Final = Operation("/api/openapi.json", "This description.", lambda hosted, _: reply(openapi.document(hosted)))

_TABLE: Final = (*OPERATIONS, DOCUMENT, *browsing.OPERATIONS)

Log = Callable[[Mapping[str, object]], None]


def to_stderr(entry: Mapping[str, object]) -> None:
    """Nothing; the entry is a line of JSON on stderr."""
    sys.stderr.write(json.dumps(entry) + "\n")


def application(hosted: Hosted, log: Log = to_stderr) -> ASGIApp:
    """The application that serves this; its workers end with it."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(hosted.close)

    limiter = anyio.CapacityLimiter(THREADS)
    routes = [
        Route("/sparql", _sparql(hosted), methods=["GET", "POST"]),
        *(Route(one.path, _operation(hosted, one, limiter), methods=["GET"]) for one in _TABLE),
        Route("/health", _plain(lambda: "ok"), methods=["GET"]),
        Route("/ready", _ready(hosted), methods=["GET"]),
        Route("/limits", _limits(hosted), methods=["GET"]),
        # The last takes every path that is left.
        *(Route(one.path, _operation(hosted, one, limiter), methods=["GET"]) for one in linked.OPERATIONS),
    ]
    handlers: dict[Any, Any] = {NexuskgError: _refused, HTTPException: _refused, Exception: _refused}
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)
    app.router.redirect_slashes = False  # an address is right, or it is not there
    return Gate(app, hosted, log)


class Gate:
    """What every request passes: who is addressed, how it is sent, what every answer says, and the log.

    A class, as ASGI has it. A query string is never logged: it may hold what nobody else is to read.
    """

    def __init__(self, app: ASGIApp, hosted: Hosted, log: Log) -> None:
        self.app, self.hosted, self.log = app, hosted, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Nothing; the answer is sent."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.monotonic()
        seen: dict[str, Any] = {"status": 500, "bytes": 0}
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                seen["status"] = message["status"]
                extra = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            else:
                seen["bytes"] += len(message.get("body", b""))
            await send(message)

        try:
            refused = self._turned_away(Request(scope))
            await (refused or self.app)(scope, receive, sending)
        except ClientDisconnect:
            seen["status"] = 499
        except Exception as error:  # a fault of ours: its kind is told to who reads the log, and nothing to the client
            seen["fault"] = type(error).__name__
            if not started:
                await (await _refused(Request(scope), error))(scope, receive, sending)
        finally:
            self.log(
                {
                    "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                    "method": scope["method"],
                    "path": scope["path"][:500],
                    **seen,
                    "ms": round(1000 * (time.monotonic() - began), 1),
                }
            )

    def _turned_away(self, request: Request) -> Response | None:
        """The answer to a request that is not for the application; None where it is."""
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or _name(hosts[0]) not in self.hosted.hosts:
            # A page elsewhere whose name was made to point here must not read what only this machine may.
            return _said(421, "This server is not known by that name; start it with --name HOST.")
        if request.headers.get("content-encoding", "identity") != "identity":
            return _said(415, "Compressed bodies are refused; send it as it is.")
        if request.method == "OPTIONS":
            allow = endpoint.METHODS if request.url.path == "/sparql" else "GET, HEAD, OPTIONS"
            headers = {"Allow": allow, "Access-Control-Allow-Methods": allow, "Access-Control-Max-Age": "86400"}
            return Response(
                status_code=204, headers={**headers, "Access-Control-Allow-Headers": "Accept, Content-Type"}
            )
        return None


def _name(host: str) -> str:
    """The name in a Host header, without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def _said(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    body = one_line(sentence)[:2000] + "\n"
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, "text/plain; charset=utf-8")


def status_of(error: NexuskgError) -> int:
    """The status of HTTP that an error of the package is told with."""
    if isinstance(error, Refused):
        return error.status
    missing = isinstance(error, UnknownQuery | UnknownTerm) or isinstance(error.__cause__, UnknownTerm)
    return 404 if missing else 400


def told(error: NexuskgError) -> str:
    """What is wrong, in a sentence that names addresses of the server rather than commands."""
    if isinstance(error, UnknownQuery):
        return f"There is no question {error.name!r}.{did_you_mean(error.close_matches)} All of them: /api/questions"
    if isinstance(error, UnknownTerm):
        return f"Nothing is called {error.name!r}.{did_you_mean(error.close_matches)} Search: /api/find?q=…"
    return str(error)


async def _refused(request: Request, error: Exception) -> Response:
    """The answer that says in one sentence why there is no other: JSON below /api, else plain text."""
    headers: dict[str, str] = {}
    if isinstance(error, HTTPException):
        status, headers = error.status_code, dict(error.headers or {})
        allowed = headers.get("Allow", headers.get("allow", "GET"))
        sentence = {
            404: "There is nothing at this address. What there is: /",
            405: f"{request.method} is not allowed here: this server only reads. Allowed: {allowed}.",
        }.get(status, str(error.detail))
    elif not isinstance(error, NexuskgError):
        status, sentence = 500, "Something went wrong here, and it has been noted."
    else:
        status, sentence = status_of(error), told(error)
        if isinstance(error, Refused) and error.retry:
            headers["Retry-After"] = str(error.retry)
    if status in (408, 413):  # the rest of the body is not read
        headers["Connection"] = "close"
    if request.url.path.startswith("/api"):
        body = json.dumps({"error": one_line(sentence)[:2000]}, ensure_ascii=False) + "\n"
        return Response(body, status, {"Cache-Control": "no-store", **headers}, "application/json")
    return _said(status, sentence, headers)


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


def _sparql(hosted: Hosted) -> Callable[[Request], Any]:
    async def handle(request: Request) -> Response:
        accept = ",".join(request.headers.getlist("accept"))
        given = {name: request.query_params.getlist(name) for name in request.query_params}
        media, body = None, b""
        if request.method == "POST":
            media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            body = await _body(request, hosted.limits.body)
        asked = endpoint.question(hosted, given, media, body, accept)

        def work() -> tuple[str, bytes]:
            people = chosen(accept, (*RESULTS, *TRIPLES, "text/html")) == "text/html"
            if isinstance(asked, Question) and people:
                plain = replace(asked, results="application/sparql-results+json", triples="text/turtle")
                return "text/html", browsing.sparql_page(hosted, asked.text, *endpoint.answer(hosted, plain))
            if isinstance(asked, Question):
                return endpoint.answer(hosted, asked)
            if people:
                return "text/html", browsing.sparql_page(hosted)
            return endpoint.description(hosted, str(request.url.replace(query="")), accept)

        kind, result = await anyio.to_thread.run_sync(work)
        return Response(result, 200, {"Vary": "Accept", "Cache-Control": "no-cache"}, typed(kind))

    return handle


def typed(media: str) -> str:
    """The media type with the encoding, where it has one to tell.

    >>> typed("text/csv"), typed("application/json")
    ('text/csv; charset=utf-8', 'application/json')
    """
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def _operation(hosted: Hosted, operation: Operation, limiter: anyio.CapacityLimiter) -> Callable[[Request], Any]:
    async def handle(request: Request) -> Response:
        accept, languages = (",".join(request.headers.getlist(name)) for name in ("accept", "accept-language"))
        # The data stays as it is while the server runs, so who has an answer to the same request has this one.
        said = "\n".join((hosted.digest, request.url.path, request.url.query, accept, languages))
        tag = f'"{hashlib.blake2b(said.encode(), digest_size=12).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": "public, max-age=60", "Vary": "Accept, Accept-Language"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        query = {name: request.query_params.getlist(name) for name in request.query_params}
        call = Call(request.path_params, query, accept, languages)
        if limiter.statistics().tasks_waiting > WAITING:
            raise Refused(503, "The server is busy with other requests; try again.", retry=5)
        found = await anyio.to_thread.run_sync(operation.answered, hosted, call, limiter=limiter)
        return Response(found.body, 200, headers, typed(found.media))

    return handle


def _plain(text: Callable[[], str]) -> Callable[[Request], Any]:
    async def handle(_: Request) -> Response:
        return _said(200, text())

    return handle


def _ready(hosted: Hosted) -> Callable[[Request], Any]:
    async def handle(_: Request) -> Response:
        if hosted.pool is not None:
            await anyio.to_thread.run_sync(hosted.pool.answer, Question("ASK {}"))
        return _said(200, "ready")

    return handle


def _limits(hosted: Hosted) -> Callable[[Request], Any]:
    async def handle(_: Request) -> Response:
        limits = {**asdict(hosted.limits), "body_seconds": BODY_SECONDS}
        return Response(json.dumps(limits, indent=2) + "\n", 200, {"Cache-Control": "no-cache"}, "application/json")

    return handle
