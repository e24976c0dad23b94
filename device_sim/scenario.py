"""Playing a scenario: which fault comes when, and the readings it gives without any MQTT.

The file format is in ``scenario_file``.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator
from datetime import datetime

from device_sim.faults import KINDS, FaultKind, FaultRun
from device_sim.fleet import Fleet, run_id
from device_sim.models.base import Sample, seeded
from device_sim.scenario_file import FaultSpec, Scenario, ScenarioError, load, parse, shipped, struck
from device_sim.site import SimAsset, SimSite
from device_sim.site_time import SiteClock
from device_sim.truth import TruthLog

__all__ = ["Scenario", "ScenarioError", "load", "parse", "plan", "play", "shipped"]


def plan(scenario: Scenario, *, start_s: float, seed: int) -> Iterator[FaultRun]:
    """Every fault of the scenario in order of its beginning; endless where the scenario has ``later``."""
    clock = SiteClock(scenario.site.time_zone)
    rng = seeded(seed, scenario.name, "plan")
    runs: list[FaultRun] = []
    for spec in scenario.faults:
        first_s = start_s + spec.after if spec.after is not None else clock.next_at(spec.at or 0.0, start_s)
        runs += [
            _run(spec, asset, first_s + rng.uniform(0.0, spec.spread))
            for asset in struck(scenario.site, spec)
        ]
    runs.sort(key=lambda run: run.start_s)
    return heapq.merge(runs, _later(scenario, start_s, seed), key=lambda run: run.start_s)


def _later(scenario: Scenario, start_s: float, seed: int) -> Iterator[FaultRun]:
    later = scenario.later
    if later is None:
        return
    rng = seeded(seed, scenario.name, "later")
    at_s = start_s + later.after
    for spec in itertools.cycle(later.in_turn):
        for asset in struck(scenario.site, spec):
            yield _run(spec, asset, at_s)
        at_s += rng.uniform(*later.every)


def _run(spec: FaultSpec, asset: SimAsset, start_s: float) -> FaultRun:
    kind: FaultKind = KINDS[asset.profile, spec.fault]
    return FaultRun(
        id=run_id(start_s, asset.key, spec.fault),
        asset=asset.key,
        kind=kind,
        start_s=start_s,
        end_s=math.inf if spec.lasts is None else start_s + spec.lasts,
        develop_s=kind.develop_s if spec.develops is None else spec.develops,
        severity=spec.severity,
        point=spec.point,
        offset=spec.offset,
        expected=None if spec.expect is None else tuple(spec.expect),
    )


def play(
    scenario: Scenario,
    site: SimSite | None,
    start: datetime,
    end: datetime,
    dt_s: float = 1.0,
    *,
    seed: int = 1,
    truth: TruthLog | None = None,
) -> Iterator[tuple[int, str, Sample]]:
    """The readings a gateway would take as live, without MQTT: (at in epoch ms, asset, values by point).

    In order of time, each point at its own interval and states when they change; the same arguments
    give the same readings. ``site`` None is the scenario's own. Devices whose clock is wrong by more
    than the gateway accepts (5 min ahead, 10 min behind) give nothing here, as they give no live
    readings there. ``truth`` collects what went wrong, complete once the iterator is exhausted.
    """
    start_s, end_s = start.timestamp(), end.timestamp()
    log = truth or TruthLog()
    fleet = Fleet(site or scenario.site, seed=seed, start_s=start_s, truth=log, options=scenario.machines)
    pending = plan(scenario, start_s=start_s, seed=seed)
    coming = next(pending, None)
    for at_s, device, tick_s in fleet.ticks(end_s, dt_s):
        while coming is not None and coming.start_s <= at_s:
            fleet.strike(coming)
            coming = next(pending, None)
        device.step(at_s - device.machine.now_s, at_s)
        report = device.report(tick_s)
        if report is not None and -600.0 <= report.at_s - at_s <= 300.0:
            yield round(report.at_s * 1000), device.key, report.values
    fleet.end_all_faults(end_s)
