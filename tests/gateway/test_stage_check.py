"""Whether a value and its time can be true."""

from __future__ import annotations

import msgspec
import pytest

from gateway.stages.check import LIVE_MS, MOST_AHEAD_MS, YEAR_2000_MS, Check
from telemetry.reading import Quality
from tests.gateway.support import NOW_MS, PUMP, Around, part

DAY_MS = 86_400_000
RANGED = msgspec.structs.replace(PUMP, physical_low=0.0, physical_high=100.0)


def judge(value: float | None, at_ms: int = NOW_MS, quality: Quality = Quality.GOOD) -> Quality | list[str]:
    """The quality given, or why the value was refused."""
    around = Around(RANGED)
    given = Check(around.surroundings)([part(value, entry=RANGED, at_ms=at_ms, quality=quality)])
    return given[0].quality if given else around.reasons


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, Quality.GOOD),
        (100.0, Quality.GOOD),
        (100.1, Quality.SUSPECT),
        (-0.1, Quality.SUSPECT),
        (None, Quality.GOOD),
    ],
)
def test_an_impossible_value_is_suspect(value: float | None, expected: Quality) -> None:
    assert judge(value) is expected


@pytest.mark.parametrize(
    ("at_ms", "expected"),
    [
        (NOW_MS - LIVE_MS, Quality.GOOD),
        (NOW_MS - LIVE_MS - 1, Quality.BACKFILLED),
        (NOW_MS - 30 * DAY_MS, Quality.BACKFILLED),
        (NOW_MS - 30 * DAY_MS - 1, ["ancient_timestamp"]),
        (NOW_MS + MOST_AHEAD_MS, Quality.GOOD),
        (NOW_MS + MOST_AHEAD_MS + 1, ["future_timestamp"]),
        (YEAR_2000_MS - 1, ["ancient_timestamp"]),
        (-(10**15), ["ancient_timestamp"]),
        (10**15, ["future_timestamp"]),
    ],
)
def test_times_far_from_now_are_marked_or_refused(at_ms: int, expected: Quality | list[str]) -> None:
    assert judge(50.0, at_ms) == expected


def test_late_goes_before_impossible() -> None:
    assert judge(101.0, NOW_MS - LIVE_MS - 1) is Quality.BACKFILLED


def test_what_was_typed_stays_so_late_or_impossible() -> None:
    assert judge(101.0, quality=Quality.MANUAL) is Quality.MANUAL
    assert judge(50.0, NOW_MS - LIVE_MS - 1, Quality.MANUAL) is Quality.MANUAL


def test_what_the_device_calls_bad_stays_bad() -> None:
    assert judge(101.0, quality=Quality.BAD) is Quality.BAD
    assert judge(50.0, NOW_MS - LIVE_MS - 1, Quality.BAD) is Quality.BAD
