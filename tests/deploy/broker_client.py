"""A plain MQTT client that remembers what a broker answered."""

from __future__ import annotations

from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.waiting import eventually


class Client:
    """One MQTT connection that notes what it hears and how it was answered."""

    def __init__(
        self, port: int, name: str, password: str | None, *, client_id: str, ca: Path | None = None
    ) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.answer: int | None = None
        self.granted: list[int] = []
        self.lost = False
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5)
        self._client.username_pw_set(name, password)
        if ca:
            self._client.tls_set(ca_certs=str(ca))
        self._client.on_connect = lambda _c, _u, _f, reason, _p: setattr(self, "answer", reason.value)
        self._client.on_disconnect = lambda *_details: setattr(self, "lost", True)
        self._client.on_message = lambda _c, _u, message: self.heard.append((message.topic, message.payload))
        self._client.on_subscribe = lambda _c, _u, _m, reasons, _p: self.granted.extend(
            r.value for r in reasons
        )
        self._client.reconnect_delay_set(60, 60)
        self._client.connect("localhost" if ca else "127.0.0.1", port)
        self._client.loop_start()
        eventually(lambda: self.answer is not None or self.lost, what="the broker answers")

    def publish(self, topic: str, payload: str) -> None:
        self._client.publish(topic, payload, qos=1).wait_for_publish(5)

    def subscribe(self, topic_filter: str) -> int:
        """The broker's reason code: below 128 is granted."""
        before = len(self.granted)
        self._client.subscribe(topic_filter, qos=1)
        eventually(lambda: len(self.granted) > before, what="the broker answers a subscription")
        return self.granted[-1]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
