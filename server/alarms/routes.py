"""HTTP of alarms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime

from server.alarms import queries, service, shelving
from server.alarms.availability import Availability
from server.alarms.health import health, range_of
from server.alarms.health_schemas import AlarmHealth
from server.alarms.lifecycle import Severity
from server.alarms.queries import Which
from server.alarms.schemas import (
    Acknowledge,
    Acknowledged,
    AlarmDetail,
    AlarmRead,
    AlarmSummary,
    Refused,
    Reset,
    ShelveAlarms,
    Shelved,
)
from server.alarms.service import Refusal
from server.db import RowId
from server.errors import Invalid
from server.identity.access import Engineer, Viewer
from server.web.paging import Cursor, Limit, Page, cut
from server.web.problems import language_of
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["alarms"])

LONGEST_RANGE = timedelta(days=732)


@router.get("/alarms", response_model=Page[AlarmRead])
def list_alarms(
    *,
    _user: Viewer,
    session: ReadSession,
    now: Now,
    state: Annotated[Which, Query(description="unacknowledged: also those that returned unseen")] = "open",
    asset: Annotated[RowId | None, Query()] = None,
    severity: Severity | None = None,
    availability: Availability | None = None,
    site: Annotated[RowId | None, Query()] = None,
    incident: Annotated[RowId | None, Query()] = None,
    note: Annotated[Literal["stale", "chattering"] | None, Query()] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[AlarmRead]:
    """Alarms, newest first."""
    wanted = queries.Wanted(state, asset, severity, availability, site, incident, note)
    found, total = queries.find_alarms(session, wanted, now=now, before_id=cursor, limit=limit + 1)
    items, more = cut(found, limit)
    return Page(items=list(items), total=total, next=str(items[-1].id) if more else None)


@router.get("/alarms/summary", response_model=AlarmSummary)
def summarise_alarms(_user: Viewer, session: ReadSession) -> AlarmSummary:
    """What is open now, by asset and by severity."""
    return queries.summarise(session)


@router.get("/alarms/health", response_model=AlarmHealth)
def read_alarm_health(
    *,
    _user: Viewer,
    session: ReadSession,
    now: Now,
    start: Annotated[AwareDatetime | None, Query(alias="from", description="default: a week ago")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to", description="default: now")] = None,
    site: Annotated[RowId | None, Query()] = None,
    operators: Annotated[int, Query(ge=1, le=100, description="people who share the alarms")] = 1,
) -> AlarmHealth:
    """How the alarm system does against its targets: rates, floods, chatter, stale alarms, time to answer."""
    wanted = range_of(start, end, site, operators, now)
    if wanted.start >= wanted.end or wanted.end - wanted.start > LONGEST_RANGE:
        raise Invalid(
            "The range must have a beginning before its end, and at most two years.",
            "时间范围必须先始后终，且不超过两年。",
            code="bad_range",
        )
    return health(session, wanted, now=now)


@router.get("/alarms/{alarm_id}", response_model=AlarmDetail)
def read_alarm(
    _user: Viewer, session: ReadSession, now: Now, alarm_id: Annotated[RowId, Path()]
) -> AlarmDetail:
    """One alarm with its history."""
    return queries.read_detail(session, service.get_alarm(session, alarm_id), now=now)


@router.post("/alarms/acknowledge", response_model=Acknowledged)
def acknowledge_alarms(
    user: Engineer, session: WriteSession, now: Now, request: Request, wanted: Acknowledge
) -> Acknowledged:
    """Say that these were seen. Those that cannot be acknowledged come back with the reason."""
    done, refused = service.acknowledge(
        session, wanted.ids, now=now, actor=user.actor, comment=wanted.comment
    )
    return Acknowledged(acknowledged=done, refused=_refused(request, refused))


@router.post("/alarms/shelve", response_model=Shelved)
def shelve_alarms(
    user: Engineer, session: WriteSession, now: Now, request: Request, wanted: ShelveAlarms
) -> Shelved:
    """Put these aside until an end, with the reason. Those that cannot be come back with theirs."""
    done, refused = shelving.shelve(
        session,
        wanted.ids,
        now=now,
        user=user,
        ends_at=wanted.ends_at,
        reason=wanted.reason,
        confirm_life_safety=wanted.confirm_life_safety,
    )
    return Shelved(shelved=done, refused=_refused(request, refused))


@router.post("/alarms/{alarm_id}/unshelve", response_model=AlarmDetail)
def unshelve_alarm(
    user: Engineer, session: WriteSession, now: Now, alarm_id: Annotated[RowId, Path()]
) -> AlarmDetail:
    """Take it off the shelf before its time; if it is still present it comes through as fresh."""
    return queries.read_detail(session, shelving.unshelve(session, alarm_id, now=now, user=user), now=now)


@router.post("/alarms/{alarm_id}/reset", response_model=AlarmDetail)
def reset_alarm(
    user: Engineer,
    session: WriteSession,
    now: Now,
    alarm_id: Annotated[RowId, Path()],
    wanted: Reset,
) -> AlarmDetail:
    """Let go of a latched alarm whose condition is over and that somebody acknowledged."""
    alarm = service.reset(session, alarm_id, now=now, actor=user.actor, comment=wanted.comment)
    return queries.read_detail(session, alarm, now=now)


def _refused(request: Request, refused: Sequence[Refusal]) -> list[Refused]:
    language = language_of(request)
    return [
        Refused(id=one.id, code=one.code, detail=one.detail["zh" if language == "zh" else "en"])
        for one in refused
    ]
