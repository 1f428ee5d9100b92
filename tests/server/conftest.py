"""A server of the real graph in this process, and a client of it. A module of tests may have its own limits and log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import httpx
import pytest

from nexuskg.pipeline.views import FACTS
from nexuskg.server.sandbox.jobs import Limits
from nexuskg.server.state.host import Hosted, host_view
from support import serving
from support.serving import Log


@pytest.fixture(scope="session")
def running() -> Callable[..., AbstractContextManager[str]]:
    """A server that runs for the time being, at the address that it gives."""

    return serving.running


@pytest.fixture(scope="module")
def limits() -> Limits:
    """What the server grants a query."""
    return Limits(workers=1)


@pytest.fixture(scope="module")
def log() -> Log:
    """Who hears of every request."""
    return lambda _: None


@pytest.fixture(scope="module")
def site(limits: Limits) -> Iterator[Hosted]:
    """The default view of the real graph, made ready to be served."""
    site = host_view(FACTS, limits)
    yield site
    site.close()


@pytest.fixture(scope="module")
def address(site: Hosted, log: Log, running: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """Where it is served."""
    with running(site, log) as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        yield client
