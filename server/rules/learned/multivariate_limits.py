"""How far is too far: limits on features that belong together, learned and applied.

There are two: on the Mahalanobis distance, which sees many small deviations, and on the largest single one,
which sees one point among many. A limit is the larger of what theory says (chi-square; three sigma) and the
99 % quantile of the clean training rows, times a margin.
"""

from __future__ import annotations

import msgspec
import numpy as np

from server.rules.learned.robust import chi_square, clean_covariance, distances, inverse
from server.rules.learned.verdict import Bools, Floats

FOLDS = 5
_QUANTILE, _QUANTILE_Z = 0.99, 2.326
_SINGLE_LEAST = 3.0
_MOST_PATTERNS = 256


class Part(msgspec.Struct, frozen=True):
    """Levels or spreads: where they are, how they scatter together, and how far is too far."""

    reference: list[float]
    covariance: list[list[float]]
    distance_limit: float
    single_limit: float


class Limits:
    """A part of the model as arrays."""

    def __init__(self, part: Part, sensitivity: float) -> None:
        self.reference = np.array(part.reference)
        self.covariance = np.array(part.covariance)
        self.precision = inverse(self.covariance)
        self.sigma = np.sqrt(np.diag(self.covariance))
        self.distance_limit = part.distance_limit / sensitivity
        self.single_limit = part.single_limit / sensitivity
        self._partial: dict[bytes, Floats] = {}

    def score(self, deviations: Floats) -> Floats:
        """Ratio of deviation to limit; where features are missing the rest is judged, NaN below a half."""
        known = np.isfinite(deviations)
        single = np.where(known, np.abs(deviations), 0.0) / self.sigma
        out: Floats = single.max(axis=1) / self.single_limit
        whole = known.all(axis=1)
        if whole.all():
            return np.maximum(out, distances(deviations, self.precision) / self.distance_limit)
        for pattern in np.unique(known, axis=0):
            rows = (known == pattern).all(axis=1)
            if 2 * pattern.sum() < len(pattern):
                out[rows] = np.nan
                continue
            far = distances(deviations[rows][:, pattern], self._marginal(pattern))
            out[rows] = np.maximum(out[rows], far / self.distance_limit)
        return out

    def _marginal(self, pattern: Bools) -> Floats:
        key = pattern.tobytes()
        if key not in self._partial:
            if len(self._partial) > _MOST_PATTERNS:
                self._partial.clear()
            self._partial[key] = inverse(self.covariance[np.ix_(pattern, pattern)])
        return self._partial[key]


def learn_limits(features: Floats, *, independent: float, margin: float) -> tuple[Part, Bools]:
    """From the features of the training rows; and which of these rows were clean.

    ``independent``: how many independent samples the rows are worth. The scatter is estimated out of fold, so
    that slow wandering counts as normal to the extent to which it was seen.
    """
    residual = _out_of_fold(features)
    covariance, clean = clean_covariance(residual, independent)
    far = distances(residual[clean], inverse(covariance))
    single = (np.abs(residual[clean]) / np.sqrt(np.diag(covariance))).max(axis=1)
    in_theory = chi_square(features.shape[1], _QUANTILE_Z) ** 0.5
    part = Part(
        np.median(features[clean], axis=0).tolist(),
        covariance.tolist(),
        margin * max(in_theory, float(np.quantile(far, _QUANTILE))),
        margin * max(_SINGLE_LEAST, float(np.quantile(single, _QUANTILE))),
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
