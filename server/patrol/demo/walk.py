"""The guards of the demo site, as their phones would tell it: a few days of rounds, and those of now as they happen.

Everything goes the way of a real phone: signed labels, taps with their counters, a chain of events that
is judged like any other. What a guard does in a round follows from the round's number alone, so that
each call tells what is due by now and was not told yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Space
from server.clock import to_ms
from server.forms.items import ITEMS
from server.forms.models import Form
from server.identity.models import User
from server.identity.person import CurrentUser
from server.patrol.checkpoints import sun
from server.patrol.checkpoints.models import Checkpoint, Tag
from server.patrol.checkpoints.policy import TagKind
from server.patrol.demo.site import SITE
from server.patrol.evidence.chain import FIRST_HASH, event_hash
from server.patrol.evidence.models import PatrolEvent, Phone
from server.patrol.house import PatrolHouse
from server.patrol.proof import sync
from server.patrol.proof.clock import Stamp
from server.patrol.rounds import making
from server.patrol.rounds import service as rounds
from server.patrol.rounds.models import Round, RoundLeg, Schedule
from server.shifts.demo import COLLEAGUES
from server.shifts.queries import on_shift

LONGEST_HISTORY = timedelta(days=3)
APP = "0.1.0"
NOBODY_CAME = 0.06
_TURN = timedelta(hours=2)
"""Two who share a shift take turns so often."""
_SENT_AFTER, _CLOSED_AFTER = timedelta(minutes=5), timedelta(minutes=11)
"""Phones send before the site's grace of ten minutes is over."""
_BOOTED_MS = 1_700_000_000_000
_NAMES = uuid5(NAMESPACE_URL, "plantroom:demo-guards")


@dataclass(frozen=True)
class Deed:
    """Something a guard does, at its time."""

    at: datetime
    key: str
    kind: str
    payload: dict[str, object]


def seed_history(session: Session, house: PatrolHouse, *, now: datetime, days: float) -> int:
    """The rounds of the last days (three at most), walked once; gives how many. What was recorded since stays
    as it is."""
    history = min(timedelta(days=days), LONGEST_HISTORY)
    site_id = session.scalar(select(Space.id).where(Space.key == SITE))
    if site_id is None or not history or session.scalar(select(PatrolEvent.id).limit(1)) is not None:
        return 0
    for schedule in session.scalars(select(Schedule)):
        schedule.generated_to = None
    for moment in (now - history, now - history / 2, now):
        making.generate(session, now=moment)
    past = session.scalars(
        select(Round)
        .where(Round.site_id == site_id, Round.window_ends_at < now)
        .order_by(Round.window_ends_at)
    ).all()
    for found in past:
        _tell(session, house, found, now=min(now, found.window_ends_at + _SENT_AFTER), everybody=True)
        rounds.bring_up_to_date(session, now=min(now, found.window_ends_at + _CLOSED_AFTER))
    return len(past)


def walk_on(session: Session, house: PatrolHouse, *, now: datetime) -> int:
    """What those who cannot log in did since; the demo guard's own rounds wait for whoever tries the phone."""
    under_way = session.scalars(
        select(Round)
        .join(Space, Space.id == Round.site_id)
        .where(
            Space.key == SITE,
            Round.kind == "patrol",
            Round.state.in_(("due", "started")),
            Round.starts_at < now,
            Round.window_ends_at > now - timedelta(minutes=15),
        )
        .order_by(Round.id)
    ).all()
    return sum(_tell(session, house, found, now=now, everybody=False) for found in under_way)


def _tell(session: Session, house: PatrolHouse, found: Round, *, now: datetime, everybody: bool) -> int:
    person = _walker(session, found)
    if person is None or (not everybody and person.name not in COLLEAGUES):
        return 0
    if found.user_id not in (None, person.id):
        return 0
    deeds = [deed for deed in _deeds(session, house, found) if deed.at <= now]
    known = set(
        session.scalars(select(PatrolEvent.id).where(PatrolEvent.id.in_([_id(deed) for deed in deeds])))
    )
    new = [deed for deed in deeds if _id(deed) not in known]
    if new:
        _send(session, house, person, new, now=now)
    return len(new)


def _walker(session: Session, found: Round) -> User | None:
    """Those on shift when it began take turns."""
    people = sorted({row.user_id for row in on_shift(session, at=found.starts_at, team_id=found.team_id)})
    if not people:
        return None
    turn = int(found.starts_at.timestamp() // _TURN.total_seconds())
    return session.get(User, people[turn % len(people)])


def _deeds(session: Session, house: PatrolHouse, found: Round) -> list[Deed]:
    """All that happens in the round, whenever it is asked."""
    random = Random(f"demo round {found.id}")  # noqa: S311 - nothing secret
    if random.random() < NOBODY_CAME:
        return []
    legs = session.scalars(
        select(RoundLeg).where(RoundLeg.round_id == found.id).order_by(RoundLeg.position)
    ).all()
    odd, trick = random.randrange(len(legs)), random.random()
    at = found.starts_at + timedelta(seconds=random.uniform(20, 90))
    deeds = [Deed(at, f"{found.id}:start", "round_started", {"round_id": found.id})]
    for leg in legs:
        at = _next(at, leg, random)
        kind = _odd(trick) if leg.position == odd else ""
        if kind == "skipped":
            continue
        if kind == "late":
            at += timedelta(minutes=9)
        deeds += _visit(session, house, leg, at, kind)
    finished: dict[str, object] = {"round_id": found.id, "signature": None}
    deeds.append(Deed(at + timedelta(minutes=2), f"{found.id}:end", "round_finished", finished))
    return deeds


def _odd(trick: float) -> str:
    """What is odd about a round, in few of them."""
    for kind, share in (("skipped", 0.08), ("late", 0.2), ("photo", 0.27), ("address", 0.32)):
        if trick < share:
            return kind
    return ""


def _next(at: datetime, leg: RoundLeg, random: Random) -> datetime:
    walked = at + timedelta(minutes=random.uniform(3, 6))
    if leg.due_at is None:
        return walked
    return max(at + timedelta(minutes=3), leg.due_at + timedelta(seconds=random.uniform(-180, 180)))


def _visit(session: Session, house: PatrolHouse, leg: RoundLeg, at: datetime, kind: str) -> list[Deed]:
    place = session.get_one(Checkpoint, leg.checkpoint_id)
    tag = session.scalars(
        select(Tag).where(Tag.checkpoint_id == place.id, Tag.revoked_at.is_(None)).order_by(Tag.id).limit(1)
    ).one()
    key = f"{leg.round_id}:{leg.position}"
    is_photo = kind == "photo"
    how = "photo" if is_photo else "camera" if tag.kind == TagKind.QR else "nfc"
    scan: dict[str, object] = {
        "round_id": leg.round_id,
        "checkpoint_id": place.id,
        "how": "address" if kind == "address" else how,
        "text": _read_off(house, tag),
        "reason": "标签污损，无法识别 / The label is damaged" if is_photo else None,
        "photo_ids": [str(uuid5(_NAMES, f"photo {key}"))] if is_photo else [],
    }
    deeds = [Deed(at, f"{key}:scan", "scan", scan)]
    form = session.get(Form, place.form_id) if place.form_id is not None else None
    if form is not None:
        answers: dict[str, object] = {
            "round_id": leg.round_id,
            "checkpoint_id": place.id,
            "scan_id": None,
            "form_id": form.id,
            "form_version": form.version,
            "answers": _answers(form, Random(f"demo answers {key}")),  # noqa: S311 - nothing secret
        }
        deeds.append(Deed(at + timedelta(seconds=80), f"{key}:answers", "answers", answers))
    return deeds


def _answers(form: Form, random: Random) -> dict[str, object]:
    """Everything in order; numbers lie within their limits, as far from the sensor as people read gauges."""
    given: dict[str, object] = {}
    for item in ITEMS.validate_python(form.items):
        if item.when is not None:
            continue
        if item.type == "check":
            given[item.key] = "pass"
        elif item.type == "choice":
            given[item.key] = next(one.key for one in item.options if not one.finding)
        elif item.type == "number":
            low, high = item.low or 0.0, item.high or 100.0
            middle = (low + high) / 2
            given[item.key] = round((middle + random.uniform(-0.04, 0.04) * (high - low)) * 10**item.decimals)
    return given


def _read_off(house: PatrolHouse, tag: Tag) -> str:
    """What the phone reads: the label's address, or that of the tag's next tap."""
    if tag.kind != TagKind.NTAG424:
        return house.keys.address(tag, house.public_url)
    assert tag.uid is not None
    uid, keys, counter = bytes.fromhex(tag.uid), house.keys.keys_of(tag), tag.last_counter + 1
    message = sun.encrypt_picc_data(keys.meta, uid, counter)
    mac = sun.mac_of(keys.file, uid, counter).hex().upper()
    return f"{house.public_url}/t/{tag.code}?e={message}&c={mac}"


def _send(
    session: Session, house: PatrolHouse, person: User, deeds: Sequence[Deed], *, now: datetime
) -> None:
    phone_id, boot = str(uuid5(_NAMES, f"phone {person.id}")), str(uuid5(_NAMES, f"boot {person.id}"))
    phone = session.get(Phone, phone_id)
    seq, prev = (phone.last_seq, phone.last_hash) if phone is not None else (0, FIRST_HASH)
    events: list[dict[str, object]] = []
    for deed in sorted(deeds, key=lambda one: one.at):
        seq += 1
        event: dict[str, object] = {
            "id": _id(deed),
            "device_id": phone_id,
            "seq": seq,
            "prev": prev,
            "kind": deed.kind,
            "wall_ms": to_ms(deed.at),
            "mono_ms": to_ms(deed.at) - _BOOTED_MS,
            "boot": boot,
            "server_seen_ms": None,
            "server_seen_mono_ms": None,
            "place": None,
            "battery_percent": 40 + deed.at.minute,
            "app": APP,
            "user_id": person.id,
            "payload": deed.payload,
        }
        event["hash"] = prev = event_hash(event)
        events.append(event)
    user = CurrentUser(person.id, person.name, person.display_name, person.role, None, None)
    sync.take_in(
        session,
        house,
        now=now,
        user=user,
        phone_id=phone_id,
        app=APP,
        raw_events=events,
        sent=Stamp(seq, to_ms(now), to_ms(now) - _BOOTED_MS, boot),
    )


def _id(deed: Deed) -> str:
    """A UUID of version 4 in form, the same at each call."""
    return str(UUID(bytes=uuid5(_NAMES, deed.key).bytes, version=4))
