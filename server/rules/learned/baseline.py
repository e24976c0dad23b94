"""A robust baseline per hour of the week: what Mondays at 09:00 normally show.

Each of the 168 hours of the site's own week has a median and a usual deviation. Few weeks say little about
one hour of the week, so each hour leans on what is like it: a hour's own weeks are weighed against its
neighbours (the hour before and after, the same hour on the other days), in the manner of an empirical
Bayes estimate (Efron and Morris, 1975): weight = weeks / (weeks + LEAN). Medians of days, not of samples,
are combined, so that one faulty day of a month moves nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.rules.learned.explain import against_hour
from server.rules.learned.robust import NORMAL_MAD
from server.rules.learned.specs import Baseline
from server.rules.learned.verdict import (
    ROUND_DIGITS,
    Bools,
    Driver,
    Floats,
    Scores,
    Times,
    TooLittleData,
    UnknownModel,
    Verdict,
)

HOURS = 168
_HOUR_MS = 3_600_000
_QUARTER_MS = 900_000
LEAN = 3.0
"""Weeks of its own that weigh as much as the neighbours of an hour together."""
LEAST_DAYS = 7
LEAST_PER_HOUR = 3
CLEARS = 0.8
"""Normal again below this part of the limit."""


class Model(msgspec.Struct, frozen=True):
    """Version 1 of a trained baseline; by hour of the week, Monday 00:00 local time is 0."""

    zone: str
    usual: list[float]
    deviation: list[float]
    weeks: list[int]
    """How many weeks spoke for each hour."""
    rows: int
    from_ms: int
    to_ms: int
    kind: str = "baseline"
    v: int = 1


def encode(model: Model) -> bytes:
    return msgspec.msgpack.encode(model)


def decode(data: bytes) -> Model:
    """Raises UnknownModel."""
    try:
        model = msgspec.msgpack.decode(data, type=Model)
    except msgspec.DecodeError as error:
        raise UnknownModel(f"not a trained baseline: {error}") from None
    if (model.kind, model.v) != ("baseline", 1):
        raise UnknownModel(f"a model of kind {model.kind} and version {model.v}")
    return model


class LocalHours:
    """Hours of the local week for many times; offsets of the zone are looked up once a quarter of an hour."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._offsets: dict[int, int] = {}

    def local_hour(self, times: Times) -> NDArray[np.int64]:
        """Whole local hours since Monday 1969-12-29 00:00, whose rest by 168 is the hour of the week."""
        quarters = times // _QUARTER_MS
        low, high = int(quarters.min()), int(quarters.max())
        if self._offset(low) == self._offset(high) and high - low < 96:
            offsets: NDArray[np.int64] | int = self._offset(low)
        else:
            unique, positions = np.unique(quarters, return_inverse=True)
            offsets = np.array([self._offset(int(quarter)) for quarter in unique])[positions]
        # 1970-01-01 was a Thursday: three days after a Monday
        hours: NDArray[np.int64] = (times + offsets) // _HOUR_MS + 72
        return hours

    def _offset(self, quarter: int) -> int:
        known = self._offsets.get(quarter)
        if known is None:
            at = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, UTC).astimezone(self._zone)
            difference = at.utcoffset()
            known = round(difference.total_seconds() * 1000) if difference else 0
            if len(self._offsets) > 100_000:
                self._offsets.clear()
            self._offsets[quarter] = known
        return known


def train(times: Times, values: Floats, zone: str) -> Model:
    """Learn from values in time order, NaN for missing. ``zone``: IANA name. Raises TooLittleData."""
    known = np.isfinite(values)
    times, values = times[known], values[known]
    if not len(times):
        raise TooLittleData("There is no value in this period.", "该时段内没有数据。")
    hours = LocalHours(zone).local_hour(times)
    cells, medians, spreads = _cells(hours, values)
    _check_amount(cells)
    usual, weeks = _usual(cells, medians)
    deviation = _deviation(cells, medians, spreads, usual)
    return Model(
        zone,
        usual.tolist(),
        deviation.tolist(),
        weeks.tolist(),
        len(times),
        int(times[0]),
        int(times[-1]),
    )


def _cells(hours: NDArray[np.int64], values: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """One row for each hour that has values: the hour, their median, and their robust spread about it."""
    starts = np.flatnonzero(np.diff(hours, prepend=hours[0] - 1))
    parts = np.split(values, starts[1:])
    medians = np.array([np.median(part) for part in parts])
    spreads = np.array(
        [NORMAL_MAD * np.median(np.abs(part - middle)) for part, middle in zip(parts, medians, strict=True)]
    )
    return hours[starts], medians, spreads


def _check_amount(cells: NDArray[np.int64]) -> None:
    days = len(np.unique(cells // 24))
    of_day = np.bincount(cells % 24, minlength=24)
    if days < LEAST_DAYS:
        raise TooLittleData(
            f"{days} days are too few for a baseline of the week: at least {LEAST_DAYS} are needed, better four weeks.",
            f"数据只有 {days} 天，不足以建立每周基线：至少需要 {LEAST_DAYS} 天，最好四周。",
        )
    if int(of_day.min()) < LEAST_PER_HOUR:
        hour = int(of_day.argmin())
        raise TooLittleData(
            f"Only {int(of_day.min())} days have values at {hour:02d}:00; at least {LEAST_PER_HOUR} are needed.",
            f"{hour:02d}:00 只有 {int(of_day.min())} 天有数据，至少需要 {LEAST_PER_HOUR} 天。",
        )


def _usual(cells: NDArray[np.int64], medians: Floats) -> tuple[Floats, NDArray[np.int64]]:
    of_week = cells % HOURS
    weeks = np.bincount(of_week, minlength=HOURS)
    own = np.full(HOURS, np.nan)
    for hour in range(HOURS):
        if weeks[hour]:
            own[hour] = np.median(medians[of_week == hour])
    of_day = np.array([np.median(medians[cells % 24 == hour]) for hour in range(24)])
    shape = np.tile(of_day, 7)
    # what the hours around it differ from the hour of the day keeps Sundays apart from Mondays
    around = np.stack([np.roll(own - shape, shift) for shift in (-2, -1, 1, 2)])
    known = np.isfinite(around).any(axis=0)
    around[:, ~known] = 0.0
    prior = shape + np.nanmedian(around, axis=0)
    weight = weeks / (weeks + LEAN)
    return np.where(weeks > 0, weight * np.nan_to_num(own) + (1 - weight) * prior, prior), weeks


def _deviation(cells: NDArray[np.int64], medians: Floats, spreads: Floats, usual: Floats) -> Floats:
    """Usual deviation of a sample from ``usual``: between weeks and within the hour, leaning on the hour of
    the day and on all."""
    off = medians - usual[cells % HOURS]
    total = np.sqrt(np.square(NORMAL_MAD * np.abs(off)) + np.square(spreads))
    overall = float(np.median(total))
    if overall <= 0:
        overall = float(total.mean()) or 1e-9
    found = np.empty(HOURS)
    of_day = np.array([np.median(total[cells % 24 == hour]) for hour in range(24)])
    for hour in range(HOURS):
        own = total[cells % HOURS == hour]
        weight = len(own) / (len(own) + LEAN)
        prior = 0.5 * (of_day[hour % 24] + overall)
        found[hour] = weight * float(np.median(own)) + (1 - weight) * prior if len(own) else prior
    return np.maximum(found, 0.25 * overall)


class Watcher:
    """Judges samples in time order. Remembers only whether it is abnormal."""

    def __init__(self, model: Model, spec: Baseline, *, unit: str = "") -> None:
        self.model = model
        self._unit = unit
        self._side = spec.side
        self._hours = LocalHours(model.zone)
        self._usual = np.array(model.usual)
        deviation = np.array(model.deviation)
        self._limit = np.maximum(spec.beyond * deviation, spec.at_least)
        self.is_abnormal = False
        self._latest = Driver("", 1.0, 0.0, 0.0, 0.0, "level")

    def feed(self, times: Times, values: Floats) -> Scores:
        """``values``: (samples,), NaN for missing."""
        hour = self._hours.local_hour(times) % HOURS if len(times) else times
        off = values - self._usual[hour]
        off = off if self._side == "above" else -off if self._side == "below" else np.abs(off)
        score = np.round(np.maximum(off, 0.0) / self._limit[hour], ROUND_DIGITS)
        abnormal = latched(score, CLEARS, begin=self.is_abnormal)
        if len(times):
            self.is_abnormal = bool(abnormal[-1])
        return Scores(score, abnormal)

    def update(self, at_ms: int, value: float) -> Verdict:
        """One sample."""
        times = np.array([at_ms])
        scores = self.feed(times, np.array([value], dtype=np.float64))
        hour = int(self._hours.local_hour(times)[0] % HOURS)
        usual = float(self._usual[hour])
        delta = value - usual
        self._latest = Driver("", 1.0, value, usual, delta, "level")
        weekday, of_day = divmod(hour, 24)
        text = against_hour(delta, weekday=weekday, hour=of_day, unit=self._unit)
        return Verdict(float(scores.score[0]), self.is_abnormal, (self._latest,), text)

    def verdict(self, at_ms: int, value: Floats) -> Verdict:
        """One sample as an array of no dimension."""
        return self.update(at_ms, float(value))

    def latest(self) -> Driver:
        """The sample given to ``update`` last."""
        return self._latest

    def memory(self) -> bytes:
        return msgspec.msgpack.encode((self.is_abnormal, self._latest))

    def recall(self, data: bytes) -> None:
        """Raises UnknownModel where these are not the bytes of ``memory``."""
        try:
            self.is_abnormal, self._latest = msgspec.msgpack.decode(data, type=tuple[bool, Driver])
        except msgspec.DecodeError as error:
            raise UnknownModel(str(error)) from None


def latched(score: Floats, clears: float, *, begin: bool) -> Bools:
    """True from a score above 1 until one below ``clears``; what lies between, or is NaN, holds what was."""
    with np.errstate(invalid="ignore"):
        decided = np.where(score > 1, 1, np.where(score < clears, 0, -1)).astype(np.int8)
    positions = np.where(decided >= 0, np.arange(len(score)), -1)
    latest = np.maximum.accumulate(positions) if len(score) else positions
    return np.where(latest >= 0, decided[latest] == 1, begin)
