"""Estimates that a faulty part of the data does not move far. Arrays are (samples, features)."""

from __future__ import annotations

import math

import numpy as np

from server.rules.learned.verdict import Bools, Floats

NORMAL_MAD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""
NORMAL_MEAN_ABS = math.sqrt(math.pi / 2)
"""Standard deviation of a normal distribution over its mean absolute deviation."""
_TRIMMED = 1.12
"""Standard deviation of a normal distribution over that of its values clipped at 5 and 95 %."""
_STEPS = 4
_OUTLIER = 2.5
"""Samples whose squared distance is this many times the 99 % quantile of chi-square are set aside."""


def median_scale(values: Floats) -> tuple[Floats, Floats]:
    """Median and robust standard deviation of each column; the deviation is 0 where a column is constant.

    Coarsely quantised columns have a MAD of 0 or nearly so; they fall back to the standard deviation
    without the outer tenth.
    """
    middle = np.nanmedian(values, axis=0)
    spread = NORMAL_MAD * np.nanmedian(np.abs(values - middle), axis=0)
    low, high = np.nanpercentile(values, [5, 95], axis=0)
    usual = _TRIMMED * np.nanstd(np.clip(values, low, high), axis=0)
    usual = np.where(usual > 0, usual, np.nanstd(values, axis=0))
    return middle, np.where(spread < 0.3 * usual, usual, spread)


def shrunk_covariance(deviations: Floats, independent: float) -> Floats:
    """Covariance about 0, shrunk towards a multiple of the identity.

    Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices" (2004),
    lemma 3.1 and 3.2, with the number of ``independent`` samples in place of the number of rows where it
    scales the error of the sample covariance: rows of a rolling window are far from independent.
    """
    count, features = deviations.shape
    sample: Floats = deviations.T @ deviations / count
    mean = float(np.trace(sample)) / features
    target: Floats = mean * np.eye(features)
    spread = float(((sample - target) ** 2).sum())
    if spread <= 0:
        return target
    fourth = float((np.square(deviations).sum(axis=1) ** 2).mean())
    error = max(0.0, fourth - float((sample**2).sum())) / max(independent, 2.0)
    weight = min(error, spread) / spread
    shrunk: Floats = weight * target + (1 - weight) * sample
    return shrunk


def clean_covariance(deviations: Floats, independent: float) -> tuple[Floats, Bools]:
    """Covariance about 0 of the well-behaved samples, and which these are.

    Concentration steps as in the fast MCD (Rousseeuw and Van Driessen, 1999): the farthest samples are
    left out and the rest estimated anew; then the scale is made consistent at the median of chi-square.
    """
    keep = np.ones(len(deviations), dtype=np.bool_)
    features = deviations.shape[1]
    for _ in range(_STEPS):
        covariance = shrunk_covariance(deviations[keep], independent * float(keep.mean()))
        squared = np.square(distances(deviations, inverse(covariance)))
        keep = squared <= np.quantile(squared, 0.95)
    factor = float(np.median(squared)) / chi_square(features, 0.0)
    covariance = covariance * max(factor, 1e-12)
    kept = squared / max(factor, 1e-12) <= _OUTLIER * chi_square(features, 2.326)
    return covariance, kept


def inverse(matrix: Floats) -> Floats:
    """Of a symmetric positive definite matrix."""
    found: Floats = np.linalg.inv(matrix).astype(np.float64)
    return found


def distances(deviations: Floats, precision: Floats) -> Floats:
    """Mahalanobis distance of each row from 0."""
    squared: Floats = np.einsum("ni,ni->n", deviations @ precision, deviations)
    return np.sqrt(np.maximum(squared, 0.0))


def chi_square(degrees: int, z: float) -> float:
    """Quantile of chi-square at the standard normal quantile ``z`` (Wilson and Hilferty, 1931)."""
    part = 2 / (9 * degrees)
    return float(degrees * (1 - part + z * math.sqrt(part)) ** 3)
