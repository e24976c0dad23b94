"""The estate of the trial: sites, routes, tags of all kinds, guards with phones."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from server.assets.models import Space
from server.clock import to_ms
from server.errors import Label
from server.identity.models import User
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.patrol.checkpoints import sun
from server.patrol.checkpoints.models import Checkpoint, Tag
from server.patrol.checkpoints.policy import Policy, TagKind
from server.patrol.evidence.chain import FIRST_HASH, event_hash
from server.patrol.house import PatrolHouse
from server.patrol.proof.clock import Stamp
from server.patrol.rounds import making
from server.patrol.rounds.models import Round, Route, RouteLeg

LEG_EVERY = timedelta(minutes=6)
WINDOW = timedelta(hours=1, minutes=30)
ROUNDS_AT = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=7), timedelta(hours=10))
"""After the beginning of a shift of twelve hours."""
FLOORS = 5
DWELL_S = 140
"""At one checkpoint of each route one has to stay; honest guards do."""
METRES = 90
"""Between neighbouring checkpoints."""
_DEGREE_E7_A_METRE = 90
_LAT, _LNG = 311_000_000, 1_214_000_000


@dataclass
class Spot:
    """A checkpoint with its tags."""

    id: int
    kind: TagKind
    lat_e7: int
    lng_e7: int
    code: str
    uid: bytes
    wants_better: bool
    old_code: str = ""
    """An old QR label that still hangs where only a chip counts."""
    counter: int = 0
    dwell_s: int = 0


@dataclass
class Beat:
    """A route with its spots in order."""

    id: int
    site_id: int
    spots: list[Spot]


@dataclass
class Guard:
    """A person with a phone."""

    user: CurrentUser
    phone: str
    wrong_by: timedelta
    """Wall clock less true time."""
    dozes: bool
    """Its monotonic clock rests while it sleeps."""
    boot: str
    boot_at: datetime
    seq: int = 0
    prev: str = FIRST_HASH
    rested: timedelta = timedelta(0)
    last: datetime | None = None
    seen_ms: int | None = None
    seen_mono_ms: int | None = None
    waiting: list[dict[str, object]] = field(default_factory=list)

    def mono_ms(self, at: datetime) -> int:
        """The monotonic clock; between events a dozing phone is awake for half a minute only."""
        if self.dozes and self.last is not None and at > self.last + timedelta(seconds=30):
            self.rested += at - self.last - timedelta(seconds=30)
        self.last = at
        return (at - self.boot_at - self.rested) // timedelta(milliseconds=1)

    def restart(self, at: datetime, random: Random) -> None:
        self.boot, self.boot_at, self.rested, self.last = uuid(random), at, timedelta(0), None
        self.seen_mono_ms = None

    def stamp(self, at: datetime, shift: timedelta = timedelta(0)) -> Stamp:
        wall_ms = to_ms(at + self.wrong_by + shift)
        return Stamp(self.seq, wall_ms, self.mono_ms(at), self.boot, self.seen_ms, self.seen_mono_ms)

    def note(
        self,
        random: Random,
        at: datetime,
        kind: str,
        payload: dict[str, object],
        *,
        place: dict[str, object] | None = None,
        shift: timedelta = timedelta(0),
    ) -> dict[str, object]:
        """Write an event as the app does."""
        self.seq += 1
        stamp = self.stamp(at, shift)
        event: dict[str, object] = {
            "id": uuid(random),
            "device_id": self.phone,
            "seq": self.seq,
            "prev": self.prev,
            "kind": kind,
            "wall_ms": stamp.wall_ms,
            "mono_ms": stamp.mono_ms,
            "boot": self.boot,
            "server_seen_ms": self.seen_ms,
            "server_seen_mono_ms": self.seen_mono_ms,
            "place": place,
            "battery_percent": 70,
            "app": "0.1.0",
            "user_id": self.user.id,
            "payload": payload,
        }
        event["hash"] = self.prev = event_hash(event)
        self.waiting.append(event)
        return event

    def saw_server(self, at: datetime) -> None:
        self.seen_ms, self.seen_mono_ms = to_ms(at), self.mono_ms(at)


def uuid(random: Random) -> str:
    """A random UUID that is the same in each run of the same seed."""
    return str(UUID(int=random.getrandbits(128), version=4))


def label(text: str) -> Label:
    return Label(en=text, zh=text)


def build(
    session: Session, house: PatrolHouse, random: Random, *, routes: int, legs: int, now: datetime
) -> list[Beat]:
    """Two sites and their routes; every third checkpoint of a route has an NTAG 424, the last one requires it."""
    sites = []
    for key in ("east", "west"):
        site = Space(key=f"trial-{key}", kind="site", name=label(key), time_zone="Asia/Shanghai")
        session.add(site)
        session.flush()
        sites.append(site.id)
    return [
        _beat(session, house, random, number, sites[number % 2], legs=legs, now=now)
        for number in range(routes)
    ]


def people(session: Session, random: Random, *, count: int, now: datetime) -> list[Guard]:
    """Guards whose phones' clocks are off by up to two hours; a third of the phones doze."""
    guards: list[Guard] = []
    for number in range(count):
        name = f"trial-{number}"
        user = User(name=name, display_name=name, role=Role.GUARD, created_at=now)
        session.add(user)
        session.flush()
        current = CurrentUser(user.id, name, name, Role.GUARD, None, None)
        guards.append(
            Guard(
                user=current,
                phone=uuid(random),
                wrong_by=timedelta(seconds=random.uniform(-7200, 7200)),
                dozes=random.random() < 1 / 3,
                boot=uuid(random),
                boot_at=now,
            )
        )
    return guards


def add_round(
    session: Session, beat: Beat, route_legs: list[RouteLeg], starts_at: datetime, user_id: int
) -> Round:
    """One due round of a route."""
    found = Round(
        kind="patrol",
        site_id=beat.site_id,
        route_id=beat.id,
        name=label("round"),
        walk="ordered",
        starts_at=starts_at,
        window_ends_at=starts_at + WINDOW,
        user_id=user_id,
        state="due",
    )
    making.add_round(session, found, route_legs, Policy())
    return found


def tap(house: PatrolHouse, spot: Spot, counter: int) -> str:
    """The address of a genuine tap."""
    keys = house.keys.derived(spot.uid)
    picc = sun.encrypt_picc_data(keys.meta, spot.uid, counter)
    mac = sun.mac_of(keys.file, spot.uid, counter).hex().upper()
    return f"{house.public_url}/t/{spot.code}?e={picc}&c={mac}"


def printed(house: PatrolHouse, code: str) -> str:
    """The address on a label."""
    return f"{house.public_url}/t/{code}?s={house.keys.signature(code)}"


def place_at(spot: Spot, random: Random, *, far: bool = False) -> dict[str, object]:
    """A fix at the spot, or half a kilometre away."""
    off = 500 * _DEGREE_E7_A_METRE if far else random.randint(-15, 15) * _DEGREE_E7_A_METRE
    return {
        "lat_e7": spot.lat_e7 + off,
        "lng_e7": spot.lng_e7,
        "accuracy_m": random.randint(5, 40),
        "age_ms": random.randint(0, 20_000),
    }


def _beat(
    session: Session,
    house: PatrolHouse,
    random: Random,
    number: int,
    site_id: int,
    *,
    legs: int,
    now: datetime,
) -> Beat:
    route = Route(key=f"trial-{number}", name=label(f"route {number}"), site_id=site_id, walk="ordered")
    session.add(route)
    session.flush()
    spots = [
        _spot(
            session,
            house,
            random,
            number=number,
            position=position,
            site_id=site_id,
            is_last=position == legs - 1,
            now=now,
        )
        for position in range(legs)
    ]
    for position, spot in enumerate(spots):
        after_s = round((position + 1) * LEG_EVERY.total_seconds())
        session.add(RouteLeg(route_id=route.id, position=position, checkpoint_id=spot.id, after_s=after_s))
    session.flush()
    return Beat(route.id, site_id, spots)


def _spot(
    session: Session,
    house: PatrolHouse,
    random: Random,
    *,
    number: int,
    position: int,
    site_id: int,
    is_last: bool,
    now: datetime,
) -> Spot:
    wants_better = is_last
    kind = TagKind.NTAG424 if position % 3 == 0 or wants_better else random.choice([TagKind.QR, TagKind.NFC])
    lat, lng = _LAT + number * 100_000, _LNG + position * METRES * _DEGREE_E7_A_METRE
    dwell_s = DWELL_S if position == 1 else 0
    row = Checkpoint(
        key=f"trial-{number}-{position}", name=label(f"{number}-{position}"), site_id=site_id, space_id=site_id,
        floor=position % FLOORS, lat_e7=lat, lng_e7=lng, instructions=label(""), dwell_s=dwell_s,
        least_tag="ntag424" if wants_better else "qr",
    )  # fmt: skip
    session.add(row)
    session.flush()
    uid = random.randbytes(7)
    code = house.keys.new_code()
    is_chip = kind is TagKind.NTAG424
    session.add(
        Tag(
            code=code,
            checkpoint_id=row.id,
            kind=kind,
            uid=uid.hex().upper() if is_chip else None,
            created_at=now,
        )
    )
    old = house.keys.new_code() if wants_better else ""
    if old:
        session.add(Tag(code=old, checkpoint_id=row.id, kind="qr", created_at=now))
    session.flush()
    return Spot(row.id, kind, lat, lng, code, uid, wants_better, old, dwell_s=dwell_s)
