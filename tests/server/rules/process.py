"""The rules process as tests meet it: a real one, with a real broker, a database and a store of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from server import migrations
from server.alarms.models import Alarm
from server.assets.models import Asset, Point
from server.assets.profiles import shipped_profiles
from server.assets.site_file import DEMO_SITE, load_site
from server.assets.site_import import import_site
from server.audit.service import SYSTEM
from server.clock import utc_now
from server.db import open_engine, reading, session_factory, transaction
from server.intake.service import last_beat
from server.rules.models import Rule
from server.rules.shipped import seed
from server.tickets.models import Ticket
from telemetry import topics
from telemetry.bus import Bus, delivered
from telemetry.messages import GatewayHealth, ReadingBatch
from telemetry.reading import Quality, Reading, Value
from telemetry.store import open_store
from tests.support.waiting import eventually


@dataclass
class Rig:
    """A plant without devices: what the gateway would say is said by the test."""

    folder: Path
    mqtt_url: str
    database_url: str
    process: subprocess.Popen[bytes] | None = None
    engine: Engine = field(init=False)
    sessions: sessionmaker[Session] = field(init=False)
    started_ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000)

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.engine = open_engine(self.database_url)
        migrations.migrate(self.engine)
        self.sessions = session_factory(self.engine)
        with transaction(self.sessions) as session:
            import_site(session, load_site(DEMO_SITE), shipped_profiles(), now=utc_now(), actor=SYSTEM)
            seed(session, shipped_profiles(), now=utc_now())
        self.store = open_store(self.store_url)
        self.bus = Bus(self.mqtt_url, client_id="gateway-of-a-test")
        self.bus.start()
        assert self.bus.wait_connected(10)

    @property
    def store_url(self) -> str:
        return f"sqlite:///{self.folder / 'readings.db'}"

    def start(self) -> None:
        environment = {
            "PLANTROOM_DATA": str(self.folder),
            "PLANTROOM_DATABASE_URL": self.database_url,
            "PLANTROOM_STORE_URL": self.store_url,
            "PLANTROOM_MQTT_URL": self.mqtt_url,
        }
        log = (self.folder / "rules.log").open("ab")
        began = utc_now()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.rules.main"], env={**os.environ, **environment}, stderr=log
        )
        eventually(lambda: self._beat_after(began), what="the rules process beats")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)
        self.process = None

    def stop(self) -> int:
        if self.process is None:
            return 0
        self.process.terminate()
        code = self.process.wait(10)
        self.process = None
        return code

    def close(self) -> None:
        if self.process is not None:
            self.kill()
        self.bus.stop()
        self.engine.dispose()

    def set_rule(self, profile: str, key: str, **values: object) -> None:
        """Change a rule before the process starts, e.g. to delays a test can wait for."""
        with transaction(self.sessions) as session:
            rule = session.scalars(select(Rule).where(Rule.profile == profile, Rule.key == key)).one()
            for name, value in values.items():
                setattr(rule, name, value)
            rule.customised = True
            rule.version += 1

    def point(self, asset: str, key: str) -> int:
        with reading(self.sessions) as session:
            found = select(Point.id).join(Asset).where(Asset.key == asset, Point.key == key)
            return session.scalars(found).one()

    def say(self, asset: str, values: Mapping[str, Value], *, at_ms: int | None = None) -> int:
        """Readings of one asset: stored, then published; gives their time."""
        at = at_ms if at_ms is not None else now_ms()
        self.publish(asset, self._stored(asset, values, at))
        return at

    def keep(self, asset: str, values: Mapping[str, Value]) -> int:
        """Readings that are stored and reach nobody; gives their time."""
        at = now_ms()
        self._stored(asset, values, at)
        return at

    def _stored(self, asset: str, values: Mapping[str, Value], at: int) -> list[Reading]:
        readings = [Reading(self.point(asset, key), at, value, Quality.GOOD) for key, value in values.items()]
        self.store.write(readings)
        return readings

    def publish(self, asset: str, readings: Sequence[Reading]) -> None:
        batch = msgspec.json.encode(ReadingBatch(list(readings), now_ms()))
        info = self.bus.publish(topics.readings(topics.shard_of(asset)), batch)
        assert delivered([info], timeout_s=30)

    def live(self) -> None:
        """A gateway's sign of life."""
        health = GatewayHealth(
            gateway="test",
            at_ms=now_ms(),
            online=True,
            started_ms=self.started_ms,
            messages=0,
            readings=0,
            duplicates=0,
            dead_letters=0,
            backfilled=0,
            suspect=0,
            in_flight=0,
            store_ok=True,
        )
        info = self.bus.publish(topics.gateway_health("test"), msgspec.json.encode(health), retain=True)
        assert delivered([info], timeout_s=30)

    def alarms(self, key: str) -> list[Alarm]:
        with reading(self.sessions) as session:
            return list(session.scalars(select(Alarm).where(Alarm.rule_key == key).order_by(Alarm.id)))

    def tickets(self) -> list[Ticket]:
        with reading(self.sessions) as session:
            return list(session.scalars(select(Ticket).order_by(Ticket.id)))

    def _beat_after(self, began: object) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError((self.folder / "rules.log").read_text())
        with reading(self.sessions) as session:
            beat = last_beat(session, "rules")
            return beat is not None and beat.at >= began  # type: ignore[operator]


def now_ms() -> int:
    return time.time_ns() // 1_000_000
