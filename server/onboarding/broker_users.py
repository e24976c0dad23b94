"""Who may do what on the broker, in the form of mosquitto's dynamic security plugin.

One user a device, bound to its client id (so nobody can take over its session) and to its own topics.
The plugin of mosquitto 2.0 knows no placeholders in topics, hence one role a device.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import TypedDict

from telemetry import topics

CONTROL = "$CONTROL/dynamic-security/v1"
ITERATIONS = 1_000
"""Rounds of PBKDF2. The passwords are 160 random bits, so stretching them adds nothing; the broker
computes this at each connect, also when a thousand devices come back after a power cut."""


class Acl(TypedDict):
    """One right; ``acltype`` as the plugin names it."""

    acltype: str
    topic: str
    priority: int
    allow: bool


class Role(TypedDict):
    rolename: str
    acls: list[Acl]


def new_password() -> str:
    """160 random bits in characters that survive a shell, a URL and a label printer."""
    return base64.b32encode(secrets.token_bytes(20)).decode().lower()


def device_role(device: str) -> Role:
    """A device may publish below its own topics and read what is addressed to it; nothing else."""
    own = topics.telemetry(device).rsplit("/", 1)[0]
    return {"rolename": f"device-{device}", "acls": [_may("publishClientSend", f"{own}/#")]}


def create_device(device: str, password: str) -> list[dict[str, object]]:
    """The plugin's commands that give a device its credential; an older one of its is replaced."""
    role = device_role(device)
    return [
        {"command": "deleteClient", "username": device},
        {"command": "deleteRole", "rolename": role["rolename"]},
        {"command": "createRole", **role},
        {
            "command": "createClient",
            "username": device,
            "clientid": device,
            "password": password,
            "roles": [{"rolename": role["rolename"], "priority": 0}],
        },
    ]


def delete_device(device: str) -> list[dict[str, object]]:
    """The commands that withdraw it; a connected device is put out at once."""
    return [
        {"command": "deleteClient", "username": device},
        {"command": "deleteRole", "rolename": f"device-{device}"},
    ]


def _may(acltype: str, topic: str) -> Acl:
    return {"acltype": acltype, "topic": topic, "priority": 0, "allow": True}


def _service(name: str, *, sends: tuple[str, ...], reads: tuple[str, ...]) -> Role:
    acls = [_may("publishClientSend", topic) for topic in sends]
    acls += [_may("subscribePattern", topic) for topic in reads]
    # the plugin's answers reach nobody without this one, whatever the default says
    acls += [_may("publishClientReceive", topic) for topic in reads if topic.startswith("$CONTROL")]
    return {"rolename": name, "acls": acls}


_ROOT = topics.ROOT
SERVICE_ROLES = [
    # the gateway also listens to foreign families, whose topics only its configuration knows
    _service(
        "gateway",
        sends=(
            f"{_ROOT}/readings/#",
            f"{_ROOT}/dead-letters/#",
            f"{_ROOT}/gateways/#",
            f"{_ROOT}/unknown/#",
            "spBv1.0/#",
        ),
        reads=("#", "$SYS/broker/#"),
    ),
    _service("rules", sends=(f"{_ROOT}/changed/#",), reads=(f"{_ROOT}/#",)),
    _service(
        "server",
        # as the device ``patrol`` it hands over what people read off gauges
        sends=(
            f"{_ROOT}/catalogue/#",
            f"{_ROOT}/changed/#",
            topics.telemetry("patrol"),
            f"{CONTROL}/#",
            CONTROL,
        ),
        reads=(f"{_ROOT}/#", f"{CONTROL}/#"),
    ),
    _service("simulator", sends=(f"{_ROOT}/devices/#",), reads=(topics.SIMULATOR_FAULTS,)),
]


def first_users(passwords: Mapping[str, str]) -> dict[str, object]:
    """The plugin's file for a new broker: our own processes and their roles.

    ``passwords``: user name to password. The role of a user is the part of its name after ``plantroom-``
    up to the next hyphen: plantroom-gateway-gateway-1 is a gateway. Unlike devices they are not bound to a
    client id, because each process keeps several connections; they are alone on the internal listener.
    """
    return {
        "defaultACLAccess": {
            "publishClientSend": False,
            "publishClientReceive": True,
            "subscribe": False,
            "unsubscribe": True,
        },
        "clients": [_client(name, password) for name, password in passwords.items()],
        "groups": [],
        "roles": SERVICE_ROLES,
    }


def _client(name: str, password: str) -> dict[str, object]:
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return {
        "username": name,
        "password": base64.b64encode(digest).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": ITERATIONS,
        "roles": [{"rolename": name.removeprefix("plantroom-").split("-")[0], "priority": 0}],
    }
