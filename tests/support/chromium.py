"""Debian's Chromium driven by playwright, which must never download a browser of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect, sync_playwright

PATIENCE_MS = 20_000
"""How long a screen may take to show what it should, on a machine that also runs all other tests."""
expect.set_options(timeout=PATIENCE_MS)

QUIET = [
    "--no-sandbox",  # the tests also run as root, where Chromium's sandbox does not start
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


def program() -> str:
    """Chromium's path; without it the test fails."""
    found = os.environ.get("PLANTROOM_TEST_CHROMIUM") or shutil.which("chromium")
    if found is None:
        pytest.fail("Chromium is missing: make test installs what stands in tests/packages.txt")
    return found


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """One at a time, and over before the next file begins: it keeps an event loop running in this thread,
    beside which nothing else can start one."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = playwright.chromium.launch(executable_path=program(), args=QUIET)
    yield chromium
    chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with nothing remembered; a script error on it fails the test at its end."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    problems: list[str] = []
    tab = context.new_page()
    tab.on("pageerror", lambda error: problems.append(str(error)))
    yield tab
    context.close()
    assert not problems, f"the page threw: {problems}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a failed test had on its screens goes into its report: where nobody can look, text must do."""
    report = yield
    if call.when == "call" and report.failed:
        used = getattr(item, "funcargs", {}).values()
        report.sections += [(f"on the screen of {page.url}", _text(page)) for page in _pages(used)]
    return report


def _pages(used: Iterable[object]) -> Iterator[Page]:
    for one in used:
        if isinstance(one, Page):
            yield one
        elif isinstance(one, BrowserContext):
            yield from one.pages


def _text(page: Page) -> str:
    try:
        return page.inner_text("body", timeout=2000)[:4000]
    except Error as gone:
        return f"could not be read: {gone.message}"
