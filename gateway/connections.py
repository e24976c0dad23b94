"""How the gateway reaches its broker: connections for devices, our own processes, the broker itself, Sparkplug."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.decoders import Decoder
from gateway.decoders.sparkplug.host_state import HostState
from gateway.settings import GatewaySettings
from telemetry import topics
from telemetry.bus import Bus, Will
from telemetry.settings import secret

GATHER_S = 0.002
"""How long the network thread gathers what comes singly."""


def device_bus(settings: GatewaySettings, decoders: Iterable[Decoder], *, farewell: bytes) -> Bus:
    """What devices say, kept by the broker while we are away. ``farewell``: what it says of us when we vanish."""
    return _bus(
        settings,
        f"plantroom-gateway-{settings.gateway}",
        subscriptions=[each for decoder in decoders for each in decoder.subscriptions],
        keep_session=True,
        will=Will(topics.gateway_health(settings.gateway), farewell),
        # the kept session remembers what was subscribed to before the settings said less
        unsubscribed=[] if topics.ALL_DEVICES in settings.device_filters else [topics.ALL_DEVICES],
        pause_s=GATHER_S,
    )


def process_bus(settings: GatewaySettings) -> Bus:
    """To the other processes.

    A connection of its own: where the receive window is full of device messages, a small broker delivers
    neither the catalogue that they wait for nor answers to what we publish.
    """
    client_id = f"plantroom-gateway-{settings.gateway}-bus"
    return _bus(settings, client_id, subscriptions=[topics.ALL_CATALOGUE])


def broker_bus(settings: GatewaySettings, subscriptions: Sequence[str]) -> Bus:
    """What the broker says of itself."""
    return _bus(settings, f"plantroom-gateway-{settings.gateway}-watch", subscriptions=[*subscriptions])


def host_state(settings: GatewaySettings, *, now_ms: int) -> HostState | None:
    """Tells Sparkplug nodes that their host is there, where one is named in the settings."""
    if not settings.sparkplug_host:
        return None
    return HostState(
        settings.mqtt_url,
        host=settings.sparkplug_host,
        now_ms=now_ms,
        username=settings.mqtt_username,
        password=secret(settings.mqtt_password),
        ca_file=str(settings.mqtt_ca_file) if settings.mqtt_ca_file else None,
    )


def _bus(
    settings: GatewaySettings,
    client_id: str,
    *,
    subscriptions: list[str],
    keep_session: bool = False,
    will: Will | None = None,
    unsubscribed: Sequence[str] = (),
    pause_s: float = 0.0,
) -> Bus:
    return Bus(
        settings.mqtt_url,
        client_id=client_id,
        username=settings.mqtt_username,
        password=secret(settings.mqtt_password),
        ca_file=str(settings.mqtt_ca_file) if settings.mqtt_ca_file else None,
        subscriptions=subscriptions,
        keep_session=keep_session,
        will=will,
        unsubscribed=unsubscribed,
        pause_s=pause_s,
    )
