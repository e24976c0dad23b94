"""How a car moves from one floor to another: smooth ramps and a cruise, as closed formulas."""

from __future__ import annotations

import math
from typing import NamedTuple


class Move(NamedTuple):
    """One travel along the shaft. Times in s, lengths in m; t counts from its start.

    The ramps are v = V sin^2(pi t / 2T): speed and acceleration are continuous, so the jerk is
    bounded (an S-curve), the peak acceleration is pi V / 2T and a ramp covers V T / 2.
    """

    start_m: float
    end_m: float
    top_speed: float
    """m/s"""
    ramp_s: float
    cruise_s: float

    @property
    def duration_s(self) -> float:
        return 2.0 * self.ramp_s + self.cruise_s

    @property
    def sign(self) -> int:
        """+1 up, -1 down."""
        return 1 if self.end_m >= self.start_m else -1

    def speed(self, t: float) -> float:
        """Speed at t, m/s, never negative."""
        ramp = min(t, self.duration_s - t, self.ramp_s)
        if ramp <= 0.0:
            return 0.0
        return self.top_speed * math.sin(math.pi * ramp / (2.0 * self.ramp_s)) ** 2

    def acceleration(self, t: float) -> float:
        """Acceleration in the direction of travel at t, m/s2; negative while braking."""
        left = self.duration_s - t
        peak = math.pi * self.top_speed / (2.0 * self.ramp_s)
        if 0.0 < t < self.ramp_s:
            return peak * math.sin(math.pi * t / self.ramp_s)
        if 0.0 < left < self.ramp_s:
            return -peak * math.sin(math.pi * left / self.ramp_s)
        return 0.0

    def position(self, t: float) -> float:
        """Height of the car at t, m."""
        if t >= self.duration_s:
            return self.end_m
        left = self.duration_s - t
        if left < self.ramp_s:
            return self.end_m - self.sign * self._ramp_m(left)
        if t < self.ramp_s:
            return self.start_m + self.sign * self._ramp_m(max(t, 0.0))
        gone = self.top_speed * (self.ramp_s / 2.0 + t - self.ramp_s)
        return self.start_m + self.sign * gone

    def time_at(self, height_m: float) -> float:
        """When the car passes a height on its way, s after the start (by bisection, to 1 ms)."""
        low, high = 0.0, self.duration_s
        while high - low > 1e-3:
            middle = (low + high) / 2.0
            if (self.position(middle) - height_m) * self.sign < 0.0:
                low = middle
            else:
                high = middle
        return high

    def _ramp_m(self, t: float) -> float:
        bend = self.ramp_s / math.pi * math.sin(math.pi * t / self.ramp_s)
        return self.top_speed * (t - bend) / 2.0


def plan_move(start_m: float, end_m: float, *, rated_speed: float, acceleration: float) -> Move:
    """The travel between two heights within rated speed (m/s) and peak acceleration (m/s2)."""
    distance = abs(end_m - start_m)
    ramp_s = math.pi * rated_speed / (2.0 * acceleration)
    if distance >= rated_speed * ramp_s:
        return Move(start_m, end_m, rated_speed, ramp_s, (distance - rated_speed * ramp_s) / rated_speed)
    top = math.sqrt(2.0 * acceleration * distance / math.pi)
    return Move(start_m, end_m, top, max(math.pi * top / (2.0 * acceleration), 1e-6), 0.0)
