"""What a broker throws away or piles up is told by the gateway, and so becomes an alarm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from telemetry import topics
from telemetry.bus import delivered
from telemetry.messages import GatewayHealth
from tests.gateway.support import (
    LISTENED,
    GatewayProcess,
    Listener,
    connected,
    entries,
    publish_catalogue,
)
from tests.support.mosquitto import Mosquitto, MosquittoFactory
from tests.support.waiting import eventually

SENT, QUEUED = 300, 100


@contextmanager
def at_work(broker: Mosquitto, data: Path) -> Iterator[Listener]:
    """A gateway that works with one device, and what it tells."""
    gateway = GatewayProcess(broker.url, data)
    with connected(broker.url, "listener", subscriptions=LISTENED) as bus:
        publish_catalogue(bus, entries(1))
        gateway.start()
        try:
            yield Listener(bus)
        finally:
            gateway.kill()


def told(listener: Listener) -> GatewayHealth | None:
    """The health of a gateway that is connected, once it was told."""
    listener.listen()
    return next((health for health in reversed(listener.health) if health.online), None)


def test_messages_that_the_broker_dropped_while_the_gateway_was_away_are_told(
    mosquitto_factory: MosquittoFactory, tmp_path: Path
) -> None:
    limits = f"max_queued_messages {QUEUED}\nmax_inflight_messages 1\nsys_interval 1"
    broker = mosquitto_factory(options=limits)
    session = connected(
        broker.url, "plantroom-gateway-gateway-1", subscriptions=[topics.ALL_DEVICES], keep=True
    )
    with session:
        pass
    with connected(broker.url, "device") as device:
        message = topics.telemetry("device-0"), b'{"values":{"p0":1}}'
        sent = [device.publish(*message) for _ in range(SENT)]
        assert delivered(sent, timeout_s=30)  # all of them acknowledged to the device

    def dropped() -> int:
        health = told(listener)
        return health.broker_dropped or 0 if health else 0

    with at_work(broker, tmp_path / "data") as listener:
        assert SENT - eventually(dropped, what="what was dropped is told") in (QUEUED, QUEUED + 1)


def test_a_broker_that_says_nothing_of_itself_stops_nothing(
    mosquitto_factory: MosquittoFactory, tmp_path: Path
) -> None:
    broker = mosquitto_factory(options="sys_interval 0")
    with at_work(broker, tmp_path / "data") as listener:
        health = eventually(lambda: told(listener))
        assert health is not None
        assert (health.broker_waiting, health.broker_dropped) == (None, None)
