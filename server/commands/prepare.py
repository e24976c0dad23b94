"""``plantroom prepare``: the secrets, broker users and certificates of a production site."""

from __future__ import annotations

import ipaddress
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from server.commands.secret_files import SecretFiles
from server.onboarding.broker_users import first_users, new_password
from telemetry.settings import refuse

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
    if not _is_host(host):
        refuse(f"--host {host}: a name or an address is needed, without https:// and port")
    try:
        files = SecretFiles(to)
    except OSError as error:
        refuse(f"{to} cannot be written: {error.strerror}")
    made = _certificates(files, host)
    made += [name for name in _PASSWORDS if _make(files, name)]
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
    # containers run as other users than the one who prepares; the folder itself stays closed to others
    for name in (*made,):
        files.path(name).chmod(0o644)
    typer.echo(
        f"wrote {', '.join(made)} to {to}" if made else f"{to}: everything was there already, nothing changed"
    )


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", host) is not None
    return True


def _make(files: SecretFiles, name: str) -> bool:
    if files.read(name) is not None:
        return False
    files.keep(name, new_password())
    return True


def _certificates(files: SecretFiles, host: str) -> list[str]:
    """Certificate and key where neither is there: what a site brought along is not ours to touch."""
    from server.commands.certificates import Authority

    missing = [name for name in ("broker", "web") if _is_wanted(files, name)]
    if not missing:
        return []
    now = datetime.now(UTC)
    authority, made = Authority.read(files), list[str]()
    if authority is None:
        if files.read("ca.crt"):
            refuse(
                f"{files.path('ca.crt')} has no ca.key beside it, so that nothing can be signed: bring "
                f"{' and '.join(f'{name}.crt, {name}.key' for name in missing)} as well, or take ca.crt away"
            )
        authority, made = Authority.create(files, now=now), ["ca.crt"]
    for name in missing:
        certificate, key = authority.issue(
            [host, "localhost", "broker"], until=now + timedelta(days=VALID_DAYS), now=now
        )
        files.keep(f"{name}.crt", certificate)
        files.keep(f"{name}.key", key)
        made += [f"{name}.crt", f"{name}.key"]
    return made


def _is_wanted(files: SecretFiles, name: str) -> bool:
    there = [kind for kind in ("crt", "key") if files.read(f"{name}.{kind}")]
    if len(there) == 1:
        refuse(
            f"{files.path(f'{name}.{there[0]}')} is there alone: a certificate and its key belong together"
        )
    return not there
