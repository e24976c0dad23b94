"""Each dependency with its state and a sentence. Works while any of them is down, that is what it is for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from server.assets.models import Point
from server.db import reading
from server.errors import Label
from server.history.stores import Stores
from server.intake import service as intake
from telemetry.bus import Bus
from telemetry.messages import GatewayHealth
from telemetry.store.contract import StoreUnavailable

RULES = "rules"
"""Name under which the rules process writes its heartbeat."""
RULES_SILENT = timedelta(seconds=30)
GATEWAY_SILENT = timedelta(seconds=20)
"""A gateway tells its health every 5 s."""
DEVICES_SILENT_S = 300
"""No device at all for so long is the broker's or the network's fault; one that is silent is an alarm."""
_KEPT_S = 1.0
"""Answers are kept so long: the address is open to anyone and must not wear out what it asks about."""

State = Literal["ok", "down", "unknown"]


@dataclass(frozen=True)
class Dependency:
    state: State
    detail: Label


class Readiness:
    """Asks each dependency, at most once a second however often it is asked itself."""

    def __init__(
        self,
        *,
        sessions: sessionmaker[Session],
        busses: Sequence[Bus],
        stores: Stores,
        gateway: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._sessions = sessions
        self._busses = busses
        self._stores = stores
        self._gateway = gateway
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Mapping[str, Dependency] = {}
        self._asked = -_KEPT_S

    def dependencies(self) -> Mapping[str, Dependency]:
        """State of ``database``, ``broker``, ``store``, ``rules`` and ``gateway``."""
        with self._lock:
            if time.monotonic() - self._asked >= _KEPT_S:
                self._known = self._ask()
                self._asked = time.monotonic()
            return self._known

    def _ask(self) -> Mapping[str, Dependency]:
        found = {"database": self._ask_database(), "broker": self._ask_broker(), "store": self._ask_store()}
        if found["database"].state != "ok":
            unknown = Dependency(
                "unknown", Label(en="Not known without the database.", zh="数据库不可用，状态未知。")
            )
            return {**found, "rules": unknown, "gateway": unknown}
        try:
            return {**found, "rules": self._ask_rules(), "gateway": self._ask_gateway()}
        except SQLAlchemyError:  # gone in this very moment
            return {**found, "database": _DATABASE_DOWN}

    def _ask_database(self) -> Dependency:
        try:
            with reading(self._sessions) as session:
                session.execute(select(1))
        except SQLAlchemyError:
            return _DATABASE_DOWN
        return Dependency("ok", Label(en="The database answers.", zh="数据库正常。"))

    def _ask_broker(self) -> Dependency:
        refused = next((bus.refused for bus in self._busses if bus.refused), None)
        if refused is not None:
            detail = Label(
                en="The broker refuses us: see the server's log.", zh="消息服务器拒绝连接，请查看服务器日志。"
            )
            return Dependency("down", detail)
        if not all(bus.is_connected for bus in self._busses):
            return Dependency("down", Label(en="The broker is not connected.", zh="未连接到消息服务器。"))
        return Dependency("ok", Label(en="The broker is connected.", zh="消息服务器已连接。"))

    def _ask_store(self) -> Dependency:
        try:
            self._stores.get().latest([0])
        except StoreUnavailable:
            detail = Label(en="The store of readings does not answer.", zh="读数存储无响应。")
            return Dependency("down", detail)
        return Dependency("ok", Label(en="The store of readings answers.", zh="读数存储正常。"))

    def _ask_rules(self) -> Dependency:
        with reading(self._sessions) as session:
            beat = intake.last_beat(session, RULES)
        if beat is None:
            detail = Label(en="The rules process was never heard of.", zh="从未收到规则进程的信号。")
            return Dependency("down", detail)
        age = self._clock() - beat.at
        if age > RULES_SILENT:
            return Dependency("down", _silent("The rules process", "规则进程", age))
        return Dependency("ok", Label(en="The rules process runs.", zh="规则进程运行正常。"))

    def _ask_gateway(self) -> Dependency:
        with reading(self._sessions) as session:
            gateways = {row.name: row for row in intake.gateways(session)}
        row = gateways.get(self._gateway)
        if row is None:
            detail = Label(en="The gateway was never heard of.", zh="从未收到网关的信号。")
            return Dependency("down", detail)
        age = self._clock() - row.at
        if not row.online or age > GATEWAY_SILENT:
            return Dependency("down", _silent("The gateway", "网关", age))
        health = msgspec.convert(row.health, GatewayHealth)
        if not health.store_ok:
            return Dependency("down", _store_away(health))
        silent_s = _silent_s(health)
        if silent_s > DEVICES_SILENT_S and self._has_points():
            return Dependency("down", _no_device(silent_s))
        if health.spooled_readings:
            detail = Label(
                en=f"The gateway runs; {health.spooled_readings} spooled readings still go to the store.",
                zh=f"网关运行正常；仍有 {health.spooled_readings} 条缓存读数正在写入存储。",
            )
            return Dependency("ok", detail)
        return Dependency("ok", Label(en="The gateway runs.", zh="网关运行正常。"))

    def _has_points(self) -> bool:
        """Whether anything is expected to be heard at all."""
        with reading(self._sessions) as session:
            return session.scalar(select(Point.id).limit(1)) is not None


_DATABASE_DOWN = Dependency("down", Label(en="The database does not answer.", zh="数据库无响应。"))


def _store_away(health: GatewayHealth) -> Label:
    if health.spool_full:
        return Label(
            en="The gateway cannot write to its store and its spool is full: devices wait, nothing is lost.",
            zh="网关无法写入读数存储且缓存已满：设备数据在等待，未丢失。",
        )
    if health.spooled_readings:
        used = f"{health.spool_bytes / 2**20:.1f}/{health.spool_limit_bytes / 2**20:.0f} MB"
        return Label(
            en=f"The gateway cannot write to its store; {health.spooled_readings} readings are spooled ({used}).",
            zh=f"网关无法写入读数存储；已缓存 {health.spooled_readings} 条读数（{used}）。",
        )
    return Label(en="The gateway cannot write to its store.", zh="网关无法写入读数存储。")


def _silent_s(health: GatewayHealth) -> int:
    """How long the gateway has heard no device, as it told itself: its own clock on both ends."""
    since_ms = health.last_message_ms or health.started_ms
    return max(0, health.at_ms - since_ms) // 1000


def _no_device(silent_s: int) -> Label:
    minutes = silent_s // 60
    return Label(
        en=f"The gateway has heard no device for {minutes} min: look at the broker, its rights and the network.",
        zh=f"网关已有 {minutes} 分钟未收到任何设备消息：请检查消息服务器、其权限和网络。",
    )


def _silent(en: str, zh: str, age: timedelta) -> Label:
    seconds = max(0, int(age.total_seconds()))
    return Label(en=f"{en} was last heard of {seconds} s ago.", zh=f"{zh}最近一次信号在 {seconds} 秒前。")
