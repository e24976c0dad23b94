"""The short way for PUBLISH and PUBACK, and the names of paho that it leans on."""

from __future__ import annotations

import socket
import struct

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from telemetry.bus import Bus, delivered
from telemetry.wire import BufferedSocket, WireClient
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually


@pytest.fixture
def pair() -> tuple[BufferedSocket, socket.socket]:
    """Our side and the broker's."""
    listener = socket.create_server(("127.0.0.1", 0))
    ours = socket.create_connection(listener.getsockname())
    theirs, _ = listener.accept()
    listener.close()
    ours.setblocking(False)
    return BufferedSocket(ours), theirs


def publish_packet(topic: bytes, payload: bytes, *, properties: bytes = b"\0") -> bytes:
    """A QoS 1 PUBLISH with packet id 7, as MQTT 5 section 3.3 has it."""
    body = struct.pack("!H", len(topic)) + topic + b"\0\7" + properties + payload
    length = len(body)
    header = bytearray([0x32])
    while length >= 128:
        header.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([*header, length]) + body


def fill(buffered: BufferedSocket, theirs: socket.socket, data: bytes) -> None:
    before = buffered.pending()
    theirs.sendall(data)

    def filled() -> bool:
        buffered.fill()
        return buffered.pending() >= before + len(data)

    eventually(filled)


@pytest.mark.parametrize("size", [0, 1, 100, 127, 128, 16_000, 20_000])
def test_it_takes_whole_packets_of_any_length(pair: tuple[BufferedSocket, socket.socket], size: int) -> None:
    buffered, theirs = pair
    packet = publish_packet(b"a/b", b"x" * size)
    fill(buffered, theirs, packet * 2)
    for _ in range(2):
        taken = buffered.next_packet()
        assert taken
        assert taken.body.endswith(b"\0" + b"x" * size)
    assert buffered.next_packet() is None
    assert buffered.pending() == 0


def test_it_leaves_a_part_of_a_packet_and_other_packets_to_paho(
    pair: tuple[BufferedSocket, socket.socket],
) -> None:
    buffered, theirs = pair
    packet = publish_packet(b"a/b", b"x" * 300)
    for cut in (1, 2, 3, 50, len(packet) - 1):
        fill(buffered, theirs, packet[:cut])
        assert buffered.next_packet() is None
        assert buffered.recv(10_000) == packet[:cut]
    fill(buffered, theirs, b"\xd0\0" + packet)  # PINGRESP comes first
    assert buffered.next_packet() is None
    fill(buffered, theirs, b"")
    assert buffered.recv(2) == b"\xd0\0"
    assert buffered.next_packet()


def test_what_the_kernel_does_not_take_is_sent_later(pair: tuple[BufferedSocket, socket.socket]) -> None:
    buffered, theirs = pair
    packet, sent = b"y" * 100_000, 0
    with pytest.raises(BlockingIOError):
        for _ in range(200):
            sent += buffered.send(packet)
            buffered.flush()
    received = 0
    while received < sent:
        received += len(theirs.recv(1_000_000))
        buffered.flush()
    assert buffered.unsent == 0


def test_paho_still_has_the_names_we_lean_on() -> None:
    client = WireClient(CallbackAPIVersion.VERSION2, client_id="x", protocol=paho.MQTTv5)
    names = ("_in_packet", "_out_packet", "_out_messages", "_out_message_mutex", "_sockpairW")
    for name in (*names, "_msgtime_mutex", "_last_bytes_received"):
        assert hasattr(client, name), name
    for name in ("_create_socket", "_packet_queue", "_do_on_publish", "_loop_rc_handle"):
        assert callable(getattr(paho.Client, name)), name


@pytest.mark.parametrize("payload", [b"", b"x", b"y" * 200, b"z" * 300_000])
def test_payloads_of_any_size_arrive_whole(mosquitto: Mosquitto, payload: bytes) -> None:
    here = Bus(mosquitto.url, client_id="here", subscriptions=["t/#"])
    there = Bus(mosquitto.url, client_id="there")
    for bus in (here, there):
        bus.start()
        assert bus.wait_connected(10)
    try:
        infos = [there.publish(f"t/水/{number}", payload) for number in range(20)]
        assert delivered(infos, timeout_s=30)
        eventually(lambda: here.waiting == 20)
        messages = here.take(timeout_s=1)
        assert [message.topic for message in messages] == [f"t/水/{number}" for number in range(20)]
        assert {(message.payload, message.qos) for message in messages} == {(payload, 1)}
    finally:
        for bus in (here, there):
            bus.stop()


def test_properties_of_a_message_do_not_get_into_its_payload(mosquitto: Mosquitto) -> None:
    properties: paho.Properties = paho.Properties(paho.PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ContentType = "text/plain" + "x" * 200
    here = Bus(mosquitto.url, client_id="here", subscriptions=["t"])
    here.start()
    sender = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    try:
        assert here.wait_connected(10)
        sender.connect("127.0.0.1", mosquitto.port)
        sender.loop_start()
        sender.publish("t", b"payload", qos=1, properties=properties).wait_for_publish(10)
        eventually(lambda: here.waiting)
        assert here.take(timeout_s=1)[0].payload == b"payload"
    finally:
        sender.disconnect()
        sender.loop_stop()
        here.stop()


def test_what_is_read_by_the_short_way_counts_as_a_sign_of_life(
    pair: tuple[BufferedSocket, socket.socket],
) -> None:
    """Else a broker whose answer to a ping stands behind a long queue would be left while it sends that queue."""
    buffered, theirs = pair
    client = WireClient(CallbackAPIVersion.VERSION2, client_id="x", protocol=paho.MQTTv5)
    client._buffered, client._topics = buffered, {}
    arrived: list[str] = []
    client.on_arrival = lambda topic, *_: arrived.append(topic)
    client._last_bytes_received = before = -1.0
    theirs.sendall(publish_packet(b"a/b", b"x"))
    eventually(lambda: client.loop_read() == 0 and arrived)
    assert arrived == ["a/b"]
    assert client._last_bytes_received > before
