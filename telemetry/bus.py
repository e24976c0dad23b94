"""The broker as our processes use it: MQTT 5, a kept session, acknowledgement by hand.

paho's callbacks run on its network thread; an exception there kills that thread and leaves the
process alive and deaf. So they do nothing but append to a queue, and all work happens where
``take`` is called.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from telemetry.inbox import Inbox, Incoming
from telemetry.standing import Standing
from telemetry.wire import WireClient

RECEIVE_MAXIMUM = 10_000
"""Unacknowledged messages the broker may send us; paho's own default stalls delivery at 20."""
MOST_UNANSWERED = 100
"""Messages of ours that may wait for the broker's answer; the others wait here. At each answer paho looks
through all of them: with thousands it falls ever further behind, until the broker gives it up for dead."""
SESSION_KEPT_S = 7 * 24 * 3600
KEEP_ALIVE_S = 60
"""Longer than a broker is deaf while it writes a large backlog to its file: mosquitto writes all of it each
time. With 20 s our processes left it then, and it sent all that was unanswered once more, which made it
slower still. A closed connection is noticed at once all the same."""
LONGEST_BACK_OFF_S = 15
UNREADABLE_TOPIC = "?"
"""Stands for a topic that is not UTF-8."""

MOST_REFUSALS_KEPT = 1000


class Will(NamedTuple):
    """What the broker publishes for us when we vanish."""

    topic: str
    payload: bytes


class Bus:
    """One MQTT connection. Nothing happens before ``start``; it reconnects by itself for ever.

    ``take`` and ``acknowledge`` belong to one thread; anyone may publish.
    """

    def __init__(
        self,
        url: str,
        *,
        client_id: str,
        username: str | None = None,
        password: str | None = None,
        subscriptions: Sequence[str] = (),
        unsubscribed: Sequence[str] = (),
        keep_session: bool = False,
        will: Will | None = None,
        on_connect: Callable[[Bus], None] | None = None,
        ca_file: str | None = None,
        pause_s: float = 0.0,
    ) -> None:
        """``on_connect`` runs on the network thread after each (re)connect, before anything is
        delivered; it may only publish. ``keep_session`` has the broker queue for us while we are away;
        ``unsubscribed`` is what it may still remember from earlier and should not. ``pause_s`` gathers
        what arrives in such a time, for connections with thousands of messages a second."""
        self._url = urlsplit(url)
        self._subscriptions = list(subscriptions)
        self._unsubscribed = list(unsubscribed)
        self._keep_session = keep_session
        self._will = will
        self._on_connect = on_connect
        self._ca_file = ca_file
        self._inbox = Inbox(most_unacknowledged=RECEIVE_MAXIMUM)
        self._connections = 0
        self._acknowledging = threading.Lock()
        self._standing = Standing(self._url.netloc, client_id)
        self._unpublished: dict[int, str] = {}
        self._client = WireClient(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5, manual_ack=True
        )
        self._client.pause_s = pause_s
        if username:
            self._client.username_pw_set(username, password)

    def start(self) -> None:
        """Connect in the background and keep trying; returns at once."""
        client = self._client
        client.on_connect = self._handle_connect
        client.on_disconnect = self._handle_disconnect
        client.on_message = self._handle_message
        client.on_subscribe = self._handle_subscribed
        client.on_arrival = self._inbox.put
        client.on_publish = self._handle_published
        client.max_inflight_messages_set(MOST_UNANSWERED)
        client.max_queued_messages_set(0)
        client.reconnect_delay_set(min_delay=1, max_delay=LONGEST_BACK_OFF_S)
        if self._will:
            client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        if self._url.scheme == "mqtts":
            client.tls_set(ca_certs=self._ca_file, tls_version=ssl.PROTOCOL_TLS_CLIENT)
        properties: Properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
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
        """Whether the connection stands and the broker has confirmed our subscriptions."""
        return self._standing.works

    @property
    def refused(self) -> str | None:
        """Why the broker will not have us, when it said so; None while all is well."""
        return self._standing.refused

    @property
    def trouble(self) -> str | None:
        """What keeps us from working with the broker, for a person; None while all is well."""
        return self._standing.trouble

    def wait_connected(self, timeout_s: float) -> bool:
        """Whether the connection stands within the time; raises BusRefused if the broker said no."""
        return self._standing.wait(timeout_s)

    @property
    def waiting(self) -> int:
        """Messages that arrived and were not taken yet."""
        return len(self._inbox)

    def take(
        self, *, timeout_s: float, most: int = RECEIVE_MAXIMUM, enough: int = 1, linger_s: float = 0.0
    ) -> list[Incoming]:
        """What has arrived, oldest first; waits up to ``timeout_s`` for the first message.

        After the first it waits up to ``linger_s`` more for ``enough`` of them: larger batches cost less.
        """
        return self._inbox.take(timeout_s=timeout_s, most=most, enough=enough, linger_s=linger_s)

    def acknowledge(self, messages: Sequence[Incoming]) -> None:
        """Tell the broker these are safe, in the order given.

        Messages of an earlier connection are passed over: their packet ids mean something else
        by now, and the broker delivers them again.
        """
        with self._acknowledging:  # the connection must not change between the check and the queue
            connection = self._inbox.connection
            ids = [message.mid for message in messages if message.qos and message.connection == connection]
            if ids and connection:
                self._client.acknowledge_all(ids)

    def publish(
        self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False
    ) -> paho.MQTTMessageInfo:
        """Hand one message to the network thread; see ``delivered`` for when it has arrived.

        While the broker is away a QoS 1 message waits in memory: callers bound how many.
        """
        info = self._client.publish(topic, payload, qos=qos, retain=retain)
        while qos and info.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:  # this packet id is still in use
            info = self._client.publish(topic, payload, qos=qos, retain=retain)
        if qos and info.rc == MQTTErrorCode.MQTT_ERR_NO_CONN:
            # it is kept and sent after the reconnect, yet paho would call it failed for ever
            info.rc = MQTTErrorCode.MQTT_ERR_SUCCESS
        return info

    def publish_all(self, messages: Sequence[tuple[str, bytes]]) -> list[paho.MQTTMessageInfo]:
        """Several QoS 1 messages at the cost of little more than one."""
        with self._client.together():
            return [self.publish(topic, payload) for topic, payload in messages]

    def refusal(self, info: paho.MQTTMessageInfo) -> str | None:
        """Why the broker did not take a published message though it answered; None if it took it."""
        return self._unpublished.pop(info.mid, None)

    def subscribe(self, topic_filter: str) -> None:
        """Subscribe now and after each reconnect."""
        self._subscriptions.append(topic_filter)
        if self._standing.works:
            self._client.subscribe(topic_filter, qos=1)

    def _handle_connect(
        self,
        client: paho.Client,
        _userdata: object,
        flags: paho.ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._standing.not_made(reason)
            return
        if flags.session_present:
            self._inbox.drop_what_comes_again()
        self._connections += 1
        self._inbox.connection = self._connections
        self._standing.made()
        window: int = getattr(properties, "ReceiveMaximum", MOST_UNANSWERED)
        self._client.set_window(min(window, MOST_UNANSWERED))
        if self._on_connect:
            self._on_connect(self)
        if self._unsubscribed:
            client.unsubscribe(self._unsubscribed)
        if self._subscriptions:
            client.subscribe([(topic_filter, 1) for topic_filter in self._subscriptions])
        else:
            self._standing.subscribed()

    def _handle_subscribed(
        self,
        _client: paho.Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        self._standing.subscribed(next((reason for reason in reasons if reason.is_failure), None))

    def _handle_disconnect(
        self,
        _client: paho.Client,
        _userdata: object,
        _flags: paho.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        with self._acknowledging:
            self._inbox.connection = 0
        self._standing.lost(reason)

    def _handle_message(self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = UNREADABLE_TOPIC
        flags = message.dup << 3 | message.qos << 1 | message.retain
        self._inbox.put(topic, bytes(message.payload), flags, message.mid)

    def _handle_published(
        self,
        _client: paho.Client,
        _userdata: object,
        mid: int,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._unpublished[mid] = str(reason)
            if len(self._unpublished) > MOST_REFUSALS_KEPT:
                self._unpublished.pop(next(iter(self._unpublished)))


def delivered(infos: Sequence[paho.MQTTMessageInfo], *, timeout_s: float) -> bool:
    """Whether the broker has answered all of these within the time."""
    deadline = time.monotonic() + timeout_s
    for info in reversed(infos):  # answered in order, so that mostly only the last is waited for
        while not info.is_published():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            info.wait_for_publish(min(left, 0.5))
    return True
