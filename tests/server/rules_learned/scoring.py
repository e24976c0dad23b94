"""What the multivariate deviation finds on runs whose truth is known, row by row after the training."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from server.rules.learned.multivariate import Watcher
from server.rules.learned.multivariate_training import Model, train
from server.rules.learned.verdict import Bools, Times
from tests.server.rules_learned.rigs import Rig

WINDOW = 16
START_MS = 1_760_000_000_000


class Found(NamedTuple):
    """Of all rows of some runs together, but for ``delay_rows``: the median run's."""

    fault_rows: float
    """Part of the fault rows that were called abnormal."""
    false_rows: float
    """Part of the normal rows that were."""
    f1: float
    before: float
    """False rows before the fault, of the normal rows there."""
    delay_rows: float
    """From the first fault row to the first one called abnormal, of the runs in which there is one."""
    missed_runs: float


def names(run: Rig) -> list[str]:
    return [f"sensor_{number}" for number in range(run.values.shape[1])]


def times(run: Rig) -> Times:
    """One row a second."""
    return np.arange(len(run.values), dtype=np.int64) * 1000 + START_MS


def trained(run: Rig) -> Model:
    return train(names(run), times(run)[: run.train], run.values[: run.train], WINDOW)


def judged(run: Rig) -> Bools:
    """Whether abnormal, of the rows after the training."""
    return Watcher(trained(run)).feed(times(run)[run.train :], run.values[run.train :]).is_abnormal


def score(runs: Iterable[Rig]) -> Found:
    """Judge them all."""
    abnormal, fault, before, delays = [], [], [], []
    for run in runs:
        found, truth = judged(run), run.is_fault[run.train :]
        start = int(np.argmax(truth))
        hits = np.flatnonzero(found[start:] & truth[start:])
        delays.append(float(hits[0]) if len(hits) else np.nan)
        abnormal.append(found)
        fault.append(truth)
        before.append(found[:start])
    found, truth = np.concatenate(abnormal), np.concatenate(fault)
    hit, wrong = int((found & truth).sum()), int((found & ~truth).sum())
    return Found(
        hit / int(truth.sum()),
        wrong / int((~truth).sum()),
        2 * hit / (hit + wrong + int(truth.sum())),
        float(np.concatenate(before).mean()),
        float(np.nanmedian(delays)),
        float(np.isnan(delays).mean()),
    )
