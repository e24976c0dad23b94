"""What every store must do: writing, reading back, the latest value, rejection.

An adapter's test file subclasses StoreContract and SeriesContract and gives the fixture ``open_it``:
called with a retention and ``read_only``, it opens the same, at first empty, store.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest

from telemetry.reading import Quality, Reading, Value
from telemetry.store.contract import ReadingStore, RejectedReadings, Retention

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
T0 = 1_767_225_600_000
"""2026-01-01 00:00 UTC, on a full hour."""
FOREVER = (-(2**52), 2**52)
KEEP = Retention(raw_days=40_000, minute_days=40_000, hour_days=40_000)
GOOD, SUSPECT, BACKFILLED, BAD, MANUAL = Quality


class OpenStore(Protocol):
    def __call__(self, retention: Retention = ..., *, read_only: bool = False) -> ReadingStore: ...


class WithStore:
    """Base of the contracts: a store, and a second look at it that can only read."""

    @pytest.fixture
    def store(self, open_it: OpenStore) -> ReadingStore:
        return open_it(KEEP)

    @pytest.fixture(params=["appended", "maintained"])
    def settle(self, request: pytest.FixtureRequest, store: ReadingStore) -> Callable[[], None]:
        """Runs each test twice: with what was just written, and with what went through maintenance."""

        def pass_over() -> None:
            if request.param == "maintained":
                store.maintain(T0 + 2 * DAY)

        return pass_over


class StoreContract(WithStore):
    @pytest.mark.parametrize(
        "value", [0.0, -1.5, 1 / 3, 1e300, 5e-324, 21.25, 3.0, 0, 3, -(2**62), "open", "故障", "", None]
    )
    def test_a_value_comes_back_with_its_type(
        self, store: ReadingStore, settle: Callable[[], None], value: Value
    ) -> None:
        store.write([Reading(1, T0, value)])
        settle()
        (reading,) = store.read([1], *FOREVER)
        assert reading == Reading(1, T0, value)
        assert type(reading.value) is type(value)

    def test_one_point_may_hold_values_of_all_types(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        values: list[Value] = [1.5, 2, "two", None, 2.0]
        store.write([Reading(1, T0 + i, value) for i, value in enumerate(values)])
        settle()
        found = [reading.value for reading in store.read([1], *FOREVER)]
        assert [(type(value), value) for value in found] == [(type(value), value) for value in values]

    def test_quality_is_kept(self, store: ReadingStore, settle: Callable[[], None]) -> None:
        readings = [Reading(1, T0 + i, float(i), quality) for i, quality in enumerate(Quality)]
        store.write(readings)
        settle()
        found = list(store.read([1], *FOREVER))
        assert found == readings
        assert all(isinstance(reading.quality, Quality) for reading in found)

    def test_writing_twice_changes_nothing(self, store: ReadingStore, settle: Callable[[], None]) -> None:
        batch = [Reading(point, T0 + i * SECOND, float(i)) for i in range(10) for point in (1, 2)]
        store.write(batch)
        settle()
        store.write(batch)
        assert list(store.read([1, 2], *FOREVER)) == batch
        settle()
        store.write(batch[3:7])
        assert list(store.read([1, 2], *FOREVER)) == batch

    def test_a_second_value_for_an_instant_replaces_the_first(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        store.write([Reading(1, T0, 1.0), Reading(1, T0 + 1, 5.0)])
        settle()
        store.write([Reading(1, T0, 2.0, SUSPECT)])
        assert list(store.read([1], *FOREVER)) == [Reading(1, T0, 2.0, SUSPECT), Reading(1, T0 + 1, 5.0)]
        settle()
        assert list(store.read([1], *FOREVER)) == [Reading(1, T0, 2.0, SUSPECT), Reading(1, T0 + 1, 5.0)]
        store.write([Reading(1, T0, 3.0), Reading(1, T0, 4.0)])
        assert [reading.value for reading in store.read([1], *FOREVER)] == [4.0, 5.0]

    def test_late_and_out_of_order_readings_find_their_place(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        readings = [Reading(1, T0 + i * MINUTE, float(i)) for i in range(200)]
        store.write(readings[100:])
        settle()
        store.write(readings[50:100][::-1])
        settle()
        store.write(readings[:50:2] + readings[1:50:2])
        assert list(store.read([1], *FOREVER)) == readings
        settle()
        assert list(store.read([1], *FOREVER)) == readings

    def test_a_range_holds_its_start_and_not_its_end(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        store.write([Reading(1, T0 + i, float(i)) for i in range(5)])
        settle()
        assert [reading.value for reading in store.read([1], T0 + 1, T0 + 3)] == [1.0, 2.0]
        assert not list(store.read([1], T0 + 3, T0 + 3))
        assert not list(store.read([1], T0 + 3, T0))

    def test_readings_of_many_points_come_in_order_of_time(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        readings = [Reading(p, T0 + i * 700 + p * 13 % 500, float(i)) for i in range(200) for p in range(40)]
        store.write(readings)
        settle()
        wanted = set(range(5, 30))
        found = list(store.read(wanted, *FOREVER))
        assert [reading.at_ms for reading in found] == sorted(reading.at_ms for reading in found)
        assert sorted((r.point, r.at_ms) for r in found) == sorted(
            (r.point, r.at_ms) for r in readings if r.point in wanted
        )

    def test_readings_far_apart_are_all_found(self, store: ReadingStore, settle: Callable[[], None]) -> None:
        times = [0, 1, T0 - 5 * 365 * DAY, T0 - 29 * DAY, T0, T0 + 1, T0 + HOUR, T0 + 40 * DAY]
        store.write([Reading(1, at, 1.0) for at in times])
        assert [reading.at_ms for reading in store.read([1], *FOREVER)] == times

    def test_nothing_is_found_where_nothing_is(self, store: ReadingStore, settle: Callable[[], None]) -> None:
        assert not list(store.read([1], *FOREVER))
        assert store.latest([1]) == {}
        store.write([Reading(1, T0, 1.0)])
        store.write([])
        settle()
        assert not list(store.read([2], *FOREVER))
        assert not list(store.read([], *FOREVER))
        assert not list(store.read([1], T0 + 1, T0 + DAY))
        assert store.latest([2]) == {}
        assert store.latest([]) == {}

    @pytest.mark.parametrize(
        "zone", ["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati"]
    )
    def test_an_instant_is_the_same_in_every_time_zone(
        self, store: ReadingStore, settle: Callable[[], None], zone: str
    ) -> None:
        instant = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
        local = instant.astimezone(ZoneInfo(zone))
        store.write([Reading(1, int(local.timestamp() * 1000), 1.0)])
        store.write([Reading(1, int(instant.timestamp() * 1000), 2.0)])
        settle()
        assert list(store.read([1], *FOREVER)) == [Reading(1, T0 + 30 * MINUTE, 2.0)]

    def test_the_hour_that_comes_twice_in_autumn_is_two_hours(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        berlin = ZoneInfo("Europe/Berlin")
        first = datetime(2025, 10, 26, 2, 30, tzinfo=berlin, fold=0)
        second = datetime(2025, 10, 26, 2, 30, tzinfo=berlin, fold=1)
        at = [int(moment.timestamp() * 1000) for moment in (first, second)]
        store.write([Reading(1, at[1], 2.0), Reading(1, at[0], 1.0)])
        settle()
        assert [reading.value for reading in store.read([1], *FOREVER)] == [1.0, 2.0]
        assert at[1] - at[0] == HOUR

    def test_latest_is_the_newest_by_time_not_by_arrival(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        store.write([Reading(1, T0 + HOUR, 2.0), Reading(2, T0, "open")])
        settle()
        store.write([Reading(1, T0, 1.0), Reading(2, T0 + 1, "shut", SUSPECT)])
        expected = {1: Reading(1, T0 + HOUR, 2.0), 2: Reading(2, T0 + 1, "shut", SUSPECT)}
        assert store.latest([1, 2, 3]) == expected
        settle()
        assert store.latest([1, 2, 3]) == expected
        assert store.latest([2]) == {2: expected[2]}

    def test_latest_is_the_value_that_replaced_another(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        store.write([Reading(1, T0, 1.0)])
        settle()
        store.write([Reading(1, T0, 2.0)])
        assert store.latest([1]) == {1: Reading(1, T0, 2.0)}
        settle()
        assert store.latest([1]) == {1: Reading(1, T0, 2.0)}

    def test_latest_leaves_out_bad_readings_only(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        store.write(
            [
                Reading(1, T0, 1.0),
                Reading(1, T0 + 1, None, BAD),
                Reading(2, T0, 1.0, BACKFILLED),
                Reading(3, T0, 1.0, BAD),
            ]
        )
        settle()
        assert store.latest([1, 2, 3]) == {1: Reading(1, T0, 1.0), 2: Reading(2, T0, 1.0, BACKFILLED)}

    def test_latest_goes_back_when_the_newest_value_turns_bad(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        store.write([Reading(1, T0 - 3 * HOUR, 1.0), Reading(1, T0, 2.0), Reading(2, T0, 1.0)])
        settle()
        store.write([Reading(1, T0, None, BAD), Reading(2, T0, None, BAD)])
        assert store.latest([1, 2]) == {1: Reading(1, T0 - 3 * HOUR, 1.0)}
        settle()
        assert store.latest([1, 2]) == {1: Reading(1, T0 - 3 * HOUR, 1.0)}
        store.write([Reading(1, T0 - 3 * HOUR, None, BAD), Reading(2, T0, 7.0)])
        assert store.latest([1, 2]) == {2: Reading(2, T0, 7.0)}

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 2**63, -(2**64), "\ud800"])
    def test_what_cannot_be_stored_is_named_and_the_rest_is_stored(
        self, store: ReadingStore, value: Value
    ) -> None:
        bad = Reading(1, T0 + 1, value)
        batch = [Reading(1, T0, 1.0), bad, Reading(1, T0 + 2, 2.0)]
        with pytest.raises(RejectedReadings) as refusal:
            store.write(batch)
        ((rejected, reason),) = refusal.value.rejected
        assert rejected is bad
        assert reason
        assert list(store.read([1], *FOREVER)) == [batch[0], batch[2]]

    def test_another_process_reads_what_was_written(
        self, store: ReadingStore, open_it: OpenStore, settle: Callable[[], None]
    ) -> None:
        store.write([Reading(1, T0, 1.0)])
        reader = open_it(read_only=True)
        assert list(reader.read([1], *FOREVER)) == [Reading(1, T0, 1.0)]
        settle()
        store.write([Reading(1, T0 + 1, 2.0)])
        assert [reading.value for reading in reader.read([1], *FOREVER)] == [1.0, 2.0]
        assert reader.latest([1]) == {1: Reading(1, T0 + 1, 2.0)}

    def test_a_reader_sees_every_batch_whole_while_others_are_written(
        self, store: ReadingStore, open_it: OpenStore
    ) -> None:
        written = [0]

        def write() -> None:
            for i in range(60):
                store.write([Reading(point, T0 + i * MINUTE, float(i)) for point in range(20)])
                written[0] = i + 1
                if i % 10 == 9:
                    store.maintain(T0 + 2 * HOUR)

        reader = open_it(read_only=True)
        writer = Thread(target=write)
        writer.start()
        while written[0] < 60:
            known = written[0]
            found = list(reader.read(range(20), T0, T0 + known * MINUTE))
            assert found == [
                Reading(point, T0 + i * MINUTE, float(i)) for i in range(known) for point in range(20)
            ]
            if known:
                assert reader.latest([3])[3].at_ms >= T0 + (known - 1) * MINUTE
                assert sum(sample.count for sample in reader.series(3, *FOREVER).samples) >= known
        writer.join()

    def test_a_pass_of_maintenance_changes_no_reading(self, store: ReadingStore) -> None:
        readings = [Reading(p, T0 + i * 10 * SECOND, float(i % 7)) for i in range(600) for p in (1, 2, 3)]
        store.write(readings)
        before = (list(store.read([1, 2, 3], *FOREVER)), store.latest([1, 2, 3]))
        store.maintain(T0 + timedelta(hours=5) // timedelta(milliseconds=1))
        store.maintain(T0 + timedelta(hours=5) // timedelta(milliseconds=1))
        assert (list(store.read([1, 2, 3], *FOREVER)), store.latest([1, 2, 3])) == before
