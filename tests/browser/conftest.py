"""Real Chromium once for a file of tests, and a running demo once for all of this folder.

While Playwright is open its event loop runs in this thread, where no test with a loop of its own could run:
therefore it ends with each file.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.town import ARGUMENTS, CHROMIUM, Demo, log_in, running_demo

WAIT_MS = 30_000
"""Longest wait for what a page shall show."""

Enter = Callable[..., Page]


@pytest.fixture(scope="package")
def demo() -> Iterator[Demo]:
    with running_demo() as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


def is_fault(said: ConsoleMessage) -> bool:
    """Whether a page complains; that a request failed is for the page to say to its reader."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


@pytest.fixture
def enter(chromium: Browser, demo: Demo) -> Iterator[Enter]:
    """Open a page as somebody (None: a guest); at the end no page may have met a fault."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def entered(
        user: str | None = None,
        path: str = "/",
        url: str = demo.url,
        width: int = 1440,
        height: int = 900,
        begin: str = "",
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, base_url=url, timezone_id="Asia/Ho_Chi_Minh"
        )
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        if begin:
            context.add_init_script(begin)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if is_fault(said) else None)
        if user is not None:
            log_in(context, url, user)
        page.goto(path)
        return page

    yield entered
    for context in contexts:
        context.close()
    assert faults == []
