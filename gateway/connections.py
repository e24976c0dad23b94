"""How the gateway reaches its broker: connections for devices, our own processes, the broker itself, Sparkplug."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

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
    return Bus(
        settings.mqtt_url,
        client_id=f"plantroom-gateway-{settings.gateway}",
        **_login(settings),
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
    return Bus(
        settings.mqtt_url,
        client_id=f"plantroom-gateway-{settings.gateway}-bus",
        **_login(settings),
        subscriptions=[topics.ALL_CATALOGUE],
    )


def broker_bus(settings: GatewaySettings, subscriptions: Sequence[str]) -> Bus:
    """What the broker says of itself."""
    return Bus(
        settings.mqtt_url,
        client_id=f"plantroom-gateway-{settings.gateway}-watch",
        **_login(settings),
        subscriptions=subscriptions,
    )


def host_state(settings: GatewaySettings, *, now_ms: int) -> HostState | None:
    """Tells Sparkplug nodes that their host is there, where one is named in the settings."""
    if not settings.sparkplug_host:
        return None
    return HostState(
        settings.mqtt_url,
        host=settings.sparkplug_host,
        now_ms=now_ms,
        **_login(settings),
    )


class _Login(TypedDict):
    """As whom a connection comes to the broker, and how it knows that it is the broker."""

    username: str | None
    password: str | None
    ca_file: str | None


def _login(settings: GatewaySettings) -> _Login:
    return {
        "username": settings.mqtt_username,
        "password": secret(settings.mqtt_password),
        "ca_file": str(settings.mqtt_ca_file) if settings.mqtt_ca_file else None,
    }
