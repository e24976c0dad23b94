"""History: what the machines would have sent over the last days, in batches with their own times.

Every 5 min for what is older than two days, every minute until a quarter of an hour ago, then every
20 s: enough for charts of any range, about a million values for 14 days of the demo site.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from device_sim.fleet import Fleet
from device_sim.transport import entry

COARSE_S, FINE_S, FINEST_S = 300.0, 60.0, 20.0
FINE_FOR_S = 2 * 86_400.0
FINEST_FOR_S = 900.0
MOMENTS_IN_A_BATCH = 150


class Chunk(NamedTuple):
    """One stretch of history of all machines."""

    until_s: float
    """The machines stand at this moment."""
    batches: Mapping[str, list[dict[str, object]]]
    """Timed values by device, oldest first."""


def moments(start_s: float, end_s: float) -> Iterator[float]:
    """The moments sampled after ``start_s`` up to ``end_s``, ever closer together."""
    at_s = start_s
    while True:
        age_s = end_s - at_s
        step_s = COARSE_S if age_s > FINE_FOR_S else FINE_S if age_s > FINEST_FOR_S else FINEST_S
        at_s = (at_s // step_s + 1) * step_s
        if at_s > end_s:
            return
        yield at_s


def history(fleet: Fleet, end_s: float) -> Iterator[Chunk]:
    """Let the machines live from where they stand up to ``end_s``. Whole chunks: state and values agree."""
    batches: dict[str, list[dict[str, object]]] = {key: [] for key in fleet.devices}
    count = 0
    for at_s in moments(fleet.now_s, end_s):
        fleet.step_all(at_s)
        for key, device in fleet.devices.items():
            report = device.stamp(device.sample(), at_s)
            if report is not None:
                batches[key].append(entry(report.at_s, report.values))
        count += 1
        if count == MOMENTS_IN_A_BATCH:
            yield Chunk(at_s, batches)
            batches, count = {key: [] for key in fleet.devices}, 0
    if count:
        yield Chunk(fleet.now_s, batches)
