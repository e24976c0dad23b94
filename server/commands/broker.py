"""The broker that ``plantroom up`` brings along: an installed mosquitto, else the one in the iotcore wheel.

Both listen on the loopback interface only, want a password, and keep devices and our own
processes apart. Only mosquitto has access lists and keeps sessions on disk; the other is for
trying Plantroom out, and ``up`` says so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from telemetry import topics
from telemetry.bus import RECEIVE_MAXIMUM

INTERNAL, SIMULATOR, DEVICES = "plantroom", "simulator", "devices"
"""The three log-ins: our processes, the simulator, and whatever speaks for a device."""

LARGEST_MESSAGE = 4 * 1024 * 1024
"""Bytes. Larger than any device may send (256 KiB), so that what is too large is kept and explained."""

_MOSQUITTO_PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")  # not on everyone's PATH


class Mosquitto(NamedTuple):
    """An installed mosquitto."""

    program: str
    hasher: str
    version: str


class BrokerPlan(NamedTuple):
    """What to start, and what to tell the person at the terminal."""

    command: list[str]
    description: str
    device_port: int
    bus_port: int
    """Our own processes connect here; another port than the devices' with the embedded broker."""
    keeps_sessions: bool


def plan_broker(folder: Path, *, port: int, spare_port: int, passwords: Mapping[str, str]) -> BrokerPlan:
    """Write the configuration into ``folder`` (made if missing) and say how to start the broker.

    ``spare_port`` is used by the embedded broker only. ``passwords`` by log-in.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mosquitto = find_mosquitto()
    if mosquitto is None:
        return _plan_embedded(folder, port=port, bus_port=spare_port, passwords=passwords)
    _write_passwords(folder / "passwords", passwords, hasher=mosquitto.hasher)
    _write_private(folder / "acl", access_list())
    _write_private(folder / "mosquitto.conf", mosquitto_config(folder, port=port))
    command = [mosquitto.program, "-c", str(folder / "mosquitto.conf")]
    return BrokerPlan(command, f"mosquitto {mosquitto.version}", port, port, keeps_sessions=True)


def find_mosquitto() -> Mosquitto | None:
    """An installed mosquitto 2.x, or None: 1.x knows neither our options nor MQTT 5 well."""
    places = os.pathsep.join([os.environ.get("PATH", ""), *_MOSQUITTO_PLACES])
    program, hasher = shutil.which("mosquitto", path=places), shutil.which("mosquitto_passwd", path=places)
    if program is None or hasher is None:
        return None
    said = subprocess.run([program, "-h"], capture_output=True, text=True, timeout=10, check=False).stdout
    version = re.search(r"version (2\.\d+\.\d+)", said)
    return Mosquitto(program, hasher, version.group(1)) if version else None


def mosquitto_config(folder: Path, *, port: int) -> str:
    """mosquitto.conf for one machine. The limits were measured: with the defaults messages vanish silently."""
    lines = [
        f"listener {port} 127.0.0.1",
        "allow_anonymous false",
        f"password_file {folder / 'passwords'}",
        f"acl_file {folder / 'acl'}",
        "persistence true",
        f"persistence_location {folder}/",
        # by default nothing is saved for half an hour, and a kill loses all of it
        "autosave_on_changes true",
        "autosave_interval 1000",
        # by default 1000 are queued and the rest of an acknowledged flood is dropped without a word
        "max_queued_messages 100000",
        # this is also the window that devices and our processes get for their own publishing
        f"max_inflight_messages {RECEIVE_MAXIMUM}",
        f"max_packet_size {LARGEST_MESSAGE}",
        "set_tcp_nodelay true",
        "log_dest stdout",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "connection_messages false",
    ]
    if os.geteuid() == 0:
        lines.append("user root")  # else it becomes a user who may not read this folder
    return "\n".join([*lines, ""])


def access_list() -> str:
    """Devices may only publish, and only below their own topics; the simulator also hears its faults."""
    return "\n".join(
        [
            f"user {INTERNAL}",
            "topic readwrite #",
            "topic read $SYS/broker/#",
            f"user {DEVICES}",
            f"topic write {topics.ALL_DEVICES}",
            f"user {SIMULATOR}",
            f"topic write {topics.ALL_DEVICES}",
            f"topic read {topics.SIMULATOR_FAULTS}",
            "",
        ]
    )


def embedded_config(*, device_port: int, bus_port: int, passwords: Mapping[str, str]) -> str:
    """TOML for rumqttd, which speaks one MQTT version a listener: 3.1.1 for devices, 5 for our processes."""
    limits = [
        "connection_timeout_ms = 5000",
        f"max_payload_size = {LARGEST_MESSAGE}",
        "max_inflight_count = 100",  # it never has more under way, whatever stands here
        "dynamic_filters = true",
    ]
    lines = [
        "id = 0",
        "[router]",
        "id = 0",
        "max_connections = 1000",
        "max_outgoing_packet_count = 10000",
        "max_segment_size = 104857600",
        "max_segment_count = 10",
    ]
    listeners = [
        ("v4", "devices", device_port, (DEVICES,)),
        ("v5", "bus", bus_port, (INTERNAL, SIMULATOR)),
    ]
    for protocol, name, port, users in listeners:
        table = f"{protocol}.1"
        lines += [f"[{table}]", f'name = "{name}"', f'listen = "127.0.0.1:{port}"']
        lines += ["next_connection_delay_ms = 1", f"[{table}.connections]", *limits]
        lines += [f"[{table}.connections.auth]", *(f'{user} = "{passwords[user]}"' for user in users)]
    return "\n".join([*lines, ""])


def _plan_embedded(folder: Path, *, port: int, bus_port: int, passwords: Mapping[str, str]) -> BrokerPlan:
    config = folder / "rumqttd.toml"
    _write_private(config, embedded_config(device_port=port, bus_port=bus_port, passwords=passwords))
    command = [sys.executable, "-m", "server.commands.embedded_broker", str(config)]
    return BrokerPlan(command, "embedded broker", port, bus_port, keeps_sessions=False)


def _write_passwords(path: Path, passwords: Mapping[str, str], *, hasher: str) -> None:
    """Hashed by mosquitto_passwd, which reads them from the file: on a command line anyone could see them."""
    new = path.with_suffix(".new")
    _write_private(new, "".join(f"{name}:{password}\n" for name, password in passwords.items()))
    subprocess.run([hasher, "-U", str(new)], check=True, capture_output=True, timeout=30)
    new.replace(path)


def _write_private(path: Path, text: str) -> None:
    """A file only its owner may read, from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
