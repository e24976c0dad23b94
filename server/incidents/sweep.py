"""What happens because time passes: waits end, windows open and close, shelves run out, incidents settle.

Runs every two seconds in the server. Looks first without a lock; each thing that is due gets a
transaction of its own, in which it is asked again, so that two servers do nothing twice and one
that fails stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from server.alarms.availability import Availability
from server.alarms.lifecycle import OPEN
from server.alarms.models import Alarm
from server.alarms.service import is_standing
from server.alarms.standing import standings
from server.assets.models import Asset
from server.clock import to_ms
from server.db import changes_of, reading, steady, transaction
from server.errors import DomainError
from server.incidents import service
from server.incidents.causes import Cause, nearest_common, shipped_causes
from server.incidents.fold import supplier_paths
from server.incidents.ledger import alarms_of
from server.incidents.models import Incident
from server.incidents.topology import know_ways
from server.maintenance_windows.models import MaintenanceWindow, Outage

log = structlog.get_logger("incidents")

SETTLE = timedelta(minutes=10)
"""After its cause is over, an incident waits this long for what followed from it to recover as well."""
LEAST_TO_INFER = 3
"""Alarms of different assets that must point at one silent supplier within a short time."""
TOGETHER = timedelta(minutes=2)
NO_DATA = "no_data"
"""Key of the rule by which an asset counts as silent."""
_CHUNK = 500


def sweep(sessions: sessionmaker[Session], *, now: datetime) -> frozenset[str]:
    """Do what is due at ``now``; gives the nouns that changed. Raises OperationalError while the database is away."""
    changed: set[str] = set()
    for step in (_begin_windows, _recheck_quiet, _settle, _infer, _speak_up):
        changed |= step(sessions, now)
    return frozenset(changed)


def _begin_windows(sessions: sessionmaker[Session], now: datetime) -> set[str]:
    """Windows and outages that began: the alarms that are open by now become quiet."""
    window = (MaintenanceWindow.applied.is_(False), MaintenanceWindow.starts_at <= now)
    with reading(sessions) as session:
        begun = session.scalars(select(MaintenanceWindow.id).where(*window).limit(1)).all()
        begun_outages = session.scalars(select(Outage.id).where(Outage.applied.is_(False)).limit(1)).all()
        if not begun and not begun_outages:
            return set()
        ids = session.scalars(
            select(Alarm.id).where(Alarm.availability == Availability.IN_SERVICE, Alarm.state.in_(OPEN))
        ).all()
    changed = _apply_standings(sessions, ids, now)

    def mark(session: Session) -> None:
        for one in session.scalars(select(MaintenanceWindow).where(*window)):
            one.applied = True
        for outage in session.scalars(select(Outage).where(Outage.applied.is_(False))):
            outage.applied = True

    return changed | _once(sessions, mark, "a window could not be begun")


def _recheck_quiet(sessions: sessionmaker[Session], now: datetime) -> set[str]:
    """Quiet alarms whose reason is gone: they come through."""
    with reading(sessions) as session:
        quiet = session.scalars(
            select(Alarm).where(Alarm.availability != Availability.IN_SERVICE, Alarm.state.in_(OPEN))
        ).all()
        stand = standings(session, quiet, now=now)
        ids = [alarm.id for alarm in quiet if stand[alarm.id].kind != alarm.availability]
    return _apply_standings(sessions, ids, now)


def _apply_standings(sessions: sessionmaker[Session], ids: Sequence[int], now: datetime) -> set[str]:
    changed: set[str] = set()
    for chunk in _chunks(ids):

        def apply(session: Session, chunk: Sequence[int] = chunk) -> None:
            rows = session.scalars(select(Alarm).where(Alarm.id.in_(chunk)).with_for_update()).all()
            stand = standings(session, rows, now=now)
            for alarm in rows:
                if alarm.state in OPEN and stand[alarm.id].kind != alarm.availability:
                    service.apply_standing(session, alarm, stand[alarm.id], now=now)

        changed |= _once(sessions, apply, "availability could not be applied")
    return changed


def _settle(sessions: sessionmaker[Session], now: datetime) -> set[str]:
    """Incidents whose cause has been over for a while, or of which nothing is left."""
    with reading(sessions) as session:
        due = session.scalars(
            select(Incident.id).where(
                Incident.status == "open",
                Incident.kind != "declared",
                or_(Incident.recovered_at <= now - SETTLE, Incident.kind == "inferred"),
            )
        ).all()
    changed: set[str] = set()
    for incident_id in due:

        def settle(session: Session, incident_id: int = incident_id) -> None:
            incident = session.get(Incident, incident_id, with_for_update=True)
            if incident is None or incident.status != "open":
                return
            is_left = any(is_standing(one) for one in alarms_of(session, incident))
            if incident.recovered_at is not None or not is_left:
                service.end(session, incident, now=now)

        changed |= _once(sessions, settle, "an incident could not be ended", incident=incident_id)
    return changed


def _infer(sessions: sessionmaker[Session], now: datetime) -> set[str]:
    """Waiting alarms that point at one supplier which says nothing itself."""

    feeds = next(cause for cause in shipped_causes() if cause.spreads == "feeds")
    wanted = (
        select(Alarm)
        .where(Alarm.ticket_wait_until.is_not(None), Alarm.explained.is_(None))
        .order_by(Alarm.since, Alarm.id)
    )

    def gather(session: Session) -> None:
        with steady(session):
            waiting = session.scalars(wanted.with_for_update()).all()
            for alarms, asset_id in _common_causes(session, feeds, waiting, now):
                service.infer(session, alarms, asset_id=asset_id, cause_key=feeds.key, now=now)

    with reading(sessions) as session, steady(session):
        found = next(_common_causes(session, feeds, session.scalars(wanted).all(), now), None)
    return set() if found is None else _once(sessions, gather, "a common cause could not be noted")


def _common_causes(
    session: Session, feeds: Cause, waiting: Sequence[Alarm], now: datetime
) -> Iterator[tuple[list[Alarm], int]]:
    """Alarms that share a silent supplier, and that supplier; nothing before the first of them has waited long enough.

    The first alarm, and those within a short time that share a supplier with it; then the rest likewise. Who
    explains what is given leaves it out of what comes next.
    """
    if not any(alarm.ticket_wait_until is not None and alarm.ticket_wait_until <= now for alarm in waiting):
        return
    paths = _silent_paths(session, feeds, waiting)
    by_supplier: dict[int, list[Alarm]] = {}
    for alarm in waiting:
        for supplier in paths[alarm.id]:
            by_supplier.setdefault(supplier, []).append(alarm)
    for alarms in sorted(by_supplier.values(), key=len, reverse=True):
        free = [a for a in alarms if a.explained is None and is_standing(a) and _near(a, alarms[0])]
        if len({alarm.asset_id for alarm in free}) < LEAST_TO_INFER:
            continue
        common = nearest_common([paths[alarm.id] for alarm in free])
        if common is not None:
            yield [*free, *(a for a in waiting if a.asset_id == common and a.explained is None)], common


def _silent_paths(session: Session, feeds: Cause, alarms: Sequence[Alarm]) -> Mapping[int, Mapping[int, int]]:
    """For each alarm the suppliers that could not tell of their failure, with the steps up to them."""
    know_ways(session, {alarm.asset_id for alarm in alarms})
    paths = {alarm.id: supplier_paths(session, alarm) for alarm in alarms}
    mute = _mute(session, feeds, {asset for path in paths.values() for asset in path})
    return {
        alarm: {asset: steps for asset, steps in path.items() if asset in mute}
        for alarm, path in paths.items()
    }


def _mute(session: Session, cause: Cause, suppliers: set[int]) -> set[int]:
    """Those that could not tell of their failure: a meter that measures and says nothing is well."""
    assets = session.execute(select(Asset.id, Asset.profile).where(Asset.id.in_(sorted(suppliers))))
    silent = set(
        session.scalars(
            select(Alarm.asset_id).where(
                Alarm.asset_id.in_(sorted(suppliers)), Alarm.rule_key == NO_DATA, Alarm.state.in_(OPEN)
            )
        )
    )
    return {row.id for row in assets if row.id in silent or row.profile not in cause.raised_by}


def _near(alarm: Alarm, first: Alarm) -> bool:
    return abs(to_ms(alarm.since) - to_ms(first.since)) <= TOGETHER.total_seconds() * 1000


def _speak_up(sessions: sessionmaker[Session], now: datetime) -> set[str]:
    """Waits that ended without a cause: these stand for themselves."""
    with reading(sessions) as session:
        due = session.scalars(select(Alarm.id).where(Alarm.ticket_wait_until <= now)).all()
    changed: set[str] = set()
    for alarm_id in due:

        def speak(session: Session, alarm_id: int = alarm_id) -> None:
            alarm = session.get(Alarm, alarm_id, with_for_update=True)
            if alarm is not None and alarm.ticket_wait_until is not None and alarm.ticket_wait_until <= now:
                service.speak(session, alarm, now=now, at=alarm.raised_at)

        changed |= _once(sessions, speak, "an alarm could not speak up", alarm=alarm_id)
    return changed


def _once(
    sessions: sessionmaker[Session], job: Callable[[Session], None], failure: str, **about: int
) -> set[str]:
    try:
        with transaction(sessions) as session:
            job(session)
        return set(changes_of(session))
    except (OperationalError, InterfaceError):
        raise
    except (DomainError, SQLAlchemyError, ValueError, LookupError, TypeError):
        log.exception(failure, **about)
        return set()


def _chunks(ids: Iterable[int]) -> Iterator[Sequence[int]]:
    rows = list(ids)
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]
