"""What the rules process reads: which rules watch which points, and how an alarm of each is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.alarms.from_rules import RuleLabel
from server.alarms.lifecycle import Severity
from server.assets.models import Asset, Feed, Point, Space
from server.assets.queries import catalogue_revision
from server.errors import Label
from server.forms.typed_points import TYPED_DEVICE
from server.rules.backtest_models import LearnedModel
from server.rules.backtest_service import active_models
from server.rules.binding import Around, Bindable, parse_rule
from server.rules.conditions import InvalidCondition
from server.rules.models import Rule
from server.rules.plan import BoundRule, Plan, WatchedPoint
from server.rules.problems import why
from server.rules.site_time import SiteTime
from server.shifts.models import CalendarDay


class RuleInfo(NamedTuple):
    """What follows from a rule besides its evaluation."""

    label: RuleLabel
    verify_s: float
    opens_ticket: bool


class Watchlist(NamedTuple):
    """The plan for the engine, and the words for what it finds."""

    plan: Plan
    rules: Mapping[int, RuleInfo]
    assets: Mapping[int, str]
    """Their keys."""
    problems: Mapping[int, Label]
    """By rule: why it cannot be used at all, or not on some asset. The others are used."""
    revision: tuple[int, ...]

    @property
    def longest_delay_ms(self) -> int:
        return max((max(r.on_delay_ms, r.off_delay_ms) for r in self.plan.rules), default=0)


def revision(session: Session) -> tuple[int, ...]:
    """Differs after any change of rules, points, topology or calendars."""
    rules = session.execute(select(func.count(), func.coalesce(func.sum(Rule.version), 0))).one()
    assets = session.execute(select(func.count(), func.coalesce(func.max(Asset.id), 0))).one()
    feeds = session.scalar(select(func.count()).select_from(Feed)) or 0
    days = session.execute(
        select(func.count(), func.count().filter(CalendarDay.kind == "work")).select_from(CalendarDay)
    ).one()
    models = session.execute(
        select(func.count(), func.coalesce(func.sum(LearnedModel.id), 0)).where(LearnedModel.active)
    ).one()
    return (*rules, *assets, feeds, *days, *models, catalogue_revision(session))


def watchlist(session: Session) -> Watchlist:
    """All enabled rules bound to the assets they apply to. One that cannot be used is a problem, not a stop."""
    seen = revision(session)
    assets = session.execute(
        select(Asset.id, Asset.key, Asset.profile, Asset.space_id).order_by(Asset.id)
    ).all()
    points = watched_points(session)
    surroundings = Surroundings(session, points)
    binder = _Binder(session)
    for asset in assets:
        around = surroundings.of(asset.id, asset.space_id)
        binder.bind_asset(asset.id, asset.key, asset.profile, around)
    return Watchlist(
        plan=Plan(points, binder.bound, binder.faults),
        rules=binder.infos,
        assets={asset.id: asset.key for asset in assets},
        problems=binder.problems,
        revision=seen,
    )


def watched_points(session: Session) -> list[WatchedPoint]:
    """Every point that is measured, by id: what people type moves no rule, and is not silent between rounds."""
    rows = session.execute(
        select(
            Point.id,
            Point.asset_id,
            Point.key,
            Point.kind,
            Point.interval_s,
            Point.physical_high - Point.physical_low,
        )
        .where(Point.device_id != TYPED_DEVICE)
        .order_by(Point.id)
    )
    return [WatchedPoint(*row) for row in rows]


class Surroundings:
    """What lies around each asset: its points, its neighbours', the time of its site."""

    def __init__(self, session: Session, points: Iterable[WatchedPoint]) -> None:
        self._points: dict[int, dict[str, int]] = {}
        for point in points:
            self._points.setdefault(point.asset, {})[point.key] = point.id
        self._fed: dict[int, list[int]] = {}
        self._fed_by: dict[int, list[int]] = {}
        for feed in session.scalars(select(Feed).order_by(Feed.from_asset, Feed.to_asset)):
            self._fed.setdefault(feed.from_asset, []).append(feed.to_asset)
            self._fed_by.setdefault(feed.to_asset, []).append(feed.from_asset)
        self._parents = {space.id: space for space in session.scalars(select(Space))}
        self._days: dict[int, list[tuple[str, bool]]] = {}
        for day in session.scalars(select(CalendarDay).order_by(CalendarDay.day)):
            self._days.setdefault(day.site_id, []).append((day.day.isoformat(), day.kind == "work"))
        self._sites: dict[int, SiteTime] = {}

    def of(self, asset: int, space: int) -> Around:
        """Around one asset that stands in ``space``."""
        return Around(
            self._points.get(asset, {}),
            self._near(self._fed.get(asset, [])),
            self._near(self._fed_by.get(asset, [])),
            self._site(space),
        )

    def _near(self, assets: Iterable[int]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for asset in assets:
            for key, point in self._points.get(asset, {}).items():
                found.setdefault(key, []).append(point)
        return found

    def _site(self, space_id: int) -> SiteTime:
        if space_id not in self._sites:
            space = self._parents.get(space_id)
            while space is not None and space.parent_id is not None:
                space = self._parents.get(space.parent_id)
            self._sites[space_id] = (
                SiteTime(space.time_zone or "UTC", tuple(self._days.get(space.id, ())))
                if space
                else SiteTime()
            )
        return self._sites[space_id]


_Candidate = tuple[Rule, Bindable | None]


class _Binder:
    """Binds rule by rule and asset by asset, and notes what does not fit."""

    def __init__(self, session: Session) -> None:
        self.infos: dict[int, RuleInfo] = {}
        self.problems: dict[int, Label] = {}
        self.bound: list[BoundRule] = []
        self.faults: list[tuple[int, int, Label]] = []
        self._learned = active_models(session)
        self._by_profile: dict[str, list[_Candidate]] = {}
        for rule in session.scalars(select(Rule).order_by(Rule.id)):
            self.infos[rule.id] = _info(rule)
            if rule.enabled and rule.removed_at is None:
                self._by_profile.setdefault(rule.profile, []).append((rule, self._bindable(rule)))

    def bind_asset(self, asset: int, asset_key: str, profile: str, around: Around) -> None:
        """Bind all rules of one asset. One whose condition names points it lacks is used as far as it goes."""
        if not around.points:
            return
        for rule, bindable in _rules_for(self._by_profile.get(profile, []), asset):
            if bindable is None:
                self.faults.append((rule.id, asset, self.problems[rule.id]))
                continue
            missing = bindable.needs - around.points.keys()
            if missing:
                problem = self.problems[rule.id] = _lacks(asset_key, sorted(missing))
                if rule.customised or rule.asset_id is not None:
                    self.faults.append((rule.id, asset, problem))
            if not missing or bindable.applies(missing):
                self.bound.append(bindable.to(asset, around, self._learned.get((rule.id, asset))))

    def _bindable(self, rule: Rule) -> Bindable | None:
        try:
            parsed = parse_rule(
                rule.condition,
                severity=rule.severity,
                on_delay_s=rule.on_delay_s,
                off_delay_s=rule.off_delay_s,
                steps=rule.steps,
                remind_s=rule.remind_s,
            )
            return Bindable(rule.id, parsed)
        except (InvalidCondition, KeyError, TypeError, ValueError) as error:
            self.problems[rule.id] = why(error)
            return None


def _lacks(asset_key: str, points: Sequence[str]) -> Label:
    return Label(
        en=f"{asset_key} has no point {', '.join(points)}", zh=f"{asset_key} 没有测点 {'、'.join(points)}"
    )


def _info(rule: Rule) -> RuleInfo:
    return RuleInfo(
        RuleLabel(rule.id, rule.key, rule.name, Severity(rule.severity), rule.latched, rule.life_safety),
        # the alarm itself is not over before its off-delay is
        max(rule.verify_s, rule.off_delay_s),
        rule.opens_ticket,
    )


def _rules_for(candidates: list[_Candidate], asset_id: int) -> Iterator[_Candidate]:
    """A rule of the asset's own stands in for the profile's rule of the same key."""
    own = {rule.key for rule, _ in candidates if rule.asset_id == asset_id}
    for rule, bindable in candidates:
        if rule.asset_id == asset_id or (rule.asset_id is None and rule.key not in own):
            yield rule, bindable
