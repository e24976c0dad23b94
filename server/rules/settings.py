"""Settings of the rules process."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from telemetry.settings import ProcessSettings


class RulesSettings(ProcessSettings):
    """PLANTROOM_DATABASE_URL on top of what every process has."""

    database_url: str = ""
    """Rules, alarms, tickets; empty: a SQLite file in the data folder."""

    @model_validator(mode="after")
    def _fill_database(self) -> Self:
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.data / 'plantroom.db'}")
        return self
