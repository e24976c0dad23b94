"""``plantroom prepare``: the secrets, broker users and certificates of a production site."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from server.commands.secret_files import SecretFiles
from server.onboarding.broker_users import first_users, new_password

_BROKER_USERS = {
    "gateway": "plantroom-gateway-gateway-1",
    "rules": "plantroom-rules",
    "server": "plantroom-server",
    "simulator": "plantroom-simulator",
}
"""Service to its user name, which is its MQTT client id as well."""
_PASSWORDS = ("influxdb_password", "influxdb_token", "postgres_password", "grafana_password")
VALID_DAYS = 825
"""The longest life that browsers and phones accept for a certificate of a private authority."""


def prepare(
    to: Annotated[Path, typer.Option(help="folder to write; what is there already is kept")],
    host: Annotated[str, typer.Option(help="name under which browsers and devices reach this machine")],
) -> None:
    """Write random secrets, the broker's users and certificates for docker-compose.yml."""
    files = SecretFiles(to)
    made = [name for name in _PASSWORDS if _make(files, name)]
    made += [
        f"mqtt_{service}_password" for service in _BROKER_USERS if _make(files, f"mqtt_{service}_password")
    ]
    if files.read("database_url") is None:
        url = f"postgresql+psycopg://plantroom:{files.read('postgres_password')}@postgres:5432/plantroom"
        files.keep("database_url", url)
        made.append("database_url")
    if files.read("broker_users.json") is None:
        passwords = {
            user: files.read(f"mqtt_{service}_password") or "" for service, user in _BROKER_USERS.items()
        }
        files.keep("broker_users.json", json.dumps(first_users(passwords)))
        made.append("broker_users.json")
    made += _certificates(files, host)
    # containers run as other users than the one who prepares; the folder itself stays closed to others
    for name in (*made,):
        files.path(name).chmod(0o644)
    typer.echo(
        f"wrote {', '.join(made)} to {to}" if made else f"{to}: everything was there already, nothing changed"
    )


def _make(files: SecretFiles, name: str) -> bool:
    if files.read(name) is not None:
        return False
    files.keep(name, new_password())
    return True


def _certificates(files: SecretFiles, host: str) -> list[str]:
    from server.commands.certificates import Authority

    wanted = ("broker", "web")
    if all(files.read(f"{name}.crt") for name in wanted):
        return []
    now = datetime.now(UTC)
    authority = Authority.read(files) or Authority.create(files, now=now)
    for name in wanted:
        certificate, key = authority.issue(
            [host, "localhost", "broker"], until=now + timedelta(days=VALID_DAYS), now=now
        )
        files.keep(f"{name}.crt", certificate)
        files.keep(f"{name}.key", key)
    return ["ca.crt", *(f"{name}.{kind}" for name in wanted for kind in ("crt", "key"))]
