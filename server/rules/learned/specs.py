"""Learned conditions as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from server.errors import Explained
from server.rules.parts import NUMERIC, Need, NotNegative, Number, Part, PointKey

Side = Literal["both", "above", "below"]
Sensitivity = Annotated[Number, Field(ge=0.25, le=4)]
LONGEST_S = 7 * 86_400


class Baseline(Part):
    """True while a point is farther from what this hour of the week normally shows than it usually is."""

    type: Literal["baseline"]
    point: PointKey
    side: Side = "both"
    beyond: Annotated[Number, Field(ge=1, le=50)] = 4.0
    """How many usual deviations away abnormal begins."""
    at_least: NotNegative = 0.0
    """And at least this far, in the point's unit."""

    @property
    def model_name(self) -> str:
        return f"baseline({self.point})"

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, NUMERIC)


class Ewma(Part):
    """True while the smoothed value is far from its slowly moving usual level."""

    type: Literal["ewma"]
    point: PointKey
    side: Side = "both"
    beyond: Annotated[Number, Field(ge=1, le=50)] = 5.0
    at_least: NotNegative = 0.0
    smooth_s: Annotated[Number, Field(ge=0, le=LONGEST_S)] | None = None
    """Time constant of the smoothing; not given: 8 samples of the training period."""
    memory_s: Annotated[Number, Field(gt=0, le=52 * LONGEST_S)] | None = None
    """Time constant of the usual level; not given: as long as the training period."""

    @model_validator(mode="after")
    def _slower(self) -> Self:
        if self.smooth_s is not None and self.memory_s is not None and self.memory_s < 4 * self.smooth_s:
            raise Explained(
                "memory_s must be at least 4 times smooth_s", "memory_s 至少应为 smooth_s 的 4 倍"
            )
        return self

    @property
    def model_name(self) -> str:
        return f"ewma({self.point})"

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, NUMERIC)


class Multivariate(Part):
    """True while several points of an asset, taken together, behave otherwise than in the normal period."""

    type: Literal["multivariate"]
    points: Annotated[tuple[PointKey, ...], Field(min_length=2, max_length=32)]
    sensitivity: Sensitivity = 1.0
    """2 raises at half the deviation, 0.5 at twice."""
    window: Annotated[int, Field(strict=True, ge=4, le=240)] = 16
    """Samples over which levels are averaged; spreads take half as many again."""
    settle: Annotated[int, Field(strict=True, ge=1, le=240)] = 4
    """Samples in a row that must agree before it turns true or false."""

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len(set(self.points)) != len(self.points):
            raise Explained("each point may stand here once", "每个测点只能出现一次")
        return self

    @property
    def model_name(self) -> str:
        return f"multivariate({','.join(self.points)};{self.window})"

    def needs(self) -> Iterator[Need]:
        for index, key in enumerate(self.points):
            yield Need(f"points[{index}]", key, NUMERIC)


Learned = Baseline | Ewma | Multivariate
