"""The rounds of the demo site, made once: what was changed since stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Annotated, Literal

from PIL import Image, ImageDraw
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Asset, Point, Space
from server.assets.profiles import Name
from server.assets.yaml_file import read
from server.audit.service import SYSTEM
from server.errors import Label
from server.forms import service as forms
from server.forms.items import ITEMS
from server.patrol.checkpoints.models import Checkpoint
from server.patrol.checkpoints.policy import Policy, TagKind
from server.patrol.house import PatrolHouse
from server.patrol.planning import places
from server.patrol.planning import service as planning
from server.patrol.planning.schemas import CheckpointIn, RouteIn, RouteLegIn, ScheduleIn, TagIn
from server.shifts.models import Team

FILE = Path(__file__).parent / "demo_patrol.yaml"
SITE = "harbour-court"
MILLIMETRES_A_PIXEL = 50
_PAPER, _WALL, _FLOOR = "#f5f5f5", "#8c8c8c", "#ffffff"
Box = tuple[int, int, int, int]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlanEntry(_Entry):
    key: str
    space: str
    name: Name
    size: tuple[int, int]
    rooms: list[Box]


class FormEntry(_Entry):
    key: str
    name: Name
    items: list[dict[str, object]]
    """As server.forms.items describes them, but ``point: [asset, point]`` names the sensor and ``kept_for`` the asset."""


class CheckpointEntry(_Entry):
    key: str
    name: Name
    space: str
    asset: str | None = None
    floor: int
    plan: str
    at: tuple[int, int]
    tag: TagKind
    uid: str | None = None
    form: str | None = None
    dwell_s: int = 0
    instructions: Label


class RouteEntry(_Entry):
    key: str
    name: Name
    walk: Literal["ordered", "free", "random"]
    legs: list[tuple[str, int | None]]
    team: str
    starts: Annotated[list[str], Field(min_length=1)]
    window_s: int


class PatrolFile(_Entry):
    plans: list[PlanEntry]
    forms: list[FormEntry]
    checkpoints: list[CheckpointEntry]
    routes: list[RouteEntry]
    policy: Policy


def seed_patrol(session: Session, house: PatrolHouse, *, now: datetime) -> None:
    """Plans, forms, checkpoints with tags, routes and timetables of the demo site."""
    site = session.scalar(select(Space).where(Space.key == SITE))
    if site is None or session.scalar(select(Checkpoint.id).limit(1)) is not None:
        return
    wanted = read(FILE, PatrolFile)
    planning.set_policy(session, site.id, wanted.policy, now=now, by=SYSTEM)
    plans = {plan.key: _plan(session, plan, now) for plan in wanted.plans}
    form_ids = {form.key: _form(session, form, now) for form in wanted.forms}
    checkpoints = {
        entry.key: _checkpoint(session, house, entry, plans=plans, form_ids=form_ids, now=now)
        for entry in wanted.checkpoints
    }
    for route in wanted.routes:
        _route(session, site, route, checkpoints, now)


def draw(plan: PlanEntry) -> bytes:
    """A plain floor plan: rooms with walls, no words."""
    image = Image.new("RGB", plan.size, _PAPER)
    pen = ImageDraw.Draw(image)
    for x, y, width, height in plan.rooms:
        pen.rectangle((x, y, x + width, y + height), fill=_FLOOR, outline=_WALL, width=6)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _plan(session: Session, plan: PlanEntry, now: datetime) -> int:
    row = places.add_plan(
        session,
        now=now,
        by=SYSTEM,
        space_id=_space(session, plan.space),
        name=plan.name,
        image=draw(plan),
        millimetres_a_pixel=MILLIMETRES_A_PIXEL,
    )
    return row.id


def _form(session: Session, form: FormEntry, now: datetime) -> int:
    items = ITEMS.validate_python([_item(session, item) for item in form.items])
    return forms.create(session, now=now, by=SYSTEM, key=form.key, name=form.name, items=items).id


def _item(session: Session, item: Mapping[str, object]) -> dict[str, object]:
    point = item.get("point")
    if not isinstance(point, list):
        return dict(item)
    asset_key, point_key = (str(part) for part in point)
    found = session.scalar(
        select(Point.id)
        .join(Asset, Asset.id == Point.asset_id)
        .where(Asset.key == asset_key, Point.key == point_key)
    )
    asset = session.scalar(select(Asset.id).where(Asset.key == item.get("kept_for")))
    rest = {key: value for key, value in item.items() if key not in {"point", "tolerance", "kept_for"}}
    return {
        **rest,
        "compare_point_id": found,
        "compare_tolerance": item.get("tolerance"),
        "reading_of": asset,
    }


def _checkpoint(
    session: Session,
    house: PatrolHouse,
    entry: CheckpointEntry,
    *,
    plans: Mapping[str, int],
    form_ids: Mapping[str, int],
    now: datetime,
) -> int:
    wanted = CheckpointIn(
        key=entry.key,
        name=entry.name,
        space_id=_space(session, entry.space),
        asset_id=session.scalar(select(Asset.id).where(Asset.key == entry.asset)) if entry.asset else None,
        floor=entry.floor,
        plan_id=plans[entry.plan],
        x=entry.at[0],
        y=entry.at[1],
        instructions=entry.instructions,
        form_id=form_ids[entry.form] if entry.form else None,
        dwell_s=entry.dwell_s,
    )
    row = places.create_checkpoint(session, wanted, now=now, by=SYSTEM)
    tag = TagIn(checkpoint_id=row.id, kind=entry.tag, uid=entry.uid)
    places.create_tag(session, house, tag, now=now, by=SYSTEM)
    return row.id


def _route(
    session: Session, site: Space, entry: RouteEntry, checkpoints: Mapping[str, int], now: datetime
) -> None:
    legs = [RouteLegIn(checkpoint_id=checkpoints[key], after_s=after_s) for key, after_s in entry.legs]
    wanted = RouteIn(key=entry.key, name=entry.name, site_id=site.id, walk=entry.walk, legs=legs)
    route = planning.create_route(session, wanted, now=now, by=SYSTEM)
    schedule = ScheduleIn(
        route_id=route.id,
        rrule="FREQ=DAILY",
        starts=entry.starts,
        window_s=entry.window_s,
        valid_from=(now - timedelta(days=7)).date(),
        team_id=session.scalar(select(Team.id).where(Team.key == entry.team)),
    )
    planning.create_schedule(session, schedule, now=now, by=SYSTEM)


def _space(session: Session, key: str) -> int:
    return session.scalars(select(Space.id).where(Space.key == key)).one()
