"""HTTP of the inbox and of devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Query, Request, status
from sqlalchemy.orm import Session

from server.assets.devices import rename_device, replace_device
from server.assets.profiles import Profile
from server.assets.queries import points_of
from server.assets.routes import Profiles
from server.assets.site_file import DeviceId
from server.db import transaction
from server.identity.access import Admin, Engineer
from server.onboarding import identities, inbox
from server.onboarding.assign import assign
from server.onboarding.broker_control import BrokerControl
from server.onboarding.guess import guess_points, guess_profile
from server.onboarding.models import UnknownSource
from server.onboarding.schemas import (
    Assigned,
    Assignment,
    DeviceRead,
    DeviceUpdate,
    Dismissal,
    Dismissed,
    GuessRead,
    IssuedIdentity,
    KnownAsset,
    Replaced,
    Replacement,
    UnknownDeviceRead,
    UnknownSourceRead,
)
from server.web.paging import Limit, Offset, Page, next_offset
from server.web.requests import AppContext, Now, ReadSession, WriteSession
from telemetry import topics

router = APIRouter(tags=["onboarding"])

DeviceInPath = Annotated[DeviceId, Path()]


def broker_control_of(request: Request) -> BrokerControl:
    return cast("BrokerControl", request.app.state.broker_control)


BrokerHere = Annotated[BrokerControl, Depends(broker_control_of)]


@router.get("/inbox", response_model=Page[UnknownDeviceRead])
def list_inbox(
    *,
    _user: Engineer,
    session: ReadSession,
    profiles: Profiles,
    dismissed: Annotated[bool, Query(description="What was put aside instead of what waits")] = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[UnknownDeviceRead]:
    """Devices that send what no point takes, the one heard last first, with a guess at each source."""
    found, total = inbox.devices(session, dismissed=dismissed, limit=limit, offset=offset)
    items = [_device_read(session, profiles, device, rows) for device, rows in found]
    return Page(items=items, total=total, next=next_offset(offset, len(items), total))


@router.post("/inbox/assign", response_model=Assigned)
def assign_sources(
    user: Admin, session: WriteSession, profiles: Profiles, now: Now, body: Assignment
) -> Assigned:
    """Take devices in, each to an asset that exists or a new one: all of them, or none."""
    done = [assign(session, profiles, choice, now=now, actor=user.actor) for choice in body.devices]
    return Assigned(assets=[asset.id for asset, _ in done], points=sum(count for _, count in done))


@router.post("/inbox/dismiss", response_model=Dismissed)
def dismiss_sources(user: Admin, session: WriteSession, now: Now, body: Dismissal) -> Dismissed:
    """Put sources aside that nobody wants, or bring them back."""
    count = inbox.dismiss(session, body.ids, dismissed=body.dismissed, now=now, actor=user.actor)
    return Dismissed(count=count)


@router.patch("/devices/{device_id}", response_model=DeviceRead)
def rename_a_device(
    user: Admin, session: WriteSession, now: Now, device_id: DeviceInPath, body: DeviceUpdate
) -> DeviceRead:
    """Say what people call it; its id, and with it its points and their history, stay."""
    rename_device(session, device_id, body.name, now=now, actor=user.actor)
    return identities.read_device(session, device_id)


@router.post(
    "/devices/{device_id}/identity", response_model=IssuedIdentity, status_code=status.HTTP_201_CREATED
)
def issue_identity(
    user: Admin, context: AppContext, broker: BrokerHere, now: Now, device_id: DeviceInPath
) -> IssuedIdentity:
    """Give a device its own user at the broker, bound to its client id and topics; an older one ends at once."""
    # the broker first, and no transaction open meanwhile: it may take seconds to answer
    password = broker.issue(device_id)
    with transaction(context.sessions) as session:
        identities.note_issued(session, device_id, now=now, actor=user.actor)
    context.announce("devices")
    return IssuedIdentity(
        username=device_id, client_id=device_id, password=password, topic=topics.telemetry(device_id)
    )


@router.delete("/devices/{device_id}/identity", status_code=status.HTTP_204_NO_CONTENT)
def withdraw_identity(
    user: Admin, context: AppContext, broker: BrokerHere, now: Now, device_id: DeviceInPath
) -> None:
    """Take it away; a connected device is put out."""
    broker.withdraw(device_id)
    with transaction(context.sessions) as session:
        identities.note_withdrawn(session, device_id, now=now, actor=user.actor)
    context.announce("devices")


@router.post("/devices/{device_id}/replace", response_model=Replaced)
def replace_a_device(
    user: Admin, session: WriteSession, now: Now, device_id: DeviceInPath, body: Replacement
) -> Replaced:
    """Put a new device in the place of an old one; points keep their ids and with them their history."""
    points = replace_device(session, device_id, body.new_device, now=now, actor=user.actor)
    return Replaced(points=points)


def _device_read(
    session: Session, profiles: Mapping[str, Profile], device: str, rows: Sequence[UnknownSource]
) -> UnknownDeviceRead:
    asset = inbox.asset_of_device(session, device)
    sources = {row.source: row.recent for row in rows}
    if asset is None:
        profile, why = guess_profile(device, sources, profiles)
        taken = []
    else:
        profile = asset.profile
        taken = [point.key for point in points_of(session, asset.id)]
        why = {"en": "other points of the device belong to it", "zh": "该设备的其他测点属于它"}
    guesses = guess_points(sources, profiles.get(profile or ""), taken=taken)
    return UnknownDeviceRead(
        device=device,
        gateway=rows[0].gateway,
        last_seen=max(row.last_seen for row in rows),
        profile=profile,
        why=why,
        asset=KnownAsset.model_validate(asset) if asset else None,
        sources=[
            UnknownSourceRead(
                id=row.id,
                source=row.source,
                recent=row.recent,
                count=row.count,
                first_seen=row.first_seen,
                last_seen=row.last_seen,
                guess=GuessRead.model_validate(guesses[row.source]),
            )
            for row in rows
        ],
    )
