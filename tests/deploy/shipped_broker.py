"""A real mosquitto that runs the shipped configuration, with ports and folders of the test."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support.mosquitto import DEBIAN_PATH
from tests.support.ports import free_port, is_listening
from tests.support.waiting import eventually

SHIPPED = Path(__file__).parents[2] / "deploy/mosquitto/mosquitto.conf"


class Listening(NamedTuple):
    inside: int
    """Port for our own processes, no TLS."""
    devices: int
    """Port for devices, TLS."""


def plugin() -> Path:
    """Debian keeps the plugin in the folder of the machine's architecture."""
    return next(Path("/usr/lib").rglob("mosquitto_dynamic_security.so"))


def adapted(secrets: Path, data: Path, ports: Listening) -> str:
    """The shipped file with this machine's paths and ports; every other line as it is."""
    return (
        SHIPPED.read_text()
        .replace("/usr/lib/mosquitto_dynamic_security.so", str(plugin()))
        .replace("/run/secrets/", f"{secrets}/")
        .replace("/mosquitto/data/", f"{data}/")
        .replace("listener 1883", f"user root\nlistener {ports.inside} 127.0.0.1")
        .replace("listener 8883", f"listener {ports.devices} 127.0.0.1")
    )


@contextmanager
def running(secrets: Path, data: Path) -> Iterator[Listening]:
    data.mkdir(parents=True, exist_ok=True)
    if not (data / "users.json").exists():
        shutil.copy(secrets / "broker_users.json", data / "users.json")
    ports = Listening(free_port(), free_port())
    config = data / "mosquitto.conf"
    config.write_text(adapted(secrets, data, ports))
    process = subprocess.Popen([shutil.which("mosquitto") or DEBIAN_PATH, "-c", str(config)])
    try:
        eventually(lambda: all(map(is_listening, ports)), what="the shipped broker listens")
        yield ports
    finally:
        process.kill()
        process.wait(10)
