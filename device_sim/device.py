"""A machine together with the unit that reports on it: what is sent when, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from device_sim.faults import CLOCK_OFFSET_S, DRIFT, ON_THE_DEVICE, STUCK, FaultRun
from device_sim.models.base import Machine, PointSpec, Sample, Value
from device_sim.truth import TruthLog


class Report(NamedTuple):
    """What a device sends at one moment."""

    at_s: float
    """As the device's own clock says."""
    values: Sample


class Reporter:
    """Report by exception: a changed state goes out at once, everything else once per interval."""

    def __init__(self, points: Mapping[str, PointSpec]) -> None:
        keys_by_interval: dict[float, list[str]] = {}
        for key, spec in points.items():
            keys_by_interval.setdefault(spec.interval_s, []).append(key)
        self._groups = [[interval_s, 0.0] for interval_s in keys_by_interval]
        self._keys = list(keys_by_interval.values())
        self._watched = [key for key, spec in points.items() if spec.on_change]
        self._last: dict[str, Value] = {}

    def due(self, sample: Sample, now_s: float, tick_s: float) -> Sample:
        """The values to be sent now, when the next look is ``tick_s`` later."""
        due: Sample = {}
        too_late_s = now_s + tick_s - 0.001
        for group, keys in zip(self._groups, self._keys, strict=True):
            if group[1] < too_late_s:
                for key in keys:
                    due[key] = sample[key]
                group[1] = now_s + group[0]
        last = self._last
        for key in self._watched:
            value = sample[key]
            if last.get(key) != value:
                last[key] = value
                due[key] = value
        return due

    def forget(self) -> None:
        """Everything is due again."""
        for group in self._groups:
            group[1] = 0.0


class Device:
    """One simulated device. Its id is the key of its asset, its sources the keys of the points."""

    def __init__(self, machine: Machine, truth: TruthLog) -> None:
        self.machine = machine
        self.key = machine.key
        self.runs: list[FaultRun] = []
        """Faults that are on now."""
        self._truth = truth
        self._reporter = Reporter(machine.POINTS)
        self._frozen: dict[str, Value] = {}
        self.finest_s = min(spec.interval_s for spec in machine.POINTS.values())

    # -- faults -------------------------------------------------------------------------------

    def strike(self, run: FaultRun) -> None:
        """A fault begins."""
        if any(other.kind is run.kind for other in self.runs):
            self.repair(run.kind.key, run.start_s)
        self.runs.append(run)
        if run.kind.key not in ON_THE_DEVICE:
            self.machine.set_level(run.kind.key, run.level(run.start_s))
            run.part = self.machine.struck[run.kind.key]
        if run.kind.sign is None and run.kind.expected:
            run.visible_s = run.start_s
        self._truth.record(run)

    def repair(self, fault: str, now_s: float) -> bool:
        """The fault ends now; whether there was one."""
        found = [run for run in self.runs if run.kind.key == fault]
        for run in found:
            run.end_s = now_s
            self._end(run, now_s)
        return bool(found)

    def end_all(self, now_s: float) -> None:
        """Close the books: what still goes on is noted as ended now."""
        for run in list(self.runs):
            self._end(run, min(now_s, run.end_s))

    def _end(self, run: FaultRun, now_s: float) -> None:
        self.runs.remove(run)
        self._frozen.clear()
        if run.kind.key not in ON_THE_DEVICE:
            self.machine.set_level(run.kind.key, 0.0)
        self._truth.record(run, ended_s=now_s)

    def _develop(self, now_s: float) -> None:
        for run in list(self.runs):
            if now_s >= run.end_s:
                self._end(run, run.end_s)
            elif run.kind.key not in ON_THE_DEVICE:
                self.machine.set_level(run.kind.key, run.level(now_s))

    # -- time ---------------------------------------------------------------------------------

    def step(self, dt_s: float, now_s: float) -> None:
        """Go on to ``now_s``."""
        if self.runs:
            self._develop(now_s)
        self.machine.step(dt_s, now_s)

    def sample(self) -> Sample:
        """Every point as the device sees it now, with what its sensors do to it."""
        sample = self.machine.sample()
        if not self.runs:
            return sample
        now_s = self.machine.now_s
        for run in self.runs:
            self._distort(run, sample, now_s)
        for run in self.runs:
            sign = run.kind.sign
            if run.visible_s is None and sign is not None and sign.shows_in(sample, run.part):
                run.visible_s = now_s
        return sample

    def _distort(self, run: FaultRun, sample: Sample, now_s: float) -> None:
        profile = self.machine.PROFILE
        if run.kind.key == "stuck_sensor":
            point = run.point or STUCK[profile]
            sample[point] = self._frozen.setdefault(point, sample[point])
        elif run.kind.key == "drifting_sensor":
            point, usual = DRIFT[profile]
            point = run.point or point
            value = sample[point]
            if not isinstance(value, str):
                away = (usual if run.offset is None else run.offset) * run.level(now_s)
                sample[point] = round(value + away, 2)

    def report(self, tick_s: float, at_s: float | None = None) -> Report | None:
        """What the device sends at this moment, if anything.

        ``at_s`` is the moment on the wall where the machine's own time runs faster (speed factor).
        """
        moment_s = self.machine.now_s if at_s is None else at_s
        if any(run.kind.key == "device_silent" for run in self.runs):
            self._reporter.forget()  # it comes back like any unit that is switched on: with everything
            return None
        values = self._reporter.due(self.sample(), moment_s, tick_s)
        return self.stamp(values, moment_s) if values else None

    def stamp(self, values: Sample, at_s: float) -> Report | None:
        """These values under the device's own clock; None while the device is dead."""
        for run in self.runs:
            if run.kind.key == "device_silent":
                return None
            if run.kind.key == "clock_wrong":
                at_s += CLOCK_OFFSET_S if run.offset is None else run.offset
        return Report(at_s, values)
