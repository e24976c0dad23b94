"""Taking sources out of the inbox: to an asset that exists, or a new one. The caller's transaction is all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets import service
from server.assets.devices import connect_point
from server.assets.models import Asset, Point
from server.assets.profiles import PointSpec, Profile
from server.audit import service as audit
from server.audit.service import Actor
from server.errors import Invalid
from server.onboarding import inbox
from server.onboarding.guess import PointGuess, guess_points
from server.onboarding.models import UnknownSource
from server.onboarding.schemas import DeviceChoice, SourceChoice

_KINDS = {"analog": "模拟量", "state": "状态", "flags": "标志位", "counter": "累计量"}


def assign(
    session: Session, profiles: Mapping[str, Profile], choice: DeviceChoice, *, now: datetime, actor: Actor
) -> tuple[Asset, int]:
    """(the asset, how many points) of one device. Raises a DomainError naming what is wrong."""
    rows = _chosen(inbox.sources_of(session, choice.device), choice)
    asset = _asset(session, profiles, choice, now=now, actor=actor)
    guesses = _guesses(session, rows, profiles.get(asset.profile), asset)
    choices = {each.source: each for each in choice.sources or ()}
    mapped: dict[str, str] = {}
    for row in rows:
        spec = _spec(
            profiles.get(asset.profile), guesses[row.source], choices.get(row.source), source=row.source
        )
        connect_point(
            session, asset, spec, device=choice.device, source=row.source, take_over=choice.take_over
        )
        mapped[row.source] = spec.key
    inbox.forget(session, rows)
    service.bump_catalogue(session)
    detail = {"device": choice.device, "points": mapped}
    audit.record(
        session, now=now, actor=actor, action="inbox.assigned", subject=("asset", asset.id), detail=detail
    )
    return asset, len(mapped)


def _chosen(waiting: Sequence[UnknownSource], choice: DeviceChoice) -> list[UnknownSource]:
    if choice.sources is None:
        return list(waiting)
    by_source = {row.source: row for row in waiting}
    named = [each.source for each in choice.sources]
    missing = [source for source in named if source not in by_source]
    if missing or len(set(named)) < len(named):
        wrong = missing[0] if missing else named[0]
        raise Invalid(
            f"{choice.device}: {wrong} does not wait in the inbox, or stands here twice.",
            f"{choice.device}：{wrong} 不在收件箱中，或重复出现。",
            code="unknown_source",
        )
    return [by_source[source] for source in named]


def _asset(
    session: Session, profiles: Mapping[str, Profile], choice: DeviceChoice, *, now: datetime, actor: Actor
) -> Asset:
    new = choice.new_asset
    if new is not None:
        return service.create_asset(
            session, profiles, now=now, actor=actor, **new.model_dump(), with_points=False
        )
    return service.get_asset(session, choice.asset_id or 0)


def _guesses(
    session: Session, rows: Sequence[UnknownSource], profile: Profile | None, asset: Asset
) -> dict[str, PointGuess]:
    taken = session.scalars(select(Point.key).where(Point.asset_id == asset.id)).all()
    return guess_points({row.source: row.recent for row in rows}, profile, taken=taken)


def _spec(
    profile: Profile | None, guess: PointGuess, choice: SourceChoice | None, *, source: str
) -> PointSpec:
    """The profile's point of that key with what was chosen, or a point beyond it as chosen and guessed."""
    given = choice.model_dump(exclude={"source"}, exclude_none=True) if choice else {}
    if given.get("unit") == "":
        given["unit"] = None
    key = given.get("key", guess.key)
    base = next((spec for spec in profile.points if spec.key == key), None) if profile else None
    if base is None:
        values: dict[str, object] = {
            "name": guess.name,
            "kind": guess.kind,
            "quantity": guess.quantity,
            "unit": guess.unit,
            "interval_s": guess.interval_s,
        }
    else:
        values = base.model_dump() | {"interval_s": max(base.interval_s, guess.interval_s)}
        if given.get("kind", base.kind) != base.kind:
            raise Invalid(
                f"{source}: {key} of this type is of the kind {base.kind}, not {given['kind']}.",
                f"{source}：该类型的 {key} 是{_KINDS[base.kind]}，不能改变种类。",
                code="bad_point",
            )
    if key == guess.key:
        values["scale"] = guess.scale
    try:
        return PointSpec.model_validate({**values, **given, "key": key})
    except ValidationError as error:
        what = error.errors()[0]["msg"]
        raise Invalid(
            f"{source}: {what}", f"{source}：测点设置不成立（{what}）。", code="bad_point"
        ) from error
