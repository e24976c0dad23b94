"""Debian's Chromium driven by playwright, which must never download a browser of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

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
