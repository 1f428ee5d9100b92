"""A server in a thread of this process, so that a test can change what it is made of."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from nexuskg.server.app import listener
from nexuskg.server.state.host import Hosted
from nexuskg.server.state.live import Live

Log = Callable[[Mapping[str, object]], None]
"""Takes the entries of a server's log."""


@contextmanager
def running(site: Hosted | Live, log: Log = lambda _: None) -> Iterator[str]:
    """A server that runs for the time being, at the address that it gives."""
    line = listener.bind_socket("127.0.0.1", 0)
    server = listener.uvicorn_server(site if isinstance(site, Live) else Live(site), log)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [line]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{line.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        line.close()
        assert not thread.is_alive()
