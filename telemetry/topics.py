"""Every MQTT topic Plantroom uses. This is the only module that knows the slash.

Devices publish below ``plantroom/v1/devices/{device}``; everything else is the bus between
our own processes. The version in the path covers the payload's shape as well.
"""

from __future__ import annotations

import re
from zlib import crc32

ROOT = "plantroom/v1"
SHARDS = 16
"""Readings and catalogue are split by asset (respectively device) into this many topics."""

_DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_LEVEL = re.compile(r"[A-Za-z0-9_.:-]+")


def is_device_id(text: str) -> bool:
    """Whether this can be a device id: 1-64 of A-Z a-z 0-9 _ . : - and no wildcard or slash."""
    return _DEVICE.fullmatch(text) is not None


def shard_of(key: str) -> int:
    """The shard of an asset or device key; stable across processes and versions."""
    return crc32(key.encode()) % SHARDS


def telemetry(device: str) -> str:
    """Where a device publishes its readings."""
    return f"{ROOT}/devices/{device}/telemetry"


def status(device: str) -> str:
    """Where a device (or its last will) says ``online`` or ``offline``."""
    return f"{ROOT}/devices/{device}/status"


ALL_DEVICES = f"{ROOT}/devices/#"
"""What the gateway subscribes to: also the topics a device got wrong, so that they can be dead-lettered."""


def is_device_filter(text: str) -> bool:
    """Whether this filter can be subscribed to and matches nothing but topics of devices.

    A wildcard stands for a whole level; ``#`` only for the last ones.
    """
    levels = text.removeprefix(f"{ROOT}/devices/").split("/")
    *middle, last = levels
    fits = all(level == "+" or _LEVEL.fullmatch(level) for level in middle)
    return (
        text.startswith(f"{ROOT}/devices/")
        and fits
        and (last in {"#", "+"} or _LEVEL.fullmatch(last) is not None)
    )


def is_device_topic(topic: str) -> bool:
    """Whether a topic stands where devices publish, rightly spelled or not."""
    return topic.startswith(f"{ROOT}/devices/")


def parse_device(topic: str) -> tuple[str, str] | None:
    """(device, channel) of a device topic, or None where the topic is not of that form."""
    parts = topic.removeprefix(f"{ROOT}/devices/").split("/")
    if not topic.startswith(f"{ROOT}/devices/") or len(parts) != 2 or not is_device_id(parts[0]):
        return None
    return parts[0], parts[1]


def readings(shard: int) -> str:
    """Stored readings of the assets of one shard, in batches, for rules and live values."""
    return f"{ROOT}/readings/{shard}"


ALL_READINGS = f"{ROOT}/readings/+"


def catalogue(shard: int) -> str:
    """Retained: the points of the devices of one shard, published by the server."""
    return f"{ROOT}/catalogue/{shard}"


ALL_CATALOGUE = f"{ROOT}/catalogue/+"


def dead_letters(gateway: str) -> str:
    """A copy of each dead letter the gateway keeps, for the server's admin page."""
    return f"{ROOT}/dead-letters/{gateway}"


ALL_DEAD_LETTERS = f"{ROOT}/dead-letters/+"


def unknown(gateway: str) -> str:
    """Devices and points one gateway hears that the catalogue does not have, for the server's inbox."""
    return f"{ROOT}/unknown/{gateway}"


ALL_UNKNOWN = f"{ROOT}/unknown/+"


def presence(gateway: str) -> str:
    """Devices that one gateway heard to be there or gone, where no reading says so."""
    return f"{ROOT}/presence/{gateway}"


ALL_PRESENCES = f"{ROOT}/presence/+"


def gateway_health(gateway: str) -> str:
    """Retained: counters of one gateway, every few seconds; last will says it is gone."""
    return f"{ROOT}/gateways/{gateway}/health"


ALL_GATEWAY_HEALTH = f"{ROOT}/gateways/+/health"


def changed(noun: str) -> str:
    """A hint that rows of this noun (``alarms``, ``tickets``) changed; carries no data that matters."""
    return f"{ROOT}/changed/{noun}"


ALL_CHANGED = f"{ROOT}/changed/+"

SIMULATOR_FAULTS = f"{ROOT}/simulator/faults"
"""Commands to a running simulator: start or end a fault of a simulated machine."""
