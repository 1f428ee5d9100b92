"""Credentials for an endpoint: from its address, the environment or a netrc file; never shown, never kept.

First what stands in the address itself (`https://me:secret@host/`), then NEXUSKG_TOKEN, then NEXUSKG_USER with
NEXUSKG_PASSWORD, then the line of the host in the file that NETRC names, or ~/.netrc.
"""

from __future__ import annotations

import netrc
import os
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nexuskg.errors import EndpointError

HOW: Final = "NEXUSKG_USER and NEXUSKG_PASSWORD, NEXUSKG_TOKEN, or the host's line in ~/.netrc"
"""How a user gives credentials, for messages."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user with a password, or a bearer token; no part of it is in its text."""

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.user or self.token)

    def without_secrets(self, text: str) -> str:
        """The text without any of the secrets: a server may send back what it was sent."""
        for secret in (self.password, self.token):
            for form in (secret, urllib.parse.quote(secret, safe="")):
                text = text.replace(form, "…") if len(form) > 2 else text
        return text


def split_credentials(url: str) -> tuple[str, Credentials]:
    """The address without user and password, and these; raises EndpointError for what is no http(s) address.

    >>> split_credentials("https://me:s%20ecret@example.org:8890/sparql")[0]
    'https://example.org:8890/sparql'
    """
    try:
        parts = urllib.parse.urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urllib.parse.urlsplit(""), None, None
    if parts.scheme not in ("http", "https") or not host or not url.isprintable() or " " in url.strip():
        shown = url.rpartition("@")[2]  # what stands before may be a password
        raise EndpointError(f"{shown!r} is no address of an endpoint; write one such as http://localhost:7878/query")
    place = f"[{host}]" if ":" in host else host
    bare = parts._replace(netloc=place if port is None else f"{place}:{port}", fragment="").geturl()
    unquoted = (urllib.parse.unquote(part or "") for part in (parts.username, parts.password))
    return bare, Credentials(*unquoted)


def credentials(url: str) -> Credentials:
    """The credentials for an address, empty where there are none; raises EndpointError."""
    bare, given = split_credentials(url)
    if given:
        return given
    if token := os.environ.get("NEXUSKG_TOKEN"):
        return _sendable(Credentials(token=token))
    if user := os.environ.get("NEXUSKG_USER"):
        if "NEXUSKG_PASSWORD" not in os.environ:
            raise EndpointError("NEXUSKG_USER is set, but NEXUSKG_PASSWORD is not.")
        return _sendable(Credentials(user, os.environ["NEXUSKG_PASSWORD"]))
    return _from_netrc(urllib.parse.urlsplit(bare).hostname or "")


def _from_netrc(host: str) -> Credentials:
    wanted = os.environ.get("NETRC")
    path = Path(os.path.expanduser(wanted or "~/.netrc"))
    if not path.is_file():
        if wanted:
            raise EndpointError(f"NETRC is {path}, but there is no such file.")
        return Credentials()
    try:
        found = netrc.netrc(str(path)).authenticators(host)
    except netrc.NetrcParseError as error:  # its own message may quote a password
        raise EndpointError(f"{path}:{error.lineno or 1}: not a netrc file.") from None
    except (OSError, UnicodeDecodeError):
        raise EndpointError(f"{path}: cannot be read.") from None
    return _sendable(Credentials(found[0] or "", found[2] or "")) if found else Credentials()


def _sendable(given: Credentials) -> Credentials:
    """The credentials; raises EndpointError where they would break the header that they are sent in."""
    if not all(c.isprintable() for c in given.user + given.password) or not given.token.isascii():
        raise EndpointError("the credentials have characters that cannot be sent.")
    if any(c.isspace() for c in given.token):
        raise EndpointError("NEXUSKG_TOKEN has white space in it.")
    return given
