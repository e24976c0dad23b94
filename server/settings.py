"""Settings of the server process."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from server.database_settings import DatabaseSettings


class ServerSettings(DatabaseSettings):
    """PLANTROOM_HOST, PLANTROOM_PORT, ... on top of what every process with the database has."""

    host: str = "127.0.0.1"
    """Loopback by default: nothing on the network until somebody decides so."""
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: str = ""
    """How people reach the server: base of links, and whether cookies are for https only."""
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    trusted_proxies: str = "127.0.0.1"
    """Addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed, with commas between; * for all."""
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

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, value: str) -> str:
        for proxy in () if value == "*" else value.split(","):
            try:
                ip_network(proxy.strip(), strict=False)
            except ValueError:
                raise ValueError(
                    f"{proxy.strip()!r} is no address: must be like 127.0.0.1,10.0.0.0/8"
                ) from None
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
    def _fill_and_compare(self) -> Self:
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
