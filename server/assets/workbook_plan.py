"""What importing a workbook would do: which rows are good, which are refused and why. Writes nothing.

Only what differs from the database goes on to ``site_import``, so that a workbook nobody changed is an empty
import, and so is one whose numbers lost their 17th digit on the way through Excel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Asset, Feed, Point, Space
from server.assets.profiles import PointSpec, Profile
from server.assets.site_file import DEPTH, AssetEntry, FeedEntry, PointEntry, SiteFile, SpaceEntry
from server.assets.workbook_cells import BadCell, Cells, Fields, valid
from server.assets.workbook_file import Row, Sheet
from server.errors import Label

_Outcome = Literal["created", "changed", "unchanged"]
_SHEETS = ("spaces", "assets", "points")
_UNTOUCHED = Label(en="What is there stays as it is.", zh="原有内容保持不变。")
_NOTHING = Label(en="Nothing is created from this row.", zh="此行不会创建任何内容。")
_REST = Label(en="The rest of the row is imported.", zh="此行其余内容照常导入。")


class Refused(NamedTuple):
    """One cell or row that is not imported."""

    sheet: str
    row: int
    column: str
    value: str
    what: Label
    kept: Label


_Identity = tuple[str | None, str | None]
"""(asset, key) of a row."""
_Take = Callable[[Cells], _Outcome]


@dataclass
class Count:
    created: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class Plan:
    """``site`` is what to import; ``counts`` by sheet."""

    site: SiteFile
    counts: dict[str, Count]
    refused: list[Refused]

    @property
    def is_nothing(self) -> bool:
        return not any(count.created or count.changed for count in self.counts.values())


@dataclass
class _Known:
    """What the database has and what the rows so far add to it."""

    spaces: dict[str, Space]
    assets: dict[str, Asset]
    space_keys: dict[int, str]
    points: dict[tuple[str, str], Point]
    sources: dict[tuple[str, str], tuple[str, str]]
    feeds: set[tuple[str, str]]
    kinds: dict[str, str] = field(default_factory=dict)
    """Kind of each space, new ones included."""
    profiles: dict[str, str] = field(default_factory=dict)
    """Profile of each asset, new ones included."""


def plan_import(session: Session, sheets: Mapping[str, Sheet], profiles: Mapping[str, Profile]) -> Plan:
    """Look at every row of the workbook against the database and against each other."""
    planner = _Planner(_known(session), profiles)
    for name in _SHEETS:
        sheet = sheets.get(name)
        if sheet:
            planner.unknown_columns(name, sheet.unknown)
            planner.take(name, sheet.rows)
    return planner.plan()


def _known(session: Session) -> _Known:
    spaces = {space.key: space for space in session.scalars(select(Space))}
    assets = {asset.key: asset for asset in session.scalars(select(Asset))}
    asset_keys = {asset.id: key for key, asset in assets.items()}
    points = {(asset_keys[point.asset_id], point.key): point for point in session.scalars(select(Point))}
    return _Known(
        spaces=spaces,
        assets=assets,
        space_keys={space.id: key for key, space in spaces.items()},
        points=points,
        sources={(point.device_id, point.source): where for where, point in points.items()},
        feeds={
            (asset_keys[each.from_asset], asset_keys[each.to_asset]) for each in session.scalars(select(Feed))
        },
        kinds={key: space.kind for key, space in spaces.items()},
        profiles={key: asset.profile for key, asset in assets.items()},
    )


class _Planner:
    def __init__(self, known: _Known, profiles: Mapping[str, Profile]) -> None:
        self._known = known
        self._profiles = profiles
        self._refused: list[Refused] = []
        self._counts = {name: Count() for name in (*_SHEETS, "feeds")}
        self._spaces: list[SpaceEntry] = []
        self._assets: dict[str, dict[str, object]] = {}
        """Fields of the assets to import, also of those that only have points to import."""
        self._points: dict[str, list[PointEntry]] = {}
        self._feeds: list[FeedEntry] = []
        self._wanted_feeds: list[tuple[Cells, str]] = []

    def plan(self) -> Plan:
        self._plan_feeds()
        assets = [
            AssetEntry.model_validate({**fields, "points": self._points.get(key, [])})
            for key, fields in self._assets.items()
        ]
        site = SiteFile(spaces=self._spaces, assets=assets, feeds=self._feeds)
        return Plan(site, self._counts, sorted(self._refused, key=_order))

    def unknown_columns(self, sheet: str, names: Sequence[str]) -> None:
        what = Label(en="There is no such column; it is ignored.", zh="没有这一列，已忽略。")
        self._refused += [Refused(sheet, 1, name, "", what, _REST) for name in names]

    def take(self, sheet: str, rows: Sequence[Row]) -> None:
        """All rows of one sheet; those before it must have been taken."""
        seen: set[_Identity] = set()
        all_cells = [Cells(row) for row in rows]
        if sheet == "spaces":  # a space may stand on the sheet before the one it lies in
            all_cells.sort(key=lambda cells: DEPTH.get(cells.text("kind") or "", 9))
        takers: dict[str, _Take] = {"spaces": self._space, "assets": self._asset, "points": self._point}
        for cells in all_cells:
            self._row(sheet, cells, takers[sheet], seen)

    def _row(self, sheet: str, cells: Cells, take: _Take, seen: set[_Identity]) -> None:
        identity = (cells.text("asset") if sheet == "points" else None, cells.text("key"))
        try:
            outcome = (_second if identity in seen else take)(cells)
        except BadCell as bad:
            kept = _UNTOUCHED if self._is_there(sheet, cells) else _NOTHING
            self._refuse(sheet, cells, bad, kept)
        else:
            seen.add(identity)
            count = self._counts[sheet]
            setattr(count, outcome, getattr(count, outcome) + 1)

    def _is_there(self, sheet: str, cells: Cells) -> bool:
        key = cells.text("key") or ""
        if sheet == "points":
            return (cells.text("asset") or "", key) in self._known.points
        return key in (self._known.spaces if sheet == "spaces" else self._known.assets)

    def _refuse(self, sheet: str, cells: Cells, bad: BadCell, kept: Label) -> None:
        value = cells.raw(bad.column)
        shown = "" if value is None else str(value)[:80]
        self._refused.append(Refused(sheet, cells.number, bad.column, shown, bad.what, kept))

    def _space(self, cells: Cells) -> _Outcome:
        key = cells.key("key")
        there = self._known.spaces.get(key)
        before = _space_fields(there, self._known.space_keys) if there else {}
        after = {
            "key": key,
            "kind": cells.text("kind") or before.get("kind"),
            "parent": cells.text("parent") or before.get("parent"),
            "name": cells.name(there.name if there else None),
            "time_zone": cells.text("time_zone") or before.get("time_zone"),
        }
        entry = valid(SpaceEntry, after)
        if there and entry.kind != there.kind:
            raise BadCell("kind", f"It is a {there.kind} already.", f"它已是 {there.kind}。")
        if entry.parent:
            parent = self._known.kinds.get(entry.parent)
            if parent is None:
                raise BadCell("parent", f"There is no space {entry.parent}.", f"没有空间 {entry.parent}。")
            if DEPTH[parent] >= DEPTH[entry.kind]:
                raise BadCell(
                    "parent",
                    f"A {entry.kind} does not lie in a {parent}.",
                    f"{entry.kind} 不能位于 {parent} 中。",
                )
        self._known.kinds[key] = entry.kind
        if there and after == before:
            return "unchanged"
        self._spaces.append(entry)
        return "changed" if there else "created"

    def _asset(self, cells: Cells) -> _Outcome:
        key = cells.key("key")
        there = self._known.assets.get(key)
        before = self._asset_fields(there) if there else {}
        drill = cells.truth("drill")
        after = {
            "key": key,
            "name": cells.name(there.name if there else None),
            "profile": cells.text("profile") or before.get("profile"),
            "space": cells.text("space") or before.get("space"),
            "drill": bool(before.get("drill")) if drill is None else drill,
        }
        mode = cells.one_of("points", ("profile", "listed"))
        extra = {
            "device": None if there else cells.text("device"),
            "listed_only": bool(there) or mode == "listed",
        }
        entry = valid(AssetEntry, {**after, **extra})
        self._check_asset(entry, there)
        if there is None and mode != "listed":
            self._take_profile_sources(entry)
        self._known.profiles[key] = entry.profile
        if feeds := cells.text("fed_by"):
            self._wanted_feeds.append((cells, feeds))
        if there and after == before:
            return "unchanged"
        self._assets[key] = {**after, **extra}
        return "changed" if there else "created"

    def _check_asset(self, entry: AssetEntry, there: Asset | None) -> None:
        if entry.profile not in self._profiles:
            raise BadCell(
                "profile", f"There is no profile {entry.profile}.", f"没有设备类型 {entry.profile}。"
            )
        if there and entry.profile != there.profile:
            raise BadCell(
                "profile", f"It has the profile {there.profile} already.", f"其设备类型已是 {there.profile}。"
            )
        if entry.space not in self._known.kinds:
            raise BadCell("space", f"There is no space {entry.space}.", f"没有空间 {entry.space}。")

    def _take_profile_sources(self, entry: AssetEntry) -> None:
        """A new asset with all points of its profile: its device must not carry any of them already."""
        device = entry.device or entry.key
        wanted = [spec.key for spec in self._profiles[entry.profile].points]
        for source in wanted:
            if (device, source) in self._known.sources:
                raise _source_taken("device" if entry.device else "key", device, source)
        self._known.sources |= {(device, source): (entry.key, source) for source in wanted}

    def _point(self, cells: Cells) -> _Outcome:
        asset = cells.text("asset")
        profile = self._known.profiles.get(asset or "")
        if asset is None or profile is None:
            what = (
                f"There is no asset {asset}, or its row was refused.",
                f"没有设备 {asset}，或其所在行被拒绝。",
            )
            raise BadCell("asset", *(what if asset else ("The asset is missing.", "缺少设备。")))
        key = cells.key("key")
        there = self._known.points.get((asset, key))
        base = next((spec for spec in self._profiles[profile].points if spec.key == key), None)
        before = _point_fields(there) if there else _spec_fields(base)
        after = cells.point(before)
        if before.get("kind") not in {None, after.get("kind")}:
            raise BadCell(
                "kind", f"It is {before['kind']} and stays so.", f"其类型为 {before['kind']}，不能更改。"
            )
        valid(
            PointSpec,
            {name: after[name] for name in after if name not in {"device", "source"}} | {"key": key},
        )
        fields = {**after, "key": key}
        fields["device"] = after.get("device") or self._device_of(asset)
        fields["source"] = after.get("source") or key
        entry = valid(PointEntry, fields)
        self._take_source(asset, entry, there)
        if there and after == before:
            return "unchanged"
        if asset not in self._assets:
            self._assets[asset] = {**self._asset_fields(self._known.assets[asset]), "listed_only": True}
        self._points.setdefault(asset, []).append(entry)
        return "changed" if there else "created"

    def _take_source(self, asset: str, entry: PointEntry, there: Point | None) -> None:
        source = (entry.device or "", entry.source or "")
        holder = self._known.sources.get(source)
        if holder not in {None, (asset, entry.key)}:
            raise _source_taken("source", *source)
        # where the new asset would have got the point by its profile, this row says where from instead
        previous = (there.device_id, there.source) if there else (self._device_of(asset), entry.key)
        if self._known.sources.get(previous) == (asset, entry.key):
            del self._known.sources[previous]
        self._known.sources[source] = (asset, entry.key)

    def _device_of(self, asset: str) -> str:
        return str(self._assets.get(asset, {}).get("device") or asset)

    def _asset_fields(self, asset: Asset) -> dict[str, object]:
        return {
            "key": asset.key,
            "name": asset.name,
            "profile": asset.profile,
            "space": self._known.space_keys[asset.space_id],
            "drill": asset.drill,
        }

    def _plan_feeds(self) -> None:
        """When all assets are known: one may be fed by another that stands further down."""
        for cells, text in self._wanted_feeds:
            target = str(cells.raw("key"))
            for origin in filter(None, (part.strip() for part in text.replace("，", ",").split(","))):
                if origin not in self._known.profiles or origin == target:
                    bad = BadCell("fed_by", f"There is no other asset {origin}.", f"没有其他设备 {origin}。")
                    self._refuse("assets", cells, bad, _REST)
                elif (origin, target) not in self._known.feeds:
                    self._known.feeds.add((origin, target))
                    self._feeds.append(FeedEntry.model_validate({"from": origin, "to": [target]}))
                    self._counts["feeds"].created += 1


def _second(_: Cells) -> _Outcome:
    raise BadCell(
        "key", "It stands on this sheet twice; the first row counts.", "在此表中重复出现，以第一行为准。"
    )


def _order(refused: Refused) -> tuple[int, int]:
    return _SHEETS.index(refused.sheet), refused.row


def _space_fields(space: Space, keys: Mapping[int, str]) -> Fields:
    parent = keys[space.parent_id] if space.parent_id is not None else None
    return {
        "key": space.key,
        "kind": space.kind,
        "parent": parent,
        "name": space.name,
        "time_zone": space.time_zone,
    }


def _point_fields(point: Point) -> Fields:
    return {
        "name": point.name,
        "kind": point.kind,
        "quantity": point.quantity,
        "unit": point.unit,
        "interval_s": point.interval_s,
        "normal": _band(point.normal_low, point.normal_high),
        "physical": _band(point.physical_low, point.physical_high),
        "decimals": point.decimals,
        "states": _by_number(point.states),
        "bits": _by_number(point.bits),
        "scale": point.scale,
        "offset": point.offset,
        "device": point.device_id,
        "source": point.source,
    }


def _spec_fields(spec: PointSpec | None) -> Fields:
    """A point of the profile before anything was said about it; a free one has nothing."""
    if spec is None:
        return {"scale": 1.0, "offset": 0.0}
    return {**spec.model_dump(exclude={"key"}), "device": None, "source": None}


def _band(low: float | None, high: float | None) -> tuple[float, float] | None:
    return None if low is None or high is None else (low, high)


def _by_number(labels: Mapping[str, Label] | None) -> dict[int, Label] | None:
    return None if labels is None else {int(code): label for code, label in labels.items()}


def _source_taken(column: str, device: str, source: str) -> BadCell:
    return BadCell(
        column,
        f"The device {device} sends {source} for another point already.",
        f"设备号 {device} 的 {source} 已用于其他测点。",
    )
