"""HTTP of devices as they are now."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Query, Request

from server.assets.service import get_asset
from server.assets.site_file import DeviceId
from server.db import RowId
from server.identity.access import Engineer, Viewer
from server.presence import queries
from server.presence.queries import DeviceWatch
from server.presence.schemas import AssetDevice, DevicePage, PresentDevice
from server.presence.state import State
from server.web.paging import Limit, Offset, Page, next_offset
from server.web.requests import Now, ReadSession

router = APIRouter(tags=["devices"])


def device_watch_of(request: Request) -> DeviceWatch:
    return cast("DeviceWatch", request.app.state.device_watch)


WatchHere = Annotated[DeviceWatch, Depends(device_watch_of)]


@router.get("/devices", response_model=DevicePage)
def list_devices(
    *,
    _user: Engineer,
    session: ReadSession,
    watch: WatchHere,
    now: Now,
    q: Annotated[str | None, Query(max_length=100)] = None,
    state: Annotated[State | None, Query(description="Only those in this state")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> DevicePage:
    """Devices by id, and how they are: those that points come from, and those that have a log-in only."""
    found, total, counts = queries.find_devices(
        session, watch, text=q, state=state, now=now, limit=limit, offset=offset
    )
    after = next_offset(offset, len(found), total)
    return DevicePage(items=found, total=total, next=after, counts=dict(counts))


@router.get("/devices/{device_id}", response_model=PresentDevice)
def read_device(
    _user: Engineer, session: ReadSession, watch: WatchHere, now: Now, device_id: Annotated[DeviceId, Path()]
) -> PresentDevice:
    """One device, and how it is."""
    return queries.read_device(session, watch, device_id, now=now)


@router.get("/assets/{asset_id}/devices", response_model=Page[AssetDevice])
def list_devices_of_asset(
    _user: Viewer, session: ReadSession, watch: WatchHere, now: Now, asset_id: Annotated[RowId, Path()]
) -> Page[AssetDevice]:
    """The devices that an asset's values come from, and how they are."""
    asset = get_asset(session, asset_id)
    items = queries.devices_of_asset(session, watch, asset.id, now=now)
    return Page(items=items, total=len(items), next=None)
