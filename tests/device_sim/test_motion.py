from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_sim.models.motion import plan_move

HEIGHTS = st.floats(min_value=0.0, max_value=200.0)


@given(start=HEIGHTS, end=HEIGHTS)
def test_a_move_ends_where_it_should_within_its_limits(start: float, end: float) -> None:
    move = plan_move(start, end, rated_speed=1.75, acceleration=0.9)

    assert move.position(move.duration_s) == end
    assert move.position(0.0) == pytest.approx(start, abs=1e-6)
    for step in range(21):
        t = move.duration_s * step / 20
        assert 0.0 <= move.speed(t) <= 1.75 + 1e-9
        assert abs(move.acceleration(t)) <= 0.9 + 1e-6


@given(start=HEIGHTS, end=HEIGHTS)
def test_position_is_the_integral_of_speed(start: float, end: float) -> None:
    move = plan_move(start, end, rated_speed=1.75, acceleration=0.9)
    steps = 2000
    dt = move.duration_s / steps
    travelled = sum(move.speed((i + 0.5) * dt) for i in range(steps)) * dt

    assert travelled == pytest.approx(abs(end - start), rel=1e-3, abs=1e-4)
    assert move.position(move.duration_s / 2) == pytest.approx((start + end) / 2, abs=1e-6)


def test_it_knows_when_it_passes_a_height() -> None:
    move = plan_move(0.0, 30.0, rated_speed=1.75, acceleration=0.9)

    assert move.position(move.time_at(4.5)) == pytest.approx(4.5, abs=0.01)
