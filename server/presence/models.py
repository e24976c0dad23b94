"""The table of what devices last said about themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime


class PresenceRow(Base):
    """The last word of a device, its last will, its edge node or its bridge about whether it is there.

    Only of devices without a point ``online``, whose readings say the same. A device that was taken out or
    replaced may leave its row behind: nobody reads it any more.
    """

    __tablename__ = "device_presences"

    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    online: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When its gateway heard it."""
    gateway: Mapped[str] = mapped_column(String(64))
