"""The application at an address of this machine, until somebody ends it."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from nexuskg.errors import NexuskgError
from nexuskg.server.app.application import Log, application, log_to_stderr
from nexuskg.server.state.live import Live

HEADER_SECONDS: Final = 10.0
"""So long may a client take to send the head of a request."""
CONNECTIONS: Final = 512


class Prompt(H11Protocol):
    """The protocol of uvicorn, which closes a connection whose request does not come; it waits forever by itself."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Let the time for the first request run."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Let the time run while the head of a request is not whole."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the time."""
        if self._late is not None:
            self._late.cancel()
        super().connection_lost(exc)

    def _watch(self) -> None:
        waiting = self.cycle is None or self.cycle.response_complete
        if not waiting and self._late is not None:
            self._late.cancel()
            self._late = None
        elif waiting and self._late is None and not self.transport.is_closing():
            self._late = self.loop.call_later(HEADER_SECONDS, self._close)

    def _close(self) -> None:
        self._late = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


def bind_socket(host: str, port: int) -> socket.socket:
    """A socket at that address, 0 for any free port; raises NexuskgError where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Without the protocol by its number asyncio lets small packets wait for each other: 40 ms an answer.
    line = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        line.bind((host, port))
        line.listen(128)  # who comes before the loop runs is kept waiting, not turned away
    except OSError as error:
        line.close()
        raise NexuskgError(f"{host}:{port} cannot be listened at ({error.strerror}); choose another --port.") from None
    return line


def uvicorn_server(live: Live, log: Log = log_to_stderr) -> uvicorn.Server:
    """The server of the application; it ends the workers of what is hosted when it stops."""
    limits = live.now.limits
    config = uvicorn.Config(
        application(live, log),
        http=Prompt,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=int(limits.deadline) + 5,
        # A query may stand in the address, three characters for a byte.
        h11_max_incomplete_event_size=4 * limits.query,
    )
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    return uvicorn.Server(config)


def listen(live: Live, host: str, port: int, said: Callable[[str], object]) -> int:
    """The exit code, once it has ended; `said` is told the address. Raises NexuskgError where that cannot be had."""
    try:
        line = bind_socket(host, port)
    except NexuskgError:
        live.close()
        raise
    shown = f"[{host}]" if ":" in host else host
    said(f"http://{shown}:{line.getsockname()[1]}/")
    try:
        uvicorn_server(live).run(sockets=[line])
    except KeyboardInterrupt:  # it has stopped in good order, and tells so by this
        pass
    finally:
        live.close()
        line.close()
    return 0
