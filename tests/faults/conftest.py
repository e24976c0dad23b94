"""Fixtures of the fault tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.gateway.support import LISTENED, Listener, connected
from tests.support.mosquitto import Mosquitto


@pytest.fixture
def listener(mosquitto: Mosquitto) -> Iterator[Listener]:
    with connected(mosquitto.url, "listener", subscriptions=LISTENED, keep=True) as bus:
        yield Listener(bus)
