"""HTTP to a server that the user named: always with a time limit, patient where it is asked to wait, never sent on.

Nothing is sent before the user gave an address. A redirect is not followed: neither questions nor credentials go to a
server that the user did not name. Credentials go where the server asks for them, in the way that it asks for.
"""

from __future__ import annotations

import base64
import email.utils
import html
import http.client
import ipaddress
import json
import random
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nexuskg.errors import EndpointError, Unanswered
from nexuskg.stores.credentials import HOW, credentials, split_credentials

TIMEOUT: Final = 60.0
"""Seconds that a server may be silent."""
TRIES: Final = 6
LONGEST_WAIT: Final = 30.0
"""Seconds that are waited at most before a request is sent again."""
LONGEST_MESSAGE: Final = 400
MOST: Final = 1 << 30
"""Bytes that an answer may have."""

_BUSY: Final = (429, 503)


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What a server answered: status, headers and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def read(self) -> bytes:
        """The body, as a file has it."""
        return self.body


class Wire:
    """A way to one server: its address without credentials, and how long to wait for it."""

    def __init__(self, url: str, timeout: float = TIMEOUT, sleep: Callable[[float], None] = time.sleep) -> None:
        self.url, _ = split_credentials(url)
        self.timeout = timeout
        self._sleep = sleep
        self._login = credentials(url)
        # A proxy that the environment names is for the net outside.
        direct = [urllib.request.ProxyHandler({})] if _is_near(self.url) else []
        self._opener = urllib.request.build_opener(_Stay, *direct)
        self._digest: tuple[Any, dict[str, str]] | None = None
        self._basic = False

    def at(self, url: str) -> Wire:
        """A way to another address of the user, as patient as this one; on the same server with the same login."""
        bare, own = split_credentials(url)
        other = Wire(url, self.timeout, self._sleep)
        if not own and _origin(bare) == _origin(self.url):
            other._login = self._login
        return other

    def send(self, request: urllib.request.Request) -> HttpReply:
        """What the server answers to a request to its address; raises EndpointError.

        Where it is busy (429, 503) the request is sent again, TRIES times at most, after the time that the server
        names, or one that doubles. Unanswered carries the status of any other refusal.
        """
        for attempt in range(1, TRIES + 1):
            reply = self._with_credentials(request)
            if reply.status not in _BUSY or attempt == TRIES:
                break
            pause = self._pause(reply, attempt)
            if pause is None:
                break
            self._sleep(pause)
        if reply.status >= 300:
            raise Unanswered(self.url, reply.status, self._error_text(reply))
        return reply

    def _with_credentials(self, request: urllib.request.Request) -> HttpReply:
        """The reply, after the credentials were given if the server asks for them."""
        if self._login.token:
            request.add_unredirected_header("Authorization", f"Bearer {self._login.token}")
        elif self._basic:
            self._by_basic(request)
        elif self._digest:
            self._by_digest(request)
        reply = self._once(request)
        if reply.status != 401 or not self._login.user:
            return reply
        for challenge in _challenges(reply.headers.get("www-authenticate", "")):
            scheme, _, rest = challenge.partition(" ")
            if scheme.lower() == "digest":
                known = urllib.request.parse_keqv_list(urllib.request.parse_http_list(rest))
                manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
                manager.add_password(None, self.url, self._login.user, self._login.password)
                self._digest = (urllib.request.HTTPDigestAuthHandler(manager), known)
                if not self._by_digest(request):  # by Basic the password would go out as it is
                    raise EndpointError(f"{self.url}: wants a digest of another kind, or of other than ASCII letters.")
                return self._once(request)
            if scheme.lower() == "basic" and not self._basic:
                self._basic = True
                self._by_basic(request)
                return self._once(request)
        return reply

    def _by_basic(self, request: urllib.request.Request) -> None:
        pair = base64.b64encode(f"{self._login.user}:{self._login.password}".encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {pair}")

    def _by_digest(self, request: urllib.request.Request) -> bool:
        assert self._digest is not None
        handler, challenge = self._digest
        try:
            made = handler.get_authorization(request, challenge)
        except (ValueError, KeyError, AttributeError):  # an algorithm that nobody here knows
            made = None
        if made:
            request.add_unredirected_header("Authorization", f"Digest {made}")
        return bool(made)

    def _once(self, request: urllib.request.Request) -> HttpReply:
        deadline = time.monotonic() + 10 * self.timeout
        try:
            try:
                answer = self._opener.open(request, timeout=self.timeout)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                body = self._body(answer, deadline)
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return HttpReply(answer.status or 0, headers, body)
        except TimeoutError:
            raise EndpointError(self._late()) from None
        except http.client.IncompleteRead:
            raise EndpointError(self._broken_message()) from None
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise EndpointError(self._late()) from None
            raise EndpointError(f"{self.url}: cannot be reached ({self._reason(error.reason)}).") from None
        except (http.client.HTTPException, OSError, ValueError) as error:
            raise EndpointError(f"{self.url}: this is no answer of HTTP ({self._reason(error)}).") from None

    def _body(self, answer: Any, deadline: float) -> bytes:
        chunks, size = [], 0
        while chunk := answer.read(1 << 20):
            chunks.append(chunk)
            size += len(chunk)
            if size > MOST:
                raise EndpointError(f"{self.url}: the answer is longer than {MOST >> 20} MB; ask for less.")
            if time.monotonic() > deadline:
                raise EndpointError(self._late())
        promised = answer.headers.get("content-length", "")
        if promised.isascii() and promised.isdecimal() and size < int(promised):
            raise EndpointError(self._broken_message())
        return b"".join(chunks)

    def _broken_message(self) -> str:
        return f"{self.url}: the answer broke off; try again."

    def _late(self) -> str:
        return f"{self.url}: no answer within {self.timeout:g} seconds; wait longer with --timeout SECONDS."

    def _reason(self, error: object) -> str:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return self._login.without_secrets(_short(str(said)))

    def _pause(self, reply: HttpReply, attempt: int) -> float | None:
        """Seconds to wait before the next try; None where the server wants more patience than there is."""
        wanted = _retry_after(reply.headers.get("retry-after", ""))
        if wanted is not None and wanted > LONGEST_WAIT:
            return None
        doubled: float = min(LONGEST_WAIT, 0.5 * 2 ** (attempt - 1))
        # Not all who were turned away at once come back at once.
        return max(wanted or 0.0, doubled * random.uniform(0.5, 1.0))

    def _error_text(self, reply: HttpReply) -> str:
        said = self._login.without_secrets(error_message(reply))
        if 300 <= reply.status < 400:
            target = reply.headers.get("location", "")
            try:
                target = split_credentials(urllib.parse.urljoin(self.url, target))[0]
            except EndpointError:
                target = "somewhere else"
            return f"the server sends on to {_short(target)}. If that is yours, too, give that address."
        hint = {
            401: f" Credentials come from {HOW}." if not self._login else " The credentials are not the right ones.",
            403: f" Credentials come from {HOW}." if not self._login else " These credentials do not allow it.",
            404: " Is this the address of the endpoint?",
            429: " It is busy; try again later.",
            503: " It is busy; try again later.",
        }.get(reply.status, "")
        if reply.status in _BUSY and (pause := reply.headers.get("retry-after")):
            hint = f" It asks to wait ({_short(pause)}); try again then."
        return f"{said or http.client.responses.get(reply.status, 'refused')}.{hint}".replace("..", ".")


class _Stay(urllib.request.HTTPRedirectHandler):
    """No redirect is followed."""

    def redirect_request(self, *args: Any, **options: Any) -> None:
        """None: the reply is handed back as it is."""


def error_message(reply: HttpReply) -> str:
    """What the server says of an error, in one line of at most LONGEST_MESSAGE characters; empty where it says nothing.

    >>> body = b"<title>Bad</title><p>line 1: no <b>such</b> thing</p>"
    >>> error_message(HttpReply(400, {"content-type": "text/html"}, body))
    'Bad line 1: no such thing'
    """
    text = reply.body[:100_000].decode("utf-8", errors="replace")
    kind = reply.headers.get("content-type", "")
    if "json" in kind:
        try:
            said = json.loads(text)
            found = [said.get(key) for key in ("detailedMessage", "message", "error", "exception")]
            text = next((str(one) for one in found if one), text)
        except (ValueError, AttributeError):
            pass
    elif "html" in kind or text.lstrip()[:1] == "<":
        text = re.sub(r"(?is)<(style|script)\b.*?</\1>|<!--.*?-->", " ", text)
        text = html.unescape(re.sub(r"<[^>]*>", " ", text))
    return _short(text.partition("SPARQL query:")[0])  # Virtuoso repeats the whole query


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:LONGEST_MESSAGE]} …"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _is_near(url: str) -> bool:
    """Whether the address is of this very machine."""
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _challenges(header: str) -> list[str]:
    """The challenges of a WWW-Authenticate header, the strongest first."""
    found = re.split(r",\s*(?=(?:Basic|Digest|Bearer|Negotiate)\b)", header, flags=re.IGNORECASE)
    return sorted(found, key=lambda one: not one.lower().startswith("digest"))


def _retry_after(value: str) -> float | None:
    """Seconds from now, from seconds or an HTTP date; None where it is neither."""
    if re.fullmatch(r"\s*\d{1,9}\s*", value, re.ASCII):
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None
