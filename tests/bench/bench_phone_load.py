"""How soon the phone app can be used on a slow network: at the first visit, after the log-in, and once installed.

``python -m tests.bench.bench_phone_load``: Chromium behind an emulated "slow 3G" (400 kbit/s each way, 400 ms to each
answer, as WebPageTest has it), in front of the server with a round. Times are the page's own clock, from the
navigation on; processor time is this machine's, so a phone is slower and a busy machine too.
"""

from __future__ import annotations

import logging
import tempfile
import time
from pathlib import Path

import structlog
from playwright.sync_api import Page, sync_playwright

from tests.support.phone import PASSWORD, PatrolSite, Phone

BITS_A_SECOND = 400_000
LATENCY_MS = 400
VISITS = 3


def slow_down(page: Page) -> None:
    """What follows on this page goes over the slow network."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    rate = BITS_A_SECOND / 8
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY_MS, "downloadThroughput": rate, "uploadThroughput": rate},
    )


def visit(page: Page, site: PatrolSite, *, until: str) -> float:
    """Seconds from the navigation until this can be used."""
    page.goto(f"{site.url}/phone", wait_until="commit")
    page.locator(until).first.wait_for()
    return float(page.evaluate("performance.now()")) / 1000


def run(site: PatrolSite, folder: Path) -> None:
    site.round_for(site.guard("gu", "Gu"), "夜间巡检")
    with sync_playwright() as playwright:
        phone = Phone(playwright, folder, site)
        page = phone.open("/healthz")
        slow_down(page)
        print(f"first visit: log-in can be used after {visit(page, site, until='form input'):.1f} s")
        page.locator("input").nth(0).fill("gu")
        page.locator("input").nth(1).fill(PASSWORD)
        started = time.perf_counter()
        page.locator("button[type=submit]").click()
        page.get_by_role("heading", name="夜间巡检").wait_for(timeout=60_000)
        print(f"log-in: rounds shown after {time.perf_counter() - started:.1f} s")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        phone.close()
        page = phone.open("/healthz")
        slow_down(page)
        again = sorted(visit(page, site, until="#lead") for _ in range(VISITS))
        print(f"later visits: rounds shown after {again[0]:.1f} to {again[-1]:.1f} s")
        phone.close()


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        site = PatrolSite(Path(folder))
        site.start()
        try:
            run(site, Path(folder) / "phone")
        finally:
            site.close()


if __name__ == "__main__":
    main()
