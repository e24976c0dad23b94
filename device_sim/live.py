"""A simulator at work: fills the past, then lives second by second and does as it is told.

One machine-second is 1 / speed wall seconds. Everything is stamped with wall time, so nothing ever
comes from the future; machine time runs ahead of it when the speed is above 1.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import structlog

from device_sim.backfill import history
from device_sim.faults import KEYS
from device_sim.fleet import Fleet
from device_sim.memory import Memory, MemoryFile
from device_sim.scenario import Scenario, plan
from device_sim.transport import Publisher
from device_sim.truth import TruthLog
from telemetry.bus import Bus
from telemetry.messages import FaultCommand

TICK_S = 1.0
LONGEST_GAP_S = 20.0
"""A longer pause (a laptop that slept) is filled from history instead of being jumped over."""
DAY_S = 86_400.0

log = structlog.get_logger("simulator")


@dataclass
class Job:
    """What the simulator is asked to do."""

    scenario: Scenario
    seed: int = 1
    speed: float = 1.0
    backfill_days: float = 0.0
    on_progress: Callable[[float], None] = field(default=lambda _share: None)
    """Told the share of the past that has been sent, 0 to 1."""


class Simulator:
    """Plays one scenario against one broker. ``play`` returns when ``stop`` is set."""

    def __init__(
        self, job: Job, *, bus: Bus, memory: MemoryFile, truth: TruthLog, stop: threading.Event
    ) -> None:
        self._job = job
        self._bus = bus
        self._memory = memory
        self._truth = truth
        self._stop = stop
        self._publisher = Publisher(bus)
        self._was_connected: bool | None = None
        self._disk_is_full = False
        self._lost = 0

    def play(self) -> None:
        """Fill the past, then live."""
        wall_s = time.time()
        job = self._job
        remembered = self._memory.read(job.scenario.site.key)
        longest_s = job.backfill_days * DAY_S if remembered is None else max(job.backfill_days, 1.0) * DAY_S
        start_s = max(remembered.sent_until_s if remembered else 0.0, wall_s - longest_s)
        seed = job.seed if remembered is None else job.seed * 1_000_003 + int(start_s)
        fleet = Fleet(
            job.scenario.site, seed=seed, start_s=start_s, truth=self._truth, options=job.scenario.machines
        )
        if remembered:
            fleet.restore(remembered.machines)
        self._fill_past(fleet)
        self._live(fleet)
        fleet.end_all_faults(fleet.now_s)
        self._flush()

    # -- the past -----------------------------------------------------------------------------

    def _fill_past(self, fleet: Fleet) -> None:
        """Send what lies between the fleet and now, and again what passed meanwhile."""
        start_s, shown = fleet.now_s, -1
        while not self._stop.is_set() and time.time() - fleet.now_s > 2.0:
            end_s = time.time() - 1.0
            for chunk in history(fleet, end_s):
                for device, entries in chunk.batches.items():
                    if entries:
                        self._publisher.send_batch(device, entries)
                self._wait_until_sent()
                if self._stop.is_set():
                    return
                self._remember(fleet, chunk.until_s)
                share = (chunk.until_s - start_s) / (end_s - start_s)
                shown = self._show(share, shown)
            if fleet.now_s < end_s:  # nothing to sample in the last seconds
                fleet.step_all(end_s)
        if shown >= 0:
            self._show(1.0, shown)

    def _show(self, share: float, shown: int) -> int:
        percent = min(100, int(share * 100))
        if percent // 5 > shown // 5 or shown < 0 or (percent == 100 > shown):
            log.info("backfill %d %%", percent)
            self._job.on_progress(percent / 100)
            return percent
        return shown

    def _wait_until_sent(self) -> None:
        while self._publisher.waiting and not self._stop.is_set():
            self._tell_connection()
            self._publisher.pump()
            if self._publisher.waiting:
                self._stop.wait(0.005 if self._bus.is_connected else 0.25)

    # -- the present --------------------------------------------------------------------------

    def _live(self, fleet: Fleet) -> None:
        job = self._job
        pending = plan(job.scenario, start_s=fleet.now_s, seed=job.seed)
        coming = next(pending, None)
        wall_s = float(int(time.time()))
        log.info("live", scenario=job.scenario.name, devices=len(fleet.devices), speed=job.speed)
        while not self._stop.is_set():
            wall_s += TICK_S
            self._idle_until(wall_s, fleet)
            if self._stop.is_set():
                return
            if time.time() - wall_s > LONGEST_GAP_S and job.speed == 1.0:
                self._fill_past(fleet)
                wall_s = float(int(time.time()))
                continue
            now_s = fleet.now_s + TICK_S * job.speed if job.speed != 1.0 else wall_s
            while coming is not None and coming.start_s <= now_s:
                fleet.strike(coming)
                log.info("fault begins", asset=coming.asset, fault=coming.kind.key)
                coming = next(pending, None)
            self._tick(fleet, now_s, wall_s)

    def _tick(self, fleet: Fleet, now_s: float, wall_s: float) -> None:
        fleet.step_all(now_s)
        reports = [(key, device.report(TICK_S, wall_s)) for key, device in fleet.devices.items()]
        self._remember(fleet, wall_s)  # before sending: after a kill no counter may go back
        for key, report in reports:
            if report is not None:
                self._publisher.send(key, report.at_s, report.values)
        self._publisher.pump()

    def _idle_until(self, wall_s: float, fleet: Fleet) -> None:
        """Until the next tick: keep the network going and listen."""
        while not self._stop.is_set():
            self._tell_connection()
            self._publisher.pump()
            self._obey(fleet)
            left_s = wall_s - time.time()
            if left_s <= 0.0:
                return
            self._stop.wait(min(left_s, 0.02 if self._publisher.waiting else 0.2))

    def _obey(self, fleet: Fleet) -> None:
        messages = self._bus.take(timeout_s=0.0)
        for message in messages:
            try:
                command = msgspec.json.decode(message.payload, type=FaultCommand)
            except msgspec.DecodeError as error:
                log.warning("fault command not understood", error=str(error))
                continue
            self._carry_out(command, fleet)
        self._bus.acknowledge(messages)

    def _carry_out(self, command: FaultCommand, fleet: Fleet) -> None:
        now_s = fleet.now_s
        device = fleet.devices.get(command.asset)
        if device is None:
            log.warning("fault command for an unknown asset", asset=command.asset)
        elif command.action == "end":
            if not device.repair(command.fault, now_s):
                log.warning("no such fault is on", asset=command.asset, fault=command.fault)
        else:
            run = fleet.run_for(
                command.asset, command.fault, now_s=now_s,
                severity=command.severity, develop_s=command.develop_s,
            )  # fmt: skip
            if run is None:
                log.warning("unknown fault", asset=command.asset, fault=command.fault, known=KEYS)
                return
            fleet.strike(run)
        log.info("fault command", action=command.action, asset=command.asset, fault=command.fault)

    # -- housekeeping -------------------------------------------------------------------------

    def _remember(self, fleet: Fleet, until_s: float) -> None:
        memory = Memory(self._job.scenario.site.key, until_s, fleet.state())
        try:
            self._memory.write(memory)
        except OSError as error:
            if not self._disk_is_full:
                log.warning(
                    "cannot remember how far it got", file=str(self._memory.path), error=error.strerror
                )
            self._disk_is_full = True
        else:
            self._disk_is_full = False

    def _tell_connection(self) -> None:
        """Say once when the broker comes or goes, and when memory ran over meanwhile."""
        connected = self._bus.is_connected
        if connected != self._was_connected:
            if connected:
                log.info("broker connected")
            elif self._was_connected or self._bus.refused:
                log.warning("broker away, keeping messages", reason=self._bus.refused)
            if connected or self._was_connected or self._bus.refused:
                self._was_connected = connected
        if connected and self._publisher.lost > self._lost:
            log.warning("messages dropped while the broker was away", count=self._publisher.lost - self._lost)
            self._lost = self._publisher.lost

    def _flush(self) -> None:
        deadline = time.monotonic() + 2.0
        while self._publisher.waiting and self._bus.is_connected and time.monotonic() < deadline:
            self._publisher.pump()
            time.sleep(0.005)
