"""The bus against a real broker that goes away and comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from telemetry.bus import Bus, Will, delivered
from telemetry.standing import BusRefused
from tests.support.mosquitto import Mosquitto, MosquittoFactory
from tests.support.waiting import eventually


@pytest.fixture
def join(mosquitto: Mosquitto) -> Iterator[Callable[..., Bus]]:
    """Makes connected buses; all of them end with the test."""
    buses: list[Bus] = []

    def make(client_id: str, *subscriptions: str, keep: bool = False, will: Will | None = None) -> Bus:
        bus = Bus(
            mosquitto.url, client_id=client_id, subscriptions=subscriptions, keep_session=keep, will=will
        )
        bus.start()
        assert bus.wait_connected(10)
        buses.append(bus)
        return bus

    yield make
    for bus in buses:
        bus.stop()


def send(bus: Bus, *payloads: bytes) -> None:
    assert delivered([bus.publish("t", payload) for payload in payloads], timeout_s=30)


def reconnect(bus: Bus, mosquitto: Mosquitto) -> None:
    mosquitto.stop()
    eventually(lambda: not bus.is_connected)
    mosquitto.start()
    assert bus.wait_connected(20)


def test_what_was_not_acknowledged_comes_again_and_the_rest_does_not(
    join: Callable[..., Bus], mosquitto: Mosquitto
) -> None:
    bus = join("taker", "t", keep=True)
    send(join("sender"), b"1", b"2", b"3")
    eventually(lambda: bus.waiting == 3)
    messages = bus.take(timeout_s=1)
    bus.acknowledge(messages[:2])
    assert delivered([bus.publish("elsewhere", b"")], timeout_s=30)  # what went before it has arrived too
    reconnect(bus, mosquitto)
    eventually(lambda: bus.waiting)
    assert {message.payload for message in bus.take(timeout_s=1)} == {b"3"}


def test_an_acknowledgement_of_an_earlier_connection_is_passed_over(
    join: Callable[..., Bus], mosquitto: Mosquitto
) -> None:
    bus = join("taker", "t", keep=True)
    send(join("sender"), b"1")
    old = bus.take(timeout_s=5)
    reconnect(bus, mosquitto)
    eventually(lambda: bus.waiting)
    bus.acknowledge(old)
    reconnect(bus, mosquitto)
    eventually(lambda: bus.waiting)
    again = bus.take(timeout_s=1)
    assert (again[0].payload, again[0].again) == (b"1", True)


def test_a_taker_that_is_stuck_does_not_fill_the_memory_with_each_reconnect(
    join: Callable[..., Bus], mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telemetry.bus.RECEIVE_MAXIMUM", 120)
    bus = join("taker", "t", keep=True)
    send(join("sender"), *(b"%d" % number for number in range(50)))
    for _ in range(4):
        eventually(lambda: bus.waiting >= 50)
        reconnect(bus, mosquitto)
    eventually(lambda: bus.waiting > 120)
    messages = bus.take(timeout_s=1)
    # the oldest copies stay, because a killed broker may have forgotten them
    assert [message.payload for message in messages][:50] == [b"%d" % n for n in range(50)]
    assert len(messages) <= 120 + 50


def test_what_is_published_while_the_broker_is_away_arrives_afterwards(
    join: Callable[..., Bus], mosquitto: Mosquitto
) -> None:
    sender = join("sender")
    taker = join("taker", "t", keep=True)
    mosquitto.stop()
    eventually(lambda: not sender.is_connected and not taker.is_connected)
    infos = [sender.publish("t", b"%d" % number) for number in range(5)]
    assert not delivered(infos, timeout_s=0.1)
    mosquitto.start()
    assert delivered(infos, timeout_s=30)
    eventually(lambda: taker.waiting >= 5)


def test_take_waits_for_enough_but_not_longer_than_told(join: Callable[..., Bus]) -> None:
    bus, sender = join("taker", "t"), join("sender")
    assert bus.take(timeout_s=0.05) == []
    send(sender, b"1")
    assert len(bus.take(timeout_s=5, enough=10, linger_s=0.05)) == 1
    infos = [sender.publish("t", b"%d" % number) for number in range(10)]
    assert len(bus.take(timeout_s=5, enough=10, linger_s=30)) >= 10
    assert delivered(infos, timeout_s=30)


def test_the_will_is_sent_when_the_process_vanishes_and_not_when_it_stops(
    join: Callable[..., Bus], mosquitto: Mosquitto
) -> None:
    listener = join("listener", "last/words")
    join("orderly", will=Will("last/words", b"orderly")).stop()
    join("vanishing", will=Will("last/words", b"vanishing"))
    join("vanishing")  # takes the connection away
    eventually(lambda: listener.waiting)
    assert listener.take(timeout_s=1)[0].payload == b"vanishing"


def test_two_that_use_one_client_id_are_told(join: Callable[..., Bus]) -> None:
    one, other = join("same"), join("same")
    assert eventually(lambda: one.trouble and other.trouble and "another process" in one.trouble)


def test_thousands_of_messages_at_once_all_get_through(join: Callable[..., Bus]) -> None:
    sender, taker = join("sender"), join("taker", "t")
    infos = [sender.publish("t", b"%d" % number) for number in range(20_000)]
    taken = 0
    while taken < len(infos):
        messages = taker.take(timeout_s=20)
        assert messages, "it has come to a halt"
        taker.acknowledge(messages)
        taken += len(messages)
    assert delivered(infos, timeout_s=30)


def test_a_wrong_password_is_told(mosquitto_factory: MosquittoFactory) -> None:
    broker = mosquitto_factory(users={"gateway": "right"})
    bus = Bus(broker.url, client_id="x", username="gateway", password="wrong")
    bus.start()
    try:
        with pytest.raises(BusRefused, match="refused us"):
            bus.wait_connected(10)
    finally:
        bus.stop()
