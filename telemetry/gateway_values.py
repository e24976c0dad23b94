"""A gateway's health as values of the points of the profile ``gateway``.

One function for the two who need it: the gateway stores them as readings of its own, and the rules
process judges them even while nothing can be stored.
"""

from __future__ import annotations

from telemetry.messages import GatewayHealth
from telemetry.reading import Value

ONLINE = "online"


def values_of(health: GatewayHealth) -> dict[str, Value]:
    """By point key. Ages by the gateway's own clock on both ends."""
    heard_ms = health.last_message_ms or health.started_ms
    age_s = max(0, health.at_ms - heard_ms) / 1000.0 if health.expects_devices else 0.0
    limit = health.spool_limit_bytes
    fill = 100.0 if health.spool_full else 100.0 * health.spool_bytes / limit if limit else 0.0
    values: dict[str, Value] = {
        ONLINE: int(health.online),
        "last_message_age": age_s,
        "store": int(health.store_ok),
        "spool_fill": fill,
        "dead_letters": float(health.dead_letters),
    }
    if health.broker_waiting is not None:
        values["broker_waiting"] = float(health.broker_waiting)
    if health.broker_dropped is not None:
        values["broker_dropped"] = float(health.broker_dropped)
    return values
