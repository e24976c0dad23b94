"""Settings of the server process."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from telemetry.settings import ProcessSettings

PLACEHOLDERS = frozenset(
    {"", "changeme", "change-me", "change_me", "password", "secret", "example", "todo", "xxx"}
)


class ServerSettings(ProcessSettings):
    """PLANTROOM_HOST, PLANTROOM_PORT, ... on top of what every process has."""

    host: str = "127.0.0.1"
    """Loopback by default: nothing on the network until somebody decides so."""
    port: int = Field(default=8080, ge=1, le=65535)
    database_url: str = ""
    """Users, assets, alarms, tickets; empty: a SQLite file in the data folder."""
    public_url: str = ""
    """How people reach the server: base of links, and whether cookies are for https only."""
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    trusted_proxies: str = "127.0.0.1"
    """Addresses whose X-Forwarded-For and X-Forwarded-Proto are believed, with commas between."""
    instance: str = Field(default="", pattern=r"^[A-Za-z0-9_.-]{0,32}$")
    """Tells several servers on one broker apart; each needs its own."""
    server_key: SecretStr | None = Field(default=None, min_length=32)
    """Seals secrets in the database and signs links; empty: made once, in the data folder."""
    private_webhooks: bool = False
    """Whether webhooks and bots may be addresses of the own network, which outsiders could not reach."""
    demo_guards: bool = False
    """Whether the guards of the demo site walk their rounds by themselves; set by ``up --demo``."""
    gateway: str = "gateway-1"
    """The gateway without which the building is not watched."""

    @field_validator("database_url")
    @classmethod
    def _is_a_database_we_speak_to(cls, value: str) -> str:
        if value and not value.startswith(("sqlite://", "postgresql+psycopg://")):
            raise ValueError(
                "must be like postgresql+psycopg://user:password@host/name or sqlite:////path/to.db"
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (
            parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment
        ):
            raise ValueError("must be like https://plantroom.example.com")
        return value.rstrip("/")

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
    def _fill_and_compare(self) -> Self:
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.data / 'plantroom.db'}")
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            raise ValueError("PLANTROOM_TLS_CERT_FILE and PLANTROOM_TLS_KEY_FILE belong together")
        if not self.public_url:
            scheme = "https" if self.tls_cert_file else "http"
            object.__setattr__(self, "public_url", f"{scheme}://{_bracketed(self.host)}:{self.port}")
        return self


def _bracketed(host: str) -> str:
    """The host as it stands in a URL; 0.0.0.0 and :: are no place to go to, this machine is."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1"
    return f"[{host}]" if address.version == 6 else host
