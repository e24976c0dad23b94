"""HTTP of maintenance windows and outages."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from server.db import RowId
from server.identity.access import Engineer, Viewer
from server.maintenance_windows import queries, service
from server.maintenance_windows.models import MaintenanceWindow
from server.maintenance_windows.queries import Which
from server.maintenance_windows.schemas import (
    OutageCreate,
    OutageRead,
    WindowCreate,
    WindowExtend,
    WindowRead,
)
from server.web.paging import Cursor, Limit, Page, cut
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["maintenance windows"])

WindowId = Annotated[RowId, Path()]
AssetId = Annotated[RowId, Path()]


@router.get("/maintenance-windows", response_model=Page[WindowRead])
def list_windows(
    *,
    _user: Viewer,
    session: ReadSession,
    now: Now,
    state: Annotated[Which, Query(description="current: active or planned")] = "current",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[WindowRead]:
    """Maintenance windows, newest first."""
    found, total = queries.find_windows(session, which=state, now=now, before_id=cursor, limit=limit + 1)
    items, more = cut(found, limit)
    return Page(items=list(items), total=total, next=str(items[-1].id) if more else None)


@router.post("/maintenance-windows", status_code=201, response_model=WindowRead)
def create_window(user: Engineer, session: WriteSession, now: Now, wanted: WindowCreate) -> WindowRead:
    """Expect alarms of a space or an asset for a while: they are listed, and notify nobody."""
    window = service.create(session, now=now, user=user, wanted=wanted)
    return queries.read_windows(session, [window], now=now)[0]


@router.post("/maintenance-windows/{window_id}/extend", response_model=WindowRead)
def extend_window(
    user: Engineer, session: WriteSession, now: Now, window_id: WindowId, wanted: WindowExtend
) -> WindowRead:
    """Another end, with the reason for it."""
    window: MaintenanceWindow = service.extend(session, window_id, now=now, user=user, wanted=wanted)
    return queries.read_windows(session, [window], now=now)[0]


@router.post("/maintenance-windows/{window_id}/end", response_model=WindowRead)
def end_window(user: Engineer, session: WriteSession, now: Now, window_id: WindowId) -> WindowRead:
    """End it now; alarms that are still present come through as fresh."""
    window = service.end(session, window_id, now=now, user=user)
    return queries.read_windows(session, [window], now=now)[0]


@router.get("/outages", response_model=list[OutageRead])
def list_outages(_user: Viewer, session: ReadSession) -> list[OutageRead]:
    """Assets that are out of service."""
    return queries.read_outages(session, queries.open_outages(session))


@router.post("/assets/{asset_id}/out-of-service", status_code=201, response_model=OutageRead)
def take_out_of_service(
    user: Engineer, session: WriteSession, now: Now, asset_id: AssetId, wanted: OutageCreate
) -> OutageRead:
    """Nobody is notified of its alarms until it is put back."""
    outage = service.take_out(session, asset_id, now=now, user=user, wanted=wanted)
    return queries.read_outages(session, [outage])[0]


@router.post("/assets/{asset_id}/in-service", response_model=OutageRead)
def put_in_service(user: Engineer, session: WriteSession, now: Now, asset_id: AssetId) -> OutageRead:
    """Put it back; alarms that are still present come through as fresh."""
    outage = service.put_back(session, asset_id, now=now, user=user)
    return queries.read_outages(session, [outage])[0]
