"""What crosses HTTP about the presence of devices."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from server.onboarding.schemas import DeviceRead
from server.presence.state import State
from server.web.paging import Page


class PresenceRead(BaseModel):
    state: State
    """online; offline: it or its last will said so; silent: nothing comes any more; never: nothing ever came."""
    since: datetime | None
    """Since when it is offline or silent."""
    last_message_at: datetime | None
    """Time of its newest value."""


class AssetDevice(PresenceRead):
    """A device that an asset's values come from."""

    id: str
    name: str | None
    points: int
    """How many of the asset's points come from it."""


class PresentDevice(DeviceRead):
    presence: PresenceRead


class DevicePage(Page[PresentDevice]):
    counts: dict[State, int]
    """How many devices are in each state, whichever of them are listed."""
