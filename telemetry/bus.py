"""The broker as our processes use it: MQTT 5, a kept session, acknowledgement by hand.

paho's callbacks run on its network thread; an exception there kills that thread and leaves the
process alive and deaf. So they do nothing but append to a queue, and all work happens where
``take`` is called.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

RECEIVE_MAXIMUM = 10_000
"""Unacknowledged messages the broker may send us; paho's own default stalls delivery at 20."""
SESSION_KEPT_S = 7 * 24 * 3600
KEEP_ALIVE_S = 20


class Incoming(NamedTuple):
    """One message as it arrived. ``connection`` ties the acknowledgement to the session it came in on."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    mid: int
    connection: int
    received_ms: int


class Will(NamedTuple):
    """What the broker publishes for us when we vanish."""

    topic: str
    payload: bytes


class BusRefused(Exception):
    """The broker refused us for good: wrong user name, password or rights."""


class Bus:
    """One MQTT connection. Nothing happens before ``start``; it reconnects by itself for ever."""

    def __init__(
        self,
        url: str,
        *,
        client_id: str,
        username: str | None = None,
        password: str | None = None,
        subscriptions: Sequence[str] = (),
        keep_session: bool = False,
        will: Will | None = None,
        on_connect: Callable[[Bus], None] | None = None,
        ca_file: str | None = None,
    ) -> None:
        """``on_connect`` runs on the network thread after each (re)connect, before anything is
        delivered; it may only publish. ``keep_session`` has the broker queue for us while we are away."""
        self._url = urlsplit(url)
        self._subscriptions = list(subscriptions)
        self._keep_session = keep_session
        self._will = will
        self._on_connect = on_connect
        self._ca_file = ca_file
        self._queue: deque[Incoming] = deque()
        self._filled = threading.Condition()
        self._connection = 0
        self._connected = threading.Event()
        self.refused: str | None = None
        """Why the broker will not have us, when it said so; None while all is well."""
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5, manual_ack=True
        )
        if username:
            self._client.username_pw_set(username, password)

    def start(self) -> None:
        """Connect in the background and keep trying; returns at once."""
        client = self._client
        client.on_connect = self._handle_connect
        client.on_disconnect = self._handle_disconnect
        client.on_message = self._handle_message
        client.max_inflight_messages_set(RECEIVE_MAXIMUM)
        client.max_queued_messages_set(0)
        client.reconnect_delay_set(min_delay=1, max_delay=15)
        if self._will:
            client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        if self._url.scheme == "mqtts":
            client.tls_set(ca_certs=self._ca_file, tls_version=ssl.PROTOCOL_TLS_CLIENT)
        properties = Properties(PacketTypes.CONNECT)
        properties.ReceiveMaximum = RECEIVE_MAXIMUM
        properties.SessionExpiryInterval = SESSION_KEPT_S if self._keep_session else 0
        client.connect_async(
            self._url.hostname or "127.0.0.1",
            self._url.port or (8883 if self._url.scheme == "mqtts" else 1883),
            keepalive=KEEP_ALIVE_S,
            clean_start=not self._keep_session,
            properties=properties,
        )
        client.loop_start()

    def stop(self, *, timeout_s: float = 3.0) -> None:
        """Disconnect in order, so that the will is not sent; waits for the network thread."""
        self._client.disconnect()
        stopper = threading.Thread(target=self._client.loop_stop, daemon=True)
        stopper.start()
        stopper.join(timeout_s)

    @property
    def is_connected(self) -> bool:
        return self._connected.is_set()

    def wait_connected(self, timeout_s: float) -> bool:
        """Whether the connection stands within the time; raises BusRefused if the broker said no."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.refused:
                raise BusRefused(self.refused)
            if self._connected.wait(0.05):
                return True
        return False

    @property
    def waiting(self) -> int:
        """Messages that arrived and were not taken yet."""
        return len(self._queue)

    def take(self, *, timeout_s: float, most: int = RECEIVE_MAXIMUM) -> list[Incoming]:
        """What has arrived, oldest first; waits up to ``timeout_s`` for the first message."""
        with self._filled:
            if not self._queue:
                self._filled.wait(timeout_s)
        queue = self._queue
        return [queue.popleft() for _ in range(min(most, len(queue)))]

    def acknowledge(self, messages: Sequence[Incoming]) -> None:
        """Tell the broker these are safe, in the order given.

        Messages of an earlier connection are passed over: their packet ids mean something else
        by now, and the broker delivers them again.
        """
        for message in messages:
            if message.qos and message.connection == self._connection:
                self._client.ack(message.mid, message.qos)

    def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> paho.MQTTMessageInfo:
        """Hand one message to the network thread; see ``delivered`` for when it has arrived."""
        return self._client.publish(topic, payload, qos=qos, retain=retain)

    def subscribe(self, topic_filter: str) -> None:
        """Subscribe now and after each reconnect."""
        self._subscriptions.append(topic_filter)
        if self._connected.is_set():
            self._client.subscribe(topic_filter, qos=1)

    def _handle_connect(
        self,
        client: paho.Client,
        _userdata: object,
        _flags: paho.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            if reason.value in (0x86, 0x87, 0x8A, 0x8C):  # credentials, not authorised, banned, method
                self.refused = f"the broker at {self._url.netloc} refused us: {reason}"
            return
        self.refused = None
        self._connection += 1
        if self._on_connect:
            self._on_connect(self)
        for topic_filter in self._subscriptions:
            client.subscribe(topic_filter, qos=1)
        self._connected.set()

    def _handle_disconnect(self, *_details: object) -> None:
        self._connected.clear()

    def _handle_message(self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        self._queue.append(
            Incoming(
                message.topic,
                message.payload,
                message.qos,
                message.retain,
                message.mid,
                self._connection,
                time.time_ns() // 1_000_000,
            )
        )
        with self._filled:
            self._filled.notify()


def delivered(infos: Sequence[paho.MQTTMessageInfo], *, timeout_s: float) -> bool:
    """Whether the broker has acknowledged all of these within the time."""
    deadline = time.monotonic() + timeout_s
    for info in infos:
        while not info.is_published():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            info.wait_for_publish(min(left, 0.5))
    return True

