"""The only writer of what devices say about their presence. Everything may be told twice and in any order."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.clock import from_ms
from server.db import note_change
from server.presence.models import PresenceRow
from telemetry.messages import DevicePresence


def keep_presence(session: Session, gateway: str, told: DevicePresence) -> None:
    """Keep it, unless something later is known of the device."""
    at = from_ms(told.at_ms)
    row = session.get(PresenceRow, told.device)
    if row is not None and at < row.at:
        return
    session.merge(PresenceRow(device=told.device[:64], online=told.online, at=at, gateway=gateway[:64]))
    note_change(session, "devices")
