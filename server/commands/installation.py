"""What one machine's installation consists of: folder, ports, secrets, broker; prepared, not yet started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from server.commands import preflight
from server.commands.broker import DEVICES, INTERNAL, SIMULATOR, BrokerPlan, plan_broker
from server.commands.database import sqlite_file
from server.commands.preflight import Refused
from server.commands.secret_files import SecretFiles
from server.settings import ServerSettings
from server.web.app_folder import app_folder

MQTT_PORT = 1883


class UpSettings(ServerSettings):
    """PLANTROOM_MQTT_PORT, and PLANTROOM_MQTT_URL to use a broker that runs already."""

    mqtt_port: int | None = Field(default=None, ge=1, le=65535)
    """Of the broker that ``up`` brings along; empty: 1883, or the next free one."""


@dataclass(frozen=True)
class Installation:
    """All that is needed to start the processes."""

    settings: UpSettings
    secrets: SecretFiles
    broker: BrokerPlan | None
    """None: an own broker is used, as PLANTROOM_MQTT_URL says."""

    @property
    def logs(self) -> Path:
        return self.settings.data / "logs"

    def environment(self, login: str = INTERNAL) -> Mapping[str, str]:
        """What the processes find in their environment beside ours: the broker, by this log-in."""
        found = {"PLANTROOM_DATA": str(self.settings.data)}
        if self.broker is not None:
            found |= {
                "PLANTROOM_MQTT_URL": f"mqtt://127.0.0.1:{self.broker.bus_port}",
                "PLANTROOM_MQTT_USERNAME": login,
                "PLANTROOM_MQTT_PASSWORD_FILE": str(self.secrets.path(_secret_name(login))),
            }
        return found

    def addresses(self) -> Mapping[str, str]:
        """The environment by which other commands find what runs; names no secret, only where one lies."""
        found = {
            "PLANTROOM_HOST": self.settings.host,
            "PLANTROOM_PORT": str(self.settings.port),
            "PLANTROOM_PUBLIC_URL": self.settings.public_url,
        }
        # without them doctor would ask a server that speaks TLS in plain text, and hear nothing
        if self.settings.tls_cert_file and self.settings.tls_key_file:
            found["PLANTROOM_TLS_CERT_FILE"] = str(self.settings.tls_cert_file.resolve())
            found["PLANTROOM_TLS_KEY_FILE"] = str(self.settings.tls_key_file.resolve())
        return {**found, **self.environment()}

    def device_password(self) -> str:
        return self.secrets.get_or_make(_secret_name(DEVICES))


def check(settings: UpSettings) -> None:
    """Look for what would go wrong later, cheaply. Raises Refused."""
    if app_folder() is None:
        raise Refused("the web app is not built: run `make web`, or install Plantroom from its wheel")
    preflight.check_port(settings.host, settings.port, variable="PLANTROOM_PORT")
    for path in database_files(settings):
        preflight.check_sqlite(path)


def database_files(settings: ServerSettings) -> list[Path]:
    """The SQLite files of this installation that are there: database, readings, what the gateway keeps."""
    named = [
        sqlite_file(url) for url in (settings.database_url, settings.store_url) if url.startswith("sqlite")
    ]
    found = {path for path in named if path is not None and path.exists()}
    return sorted(found | set(settings.data.glob("*.db")))


def prepare(settings: UpSettings) -> Installation:
    """Make secrets and the broker's configuration where they are missing. Raises Refused."""
    secrets = SecretFiles(settings.data / "secrets")
    if "mqtt_url" in settings.model_fields_set:
        return Installation(settings, secrets, None)
    port = _mqtt_port(settings)
    plan = plan_broker(
        settings.data / "broker",
        port=port,
        spare_port=preflight.free_port_from("127.0.0.1", port + 1, taken=settings.port),
        passwords={
            login: secrets.get_or_make(_secret_name(login)) for login in (INTERNAL, SIMULATOR, DEVICES)
        },
    )
    return Installation(settings, secrets, plan)


def _mqtt_port(settings: UpSettings) -> int:
    if settings.mqtt_port is None:
        return preflight.free_port_from("127.0.0.1", MQTT_PORT, taken=settings.port)
    preflight.check_port("127.0.0.1", settings.mqtt_port, variable="PLANTROOM_MQTT_PORT")
    return settings.mqtt_port


def _secret_name(login: str) -> str:
    return f"mqtt-{login}"
