"""The poller's own file: which lines there are, which devices stand on them and by which map they speak."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.config_file import BadConfig, Item, Section, parse_config, read_config
from gateway.modbus.register_map import SHIPPED, RegisterMap, load_map, read_poll_s
from telemetry.topics import is_device_id

VERSION = 1
Transport = Literal["tcp", "rtu_over_tcp", "serial"]
_TRANSPORTS: tuple[Transport, ...] = ("tcp", "rtu_over_tcp", "serial")
_SERIAL = ("baud", "parity", "stop_bits", "data_bits")
_LINE = ("name", "timeout_s", "pause_ms", "devices", *_TRANSPORTS, *_SERIAL)
_ADDRESS = re.compile(r"(?P<host>[^\s:\[\]]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")


@dataclass(frozen=True, slots=True)
class Port:
    """How a line is reached."""

    transport: Transport
    host: str
    """Host name or address; for ``serial`` the path of the port."""
    port: int = 0
    baud: int = 9600
    parity: str = "N"
    stop_bits: int = 1
    data_bits: int = 8

    def __str__(self) -> str:
        return self.host if self.transport == "serial" else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """One device on a line."""

    device: str
    unit: int
    map: RegisterMap
    poll_s: float | None
    """Instead of the map's intervals, for all values."""


@dataclass(frozen=True, slots=True)
class LineConfig:
    """One connection; its devices are asked one after the other, as RS-485 needs it."""

    name: str
    port: Port
    timeout_s: float
    pause_s: float
    devices: tuple[DeviceConfig, ...]


@dataclass(frozen=True, slots=True)
class PollerConfig:
    name: str
    lines: tuple[LineConfig, ...]


def load_poller_config(path: Path) -> PollerConfig:
    """Read the file; raises BadConfig with every problem found."""
    return read_config(path, lambda item: _read_poller(item, path.parent))


def parse_poller_config(data: bytes, *, folder: Path, name: str = "modbus.yaml") -> PollerConfig:
    """As ``load_poller_config``, from bytes; ``folder``: where its own maps are looked for."""
    return parse_config(data, lambda item: _read_poller(item, folder), name=name)


def _read_poller(item: Item, folder: Path) -> PollerConfig:
    section = item.section(("version", "name", "maps", "lines"))
    version = section.need("version", f"write version: {VERSION}")
    if version.text() != str(VERSION):
        raise version.refuse(f"version {version.text()} is not known", f"write version: {VERSION}")
    name = section.need("name", "write name: a name for this poller, such as plant-room")
    if not is_device_id(f"modbus-{name.text()}"):
        raise name.refuse(f"{name.text()!r} is no name", "use letters, digits and _ . : -")
    folders = [folder / section.get("maps", Item.text, "maps"), SHIPPED]
    reader = _LineReader(folders)
    lines = []
    for entry in section.need("lines", "write lines: and below it one '- name: ...' a connection").items():
        with section.gathering():
            lines.append(reader.read_line(entry))
    return PollerConfig(name.text(), tuple(lines))


class _LineReader:
    """Reads lines and remembers the devices, which must be named once in the whole file."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self._device_lines: dict[str, int] = {}
        self._maps: dict[str, RegisterMap] = {}

    def read_line(self, item: Item) -> LineConfig:
        section = item.section(_LINE)
        port = _read_port(section)
        devices: list[DeviceConfig] = []
        units: dict[int, int] = {}
        for entry in section.need("devices", "write devices: and below it one '- device: ...' each").items():
            with section.gathering():
                device = self._read_device(entry)
                if device.unit in units:
                    what = f"unit {device.unit} is on this line twice (first in line {units[device.unit]})"
                    raise entry.refuse(what, "give each device on a line its own unit")
                units[device.unit] = entry.line
                devices.append(device)
        return LineConfig(
            name=section.get("name", Item.text, str(port)),
            port=port,
            timeout_s=section.get("timeout_s", _read_timeout, 1.0),
            pause_s=section.get("pause_ms", lambda item: item.whole(0, 10_000), 0) / 1000,
            devices=tuple(devices),
        )

    def _read_device(self, item: Item) -> DeviceConfig:
        section = item.section(("device", "unit", "map", "poll_s"))
        device = section.need("device", "write device: the id it has in Plantroom")
        if not is_device_id(device.text()):
            raise device.refuse(
                f"{device.text()!r} is no device id", "use 1 to 64 letters, digits and _ . : -"
            )
        if device.text() in self._device_lines:
            what = f"{device.text()!r} stands here twice (first in line {self._device_lines[device.text()]})"
            raise device.refuse(what, "give each device its own id")
        self._device_lines[device.text()] = device.line
        return DeviceConfig(
            device=device.text(),
            unit=section.get("unit", lambda item: item.whole(0, 255), 1),
            map=self._read_map(
                section.need("map", "write map: the name of its register map, such as sdm630")
            ),
            poll_s=section.get("poll_s", read_poll_s, None),
        )

    def _read_map(self, item: Item) -> RegisterMap:
        key = item.text()
        if not re.fullmatch(r"[A-Za-z0-9_-]+", key):
            raise item.refuse(
                f"{key!r} is no name of a map", "write the file's name without folder and .yaml"
            )
        if key not in self._maps:
            try:
                self._maps[key] = load_map(key, self._folders)
            except BadConfig as refusal:
                if refusal.problems[0].what.startswith("no such"):
                    raise item.refuse(refusal.problems[0].what, refusal.problems[0].remedy) from None
                raise
        return self._maps[key]


def _read_port(section: Section) -> Port:
    given = [name for name in _TRANSPORTS if section.has(name)]
    if len(given) != 1:
        raise section.refuse(
            f"a line has one of {', '.join(_TRANSPORTS)}, not {len(given)} of them",
            "write for example tcp: 10.0.0.5:502",
        )
    transport = given[0]
    item = section.fields[transport]
    if transport != "serial":
        for name in (name for name in _SERIAL if section.has(name)):
            raise section.fields[name].refuse(f"{name!r} is a setting of serial lines", "remove it")
        match = _ADDRESS.fullmatch(item.text())
        if not match or not 0 < int(match["port"]) < 65536:
            raise item.refuse(f"{item.text()!r} is no host:port", "write for example 10.0.0.5:502")
        return Port(transport, match["host"].strip("[]"), int(match["port"]))
    return Port(
        transport,
        item.text(),
        baud=section.get("baud", lambda item: item.whole(300, 4_000_000), 9600),
        parity=section.get("parity", lambda item: item.choice({"N", "E", "O"}), "N"),
        stop_bits=section.get("stop_bits", lambda item: item.whole(1, 2), 1),
        data_bits=section.get("data_bits", lambda item: item.whole(7, 8), 8),
    )


def _read_timeout(item: Item) -> float:
    timeout_s = item.number()
    if not 0.05 <= timeout_s <= 60:
        raise item.refuse(f"{item.text()} s is not allowed", "write 0.05 to 60")
    return timeout_s
