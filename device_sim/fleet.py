"""All devices of a site, stepped together: meters after the meters they feed, faults as they come due."""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Callable, Iterator, Mapping

from msgspec import convert

from device_sim.device import Device
from device_sim.faults import KINDS, FaultRun
from device_sim.models.base import Machine
from device_sim.models.elevator import Elevator, ElevatorSpec
from device_sim.models.energy_meter import EnergyMeter, MeterSpec
from device_sim.models.fire_panel import FirePanel, PanelSpec
from device_sim.models.pump import PumpSet, PumpSpec
from device_sim.site import SimAsset, SimSite
from device_sim.site_time import SiteClock
from device_sim.truth import TruthLog

OptionValue = bool | int | float | str
Options = Mapping[str, OptionValue]
"""What a scenario may say about one machine: fields of its spec."""
SPECS: Mapping[str, type[ElevatorSpec | PumpSpec | PanelSpec | MeterSpec]] = {
    "elevator": ElevatorSpec, "pump": PumpSpec, "fire_panel": PanelSpec, "energy_meter": MeterSpec,
}  # fmt: skip

_USUAL: Mapping[str, Options] = {
    "elevator-b1": {"use": "office"},
    "pump-a": {"base_demand": 6.0},
    "meter-main": {"load": "plant", "peak_kw": 28.0},
    "meter-a": {"load": "residential", "peak_kw": 42.0},
    "meter-b": {"load": "office", "peak_kw": 48.0},
}
"""The demo site's machines, where they differ from the ordinary."""


MODELS: Mapping[str, type[Machine]] = {
    model.PROFILE: model for model in (Elevator, PumpSet, FirePanel, EnergyMeter)
}


def option_names(profile: str) -> list[str]:
    """The options a scenario may give for a machine of this profile."""
    fields = dataclasses.fields(SPECS[profile])
    return [field.name for field in fields if field.name != "phase_share"]


def build_machine(
    asset: SimAsset, options: Options, *, seed: int, clock: SiteClock, start_s: float
) -> Machine:
    """The model of one asset; raises msgspec.ValidationError on a wrong option value."""
    build = _BUILDERS.get(asset.profile)
    if build is None:
        raise ValueError(f"{asset.key}: there is no model for profile {asset.profile!r}")
    return build(asset.key, dict(options), seed, clock, start_s)


def _elevator(
    key: str, options: dict[str, OptionValue], seed: int, clock: SiteClock, start_s: float
) -> Machine:
    return Elevator(key, seed=seed, clock=clock, start_s=start_s, spec=convert(options, ElevatorSpec))


def _pump(key: str, options: dict[str, OptionValue], seed: int, clock: SiteClock, start_s: float) -> Machine:
    return PumpSet(key, seed=seed, clock=clock, start_s=start_s, spec=convert(options, PumpSpec))


def _panel(key: str, options: dict[str, OptionValue], seed: int, clock: SiteClock, start_s: float) -> Machine:
    return FirePanel(key, seed=seed, clock=clock, start_s=start_s, spec=convert(options, PanelSpec))


def _meter(key: str, options: dict[str, OptionValue], seed: int, clock: SiteClock, start_s: float) -> Machine:
    return EnergyMeter(key, seed=seed, clock=clock, start_s=start_s, spec=convert(options, MeterSpec))


_BUILDERS: Mapping[str, Callable[[str, dict[str, OptionValue], int, SiteClock, float], Machine]] = {
    "elevator": _elevator,
    "pump": _pump,
    "fire_panel": _panel,
    "energy_meter": _meter,
}


class Fleet:
    """The devices of a site, in the order in which they must be stepped."""

    def __init__(
        self,
        site: SimSite,
        *,
        seed: int,
        start_s: float,
        truth: TruthLog,
        options: Mapping[str, Options] | None = None,
    ) -> None:
        self.clock = SiteClock(site.time_zone)
        self.now_s = start_s
        self.truth = truth
        machines: dict[str, Machine] = {}
        for asset in site.assets:
            chosen = {**_USUAL.get(asset.key, {}), **(options or {}).get(asset.key, {})}
            machines[asset.key] = build_machine(asset, chosen, seed=seed, clock=self.clock, start_s=start_s)
        _connect_meters(machines, site)
        self.devices: dict[str, Device] = {
            key: Device(machines[key], truth) for key in _children_first(machines, site)
        }

    def strike(self, run: FaultRun) -> None:
        """A fault begins on one of the devices."""
        self.devices[run.asset].strike(run)

    def run_for(
        self, asset: str, fault: str, *, now_s: float, severity: float, develop_s: float
    ) -> FaultRun | None:
        """A fault asked for by hand; None where there is no such machine or fault."""
        device = self.devices.get(asset)
        kind = KINDS.get((device.machine.PROFILE, fault)) if device else None
        if kind is None:
            return None
        return FaultRun(
            id=run_id(now_s, asset, fault), asset=asset, kind=kind, start_s=now_s,
            develop_s=develop_s, severity=severity,
        )  # fmt: skip

    def step_all(self, now_s: float) -> None:
        """Bring every machine to the same moment."""
        for device in self.devices.values():
            device.step(now_s - device.machine.now_s, now_s)
        self.now_s = now_s

    def end_all_faults(self, now_s: float) -> None:
        """Note the end of what still goes on (the simulation stops here)."""
        for device in self.devices.values():
            device.end_all(now_s)

    def ticks(self, end_s: float, dt_s: float) -> Iterator[tuple[float, Device, float]]:
        """(moment, device, its tick) in order of time up to ``end_s``.

        A device is looked at as often as its quickest point asks, in multiples of ``dt_s``.
        """
        queue: list[tuple[float, int, float, Device]] = []
        for index, device in enumerate(self.devices.values()):
            tick_s = max(dt_s, int(device.finest_s / dt_s) * dt_s)
            queue.append((self.now_s + tick_s, index, tick_s, device))
        heapq.heapify(queue)
        while queue and queue[0][0] <= end_s:
            at_s, index, tick_s, device = queue[0]
            yield at_s, device, tick_s
            heapq.heapreplace(queue, (at_s + tick_s, index, tick_s, device))
        self.now_s = end_s

    def state(self) -> dict[str, dict[str, float]]:
        """What must survive a restart, by machine."""
        return {key: device.machine.state() for key, device in self.devices.items()}

    def restore(self, state: Mapping[str, Mapping[str, float]]) -> None:
        """Take over what ``state`` gave; machines it does not know begin afresh."""
        for key, device in self.devices.items():
            if key in state:
                device.machine.restore(state[key])


def run_id(start_s: float, asset: str, fault: str) -> str:
    """Identity of a fault in the ground truth."""
    return f"{int(start_s * 1000)}-{asset}-{fault}"


def _connect_meters(machines: Mapping[str, Machine], site: SimSite) -> None:
    for source, target in site.feeds:
        above, below = machines.get(source), machines.get(target)
        if isinstance(above, EnergyMeter) and isinstance(below, EnergyMeter):
            above.children.append(below)


def _children_first(machines: Mapping[str, Machine], site: SimSite) -> list[str]:
    """Keys so that whatever is fed comes before what feeds it; otherwise in the order of the site."""
    below: dict[str, list[str]] = {}
    for source, target in site.feeds:
        below.setdefault(source, []).append(target)
    ordered: dict[str, None] = {}

    def visit(key: str, above: frozenset[str]) -> None:
        for child in below.get(key, []):
            if child in machines and child not in above and child not in ordered:
                visit(child, above | {key})
        ordered[key] = None

    for key in machines:
        if key not in ordered:
            visit(key, frozenset({key}))
    return list(ordered)
