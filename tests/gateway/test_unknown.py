"""The summary of what the catalogue does not have."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from pytest import MonkeyPatch

from gateway import unknown
from gateway.decoders.decoded import Part
from gateway.unknown import UnknownSources
from telemetry import topics
from telemetry.messages import UnknownPoint, UnknownPoints
from telemetry.reading import Value
from tests.gateway.support import NOW_MS, GatewayProcess, Listener, connected, entries, publish_catalogue
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually


def note(sources: UnknownSources, source: str, *values: Value, device: str = "pump-z") -> None:
    for number, value in enumerate(values):
        sources.note(Part(device, source, NOW_MS + number * 1000, value))


def read(messages: Sequence[bytes]) -> list[UnknownPoint]:
    return [
        point for message in messages for point in msgspec.json.decode(message, type=UnknownPoints).points
    ]


def test_it_keeps_the_last_five_values_and_counts_all() -> None:
    sources = UnknownSources()
    note(sources, "temp", 1.0, 2.0, 3.0, "text", 5.0, None)
    (point,) = read(sources.take("gateway-1"))
    assert [value for _, value in point.recent] == [2.0, 3.0, "text", 5.0, None]
    assert (point.device, point.source, point.count) == ("pump-z", "temp", 6)
    assert (point.first_ms, point.last_ms) == (NOW_MS, NOW_MS + 5000)


def test_it_tells_only_what_changed() -> None:
    sources = UnknownSources()
    note(sources, "a", 1.0)
    note(sources, "b", 1.0)
    assert len(read(sources.take("gateway-1"))) == 2
    assert sources.take("gateway-1") == []
    note(sources, "b", 2.0)
    assert [point.source for point in read(sources.take("gateway-1"))] == ["b"]


def test_one_telling_is_bounded_and_the_rest_follows() -> None:
    sources = UnknownSources()
    for number in range(120):
        note(sources, f"s{number}", 1.0)
    first = sources.take("gateway-1", most=100)
    assert len(read(first)) == 100
    assert max(map(len, first)) < 16 * 1024
    assert [point.source for point in read(sources.take("gateway-1"))] == [f"s{n}" for n in range(100, 120)]


def test_memory_is_bounded_and_one_device_cannot_push_out_the_others(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(unknown, "MOST_SOURCES", 10)
    monkeypatch.setattr(unknown, "MOST_PER_DEVICE", 4)
    sources = UnknownSources()
    note(sources, "flow", 1.0, device="honest")
    for number in range(20):
        note(sources, f"s{number}", 1.0, device="mad")
    assert {point.device for point in read(sources.take("gateway-1"))} == {"honest", "mad"}
    for device in range(12):
        note(sources, "flow", 1.0, device=f"device-{device}")
    told = read(sources.take("gateway-1"))
    assert [point.device for point in told] == [f"device-{device}" for device in range(2, 12)]
    assert sources.left_out > 0


def test_names_that_can_be_no_point_are_passed_over() -> None:
    sources = UnknownSources()
    for device, source in (("a/b", "x"), ("pump", ""), ("pump", "x" * 65), ("pump", "x\0")):
        note(sources, source, 1.0, device=device)
    assert sources.take("gateway-1") == []


def test_the_gateway_tells_the_server_of_a_device_nobody_set_up(
    mosquitto: Mosquitto, gateway: GatewayProcess, listener: Listener
) -> None:
    with connected(mosquitto.url, "device", subscriptions=[topics.ALL_UNKNOWN]) as bus:
        publish_catalogue(bus, entries(1))
        gateway.start()
        listener.wait_online()
        bus.publish(topics.telemetry("pump-z"), b'{"values":{"flow":7.5,"p0":true}}')
        heard: list[UnknownPoint] = []
        eventually(
            lambda: heard.extend(read([m.payload for m in bus.take(timeout_s=0.2)])) or len(heard) == 2
        )
        assert {(point.device, point.source) for point in heard} == {("pump-z", "flow"), ("pump-z", "p0")}
