"""paho's client with a buffered socket and a short way for the two packets that come by the thousand.

paho reads a message in four calls to ``recv``, builds some 30 objects for the MQTT 5 properties it
does not have, and writes each packet in its own ``send``: 90 microseconds of CPU for a message
received and acknowledged, most of our budget. Here a PUBLISH or PUBACK that has arrived whole is
read in place for a tenth of that; every other packet, every part of one, and everything about the
connection stays paho's work.
"""

from __future__ import annotations

import logging
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import MessageType, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

READ_AHEAD_BYTES = 256 * 1024
MOST_UNSENT_BYTES = 1024 * 1024
MOST_TOPICS_REMEMBERED = 20_000

_log = logging.getLogger(__name__)
_TRY_LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_PUBLISH = int(MessageType.PUBLISH)
_PUBACK = int(MessageType.PUBACK)
_SUCCESS = ReasonCode(PacketTypes.PUBACK)
_NO_PROPERTIES: Properties = Properties(PacketTypes.PUBACK)  # type: ignore[no-untyped-call]

Arrival = Callable[[str, bytes, int, int], None]
"""Takes the topic (bytes that are not UTF-8 as backslash escapes), the payload, the first byte of the
PUBLISH packet (bit 0 retain, bits 1-2 QoS, bit 3 dup) and the packet id."""


class Packet(NamedTuple):
    """A whole packet that has been read ahead: its first byte, and its body without the fixed header."""

    header: int
    body: bytes


class BufferedSocket:
    """A non-blocking socket that reads ahead and writes behind. Used by the network thread only."""

    def __init__(self, raw: socket.socket) -> None:
        self._raw = raw
        self._ahead = b""
        self._position = 0
        self._unsent = bytearray()
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # we coalesce by ourselves

    def recv(self, buffer_size: int) -> bytes:
        """Up to ``buffer_size`` bytes; b"" when the other side has closed, BlockingIOError when none wait."""
        if self._position >= len(self._ahead):
            self._ahead = self._raw.recv(READ_AHEAD_BYTES)
            self._position = 0
        start = self._position
        self._position = min(start + buffer_size, len(self._ahead))
        return self._ahead[start : self._position]

    def fill(self) -> None:
        """Read ahead what the kernel has; whatever is wrong with the connection ``recv`` says later."""
        try:
            arrived = self._raw.recv(READ_AHEAD_BYTES)
        except OSError:
            return
        self._ahead = self._ahead[self._position :] + arrived
        self._position = 0

    def next_packet(self) -> Packet | None:
        """Take a PUBLISH (QoS 0 or 1) or PUBACK if the next packet is one and has arrived whole."""
        ahead, start = self._ahead, self._position
        if len(ahead) < start + 2:
            return None
        header = ahead[start]
        if header & 0xF0 not in (_PUBLISH, _PUBACK) or header & 0x04:
            return None
        length, shift, at = ahead[start + 1] & 0x7F, 7, start + 1
        while ahead[at] & 0x80:
            at += 1
            if at >= len(ahead) or shift > 21:
                return None
            length |= (ahead[at] & 0x7F) << shift
            shift += 7
        end = at + 1 + length
        if end > len(ahead):
            return None
        self._position = end
        return Packet(header, ahead[at + 1 : end])

    def pending(self) -> int:
        """Bytes that can be had without waiting; paho asks this before it sleeps in ``select``."""
        ahead = len(self._ahead) - self._position
        return ahead + (self._raw.pending() if isinstance(self._raw, ssl.SSLSocket) else 0)

    def send(self, buffer: bytes | bytearray) -> int:
        """Takes all of the packet, to be sent by ``flush``; BlockingIOError when too much waits already."""
        if len(self._unsent) > MOST_UNSENT_BYTES:
            raise BlockingIOError
        self._unsent += buffer
        return len(buffer)

    @property
    def unsent(self) -> int:
        return len(self._unsent)

    def flush(self) -> None:
        """Send what the kernel takes now; the rest stays for the next time."""
        try:
            while self._unsent:
                del self._unsent[: self._raw.send(self._unsent)]
        except _TRY_LATER:
            return
        except OSError:
            self._unsent.clear()  # the connection is gone; the next read says so to paho

    def close(self) -> None:
        self.flush()
        self._raw.close()

    def fileno(self) -> int:
        return self._raw.fileno()

    def setblocking(self, flag: bool) -> None:
        self._raw.setblocking(flag)


class WireClient(paho.Client):
    """A paho client on a buffered socket, which outlives malformed packets.

    Leans on names that paho does not promise: tests/telemetry/test_wire.py fails when one of them changes.
    """

    _buffered: BufferedSocket | None = None
    _woken = False
    _held = False
    _topics: dict[bytes, str]
    on_arrival: Arrival | None = None
    pause_s = 0.0
    """After messages arrived wait so long before looking again: what comes singly is read together. At 3,000
    messages a second this halves the cost of receiving, and 2 ms are no part of a latency anyone sees."""

    def _create_socket(self) -> BufferedSocket:
        raw = super()._create_socket()
        if not isinstance(raw, socket.socket):
            raise TypeError(f"cannot buffer a {type(raw).__name__}")
        self._topics = {}
        self._buffered = BufferedSocket(raw)
        return self._buffered

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Handle all packets that have arrived whole, not just one a ``select``; the rest is paho's."""
        buffered = self._buffered
        try:
            if buffered is not None and self.on_arrival and self._in_packet["command"] == 0:
                buffered.fill()
                if self._handle_ahead(buffered, self.on_arrival):
                    self._note_signs_of_life()
                    if not buffered.pending():
                        if self.pause_s:
                            time.sleep(self.pause_s)
                        return MQTTErrorCode.MQTT_ERR_SUCCESS
            return super().loop_read(max_packets)
        except Exception:  # noqa: BLE001 (it would end the network thread and leave the process deaf)
            _log.exception("a packet of the broker could not be handled; connecting anew")
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_PROTOCOL)

    def _note_signs_of_life(self) -> None:
        """A broker that sends is there, however long its answer to a ping takes: behind a long queue it may
        take longer than the keep-alive, and connecting anew would have it send all of that queue again."""
        with self._msgtime_mutex:
            self._last_bytes_received = time.monotonic()

    def loop_write(self) -> MQTTErrorCode:
        self._woken = False  # before looking at what is to be written: see _packet_queue
        outcome = super().loop_write()
        if self._buffered is not None and not outcome:
            self._buffered.flush()
        return outcome

    def want_write(self) -> bool:
        return super().want_write() or (self._buffered is not None and self._buffered.unsent > 0)

    def set_window(self, messages: int) -> None:
        """How many QoS 1 messages may wait for the broker's answer: what it said in its CONNACK.

        paho does not heed that, and its own setter refuses while connected. Call from ``on_connect``.
        """
        self._max_inflight_messages = messages

    def _packet_queue(
        self,
        command: int,
        packet: bytes | bytearray,
        mid: int,
        qos: int,
        info: paho.MQTTMessageInfo | None = None,
    ) -> MQTTErrorCode:
        """As paho's, but a network thread that has been woken and did not look yet is not woken again."""
        if self._sockpairW is None or command & 0xF0 not in (_PUBLISH, _PUBACK):
            return super()._packet_queue(command, packet, mid, qos, info)
        self._out_packet.append(
            {
                "command": command,
                "mid": mid,
                "qos": qos,
                "pos": 0,
                "to_process": len(packet),
                "packet": packet,
                "info": info,
            }
        )
        if not self._woken and not self._held:
            self._wake()
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _wake(self) -> None:
        self._woken = True
        if self._sockpairW is not None:
            with suppress(BlockingIOError):  # it is awake anyway
                self._sockpairW.send(b"0")

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is published inside is sent in one go, not each with a turn of the network thread."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            self._wake()

    def acknowledge_all(self, packet_ids: Iterable[int]) -> None:
        """PUBACK these QoS 1 messages, in this order, as one write.

        ``paho.Client.ack`` costs a system call and a turn of the network thread for each.
        """
        acknowledgements = b"".join(struct.pack("!BBH", _PUBACK, 2, mid) for mid in packet_ids)
        self._packet_queue(_PUBACK, acknowledgements, 0, 1)

    def _handle_ahead(self, buffered: BufferedSocket, arrived: Arrival) -> int:
        """How many packets were handled."""
        handled = 0
        while packet := buffered.next_packet():
            header, body = packet
            handled += 1
            if header & 0xF0 == _PUBACK:
                self._confirm(body)
                continue
            end = 2 + (body[0] << 8) + body[1]
            topic = self._topics.get(body[2:end]) or self._read_topic(body[2:end])
            mid = 0
            if header & 0x02:
                mid = (body[end] << 8) + body[end + 1]
                end += 2
            end += 1 + body[end] if body[end] < 0x80 else _length_of_properties(body, end)
            arrived(topic, body[end:], header, mid)
        return handled

    def _read_topic(self, raw: bytes) -> str:
        if len(self._topics) >= MOST_TOPICS_REMEMBERED:
            self._topics.clear()
        topic = self._topics[raw] = raw.decode("utf-8", "backslashreplace")
        return topic

    def _confirm(self, body: bytes) -> None:
        """A PUBACK: packet id, then perhaps a reason, then perhaps properties, which say nothing we need."""
        mid = (body[0] << 8) + body[1]
        reason = ReasonCode(PacketTypes.PUBACK, identifier=body[2]) if len(body) > 2 and body[2] else _SUCCESS
        with self._out_message_mutex:
            if mid in self._out_messages:
                self._do_on_publish(mid, reason, _NO_PROPERTIES)


def _length_of_properties(body: bytes, start: int) -> int:
    """Bytes of the properties of a PUBLISH and of the variable-length number before them."""
    length = shift = 0
    at = start
    while True:
        length |= (body[at] & 0x7F) << shift
        shift += 7
        at += 1
        if body[at - 1] < 0x80:
            return at - start + length
