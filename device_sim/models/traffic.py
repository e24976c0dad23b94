"""Who rides an elevator, when, from where to where.

The shapes are the well-known ones of office traffic (up-peak in the morning, two-way at lunch,
down-peak in the evening) and their mirror image in housing. The numbers are ours, no standard.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from device_sim.site_time import curve

Use = Literal["residential", "office"]

# Journeys per hour at each full hour of a working day.
_PER_HOUR: dict[Use, tuple[float, ...]] = {
    "office": (1, .5, .5, .5, .5, 1, 4, 18, 44, 38, 24, 26, 42, 34, 24, 24, 26, 40, 38, 16, 9, 5, 3, 2),
    "residential": (3, 1.5, 1, .8, 1, 3, 12, 34, 32, 20, 16, 18, 22, 18, 15, 17, 22, 32, 38, 34, 26, 20, 12, 6),
}  # fmt: skip
_WEEKEND: dict[Use, float] = {"office": 0.12, "residential": 0.9}

# Share of journeys that start at the lobby (incoming) and end at the lobby (outgoing); the rest is between floors.
_INCOMING: dict[Use, tuple[float, ...]] = {
    "office": (.3, .3, .3, .3, .4, .6, .8, .9, .9, .7, .4, .3, .4, .6, .4, .3, .2, .1, .08, .1, .2, .2, .2, .3),
    "residential": (.7, .6, .5, .4, .2, .1, .1, .08, .1, .3, .4, .5, .5, .4, .4, .5, .6, .75, .85, .8, .75, .75, .8, .8),
}  # fmt: skip
_BETWEEN: dict[Use, float] = {"office": 0.18, "residential": 0.04}

PASSENGER_KG = 68.0
MOST_PASSENGERS = 12


@dataclass(frozen=True)
class Stop:
    """One halt of a journey: who leaves and who boards there, kg."""

    floor: int
    leaving_kg: float
    boarding_kg: float


def journeys_per_hour(use: Use, hour: float, *, weekend: bool) -> float:
    """Expected journeys per hour at a local hour."""
    rate = curve(_PER_HOUR[use], hour)
    return rate * _WEEKEND[use] if weekend else rate


def journey(rng: random.Random, use: Use, floors: int, hour: float) -> list[Stop]:
    """One journey: where people board and where they leave. Floor 1 is the lobby; never empty."""
    incoming = curve(_INCOMING[use], hour) * (1.0 - _BETWEEN[use])
    dice = rng.random()
    people = _weights(rng, use)
    if dice < incoming:
        return _spread(rng, people, origin=1, choices=range(2, floors + 1))
    if dice < 1.0 - _BETWEEN[use]:
        return _collect(rng, people, floors)
    origin = rng.randint(2, floors)
    others = [floor for floor in range(2, floors + 1) if floor != origin]
    return _spread(rng, people[:2], origin=origin, choices=[rng.choice(others)])


def one_rider(origin: int, target: int) -> list[Stop]:
    """A single passenger from one floor to another."""
    return [Stop(origin, 0.0, PASSENGER_KG), Stop(target, PASSENGER_KG, 0.0)]


def _weights(rng: random.Random, use: Use) -> list[float]:
    mean = 2.2 if use == "office" else 1.2
    count = min(MOST_PASSENGERS, 1 + int(rng.expovariate(1.0 / mean)))
    return [max(20.0, rng.gauss(PASSENGER_KG, 12.0)) for _ in range(count)]


def _spread(
    rng: random.Random, people: list[float], *, origin: int, choices: range | list[int]
) -> list[Stop]:
    leaving: dict[int, float] = {}
    for kg in people:
        floor = rng.choice(choices)
        leaving[floor] = leaving.get(floor, 0.0) + kg
    return [Stop(origin, 0.0, sum(people)), *(Stop(floor, leaving[floor], 0.0) for floor in sorted(leaving))]


def _collect(rng: random.Random, people: list[float], floors: int) -> list[Stop]:
    boarding: dict[int, float] = {}
    for kg in people:
        floor = rng.randint(2, floors)
        boarding[floor] = boarding.get(floor, 0.0) + kg
    stops = [Stop(floor, 0.0, boarding[floor]) for floor in sorted(boarding, reverse=True)]
    return [*stops, Stop(1, sum(people), 0.0)]
