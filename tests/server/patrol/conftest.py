"""A small estate: four checkpoints with tags of every kind, one route, a round that is due now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.assets.models import Asset, Space
from server.clock import to_ms
from server.db import open_engine, session_factory, transaction
from server.errors import Label
from server.identity.roles import Role
from server.main import create_app
from server.patrol.checkpoints import sun
from server.patrol.checkpoints.models import Checkpoint, Tag
from server.patrol.evidence.chain import FIRST_HASH, event_hash
from server.patrol.house import PatrolHouse, patrol_house
from server.patrol.rounds.models import Round, RoundLeg, Route, RouteLeg
from server.settings import ServerSettings
from tests.server.conftest import Cast, Clock

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tests that say nothing about the database: what differs between the two is asked elsewhere."""

PLACES = {"gate": (311_000_000, 1_214_000_000), "pump": (311_010_000, 1_214_000_000)}
KINDS = {"gate": "qr", "pump": "ntag424", "roof": "nfc", "store": "qr"}


def label(text: str) -> Label:
    return Label(en=text, zh=text)


@dataclass
class Estate:
    """Ids by name, and the addresses of the tags."""

    house: PatrolHouse
    site_id: int
    checkpoints: dict[str, int]
    codes: dict[str, str]
    route_id: int
    round_id: int
    asset_id: int
    uid: bytes = bytes.fromhex("04A1B2C3D4E580")
    counters: int = 0

    def qr(self, name: str) -> str:
        code = self.codes[name]
        return f"{self.house.public_url}/t/{code}?s={self.house.keys.signature(code)}"

    def tap(self, counter: int | None = None) -> str:
        """The address of a genuine tap of the pump's tag."""
        self.counters = counter if counter is not None else self.counters + 1
        keys = self.house.keys.derived(self.uid)
        picc = sun.encrypt_picc_data(keys.meta, self.uid, self.counters)
        mac = sun.mac_of(keys.file, self.uid, self.counters).hex().upper()
        return f"{self.house.public_url}/t/{self.codes['pump']}?e={picc}&c={mac}"


@pytest.fixture(scope="session")
def made_app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """One application for all tests of this room: making its routes takes longer than most of them."""
    data = tmp_path_factory.mktemp("app")
    settings = ServerSettings(data=data, database_url="sqlite://", public_url="http://testserver")
    return create_app(settings, engine=open_engine("sqlite://"))


@pytest.fixture
def app(made_app: FastAPI, engine: Engine, clock: Clock, house: PatrolHouse) -> FastAPI:
    """It, with this test's database, clock and folder."""
    state = made_app.state
    state.context = replace(state.context, sessions=session_factory(engine), clock=clock)
    state.patrol = house
    return made_app


@pytest.fixture
def house(tmp_path: Path) -> PatrolHouse:
    return patrol_house(key=None, data=tmp_path, public_url="http://testserver")


@pytest.fixture
def estate(db: sessionmaker[Session], demo_site: None, clock: Clock, house: PatrolHouse) -> Estate:
    with transaction(db) as session:
        site = session.scalars(select(Space).where(Space.kind == "site")).one()
        asset = session.scalars(select(Asset).where(Asset.key == "pump-a")).one()
        checkpoints: dict[str, int] = {}
        codes: dict[str, str] = {}
        for floor, (name, kind) in enumerate(KINDS.items()):
            lat, lng = PLACES.get(name, (None, None))
            row = Checkpoint(
                key=name, name=label(name), site_id=site.id, space_id=site.id, floor=floor, lat_e7=lat, lng_e7=lng,
                instructions=label(""), dwell_s=20 if name == "roof" else 0,
                asset_id=asset.id if name == "pump" else None,
            )  # fmt: skip
            session.add(row)
            session.flush()
            codes[name] = house.keys.new_code()
            uid = Estate.uid.hex().upper() if kind == "ntag424" else None
            session.add(Tag(code=codes[name], checkpoint_id=row.id, kind=kind, uid=uid, created_at=clock.now))
            checkpoints[name] = row.id
        route = Route(key="night", name=label("Night round"), site_id=site.id, walk="ordered")
        session.add(route)
        session.flush()
        found = Round(
            site_id=site.id, route_id=route.id, name=route.name, walk="ordered", starts_at=clock.now,
            window_ends_at=clock.now + timedelta(hours=1), state="due",
        )  # fmt: skip
        session.add(found)
        session.flush()
        for position, checkpoint_id in enumerate(checkpoints.values()):
            due = clock.now + timedelta(minutes=10 * (position + 1))
            session.add(
                RouteLeg(route_id=route.id, position=position, checkpoint_id=checkpoint_id, after_s=600)
            )
            session.add(
                RoundLeg(
                    round_id=found.id,
                    position=position,
                    checkpoint_id=checkpoint_id,
                    due_at=due,
                    tolerance_s=300,
                )
            )
        return Estate(house, site.id, checkpoints, codes, route.id, found.id, asset.id)


@dataclass
class PhoneInHand:
    """A phone as the app behaves: a chain of events, clocks of its own, one synchronisation at a time."""

    client: TestClient
    clock: Clock
    user_id: int
    device_id: str = field(default_factory=lambda: str(uuid4()))
    boot: str = field(default_factory=lambda: str(uuid4()))
    wrong_by: timedelta = timedelta(0)
    """Wall clock less true time."""
    seq: int = 0
    prev: str = FIRST_HASH
    waiting: list[dict[str, object]] = field(default_factory=list)
    seen: tuple[int, int] | None = None
    asleep_ms: int = 0

    @property
    def mono_ms(self) -> int:
        return to_ms(self.clock.now) % 1_000_000_000 - self.asleep_ms

    @property
    def wall_ms(self) -> int:
        return to_ms(self.clock.now + self.wrong_by)

    def note(self, kind: str, payload: dict[str, object], **changes: object) -> dict[str, object]:
        """Write an event into the phone's log; it goes out with the next ``sync``."""
        self.seq += 1
        event: dict[str, object] = {
            "id": str(uuid4()),
            "device_id": self.device_id,
            "seq": self.seq,
            "prev": self.prev,
            "kind": kind,
            "wall_ms": self.wall_ms,
            "mono_ms": self.mono_ms,
            "boot": self.boot,
            "server_seen_ms": self.seen[0] if self.seen else None,
            "server_seen_mono_ms": self.seen[1] if self.seen else None,
            "place": None,
            "battery_percent": 80,
            "app": "0.1.0",
            "user_id": self.user_id,
            "payload": payload,
            **changes,
        }
        event["hash"] = self.prev = event_hash(event)
        self.waiting.append(event)
        return event

    def scan(
        self, text: str, *, how: str = "camera", round_id: int | None = None, **changes: object
    ) -> dict[str, object]:
        payload: dict[str, object] = {
            "round_id": round_id, "checkpoint_id": None, "how": how, "text": text, "reason": None, "photo_ids": [],
        }  # fmt: skip
        return self.note("scan", payload, **changes)

    def sync(self) -> list[dict[str, object]]:
        """Send what waits; gives the answers."""
        body = {
            "device_id": self.device_id,
            "app": "0.1.0",
            "events": self.waiting,
            "sent": {"wall_ms": self.wall_ms, "mono_ms": self.mono_ms, "boot": self.boot},
        }
        answer = self.client.post("/api/v1/patrol/sync", json=body)
        assert answer.status_code == 200, answer.text
        self.waiting = []
        self.seen = answer.json()["server_ms"], self.mono_ms
        results: list[dict[str, object]] = answer.json()["results"]
        return results

    def restart(self) -> None:
        """The app was closed and opened again."""
        self.boot = str(uuid4())


Phones = Callable[..., PhoneInHand]


@pytest.fixture
def phone(app: FastAPI, cast: Cast, clock: Clock, estate: Estate) -> Phones:
    """A phone in the hand of a person of that role."""

    def make(role: Role = Role.GUARD) -> PhoneInHand:
        client = TestClient(app, headers=cast.headers(role))
        return PhoneInHand(client, clock, cast.ids[role])

    return make


def is_uuid(text: str) -> bool:
    return str(UUID(text)) == text
