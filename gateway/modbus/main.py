"""The poller process: ``plantroom modbus --config FILE``."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from pathlib import Path

import structlog
from pymodbus import pymodbus_apply_logging_config

from gateway import log
from gateway.config_file import BadConfig
from gateway.modbus.config import LineConfig, PollerConfig, load_poller_config
from gateway.modbus.connection import ModbusConnection
from gateway.modbus.line import Line
from gateway.modbus.outbox import Outbox
from telemetry import topics
from telemetry.bus import Bus, Will
from telemetry.settings import ProcessSettings, load, refuse

PUMP_EVERY_S = 0.1
FAREWELL_S = 3.0

_log = structlog.get_logger()


def run(config: Path) -> int:
    """Poll until SIGTERM or SIGINT; the exit code. A wrong file is refused before anything starts."""
    settings = load(ProcessSettings)
    log.configure(settings.log_level)
    pymodbus_apply_logging_config(logging.CRITICAL)  # what fails is said once, in our own words
    try:
        poller = load_poller_config(config)
    except BadConfig as refusal:
        refuse(*(str(problem) for problem in refusal.problems))
    bus = make_bus(settings, poller.name)
    asyncio.run(poll(poller, bus))
    return 0


def make_bus(settings: ProcessSettings, name: str) -> Bus:
    """The connection the poller publishes on; its own presence is that of the device ``modbus-NAME``."""
    own_status = topics.status(f"modbus-{name}")
    return Bus(
        settings.mqtt_url,
        client_id=f"plantroom-modbus-{name}",
        username=settings.mqtt_username,
        password=settings.mqtt_password.get_secret_value() if settings.mqtt_password else None,
        ca_file=str(settings.mqtt_ca_file) if settings.mqtt_ca_file else None,
        will=Will(own_status, b"offline"),
        on_connect=lambda bus: _say(bus, own_status),
    )


def _say(bus: Bus, own_status: str) -> None:
    bus.publish(own_status, b"online", retain=True)


async def poll(poller: PollerConfig, bus: Bus, stop: asyncio.Event | None = None) -> None:
    """Poll all lines at once until ``stop`` is set (None: until a signal comes)."""
    if stop is None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    outbox = Outbox(bus)
    bus.start()
    devices = [device.device for line in poller.lines for device in line.devices]
    _log.info("polling", poller=poller.name, lines=len(poller.lines), devices=len(devices))
    tasks = [asyncio.create_task(_make_line(line, outbox).run(), name=line.name) for line in poller.lines]
    while not stop.is_set():
        outbox.pump()
        try:
            await asyncio.wait_for(stop.wait(), PUMP_EVERY_S)
        except TimeoutError:
            continue
    await _end(tasks)
    await _say_goodbye(outbox, bus, [*devices, f"modbus-{poller.name}"])


def _make_line(line: LineConfig, outbox: Outbox) -> Line:
    return Line(
        line,
        ModbusConnection(line.port, timeout_s=line.timeout_s),
        clock=time.monotonic,
        on_values=lambda device, values: outbox.take_values(device, values, time.time_ns() // 1_000_000),
        on_presence=lambda device, online: outbox.take_presence(device, online=online),
    )


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel until they have ended: wait_for of Python 3.11 swallows a cancellation that comes with an answer."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.2)


async def _say_goodbye(outbox: Outbox, bus: Bus, devices: list[str]) -> None:
    """Nobody asks these devices any more: say so, and give the last readings some time to arrive."""
    for device in devices:
        outbox.take_presence(device, online=False)
    deadline_s = time.monotonic() + FAREWELL_S
    while outbox.held and bus.is_connected and time.monotonic() < deadline_s:
        outbox.pump()
        await asyncio.sleep(0.02)
    bus.stop()
    _log.info("stopped", unsent=outbox.held)
