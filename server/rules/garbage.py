"""Python's collector of garbage, kept away from what is watched: a hundred thousand rules that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (50_000, 20, 50)
"""Evaluation makes little that only the collector could free: it need not look often."""


@contextmanager
def keeping_all() -> Iterator[None]:
    """What is made within this stays: it is looked through once, at its end, and then left alone.

    Otherwise the collector goes through all of it again and again, which is 40 % of loading a large plant,
    and afterwards now and then in the middle of an evaluation.
    """
    gc.disable()
    gc.unfreeze()  # what was watched before is garbage where it is not watched any more
    try:
        yield
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        gc.enable()
