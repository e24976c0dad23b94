"""Tells edge nodes that their primary host is there: ``spBv1.0/STATE/{host}``, retained, with a will.

It has a connection of its own: a connection has one will, and the gateway's own says that the
gateway is gone. Its client id is stable, so after a crash the broker publishes the old will when
the new connection takes over, that is before the new "online" and never after it.
"""

from __future__ import annotations

import json
import re

from gateway.decoders.sparkplug.decoder import NAMESPACE
from telemetry.bus import Bus, Will

_HOST = re.compile(r"[^/+#\0]{1,128}")


class HostState:
    """Online from ``start`` until ``stop`` or until the process dies."""

    def __init__(
        self,
        url: str,
        *,
        host: str,
        now_ms: int,
        username: str | None = None,
        password: str | None = None,
        ca_file: str | None = None,
    ) -> None:
        """``host``: the host id that edge nodes have as their primary host; ``now_ms`` stands in all
        messages of this connection, so that nodes can tell them from those of an earlier run."""
        if not _HOST.fullmatch(host):
            raise ValueError(f"{host!r} is no Sparkplug host id: 1 to 128 characters without / + #")
        self._topic = f"{NAMESPACE}/STATE/{host}"
        self._now_ms = now_ms
        self._bus = Bus(
            url,
            client_id=f"plantroom-sparkplug-{host}",
            username=username,
            password=password,
            will=Will(self._topic, self._state(online=False)),
            on_connect=lambda bus: self._publish(bus, online=True),
            ca_file=ca_file,
        )

    def start(self) -> None:
        self._bus.start()

    def stop(self) -> None:
        """Say offline ourselves: a will is not sent at an orderly end."""
        if self._bus.is_connected:
            self._publish(self._bus, online=False)
        self._bus.stop()

    def _publish(self, bus: Bus, *, online: bool) -> None:
        bus.publish(self._topic, self._state(online=online), qos=1, retain=True)

    def _state(self, *, online: bool) -> bytes:
        return json.dumps({"online": online, "timestamp": self._now_ms}).encode()
