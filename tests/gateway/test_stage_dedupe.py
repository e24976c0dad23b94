"""Values that went through before."""

from __future__ import annotations

from gateway.decoders.decoded import Part
from gateway.stages import dedupe
from gateway.stages.dedupe import Dedupe
from telemetry.reading import Quality, Value
from tests.gateway.support import NOW_MS, PUMP, Around, part


def test_it_drops_a_value_delivered_again() -> None:
    around = Around(PUMP)
    stage = Dedupe(around.surroundings)
    assert len(stage([part(1.0), part(1.0, at_ms=NOW_MS + 1)])) == 2
    assert stage([part(1.0), part(1.0, at_ms=NOW_MS + 1), part(1.0, at_ms=NOW_MS + 2)]) == [
        part(1.0, at_ms=NOW_MS + 2)
    ]
    assert around.counters.duplicates == 2


def test_a_correction_passes_and_so_does_the_correction_of_that() -> None:
    stage = Dedupe(Around(PUMP).surroundings)
    values: list[Value] = [1.0, 2.0, 2.0, 1.0]
    assert [given.value for value in values for given in stage([part(value)])] == [1.0, 2.0, 1.0]


def test_a_value_called_bad_afterwards_passes() -> None:
    stage = Dedupe(Around(PUMP).surroundings)
    stage([part(1.0)])
    assert len(stage([part(1.0, quality=Quality.BAD)])) == 1
    assert stage([part(1.0, quality=Quality.BAD)]) == []


def test_a_copy_that_became_late_is_still_a_copy() -> None:
    stage = Dedupe(Around(PUMP).surroundings)
    stage([part(1.0)])
    assert stage([part(1.0, quality=Quality.BACKFILLED)]) == []


def test_it_remembers_a_bounded_number() -> None:
    stage = Dedupe(Around(PUMP).surroundings)
    half = dedupe.REMEMBERED // 2

    def parts(start: int) -> list[Part]:
        return [part(1.0, at_ms=NOW_MS + start + number) for number in range(half + 1)]

    stage(parts(0))
    assert stage([part(1.0)]) == []  # the half before this one is still known
    stage(parts(half + 1))
    assert len(stage([part(1.0)])) == 1
