"""Reading how devices are: the points they carry, their newest values, what was said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.assets.models import Device, Point
from server.assets.queries import catalogue_revision
from server.clock import from_ms, to_ms
from server.intake.models import Gateway
from server.live.hub import Hub
from server.onboarding import identities
from server.presence.models import PresenceRow
from server.presence.schemas import AssetDevice, PresenceRead, PresentDevice
from server.presence.state import Heard, State, Word, presence_of
from telemetry.reading import Reading

ONLINE = "online"
"""The source of the point by which a device's presence is a value: 0 when it is gone."""


class Carried(NamedTuple):
    """What a device carries."""

    points: list[int]
    interval_s: float
    online: int | None
    """Its point that says whether it is there, if it has one."""


class DeviceWatch:
    """Which points are whose, kept until points change: the list is asked for every few seconds."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = Lock()
        self._revision: int | None = None
        self._carried: Mapping[str, Carried] = {}

    def heard(self, session: Session, devices: Iterable[str] | None = None) -> dict[str, Heard]:
        """What is known of these devices (None: of all that carry points)."""
        carried = self._carried_now(session)
        wanted = carried if devices is None else {each: carried[each] for each in devices if each in carried}
        points = None if devices is None else [point for each in wanted.values() for point in each.points]
        latest = {reading.point: reading for reading in self._hub.latest(points)}
        words = _words(session) | _words_of_gateways(session)
        return {device: _heard(of, latest, words.get(device)) for device, of in wanted.items()}

    def _carried_now(self, session: Session) -> Mapping[str, Carried]:
        revision = catalogue_revision(session)
        with self._lock:
            if self._revision == revision:
                return self._carried
        carried = _carried(session)
        with self._lock:
            self._revision, self._carried = revision, carried
        return carried


def find_devices(
    session: Session,
    watch: DeviceWatch,
    *,
    text: str | None,
    state: State | None,
    now: datetime,
    limit: int,
    offset: int,
) -> tuple[list[PresentDevice], int, Mapping[State, int]]:
    """(devices by id, how many match, how many of those that ``text`` finds are in each state)."""
    ids = identities.device_ids(session, text=text)
    heard = watch.heard(session)
    presences = {each: _read(heard.get(each), now) for each in ids}
    counts = Counter(presence.state for presence in presences.values())
    matching = [each for each in ids if state is None or presences[each].state == state]
    shown = identities.read_devices(session, matching[offset : offset + limit])
    items = [PresentDevice(**dict(device), presence=presences[device.id]) for device in shown]
    return items, len(matching), counts


def read_device(session: Session, watch: DeviceWatch, device: str, *, now: datetime) -> PresentDevice:
    """One of them. Raises NotFound."""
    found = identities.read_device(session, device)
    return PresentDevice(**dict(found), presence=_read(watch.heard(session, [device]).get(device), now))


def devices_of_asset(
    session: Session, watch: DeviceWatch, asset_id: int, *, now: datetime
) -> list[AssetDevice]:
    """The devices that the asset's values come from, the one with most points first."""
    rows = session.execute(
        select(Point.device_id, Device.name, func.count())
        .join(Device, Device.id == Point.device_id)
        .where(Point.asset_id == asset_id)
        .group_by(Point.device_id, Device.name)
        .order_by(func.count().desc(), Point.device_id)
    ).all()
    heard = watch.heard(session, [device for device, _, _ in rows])
    return [
        AssetDevice(id=device, name=name, points=count, **dict(_read(heard.get(device), now)))
        for device, name, count in rows
    ]


def _carried(session: Session) -> dict[str, Carried]:
    found: dict[str, Carried] = {}
    rows = select(Point.device_id, Point.source, Point.id, Point.interval_s).order_by(Point.id)
    for device, source, point, interval_s in session.execute(rows):
        known = found.get(device) or Carried([], interval_s, None)
        known.points.append(point)
        found[device] = known._replace(
            interval_s=min(known.interval_s, interval_s),
            online=point if source == ONLINE else known.online,
        )
    return found


def _words(session: Session) -> dict[str, Word]:
    rows = session.execute(select(PresenceRow.device, PresenceRow.online, PresenceRow.at))
    return {device: Word(online, to_ms(at)) for device, online, at in rows}


def _words_of_gateways(session: Session) -> dict[str, Word]:
    """A gateway is an asset whose points nothing sends: its signs of life are what is known of it."""
    rows = session.scalars(select(Gateway))
    return {row.name: Word(row.online, to_ms(row.at)) for row in rows}


def _heard(of: Carried, latest: Mapping[int, Reading], word: Word | None) -> Heard:
    said = latest.get(of.online) if of.online is not None else None
    if said is not None:
        word = Word(bool(said.value), said.at_ms)
    times = [latest[point].at_ms for point in of.points if point in latest and point != of.online]
    if word and word.online:  # who says that it is there was heard
        times.append(word.at_ms)
    return Heard(of.interval_s, max(times, default=None), word)


def _read(heard: Heard | None, now: datetime) -> PresenceRead:
    if heard is None:  # it has a log-in and no points yet
        return PresenceRead(state="never", since=None, last_message_at=None)
    state, since_ms = presence_of(heard, now_ms=to_ms(now))
    return PresenceRead(state=state, since=_moment(since_ms), last_message_at=_moment(heard.last_ms))


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else from_ms(at_ms)
