"""Settings of the processes that use the relational database."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import field_validator, model_validator

from telemetry.settings import ProcessSettings

PLACEHOLDERS = frozenset(
    {"", "changeme", "change-me", "change_me", "password", "secret", "example", "todo", "xxx"}
)


class DatabaseSettings(ProcessSettings):
    """PLANTROOM_DATABASE_URL on top of what every process has."""

    database_url: str = ""
    """Users, assets, rules, alarms, tickets; empty: a SQLite file in the data folder."""

    @field_validator("database_url")
    @classmethod
    def _is_a_database_we_speak_to(cls, value: str) -> str:
        if value and not value.startswith(("sqlite://", "postgresql+psycopg://")):
            raise ValueError(
                "must be like postgresql+psycopg://user:password@host/name or sqlite:////path/to.db"
            )
        return value

    @model_validator(mode="after")
    def _no_placeholders(self) -> Self:
        """An example's password is known to everyone who read the example."""
        if self.mqtt_password and self.mqtt_password.get_secret_value().lower() in PLACEHOLDERS:
            raise ValueError("PLANTROOM_MQTT_PASSWORD is a placeholder: choose one of your own")
        if (urlsplit(self.database_url).password or "").lower() in PLACEHOLDERS - {""}:
            raise ValueError(
                "PLANTROOM_DATABASE_URL has a placeholder for a password: choose one of your own"
            )
        return self

    @model_validator(mode="after")
    def _fill_database(self) -> Self:
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.data / 'plantroom.db'}")
        return self
