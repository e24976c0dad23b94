"""Settings of the rules process."""

from __future__ import annotations

from pydantic import Field

from server.database_settings import DatabaseSettings
from server.rules.gateways import GONE_AFTER_S


class RulesSettings(DatabaseSettings):
    """PLANTROOM_GATEWAY_GONE_S on top of what every process with the database has."""

    gateway_gone_s: float = Field(default=GONE_AFTER_S, ge=6, le=3600, allow_inf_nan=False)
    """A gateway not heard of for so long raises its alarm; it gives a sign of life every 5 s."""
