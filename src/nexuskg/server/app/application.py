"""The application, an ASGI one of Starlette: its routes, the gate that every request passes, and refusals."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nexuskg.base.safe_text import one_line
from nexuskg.errors import NexuskgError, Refused, UnknownQuery, UnknownTerm, did_you_mean
from nexuskg.server.api import openapi, sparql_protocol
from nexuskg.server.api.operation import Operation, json_reply
from nexuskg.server.api.routes import OPERATIONS
from nexuskg.server.app import requests
from nexuskg.server.pages import linked_data, site
from nexuskg.server.state.live import Live

HEADERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer has: any page may read, none is framed, and nothing runs or is fetched from elsewhere."""

THREADS: Final = 4
"""So many operations of the API are done at once."""

DOCUMENT: Final = Operation(
    "/api/openapi.json", "This description.", lambda hosted, _: json_reply(openapi.openapi_document(hosted))
)

_TABLE: Final = (*OPERATIONS, DOCUMENT, *site.OPERATIONS)

Log = Callable[[Mapping[str, object]], None]


def log_to_stderr(entry: Mapping[str, object]) -> None:
    """Write the entry as a line of JSON on stderr."""
    sys.stderr.write(json.dumps(entry) + "\n")


def application(live: Live, log: Log = log_to_stderr) -> ASGIApp:
    """The application that serves this; its workers end with it."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await anyio.to_thread.run_sync(live.close)

    limiter = anyio.CapacityLimiter(THREADS)
    writers = anyio.CapacityLimiter(1)  # each waits for the one before anyway
    graphs = next(one for one in linked_data.OPERATIONS if one.path == "/store")
    both = requests.either(
        requests.operation_handler(live, graphs, limiter), requests.graph_store_handler(live, writers)
    )
    writing = Route("/store", both, methods=["GET", "PUT", "POST", "DELETE"])
    routes = [
        Route("/sparql", requests.sparql_handler(live, writers), methods=["GET", "POST"]),
        *([writing] if live.kept else []),
        *(Route(one.path, requests.operation_handler(live, one, limiter), methods=["GET"]) for one in _TABLE),
        Route("/health", requests.health, methods=["GET"]),
        Route("/ready", requests.ready(live), methods=["GET"]),
        Route("/limits", requests.limits(live), methods=["GET"]),
        # The last takes every path that is left.
        *(
            Route(one.path, requests.operation_handler(live, one, limiter), methods=["GET"])
            for one in linked_data.OPERATIONS
        ),
    ]
    handlers: dict[Any, Any] = {NexuskgError: _refusal, HTTPException: _refusal, Exception: _refusal}
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)
    app.router.redirect_slashes = False  # an address is right, or it is not there
    return Gate(app, live, log)


class Gate:
    """What every request passes: who is addressed, how it is sent, what every answer says, and the log.

    A class, as ASGI has it. A query string is never logged: it may hold what nobody else is to read.
    """

    def __init__(self, app: ASGIApp, live: Live, log: Log) -> None:
        self.app, self.live, self.log = app, live, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.monotonic()
        seen: dict[str, Any] = {"status": 500, "bytes": 0}
        started = False

        async def send_with_headers(message: Message) -> None:
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
            await (refused or self.app)(scope, receive, send_with_headers)
        except ClientDisconnect:
            seen["status"] = 499
        except Exception as error:  # a fault of ours: its kind is told to who reads the log, and nothing to the client
            seen["fault"] = type(error).__name__
            if not started:
                await (await _refusal(Request(scope), error))(scope, receive, send_with_headers)
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
        if len(hosts) != 1 or not self._is_known(hosts[0]):
            # A page elsewhere whose name was made to point here must not read what only this machine may.
            return requests.text_response(421, "This server is not known by that name; start it with --name HOST.")
        if "transfer-encoding" in request.headers and "content-length" in request.headers:
            # Where a body ends, a proxy may have read otherwise; what follows could be a request of somebody else.
            said = "Content-Length and Transfer-Encoding exclude each other."
            return requests.text_response(400, said, {"Connection": "close"})
        if request.headers.get("content-encoding", "identity") != "identity":
            return requests.text_response(415, "Compressed bodies are refused; send it as it is.")
        if request.method == "OPTIONS":
            allow = self._methods(request.url.path)
            headers = {"Allow": allow, "Access-Control-Allow-Methods": allow, "Access-Control-Max-Age": "86400"}
            sent = "Accept, Content-Type" + (", Authorization" if self.live.kept else "")
            return Response(status_code=204, headers={**headers, "Access-Control-Allow-Headers": sent})
        return None

    def _is_known(self, host: str) -> bool:
        """Whether the server may be addressed so; any name will do where none was given."""
        names = self.live.now.hosts
        return not names or _name(host) in names

    def _methods(self, path: str) -> str:
        if path == "/sparql":
            return sparql_protocol.METHODS
        return "GET, HEAD, OPTIONS, PUT, POST, DELETE" if path == "/store" and self.live.kept else "GET, HEAD, OPTIONS"


def _name(host: str) -> str:
    """The name in a Host header, without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def status_of(error: NexuskgError) -> int:
    """The status of HTTP that an error of the package is told with."""
    if isinstance(error, Refused):
        return error.status
    missing = isinstance(error, UnknownQuery | UnknownTerm) or isinstance(error.__cause__, UnknownTerm)
    return 404 if missing else 400


def error_sentence(error: NexuskgError) -> str:
    """What is wrong, in a sentence that names addresses of the server rather than commands."""
    if isinstance(error, UnknownQuery):
        return f"There is no question {error.name!r}.{did_you_mean(error.close_matches)} All of them: /api/questions"
    if isinstance(error, UnknownTerm):
        return f"Nothing is called {error.name!r}.{did_you_mean(error.close_matches)} Search: /api/find?q=…"
    return str(error)


async def _refusal(request: Request, error: Exception) -> Response:
    """The answer that says in one sentence why there is no other: JSON below /api, else plain text."""
    headers: dict[str, str] = {}
    if isinstance(error, HTTPException):
        status, headers = error.status_code, dict(error.headers or {})
        allowed = headers.get("Allow", headers.get("allow", "GET"))
        only = "" if "PUT" in allowed else ": this address only reads"
        sentence = {
            404: "There is nothing at this address. What there is: /",
            405: f"{request.method} is not allowed here{only}. Allowed: {allowed}.",
        }.get(status, str(error.detail))
    elif not isinstance(error, NexuskgError):
        status, sentence = 500, "Something went wrong here, and it has been noted."
    else:
        status, sentence = status_of(error), error_sentence(error)
        if isinstance(error, Refused) and error.retry:
            headers["Retry-After"] = str(error.retry)
        if status == 401:
            headers["WWW-Authenticate"] = 'Bearer realm="nexuskg"'
    if status in (408, 413):  # the rest of the body is not read
        headers["Connection"] = "close"
    if request.url.path.startswith("/api"):
        body = json.dumps({"error": one_line(sentence)[:2000]}, ensure_ascii=False) + "\n"
        return Response(body, status, {"Cache-Control": "no-store", **headers}, "application/json")
    return requests.text_response(status, sentence, headers)
