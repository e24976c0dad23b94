"""Settings of the rules process."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from server.rules.gateways import GONE_AFTER_S
from telemetry.settings import ProcessSettings


class RulesSettings(ProcessSettings):
    """PLANTROOM_DATABASE_URL on top of what every process has."""

    database_url: str = ""
    """Rules, alarms, tickets; empty: a SQLite file in the data folder."""
    gateway_gone_s: float = Field(default=GONE_AFTER_S, ge=6, le=3600, allow_inf_nan=False)
    """A gateway not heard of for so long raises its alarm; it gives a sign of life every 5 s."""

    @model_validator(mode="after")
    def _fill_database(self) -> Self:
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.data / 'plantroom.db'}")
        return self
