"""Training of the multivariate deviation: what several points of an asset look like together when all is well.

Three estimates carry it, all of them robust against a part of the period being faulty (``robust``):

- *Levels*: the rolling mean of each point. Their scatter is estimated out of fold (each fifth of the period
  against the other four), so that slow wandering counts as normal to the extent to which it was seen.
- *Drift*: points that wander farther the longer one waits (a machine that warms up) are followed by a
  local-level Kalman filter (Harvey, 1989, section 2.1) whose drift variance comes from the structure
  function of the period. It learns from normal samples only.
- *Spreads*: logarithms of rolling variance and of mean squared steps, of each point.

Each of levels and spreads has two limits: on the Mahalanobis distance, which sees broken correlation, and on
the largest single deviation, which sees one point among many. A limit is the larger of what theory says
(chi-square; three sigma) and the 99 % quantile of the clean training rows, times a margin.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from server.rules.learned import windows
from server.rules.learned.robust import chi_square, clean_covariance, distances, inverse, median_scale
from server.rules.learned.verdict import Bools, Floats, Times, TooLittleData, UnknownModel

BLOCK = 16
"""Rows after which what is followed is brought up to date."""
CLIP = 6.0
"""Single values farther out than this many deviations count as this far: a spike moves no mean."""
FOLDS = 5
_QUANTILE, _DISTANCE_MARGIN, _SINGLE_MARGIN, _SINGLE_LEAST = 0.99, 1.5, 1.45, 3.0
_WANDERS = 2.0
"""Long differences this many times as large as short ones: it drifts."""
_LEAST_DRIFT = 0.002
"""Of a block's noise, per row: no machine stands still for ever."""
_CONSTANT = 1e-12


class Part(msgspec.Struct, frozen=True):
    """Levels or spreads: where they are, how they scatter together, and how far is too far."""

    reference: list[float]
    covariance: list[list[float]]
    distance_limit: float
    single_limit: float


class Model(msgspec.Struct, frozen=True):
    """Version 1 of a trained multivariate condition. Arrays in the order of ``points``."""

    points: list[str]
    window: int
    step_ms: int
    middle: list[float]
    scale: list[float]
    level: Part
    spread: Part
    floors: list[float]
    began: list[float]
    """Levels at the beginning of training; those of ``level.reference`` are of its end where they drift."""
    drift: list[float]
    """Variance that a level's reference may gain per row; 0: it stands still."""
    noise: list[float]
    """Variance of the mean of one block of rows about the reference."""
    uncertain: list[float]
    """Variance of the reference at the end of training."""
    constant: list[str]
    """Points that did not change in the period; they are not watched."""
    rows: int
    set_aside: int
    """Training rows that looked abnormal and were left out."""
    from_ms: int
    to_ms: int
    kind: str = "multivariate"
    v: int = 1


def encode(model: Model) -> bytes:
    return msgspec.msgpack.encode(model)


def decode(data: bytes) -> Model:
    """Raises UnknownModel."""
    try:
        model = msgspec.msgpack.decode(data, type=Model)
    except msgspec.DecodeError as error:
        raise UnknownModel(f"not a trained multivariate model: {error}") from None
    if (model.kind, model.v) != ("multivariate", 1):
        raise UnknownModel(f"a model of kind {model.kind} and version {model.v}")
    return model


def rows_needed(points: int, window: int) -> int:
    """The fewest training rows from which scatter, drift and limits can be told apart."""
    return 3 * window // 2 + max(FOLDS * window, 12 * points, 100)


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
    scaled = np.clip((values[:, used] - middle) / scale, -CLIP, CLIP)
    begin = 3 * window // 2
    levels = windows.level(scaled, window)
    raw = windows.spreads(scaled, begin)
    floors = windows.FLOOR * np.nanmedian(raw[begin:], axis=0) + windows.TINY
    spreads = windows.log_spread(raw, floors)
    whole: Bools = np.isfinite(np.concatenate([levels, spreads], axis=1)).all(axis=1).astype(np.bool_)
    whole[:begin] = False
    if int(whole.sum()) < rows_needed(len(used), window) - begin:
        raise _too_few(int(whole.sum()), rows_needed(len(used), window))
    scaling = (middle, scale, floors)
    return _fit(points, used, times, scaling=scaling, features=(levels[whole], spreads[whole]), window=window)


def _fit(
    points: Sequence[str],
    used: Times,
    times: Times,
    *,
    scaling: tuple[Floats, Floats, Floats],
    features: tuple[Floats, Floats],
    window: int,
) -> Model:
    levels, spreads = features
    count = len(levels)
    noise = np.median([block.var(axis=0) for block in np.array_split(levels, FOLDS)], axis=0) * window / BLOCK
    noise = noise + 1e-9
    drift = _drift(levels, window)
    followed, reference, uncertain = _follow(levels, drift, noise, window)
    residual = np.where(drift > 0, followed, _out_of_fold(levels))
    level, clean = _part(residual, levels, 2 * count / window)
    level = msgspec.structs.replace(level, reference=np.where(drift > 0, reference, level.reference).tolist())
    spread, also_clean = _part(_out_of_fold(spreads), spreads, 2 * count / (1.5 * window))
    middle, scale, floors = scaling
    return Model(
        points=[points[index] for index in used],
        window=window,
        step_ms=max(1, int(np.median(np.diff(times)))),
        middle=middle.tolist(),
        scale=scale.tolist(),
        level=level,
        spread=spread,
        floors=floors.tolist(),
        began=np.where(drift > 0, np.median(levels[: 2 * window], axis=0), level.reference).tolist(),
        drift=drift.tolist(),
        noise=noise.tolist(),
        uncertain=np.where(drift > 0, uncertain, 0.0).tolist(),
        constant=[name for index, name in enumerate(points) if index not in used],
        rows=len(times),
        set_aside=int((~(clean & also_clean)).sum()),
        from_ms=int(times[0]),
        to_ms=int(times[-1]),
    )


def _part(residual: Floats, features: Floats, independent: float) -> tuple[Part, Bools]:
    covariance, clean = clean_covariance(residual, independent)
    dimensions = residual.shape[1]
    far = distances(residual[clean], inverse(covariance))
    single = (np.abs(residual[clean]) / np.sqrt(np.diag(covariance))).max(axis=1)
    distance_limit = max(chi_square(dimensions, 2.326) ** 0.5, float(np.quantile(far, _QUANTILE)))
    single_limit = max(_SINGLE_LEAST, float(np.quantile(single, _QUANTILE)))
    part = Part(
        np.median(features[clean], axis=0).tolist(),
        covariance.tolist(),
        distance_limit * _DISTANCE_MARGIN,
        single_limit * _SINGLE_MARGIN,
    )
    return part, clean


def _out_of_fold(features: Floats) -> Floats:
    """Each fold's rows less the median of all other folds."""
    folds = np.array_split(np.arange(len(features)), FOLDS)
    out = np.empty_like(features)
    for fold in folds:
        rest = np.ones(len(features), dtype=np.bool_)
        rest[fold] = False
        out[fold] = features[fold] - np.median(features[rest], axis=0)
    return out


def _drift(levels: Floats, window: int) -> Floats:
    """Drift variance per row from the structure function of block medians; 0 where it does not grow."""
    count = max(6, len(levels) // window)
    middles = np.array([np.median(block, axis=0) for block in np.array_split(levels, count)])
    rows = len(levels) / count

    def structure(lag: int) -> Floats:
        squared = np.square(middles[lag:] - middles[:-lag])
        result: Floats = 0.5 * np.median(squared, axis=0) / 0.455 + 0.5 * squared.mean(axis=0)
        return result

    short = 2
    lags = sorted({max(short + 1, count * part // 6) for part in (2, 3, 4)})
    long = {lag: structure(lag) for lag in lags}
    growth = np.max([(long[lag] - structure(short)) / (rows * (lag - short)) for lag in lags], axis=0)
    ratio = np.max([long[lag] for lag in lags], axis=0) / (structure(short) + 1e-12)
    return np.where(ratio > _WANDERS, np.maximum(growth, 0.0), 0.0)


def _follow(levels: Floats, drift: Floats, noise: Floats, window: int) -> tuple[Floats, Floats, Floats]:
    """Run the filter over the period: what each row deviates from what was known before its block, and
    reference and variance at the end."""
    reference, variance = np.median(levels[: 2 * window], axis=0), noise.copy()
    out = np.empty_like(levels)
    for begin in range(0, len(levels), BLOCK):
        block = levels[begin : begin + BLOCK]
        variance = variance + drift * len(block)
        out[begin : begin + BLOCK] = block - reference
        gain = variance / (variance + noise)
        reference = reference + gain * (block.mean(axis=0) - reference)
        variance = (1 - gain) * variance
    return out, reference, variance


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
