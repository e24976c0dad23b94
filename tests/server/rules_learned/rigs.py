"""Test rigs that never existed: eight sensors at 1 Hz, a stated normal period, then one fault.

Sensors share a few slow influences, some are quantised, one warms up, one wanders, one spikes. A fault
comes in one of several families, lasts minutes, and the rig takes a while to recover.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SENSORS = 8
ROWS = 1100
TRAIN = 400


@dataclass(frozen=True)
class Rig:
    """``values`` (rows, sensors), ``is_fault`` (rows); the first ``train`` rows are said to be normal."""

    values: Floats
    is_fault: Bools
    train: int


def _memory(noise: Floats, tau: Floats) -> Floats:
    """Noise of variance 1 with a memory of ``tau`` rows, still of variance 1. Shapes (rows, n) and (n)."""
    keep = np.exp(-1.0 / tau)
    fresh = np.sqrt(1 - keep * keep) * noise
    out = np.empty_like(noise)
    state = out[0] = noise[0]
    for row in range(1, len(noise)):
        state = out[row] = keep * state + fresh[row]
    return out


def normal_values(random: np.random.Generator, rows: int = ROWS) -> Floats:
    """The rig at work, nothing wrong with it. Shape (rows, SENSORS), standard deviations around 1."""
    taus = random.uniform(3, 60, 3)
    hidden = _memory(random.standard_normal((3, rows)).T, taus)
    mixing = random.normal(0, 0.6, (3, SENSORS)) * (random.random((3, SENSORS)) < 0.6)
    own = random.standard_normal((rows, SENSORS))
    slow = _memory(random.standard_normal((SENSORS, rows)).T, np.full(SENSORS, 25.0))
    values = hidden @ mixing + own * random.uniform(0.4, 1.0, SENSORS) + 0.3 * slow
    time = np.arange(rows)
    values[:, 3] += (
        random.choice([-1, 1]) * random.uniform(0, 6) * (1 - np.exp(-time / random.uniform(300, 2500)))
    )
    values[:, 4] += np.cumsum(random.normal(0, random.uniform(0, 0.05), rows))
    spikes = random.random(rows) < 0.004
    values[spikes, 5] += random.normal(0, 12, int(spikes.sum()))
    values[:, 6] = np.round(values[:, 6] / 1.5) * 1.5
    values[:, 7] = np.exp(0.5 * values[:, 7])
    return values


def _some(random: np.random.Generator, most: int = 4) -> NDArray[np.int64]:
    return random.choice(SENSORS, size=random.integers(1, most + 1), replace=False)


def _step(random: np.random.Generator, part: Floats, usual: Floats) -> Floats:
    shift = np.zeros(SENSORS)
    chosen = _some(random)
    shift[chosen] = random.choice([-1, 1], len(chosen)) * random.uniform(1.5, 6, len(chosen))
    ramp = np.minimum(1.0, np.arange(len(part)) / random.uniform(1, 20))
    return part + ramp[:, None] * shift * usual


def _drift(random: np.random.Generator, part: Floats, usual: Floats) -> Floats:
    shift = np.zeros(SENSORS)
    chosen = _some(random)
    shift[chosen] = random.choice([-1, 1], len(chosen)) * random.uniform(3, 8, len(chosen))
    ramp = np.minimum(1.0, np.arange(len(part)) / (0.5 * len(part)))
    return part + ramp[:, None] * shift * usual


def _louder(random: np.random.Generator, part: Floats, usual: Floats) -> Floats:
    chosen = _some(random)
    part = part.copy()
    extra = random.standard_normal((len(part), len(chosen))) * random.uniform(1.5, 4, len(chosen))
    part[:, chosen] += extra * usual[chosen]
    return part


def _quieter(random: np.random.Generator, part: Floats, usual: Floats) -> Floats:
    chosen = random.choice([0, 1, 2, 5], size=2, replace=False)
    part = part.copy()
    middle = part[:, chosen].mean(axis=0)
    part[:, chosen] = middle + random.uniform(0, 0.25) * (part[:, chosen] - middle)
    return part


def _uncoupled(random: np.random.Generator, part: Floats, usual: Floats) -> Floats:
    """Levels hardly move, but what used to go together goes apart."""
    chosen = _some(random, 5)
    part = part.copy()
    wave = 1.8 * np.sin(np.arange(len(part))[:, None] / random.uniform(8, 25, len(chosen)))
    part[:, chosen] += wave * random.choice([-1, 1], len(chosen)) * usual[chosen]
    return part


def _mixed(random: np.random.Generator, part: Floats, usual: Floats) -> Floats:
    return _louder(random, _step(random, part, usual), usual)


FAMILIES: dict[str, Callable[[np.random.Generator, Floats, Floats], Floats]] = {
    "step": _step,
    "drift": _drift,
    "louder": _louder,
    "quieter": _quieter,
    "uncoupled": _uncoupled,
    "mixed": _mixed,
}


def rig(family: str, seed: int, *, contaminated: float = 0.0) -> Rig:
    """One run with one fault. ``contaminated``: part of the training rows that are faulty as well, 0 to 1."""
    random = np.random.default_rng([seed, sorted(FAMILIES).index(family)])
    values = normal_values(random)
    usual = values[:TRAIN].std(axis=0)
    start = int(random.integers(TRAIN + 80, TRAIN + 250))
    stop = start + int(random.integers(150, 420))
    is_fault = np.zeros(ROWS, dtype=np.bool_)
    is_fault[start:stop] = True
    change = FAMILIES[family]
    changed = change(random, values[start:stop], usual) - values[start:stop]
    values[start:stop] += changed
    after = min(ROWS, stop + 60)
    if family in ("step", "drift", "mixed"):
        fade = np.exp(-np.arange(after - stop) / random.uniform(1, 8))
        values[stop:after] += fade[:, None] * changed[-10:].mean(axis=0)
    if contaminated:
        length = int(TRAIN * contaminated)
        begin = int(random.integers(20, TRAIN - length - 20))
        values[begin : begin + length] = _step(random, values[begin : begin + length], usual)
    return Rig(
        values * random.uniform(0.01, 50, SENSORS) + random.uniform(-50, 300, SENSORS), is_fault, TRAIN
    )
