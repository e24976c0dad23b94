"""HTTP of spaces, profiles, assets and points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, status
from sqlalchemy.orm import Session

from server.assets import queries, service
from server.assets.models import Asset, Point
from server.assets.profiles import Profile, shipped_profiles
from server.assets.schemas import (
    AssetCreate,
    AssetDetail,
    AssetRead,
    AssetUpdate,
    PointRead,
    PointUpdate,
    ProfileRead,
    ProfileSummary,
    SpaceRead,
)
from server.db import RowId
from server.errors import Label, NotFound
from server.identity.access import Admin, Viewer
from server.web.paging import Limit, Offset, Page, next_offset
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["assets"])

Profiles = Annotated[Mapping[str, Profile], Depends(shipped_profiles)]


@router.get("/spaces", response_model=Page[SpaceRead])
def list_spaces(_user: Viewer, session: ReadSession) -> Page[SpaceRead]:
    """The whole tree of sites, buildings, floors and spaces as a flat list."""
    items = [SpaceRead.model_validate(space) for space in queries.all_spaces(session)]
    return Page(items=items, total=len(items), next=None)


@router.get("/profiles", response_model=Page[ProfileSummary])
def list_profiles(_user: Viewer, profiles: Profiles) -> Page[ProfileSummary]:
    """The types of assets."""
    items = [ProfileSummary.model_validate(profile) for profile in profiles.values()]
    return Page(items=items, total=len(items), next=None)


@router.get("/profiles/{key}", response_model=ProfileRead)
def read_profile(_user: Viewer, profiles: Profiles, key: str) -> ProfileRead:
    """One type of asset with its points."""
    profile = profiles.get(key)
    if profile is None:
        raise NotFound(f"There is no profile {key}.", f"没有设备类型 {key}。")
    return ProfileRead.model_validate(profile)


@router.get("/assets", response_model=Page[AssetRead])
def list_assets(
    *,
    _user: Viewer,
    session: ReadSession,
    profile: str | None = None,
    space: RowId | None = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
    ids: Annotated[list[RowId] | None, Query(alias="id", max_length=500, description="Only these")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[AssetRead]:
    """Assets by key; ``space`` includes all that lies in it, ``q`` searches keys and names."""
    found, total = queries.find_assets(
        session, profile=profile, space_id=space, text=q, limit=limit, offset=offset, ids=ids
    )
    places = queries.places(session)
    items = [_asset_read(asset, places) for asset in found]
    return Page(items=items, total=total, next=next_offset(offset, len(items), total))


@router.get("/assets/{asset_id}", response_model=AssetDetail)
def read_asset(_user: Viewer, session: ReadSession, asset_id: Annotated[RowId, Path()]) -> AssetDetail:
    """One asset with its points."""
    return _asset_detail(session, service.get_asset(session, asset_id))


@router.post("/assets", response_model=AssetDetail, status_code=status.HTTP_201_CREATED)
def create_asset(
    user: Admin, session: WriteSession, profiles: Profiles, now: Now, body: AssetCreate
) -> AssetDetail:
    """A new asset with all points of its profile."""
    asset = service.create_asset(session, profiles, now=now, actor=user.actor, **body.model_dump())
    session.flush()
    return _asset_detail(session, asset)


@router.patch("/assets/{asset_id}", response_model=AssetDetail)
def update_asset(
    user: Admin, session: WriteSession, now: Now, asset_id: Annotated[RowId, Path()], body: AssetUpdate
) -> AssetDetail:
    """Rename or move an asset."""
    asset = service.get_asset(session, asset_id)
    service.update_asset(session, asset, now=now, actor=user.actor, **body.model_dump())
    return _asset_detail(session, asset)


@router.patch("/points/{point_id}", response_model=PointRead)
def update_point(
    user: Admin, session: WriteSession, now: Now, point_id: Annotated[RowId, Path()], body: PointUpdate
) -> PointRead:
    """Change name, bands, interval or calibration of a point."""
    point = service.get_point(session, point_id)
    service.update_point(session, point, now=now, actor=user.actor, changes=body.columns())
    return _point_read(point)


def _asset_read(asset: Asset, places: Mapping[int, list[Label]]) -> AssetRead:
    return AssetRead(
        id=asset.id,
        key=asset.key,
        name=asset.name,
        profile=asset.profile,
        space_id=asset.space_id,
        place=places[asset.space_id],
        drill=asset.drill,
    )


def _asset_detail(session: Session, asset: Asset) -> AssetDetail:
    fed_by, feeds = queries.feeds_of(session, asset.id)
    return AssetDetail(
        **_asset_read(asset, queries.places(session)).model_dump(),
        points=_point_reads(queries.points_of(session, asset.id)),
        fed_by=list(fed_by),
        feeds=list(feeds),
    )


def _point_reads(points: Sequence[Point]) -> list[PointRead]:
    return [_point_read(point) for point in points]


def _point_read(point: Point) -> PointRead:
    return PointRead(
        id=point.id,
        asset_id=point.asset_id,
        key=point.key,
        name=point.name,
        kind=point.kind,
        quantity=point.quantity,
        unit=point.unit,
        interval_s=point.interval_s,
        normal=_band(point.normal_low, point.normal_high),
        physical=_band(point.physical_low, point.physical_high),
        decimals=point.decimals,
        states=point.states,
        bits=point.bits,
        scale=point.scale,
        offset=point.offset,
        device=point.device_id,
        source=point.source,
    )


def _band(low: float | None, high: float | None) -> tuple[float, float] | None:
    return None if low is None or high is None else (low, high)
