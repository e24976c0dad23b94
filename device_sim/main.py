"""The simulator as a process. ``run`` is what the command line calls."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path

from device_sim import log
from device_sim.live import Job, Simulator
from device_sim.load import Load, LoadGenerator, load_site
from device_sim.memory import MemoryFile
from device_sim.scenario import Scenario, ScenarioError, load
from device_sim.site import write_site_file
from device_sim.truth import TruthLog
from telemetry.bus import Bus
from telemetry.settings import ProcessSettings, refuse
from telemetry.settings import load as load_settings
from telemetry.topics import SIMULATOR_FAULTS


class SimulatorSettings(ProcessSettings):
    """Settings of a simulator: the data folder and the broker of the common ones."""


def run(
    *,
    scenario: str = "demo",
    seed: int = 1,
    speed: float = 1.0,
    backfill_days: float = 0.0,
    number: int = 1,
    settings: SimulatorSettings | None = None,
    on_progress: Callable[[float], None] = lambda _share: None,
    stop: threading.Event | None = None,
) -> int:
    """Play a scenario (shipped name or file) until SIGTERM or SIGINT, or until ``stop`` is set.

    ``number`` tells simulators at one broker apart. State and ground truth are kept in
    ``simulator/`` of the data folder. Gives the exit code; a wrong scenario ends it with 2.
    """
    if not 0.01 <= speed <= 1000:
        refuse(f"speed: {speed:g} is not between 0.01 and 1000")
    if not 0 <= backfill_days <= 400:
        refuse(f"backfill days: {backfill_days:g} is not between 0 and 400")
    chosen = settings or load_settings(SimulatorSettings)
    played = _load(scenario)
    log.configure(chosen.log_level)
    ending = stop or _stop_on_signals()
    folder = chosen.data / "simulator"
    password = chosen.mqtt_password
    bus = Bus(
        chosen.mqtt_url,
        client_id=f"plantroom-sim-{number}",
        username=chosen.mqtt_username,
        password=password.get_secret_value() if password else None,
        subscriptions=[SIMULATOR_FAULTS],
        ca_file=str(chosen.mqtt_ca_file) if chosen.mqtt_ca_file else None,
    )
    simulator = Simulator(
        Job(played, seed=seed, speed=speed, backfill_days=backfill_days, on_progress=on_progress),
        bus=bus,
        memory=MemoryFile(folder / f"{played.site.key}.json"),
        truth=TruthLog(folder / f"truth-{played.name}.jsonl"),
        stop=ending,
    )
    bus.start()
    try:
        simulator.play()
    finally:
        bus.stop()
    return 0


def run_load(
    *,
    devices: int,
    points: int,
    rate: float,
    seconds: float,
    ledger: Path | None = None,
    number: int = 1,
    settings: SimulatorSettings | None = None,
) -> int:
    """Load mode: so many devices, values in a message and messages a second of each, for so long.

    Prints what came of it; what was acknowledged stands in the ledger (``simulator/ledger.csv`` of
    the data folder unless told otherwise). Gives 0 when every message was acknowledged, else 1.
    """
    chosen = settings or load_settings(SimulatorSettings)
    password = chosen.mqtt_password
    generator = LoadGenerator(
        _checked_load(devices, points, rate, seconds),
        chosen.mqtt_url,
        ledger=ledger or chosen.data / "simulator" / "ledger.csv",
        username=chosen.mqtt_username,
        password=password.get_secret_value() if password else None,
        ca_file=str(chosen.mqtt_ca_file) if chosen.mqtt_ca_file else None,
        number=number,
    )
    try:
        result = generator.run(_stop_on_signals())
    except ConnectionError as error:
        refuse(str(error))
    print(result, flush=True)
    return 0 if result.acknowledged == result.sent else 1


def write_load_site(*, devices: int, points: int, path: Path) -> int:
    """Write the site file that a load of this size needs, to be loaded with ``plantroom import``."""
    write_site_file(load_site(_checked_load(devices, points, 1.0, 1.0)), path)
    return 0


def _checked_load(devices: int, points: int, rate: float, seconds: float) -> Load:
    if devices < 1 or points < 1 or rate <= 0 or seconds <= 0:
        refuse("load: devices, points, rate and seconds must all be above 0")
    return Load(devices, points, rate, seconds)


def write_site(scenario: str, path: Path) -> int:
    """Write the site file of a scenario's generated fleet, to be loaded with ``plantroom import``."""
    write_site_file(_load(scenario).site, path)
    return 0


def _load(scenario: str) -> Scenario:
    try:
        return load(scenario)
    except ScenarioError as error:
        refuse(str(error))


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
