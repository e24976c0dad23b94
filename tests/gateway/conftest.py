"""Fixtures of the gateway's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.support import LISTENED, GatewayProcess, Listener, connected
from tests.support.mosquitto import Mosquitto


@pytest.fixture
def gateway(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[GatewayProcess]:
    """A gateway that is not started yet, for the test's broker."""
    process = GatewayProcess(mosquitto.url, tmp_path / "data")
    yield process
    process.kill()


@pytest.fixture
def listener(mosquitto: Mosquitto) -> Iterator[Listener]:
    with connected(mosquitto.url, "listener", subscriptions=LISTENED, keep=True) as bus:
        yield Listener(bus)
