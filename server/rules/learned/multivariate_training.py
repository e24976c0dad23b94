"""Training of the multivariate deviation: what several points of an asset look like together when all is well.

Every estimate is robust against a part of the period being faulty (``robust``): medians, a covariance of the
rows that concentrate, and limits from the rows that are clean under it. What points have to do with one
another is learned within fifths of the period, so that two points that merely both warm up are not taken for
coupled.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from server.rules.learned import windows
from server.rules.learned.multivariate_features import Features, clipped
from server.rules.learned.multivariate_limits import FOLDS, Part, learn_limits
from server.rules.learned.robust import clean_covariance, inverse, median_scale
from server.rules.learned.verdict import Bools, Floats, Times, TooLittleData, UnknownModel

VERSION = 3
_LEVEL_MARGIN, _SPREAD_MARGIN, _SWING_MARGIN = 1.9, 1.5, 1.65
"""Levels go on changing after the training, spreads hardly do."""
_ROOM = 0.1
_WANDERS = 2.0
"""Long differences this many times as large as short ones: it wanders."""
_SHORT_LAG = 2
_MEDIAN_CHI_SQUARE = 0.455
"""Of one degree of freedom."""
_CONSTANT = 1e-12
_SAME = 1e-4
"""Of the variance: two points that agree better than this are not told apart (a sensor listed twice)."""


class Model(msgspec.Struct, frozen=True):
    """A trained multivariate condition. Arrays in the order of ``points``."""

    points: list[str]
    window: int
    step_ms: int
    middle: list[float]
    scale: list[float]
    precision: list[list[float]]
    """Inverse covariance of values in units of ``scale``."""
    floors: list[float]
    swing_floors: list[float]
    level: Part
    spread: Part
    swing: Part
    usual: list[float]
    """Mean over a window, in the unit of the point."""
    usual_deviation: list[float]
    """Of such means."""
    constant: list[str]
    """Points that did not change in the period; they are not watched."""
    rows: int
    set_aside: int
    """Training rows that looked abnormal and were left out."""
    from_ms: int
    to_ms: int
    kind: str = "multivariate"
    v: int = VERSION


class _Head(msgspec.Struct):
    kind: str
    v: int


def encode(model: Model) -> bytes:
    return msgspec.msgpack.encode(model)


def decode(data: bytes) -> Model:
    """Raises UnknownModel."""
    try:
        head = msgspec.msgpack.decode(data, type=_Head)
        if (head.kind, head.v) != ("multivariate", VERSION):
            raise UnknownModel(f"a model of kind {head.kind} and version {head.v}")
        return msgspec.msgpack.decode(data, type=Model)
    except msgspec.DecodeError as error:
        raise UnknownModel(f"not a trained multivariate model: {error}") from None


def rows_needed(points: int, window: int) -> int:
    """The fewest training rows from which scatter and limits can be told apart."""
    return 4 * window + max(FOLDS * window, 12 * points, 100)


def features_of(model: Model) -> Features:
    """The same features as in training."""
    features = Features(np.array(model.middle), np.array(model.scale), model.window)
    features.precision = np.array(model.precision)
    features.floors, features.swing_floors = np.array(model.floors), np.array(model.swing_floors)
    return features


def train(points: Sequence[str], times: Times, values: Floats, window: int) -> Model:
    """Learn from ``values`` (rows, points), NaN for missing, in time order. Raises TooLittleData."""
    _check_amount(points, values, window)
    middle, scale = median_scale(values)
    used = np.flatnonzero(scale > _CONSTANT * np.maximum(1.0, np.abs(middle)))
    if len(used) < 2:
        raise TooLittleData(
            "In this period fewer than two of the points changed at all: choose one in which the asset works.",
            "该时段内有变化的测点不足两个：请选择设备处于运行状态的时段。",
        )
    middle, scale = middle[used], scale[used]
    features = Features(middle, scale, window)
    scaled = features.scaled(values[:, used])
    features.floors = _floors(scaled, features.spread_window)
    whole = _whole(features, scaled)
    if int(whole.sum()) < rows_needed(len(used), window) - features.keep:
        raise _too_few(int(whole.sum()), rows_needed(len(used), window))
    features.precision = _precision(clipped(scaled))
    all_levels = features.levels(features.unexplained(scaled))
    swing = _swing(features, all_levels, windows.trust(scaled, window))
    levels = all_levels[whole]
    count = len(levels)
    level, clean = learn_limits(levels, independent=2 * count / window, margin=_LEVEL_MARGIN)
    level = _with_room(level, _wandering(levels, window))
    spread, also_clean = learn_limits(
        features.spreads(scaled)[whole],
        independent=2 * count / features.spread_window,
        margin=_SPREAD_MARGIN,
    )
    usual, deviation = median_scale(windows.level(clipped(scaled), window)[whole][clean])
    return Model(
        points=[points[index] for index in used.tolist()],
        window=window,
        step_ms=max(1, int(np.median(np.diff(times)))),
        middle=middle.tolist(),
        scale=scale.tolist(),
        precision=features.precision.tolist(),
        floors=features.floors.tolist(),
        swing_floors=features.swing_floors.tolist(),
        level=level,
        spread=spread,
        swing=swing,
        usual=(middle + usual * scale).tolist(),
        usual_deviation=(deviation * scale).tolist(),
        constant=[name for index, name in enumerate(points) if index not in used],
        rows=len(times),
        set_aside=int((~(clean & also_clean)).sum()),
        from_ms=int(times[0]),
        to_ms=int(times[-1]),
    )


def _whole(features: Features, scaled: Floats) -> Bools:
    """Rows whose windows are known for every point."""
    levels = windows.level(scaled, features.window)
    known = np.isfinite(np.concatenate([levels, features.spreads(scaled)], axis=1))
    whole: Bools = known.all(axis=1)
    whole[: features.spread_window] = False
    return whole


def _swing(features: Features, levels: Floats, trust: Floats) -> Part:
    """Limits of the swings; sets their floors. Raises TooLittleData."""
    window = features.swing_window
    usual = np.nanmedian(np.exp(features.swings(levels, trust, window=window)), axis=0)
    features.swing_floors = windows.FLOOR * usual + windows.TINY
    swings = features.swings(levels, trust, window=window)[features.keep :]
    known = swings[np.isfinite(swings).all(axis=1)]
    needed = rows_needed(levels.shape[1], features.window)
    if len(known) < needed - features.keep:
        raise _too_few(len(known), needed)
    swing, _ = learn_limits(known, independent=2 * len(known) / window, margin=_SWING_MARGIN)
    return swing


def _precision(scaled: Floats) -> Floats:
    """Of the rows in which every point is known, about the median of their fifth of the period."""
    known = np.isfinite(scaled).all(axis=1)
    rows = scaled[known] if 2 * known.sum() >= len(scaled) else np.nan_to_num(scaled)
    deviations = np.concatenate([part - np.median(part, axis=0) for part in np.array_split(rows, FOLDS)])
    covariance, _ = clean_covariance(deviations, len(deviations))
    return inverse(covariance + _SAME * np.trace(covariance) / len(covariance) * np.eye(len(covariance)))


def _with_room(level: Part, wandering: Floats) -> Part:
    """What wandered in the training period will wander on: it is given room for a part of that again."""
    covariance = np.array(level.covariance) + np.diag(_ROOM * wandering)
    return msgspec.structs.replace(level, covariance=covariance.tolist())


def _wandering(levels: Floats, window: int) -> Floats:
    """Variance that each level gained by wandering, from the structure function of block medians: mean
    squared differences over long lags less those over a short one. 0 where they do not grow."""
    count = max(6, len(levels) // window)
    middles = np.array([np.median(block, axis=0) for block in np.array_split(levels, count)])

    def structure(lag: int) -> Floats:
        squared = np.square(middles[lag:] - middles[:-lag])
        found: Floats = 0.5 * np.median(squared, axis=0) / _MEDIAN_CHI_SQUARE + 0.5 * squared.mean(axis=0)
        return found

    short = structure(_SHORT_LAG)
    lags = sorted({max(_SHORT_LAG + 1, count * part // 6) for part in (2, 3, 4)})
    long = np.array([structure(lag) for lag in lags])
    per_block = (long - short) / (np.array(lags) - _SHORT_LAG)[:, None]
    grows = long.max(axis=0) > _WANDERS * short
    return np.where(grows, np.maximum(per_block.max(axis=0), 0.0) * count, 0.0)


def _floors(scaled: Floats, window: int) -> Floats:
    """Spreads below which nothing is told apart: a part of the usual one, and what the step of a coarse
    sensor does when its value comes to lie between two steps."""
    usual = np.nanmedian(windows.spreads(scaled, window)[window:], axis=0)
    gaps = [np.diff(np.unique(column[np.isfinite(column)])) for column in scaled.T]
    steps = np.array([float(np.median(gap)) if len(gap) else 0.0 for gap in gaps])
    found: Floats = windows.FLOOR * usual + np.tile(0.25 * np.square(steps), 2) + windows.TINY
    return found


def _check_amount(points: Sequence[str], values: Floats, window: int) -> None:
    needed = rows_needed(len(points), window)
    known = np.isfinite(values).sum(axis=0)
    if len(values) < needed:
        raise _too_few(len(values), needed)
    if int(known.min()) < needed // 2:
        worst = points[int(known.argmin())]
        raise TooLittleData(
            f"{worst} has only {int(known.min())} values in this period; {needed // 2} are needed.",
            f"测点 {worst} 在该时段内只有 {int(known.min())} 个数值，至少需要 {needed // 2} 个。",
        )


def _too_few(rows: int, needed: int) -> TooLittleData:
    return TooLittleData(
        f"{rows} usable rows are too few to learn from: at least {needed} are needed, better three times as many.",
        f"可用于训练的数据只有 {rows} 行：至少需要 {needed} 行，最好是其三倍。",
    )
