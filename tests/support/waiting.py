"""Waiting for something to become true, with a deadline instead of a sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 60.0
"""Long, for a slow machine that also runs all other tests; a test that passes never waits so long."""


def eventually(
    predicate: Callable[[], T], timeout_s: float = PATIENCE_S, *, interval_s: float = 0.05, what: str = ""
) -> T:
    """The first truthy value of ``predicate``; AssertionError with the last one when time is up.

    An AssertionError inside the predicate counts as "not yet", so that it may consist of asserts.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            value = predicate()
            if value:
                return value
            last: object = value
        except AssertionError as error:
            last = error
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {timeout_s:g} s: {what or predicate}; last seen: {last!r}")
        time.sleep(interval_s)
