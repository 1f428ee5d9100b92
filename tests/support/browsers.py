"""A browser without a window, which has no errands of its own and no way out of this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from support import needs

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    # The browser has errands of its own, which are not those of the pages.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--disable-features=AsyncDns,DnsOverHttps,MediaRouter,OptimizationHints",
    "--proxy-server=http://127.0.0.1:9",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that runs for the time being; the test is skipped where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with needs.or_skip():
        try:
            from playwright.sync_api import sync_playwright
        except ImportError:
            raise needs.Missing("playwright is not installed: pip install playwright") from None
        if program is None:
            raise needs.Missing("there is no chromium: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()
