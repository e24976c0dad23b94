"""Issuing and withdrawing device users at the broker, over MQTT: mosquitto's dynamic security plugin.

A short connection for each act, of its own client id: the plugin answers the one who asked. Nothing about
a password is kept here or logged; the broker keeps a salted hash, the person sees it once.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence

import msgspec

from server.errors import Conflict, DomainError, Invalid
from server.onboarding import broker_users
from telemetry.bus import Bus
from telemetry.standing import BusRefused

RESPONSE = f"{broker_users.CONTROL}/response"
CONNECT_S = 5.0
ANSWER_S = 3.0
"""mosquitto answers within milliseconds; a broker without the plugin never does."""

_OURS = "plantroom-"


class BrokerAway(DomainError):
    """The broker cannot be reached right now."""

    status = 503
    code = "broker_away"


class _Answer(msgspec.Struct):
    """One command's outcome, as the plugin words it."""

    command: str = ""
    error: str | None = None
    correlation: str | None = msgspec.field(default=None, name="correlationData")
    data: dict[str, object] = {}


class _Answers(msgspec.Struct):
    responses: list[_Answer]


class BrokerControl:
    """Nothing is connected before it is asked for something."""

    def __init__(self, open_bus: Callable[[], Bus]) -> None:
        """``open_bus`` makes a connection that is not started, with a client id of its own."""
        self._open_bus = open_bus
        self._one_at_a_time = threading.Lock()

    def issue(self, device: str) -> str:
        """Give the device a user of its own and say the password; an earlier one stops working at once.

        Raises Invalid for a name of ours, Conflict where the broker cannot or will not, BrokerAway.
        """
        _require_a_devices_name(device)
        password = broker_users.new_password()
        with self._one_at_a_time, _Conversation(self._open_bus()) as broker:
            _require_a_devices_user(device, broker.client(device))
            broker.change(broker_users.create_device(device, password))
        return password

    def withdraw(self, device: str) -> None:
        """Take the device's user away; a connected device is put out. Raises as ``issue`` does."""
        _require_a_devices_name(device)
        with self._one_at_a_time, _Conversation(self._open_bus()) as broker:
            _require_a_devices_user(device, broker.client(device))
            broker.change(broker_users.delete_device(device))


class _Conversation:
    """One connection to the plugin, ended when the block ends."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._decoder = msgspec.json.Decoder(_Answers)

    def __enter__(self) -> _Conversation:
        self._bus.start()  # without a subscription: a broker that knows no such topics may hang up at it
        try:
            is_connected = self._bus.wait_connected(CONNECT_S)
        except BusRefused as refusal:
            self._bus.stop()
            raise _unable() from refusal
        if not is_connected:
            self._bus.stop()
            raise BrokerAway(
                "The broker cannot be reached. Nothing was changed; try again when it is back.",
                "无法连接消息服务器，未作任何更改。请在其恢复后重试。",
            )
        self._bus.subscribe(RESPONSE)
        return self

    def __exit__(self, *_: object) -> None:
        self._bus.stop()

    def client(self, device: str) -> _Answer:
        """What the broker knows of this user. Raises Conflict where nothing answers."""
        (answer,) = self._ask([{"command": "getClient", "username": device}], otherwise=_unable())
        return answer

    def change(self, commands: Sequence[dict[str, object]]) -> None:
        """Have these done; removing what is not there is no failure. Raises Conflict, BrokerAway."""
        answers = self._ask(commands, otherwise=_broken_off())
        failed = [each for each in answers if each.error and not each.command.startswith("delete")]
        if failed:
            raise Conflict(
                f"The broker refused ({failed[0].command}: {failed[0].error}). The device has no valid log-in now.",
                f"消息服务器拒绝（{failed[0].command}：{failed[0].error}）。该设备目前没有有效的登录。",
                code="broker_refused",
            )

    def _ask(self, commands: Sequence[dict[str, object]], *, otherwise: DomainError) -> list[_Answer]:
        token = secrets.token_hex(8)
        body = {"commands": [{**command, "correlationData": token} for command in commands]}
        info = self._bus.publish(broker_users.CONTROL, msgspec.json.encode(body))
        deadline = time.monotonic() + ANSWER_S
        found: list[_Answer] = []
        while len(found) < len(commands):
            left = deadline - time.monotonic()
            if left <= 0 or self._bus.refused or self._bus.refusal(info):
                raise otherwise
            messages = self._bus.take(timeout_s=min(left, 0.1))
            for message in messages:
                found += [each for each in self._read(message.payload) if each.correlation == token]
            self._bus.acknowledge(messages)
        return found

    def _read(self, payload: bytes) -> list[_Answer]:
        try:
            return self._decoder.decode(payload).responses
        except msgspec.DecodeError:
            return []


def _require_a_devices_name(device: str) -> None:
    if device.lower().startswith(_OURS):
        raise Invalid(
            f"Names that begin with {_OURS} belong to Plantroom's own processes.",
            f"以 {_OURS} 开头的名称供 Plantroom 自身的进程使用。",
            code="reserved_name",
        )


def _require_a_devices_user(device: str, answer: _Answer) -> None:
    """A user of that name whom somebody made at the broker itself is not ours to replace."""
    client = answer.data.get("client")
    roles = client.get("roles", []) if isinstance(client, dict) else []
    if any(role.get("rolename") != broker_users.device_role(device)["rolename"] for role in roles):
        raise Conflict(
            f"The broker has a user {device} with other rights than a device's. Choose another device id.",
            f"消息服务器上已有用户 {device}，且其权限并非设备权限。请换一个设备号。",
            code="user_taken",
        )


def _unable() -> Conflict:
    return Conflict(
        "This broker keeps no users for Plantroom: it has no dynamic security plugin, or does not let the server use "
        "it. Nothing was changed. Run mosquitto with the shipped deploy/mosquitto/mosquitto.conf; until then devices "
        "share the log-in of the installation.",
        "该消息服务器无法由 Plantroom 管理用户：未启用 dynamic security 插件，或不允许服务器使用它。未作任何更改。"
        "请使用随附的 deploy/mosquitto/mosquitto.conf 运行 mosquitto；在此之前各设备共用安装时的登录。",
        code="broker_keeps_no_users",
    )


def _broken_off() -> BrokerAway:
    return BrokerAway(
        "The broker broke off. The device's log-in may have ended: issue it again when the broker is back.",
        "消息服务器中断了操作，该设备的登录可能已失效：请在其恢复后重新签发。",
    )
