"""Plants that never existed, made of physics instead of statistics: another generator than ``rigs``.

Each run begins with about 35 % of rows in which all is well, then one fault holds for 10 to 40 % of the rows
and the plant recovers. A fault is an intensity between 0 and 1 over time that acts on the physics, not on the
sensors. Sensors have noise, lag, resolution, and now and then a spike. Rates: 1 Hz and one a minute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tests.server.rules_learned.rigs import Bools, Floats, Rig

PLANT_ROWS = 1150
Random = np.random.Generator


class Course(NamedTuple):
    """How strong the fault is, row by row, 0 to 1, and how strong it can become."""

    intensity: Floats
    size: float

    def times(self, low: float, high: float) -> Floats:
        """The intensity times a strength between ``low`` and ``high``."""
        return self.intensity * (low + (high - low) * self.size)


Plant = Callable[[Random, str, Course], Floats]


def slow(random: Random, tau: float, rows: int = PLANT_ROWS, columns: int = 1) -> Floats:
    """Wandering of variance 1 with a memory of ``tau`` rows. Shape (rows, columns)."""
    return lag(random.standard_normal((rows, columns)) * np.sqrt(2 * tau + 1), tau, begin=np.zeros(columns))


def lag(values: Floats, tau: float, *, begin: Floats | None = None) -> Floats:
    """A first-order lag of ``tau`` rows; begins settled unless told."""
    gain = 1 / (tau + 1)
    out = np.empty_like(values)
    state = values[0] if begin is None else begin
    for row, value in enumerate(values):
        state = state + gain * (value - state)
        out[row] = state
    return out


def sensed(random: Random, true: Floats, noise: Floats, tau: float = 1.5) -> Floats:
    """What instruments make of it: lag, noise, a resolution on some of them, spikes on one."""
    columns = true.shape[1]
    out = lag(true, tau) + random.standard_normal(true.shape) * noise
    coarse = random.random(columns) < 0.3
    steps = noise * random.uniform(1.0, 4.0, columns)
    out[:, coarse] = np.round(out[:, coarse] / steps[coarse]) * steps[coarse]
    spiky = int(random.integers(columns))
    rows = random.random(len(true)) < 0.004
    out[rows, spiky] += random.normal(0, 15, int(rows.sum())) * noise[spiky]
    return out


def pump_loop(random: Random, fault: str, course: Course) -> Floats:
    """A closed water loop at 1 Hz: flow, pressure, current, voltage, two vibrations, motor and water degC."""
    speed = 1 + 0.006 * slow(random, 40)[:, 0]
    valve = random.uniform(0.8, 1.6) * (1 + 0.02 * slow(random, 80)[:, 0])
    if fault == "valve closing":
        valve = valve * (1 + course.times(0.25, 2.5))
    head, loss = random.uniform(3, 5), random.uniform(0.5, 1.2)
    if fault == "cavitation":
        head = head * (1 - course.times(0.03, 0.15) * (1 + 0.5 * slow(random, 3)[:, 0]))
    flow = speed * np.sqrt(head / (loss + valve))
    leak = course.times(0.02, 0.15) if fault == "leak" else 0.0
    pressure = valve * flow**2 * (1 - leak)
    shaft = 0.4 * speed**3 + 0.5 * pressure * flow
    voltage = 230 * (1 + 0.008 * slow(random, 15)[:, 0])
    shake = 1 + 0.25 * np.square(flow - 1.35) + 0.05 * slow(random, 10)[:, 0]
    rubbing = (
        course.times(0.3, 1.5) if fault == "imbalance" else course.times(0.1, 0.6) * (fault == "cavitation")
    )
    current = 230 * (shaft + 0.05 * rubbing) / voltage
    warm = lag(20 + 22 * current[:, None] ** 2, 500, begin=np.full(1, random.uniform(20, 60)))[:, 0]
    water = 18 + lag(0.1 * warm[:, None], 300)[:, 0] + 0.1 * slow(random, 120)[:, 0]
    water = water + (course.times(1.5, 10) if fault == "hot water" else 0.0)
    true = np.stack(
        [
            flow * (1 - leak),
            pressure,
            current,
            voltage,
            shake + rubbing,
            0.7 * shake + 0.5 * rubbing,
            warm,
            water,
        ],
        axis=1,
    )
    noise = np.array([0.012, 0.03, 0.01, 0.8, 0.04, 0.05, 0.15, 0.08]) * random.uniform(0.6, 1.6, 8)
    if fault == "cavitation":
        noise = noise * (1 + course.intensity[:, None] * np.array([1.5, 1.5, 0.3, 0, 2.0, 2.0, 0, 0]))
        return lag(true, 1.5) + random.standard_normal(true.shape) * noise
    return sensed(random, true, noise)


def coupled(random: Random, fault: str, course: Course) -> Floats:
    """Five to twelve signals that move one another through unknown gains and lags."""
    columns = int(random.integers(5, 13))
    hidden = np.concatenate([slow(random, random.uniform(4, 90)) for _ in range(3)], axis=1)
    gains = random.normal(0, 1, (3, columns)) * (random.random((3, columns)) < 0.6)
    own = 0.4 * slow(random, 20, columns=columns)
    noise = random.uniform(0.2, 0.9, columns)
    chosen = random.choice(columns, size=int(random.integers(1, 4)), replace=False)
    parts = (hidden @ gains) + own
    extra = np.zeros_like(parts)
    strength = course.intensity[:, None] * np.ones(len(chosen))
    usual = parts.std(axis=0)[chosen] + noise[chosen]
    if fault == "offset":
        extra[:, chosen] = strength * random.choice([-1, 1], len(chosen)) * (1.2 + 3 * course.size) * usual
    elif fault == "gain":
        extra[:, chosen] = strength * parts[:, chosen] * random.choice([-1.6, 1.4])
    elif fault == "decoupled":
        apart = (slow(random, 25, columns=len(chosen))) * parts.std(axis=0)[chosen]
        extra[:, chosen] = strength * (apart - parts[:, chosen])
    elif fault == "hunting":
        wave = np.sin(np.arange(PLANT_ROWS) * 2 * np.pi / random.uniform(8, 40))
        extra[:, chosen] = strength * wave[:, None] * (0.8 + 1.5 * course.size) * usual
    wandering = np.cumsum(random.normal(0, 0.02, (PLANT_ROWS, columns)), axis=0)
    true = parts + extra + wandering * (random.random(columns) < 0.2)
    values = sensed(random, true, noise, tau=0.5)
    if fault == "noise":
        louder = random.standard_normal((PLANT_ROWS, len(chosen))) * (0.8 + 2 * course.size) * usual
        values[:, chosen] += strength * louder
    return values


def cooling(random: Random, fault: str, course: Course) -> Floats:
    """A controlled cooling circuit at one row a minute, ten signals; the controller hides what it can."""
    load = 10 + 1.2 * slow(random, 60)[:, 0] + 0.5 * np.sin(np.arange(PLANT_ROWS) / 90 + random.uniform(0, 6))
    outside = 26 + 1.5 * slow(random, 250)[:, 0]
    bias = course.times(0.4, 2.0) if fault == "supply sensor off" else np.zeros(PLANT_ROWS)
    fouling = course.times(0.1, 0.45) if fault == "fouling" else np.zeros(PLANT_ROWS)
    worn = course.times(0.08, 0.35) if fault == "pump worn" else np.zeros(PLANT_ROWS)
    tuned = 6.0 if fault == "controller hunts" else 0.0
    supply, valve, integral = 7.0, 0.5, 0.5
    rows = np.empty((PLANT_ROWS, 4))
    jitter = 0.05 * random.standard_normal(PLANT_ROWS)
    for row in range(PLANT_ROWS):
        error = supply + bias[row] - 7.0
        integral = min(1.0, max(0.05, integral + 0.01 * error))
        valve = min(1.0, max(0.05, integral + 0.06 * error * (1 + tuned * course.intensity[row])))
        water = (1 - worn[row]) * (0.3 + 0.7 * valve)
        capacity = 24 * water * (1 - fouling[row]) * (1 - 0.008 * (outside[row] - 26))
        supply += 0.12 * (load[row] - capacity * (0.7 + 0.03 * (supply - 7))) / 4 + jitter[row]
        rows[row] = supply + bias[row], valve, water, capacity
    supply_seen, valve_seen, water_seen, capacity_seen = rows.T
    power = 2.2 + 0.22 * capacity_seen * (1 + 0.01 * (outside - 26)) / (1 - 0.6 * fouling)
    back = supply_seen - bias + load / (2 + 1.5 * water_seen)
    condenser = outside + 6 + 0.25 * power * (1 + 2.5 * fouling)
    pump_kw = 0.5 + 0.6 * water_seen**1.5 * (1 + 0.8 * worn)
    pressure = 1.2 + 1.1 * (1 - worn) * (1 - 0.3 * valve_seen**2)
    humid = 50 + 4 * slow(random, 150)[:, 0] + (supply_seen - 7)
    true = np.stack(
        [supply_seen, back, valve_seen, water_seen, power, condenser, pump_kw, pressure, outside, humid],
        axis=1,
    )
    noise = np.array([0.06, 0.08, 0.006, 0.01, 0.05, 0.12, 0.01, 0.012, 0.1, 0.5]) * random.uniform(
        0.6, 1.6, 10
    )
    return sensed(random, true, noise, tau=0.5)


def compressor(random: Random, fault: str, course: Course) -> Floats:
    """Compressed air with start and stop at 1 Hz: pressure, power, flow, oil degC, outlet degC, vibration."""
    pressure, is_on = 7.0, True
    use = random.uniform(0.25, 0.5) * (1 + 0.08 * slow(random, 60)[:, 0])
    use = use + (course.times(0.05, 0.3) if fault == "air leak" else 0.0)
    make = random.uniform(0.9, 1.1) * (
        1 - (course.times(0.08, 0.35) if fault == "filter clogged" else 0.0 * use)
    )
    rate = random.uniform(0.1, 0.2)
    stuck = course.intensity > 0.5 if fault == "never unloads" else np.zeros(PLANT_ROWS, dtype=np.bool_)
    rows = np.empty((PLANT_ROWS, 2))
    for row in range(PLANT_ROWS):
        is_on = pressure < 7.5 if is_on else pressure < 6.6
        on = 1.0 if is_on or stuck[row] else 0.0
        pressure += rate * (on * make[row] - use[row] * pressure / 7) - (
            0.2 * (pressure - 8) if pressure > 8 else 0
        )
        rows[row] = pressure, on
    pressure_seen, on_seen = rows.T
    clogged = 1 - make / make[0]
    power = 2.5 + on_seen * (11 + 0.9 * pressure_seen) * (1 + 0.3 * clogged)
    hot = course.times(4, 20) if fault == "oil cooler blocked" else 0.0
    oil = 45 + lag(1.6 * power[:, None], 120)[:, 0] + hot
    outlet = oil + 8 + lag(0.9 * power[:, None], 15)[:, 0] + 0.4 * hot
    worn = course.times(0.3, 1.5) if fault == "bearing" else 0.0
    shake = 0.6 + on_seen * (1.5 + worn) + 0.15 * slow(random, 5)[:, 0]
    true = np.stack([pressure_seen, power, use * pressure_seen, oil, outlet, shake], axis=1)
    noise = np.array([0.02, 0.15, 0.02, 0.15, 0.2, 0.08]) * random.uniform(0.6, 1.6, 6)
    return sensed(random, true, noise, tau=0.7)


PLANTS: dict[Plant, tuple[str, ...]] = {
    pump_loop: ("valve closing", "leak", "cavitation", "imbalance", "hot water"),
    coupled: ("offset", "gain", "decoupled", "hunting", "noise"),
    cooling: ("supply sensor off", "fouling", "pump worn", "controller hunts"),
    compressor: ("air leak", "filter clogged", "never unloads", "oil cooler blocked", "bearing"),
}


def _course(random: Random) -> tuple[Course, Bools, int]:
    train = int(PLANT_ROWS * random.uniform(0.33, 0.37))
    start = train + int(random.integers(40, 200))
    length = int(PLANT_ROWS * random.uniform(0.1, 0.4))
    stop = min(start + length, PLANT_ROWS - 40)
    rows = np.arange(PLANT_ROWS)
    comes = random.choice([2.0, 20.0, 0.5 * (stop - start)])
    goes = random.uniform(1, 12)
    intensity = np.clip((rows - start) / comes, 0, 1)
    intensity[stop:] = intensity[stop - 1] * np.exp(-(rows[stop:] - stop) / goes)
    is_fault = np.zeros(PLANT_ROWS, dtype=np.bool_)
    is_fault[start:stop] = True
    return Course(intensity, float(random.random())), is_fault, train


def plant_run(plant: Plant, fault: str, seed: int) -> Rig:
    """One run with one fault."""
    random = np.random.default_rng([seed, sum(map(ord, plant.__name__ + fault))])
    course, is_fault, train = _course(random)
    return Rig(plant(random, fault, course), is_fault, train)
