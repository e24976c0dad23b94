"""Sends prepared MQTT packets: a load that costs the machine less than what it measures.

Speaks the few packets of MQTT 3.1.1 it needs by itself, because a client library spends more on a
message than the gateway does.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

BURST = 200
_PUBACK_BYTES = 4


class Sent(NamedTuple):
    """What came of it."""

    messages: int
    acknowledged: int
    seconds: float


def connect(url: str, client_id: str, *, keep_alive_s: int = 0, source: str = "") -> socket.socket:
    """A connection the broker has accepted; raises OSError. ``source``: address to connect from."""
    address = urlsplit(url)
    wire = socket.create_connection(
        (address.hostname or "127.0.0.1", address.port or 1883),
        timeout=30,
        source_address=(source, 0) if source else None,
    )
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    name = client_id.encode()
    body = b"\x00\x04MQTT\x04\x02" + keep_alive_s.to_bytes(2, "big") + len(name).to_bytes(2, "big") + name
    wire.sendall(b"\x10" + _length(len(body)) + body)
    answer = wire.recv(4)
    if len(answer) < 4 or answer[3]:
        raise ConnectionError(f"the broker does not accept {client_id}: {answer.hex()}")
    return wire


def publish_packet(topic: str, payload: bytes, mid: int) -> bytes:
    """A QoS 1 PUBLISH."""
    name = topic.encode()
    body = len(name).to_bytes(2, "big") + name + mid.to_bytes(2, "big") + payload
    return b"\x32" + _length(len(body)) + body


def send(
    url: str,
    client_id: str,
    messages: Iterable[tuple[str, bytes]],
    *,
    window: int = 2000,
    rate: float | None = None,
) -> Sent:
    """Publish all with QoS 1, at most ``window`` unacknowledged; ``rate``: messages a second, None: flat out."""
    wire = connect(url, client_id)
    sent = answered = 0
    began = time.monotonic()
    burst = BURST if rate is None else max(1, min(BURST, int(rate / 100)))
    for group in _groups(messages, burst):
        packets = b"".join(
            publish_packet(topic, payload, (sent + index) % 65_535 + 1)
            for index, (topic, payload) in enumerate(group)
        )
        wire.sendall(packets)
        sent += len(group)
        if rate is not None:
            time.sleep(max(0.0, began + sent / rate - time.monotonic()))
        answered = _collect(wire, answered, at_least=sent - window)
    answered = _collect(wire, answered, at_least=sent)
    seconds = time.monotonic() - began
    wire.sendall(b"\xe0\x00")
    wire.close()
    return Sent(sent, answered // _PUBACK_BYTES, seconds)


def _collect(wire: socket.socket, answered: int, *, at_least: int) -> int:
    """Bytes of PUBACKs so far; waits until ``at_least`` messages are answered, else takes what is there."""
    while answered < at_least * _PUBACK_BYTES:
        arrived = wire.recv(65_536)
        if not arrived:
            raise ConnectionError("the broker closed the connection")
        answered += len(arrived)
    return answered


def _groups(messages: Iterable[tuple[str, bytes]], size: int) -> Iterator[list[tuple[str, bytes]]]:
    group: list[tuple[str, bytes]] = []
    for message in messages:
        group.append(message)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _length(number: int) -> bytes:
    """MQTT's variable-length number."""
    out = bytearray()
    while True:
        number, digit = divmod(number, 128)
        out.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(out)
