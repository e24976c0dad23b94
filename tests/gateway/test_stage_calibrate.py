"""Values in the point's own unit and type."""

from __future__ import annotations

import msgspec
import pytest

from gateway.stages.calibrate import Calibrate
from telemetry.messages import Kind
from telemetry.reading import Quality, Value
from tests.gateway.support import PUMP, Around, part


def through(value: Value, kind: Kind, *, scale: float = 1.0, offset: float = 0.0) -> Value | list[str]:
    """The calibrated value, or why it was refused."""
    entry = msgspec.structs.replace(PUMP, kind=kind, scale=scale, offset=offset)
    around = Around(entry)
    given = Calibrate(around.surroundings)([part(value, entry=entry)])
    return given[0].value if given else around.reasons


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (41.5, "analog", 41.5),
        (41, "analog", 41.0),
        (True, "analog", 1.0),
        (10**30, "counter", 1e30),
        (3, "flags", 3),
        (3.0, "flags", 3),
        (2**63 - 1, "flags", 2**63 - 1),
        (True, "state", 1),
        (-2, "state", -2),
        ("运行", "state", "运行"),
        ("", "state", ""),
        (None, "analog", None),
    ],
)
def test_it_gives_each_kind_its_type(value: Value, kind: Kind, expected: Value) -> None:
    got = through(value, kind)
    assert got == expected
    assert type(got) is type(expected)


def test_it_scales_analog_and_counter_only() -> None:
    assert through(10, "analog", scale=0.1, offset=-2.0) == -1.0
    assert through(10, "counter", scale=2.0) == 20.0
    assert through(10, "state", scale=2.0) == 10


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        ("on", "analog", "wrong_type"),
        ("7", "counter", "wrong_type"),
        ("7", "flags", "wrong_type"),
        (1.5, "flags", "wrong_type"),
        (1.5, "state", "wrong_type"),
        (-1, "flags", "wrong_type"),
        (2**63, "state", "wrong_type"),
        (float("inf"), "state", "wrong_type"),
        (float("nan"), "flags", "wrong_type"),
        (float("nan"), "analog", "not_finite"),
        (10**400, "analog", "not_finite"),
        ("x" * 65, "state", "wrong_type"),
        ("a\0b", "state", "wrong_type"),
        ("\ud800", "state", "wrong_type"),
    ],
)
def test_it_refuses_what_the_point_cannot_hold(value: Value, kind: Kind, reason: str) -> None:
    assert through(value, kind) == [reason]


def test_a_value_too_large_after_scaling_is_refused() -> None:
    assert through(1e308, "analog", scale=10.0) == ["not_finite"]


def test_no_value_is_bad() -> None:
    assert Calibrate(Around(PUMP).surroundings)([part(None)])[0].quality is Quality.BAD
