"""What every store must do: series, roll-ups and retention. See store_contract for how to use it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from telemetry.reading import Reading
from telemetry.store.contract import Maintained, ReadingStore, Retention, Sample
from tests.telemetry.store_contract import (
    BACKFILLED,
    BAD,
    DAY,
    FOREVER,
    HOUR,
    MANUAL,
    MINUTE,
    SECOND,
    SUSPECT,
    T0,
    OpenStore,
    WithStore,
)


def minutes_of(values: list[float], *, start: int = T0, step: int = MINUTE) -> list[Reading]:
    return [Reading(1, start + i * step, value) for i, value in enumerate(values)]


class SeriesContract(WithStore):
    def test_few_readings_are_given_as_they_are(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        store.write(minutes_of([1.0, 3.0, 2.0]))
        settle()
        series = store.series(1, T0, T0 + HOUR)
        assert (series.point, series.resolution) == (1, "raw")
        assert series.samples == [
            Sample(T0, 1.0, 1.0, 1.0, 1.0, 1),
            Sample(T0 + MINUTE, 3.0, 3.0, 3.0, 3.0, 1),
            Sample(T0 + 2 * MINUTE, 2.0, 2.0, 2.0, 2.0, 1),
        ]

    def test_what_was_typed_is_shown_rolled_up_and_known_as_typed(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        store.write(
            [Reading(1, T0, 1.0, MANUAL), Reading(1, T0 + 1, 3.0, SUSPECT), Reading(2, T0, 7, MANUAL)]
        )
        settle()
        assert store.series(1, T0, T0 + HOUR).samples == [
            Sample(T0, 1.0, 1.0, 1.0, 1.0, 1, MANUAL),
            Sample(T0 + 1, 3.0, 3.0, 3.0, 3.0, 1, SUSPECT),
        ]
        assert store.series(1, T0, T0 + HOUR, max_samples=1).samples == [Sample(T0, 1.0, 3.0, 2.0, 3.0, 2)]
        assert store.latest([1, 2]) == {
            1: Reading(1, T0 + 1, 3.0, SUSPECT),
            2: Reading(2, T0, 7, MANUAL),
        }

    def test_too_many_readings_become_minutes(self, store: ReadingStore, settle: Callable[[], None]) -> None:
        store.write(minutes_of([1.0, 5.0, 0.0, 2.0, 9.0], step=15 * SECOND))
        settle()
        series = store.series(1, T0, T0 + HOUR, max_samples=4)
        assert series.resolution == "hour"
        series = store.series(1, T0, T0 + 2 * MINUTE, max_samples=4)
        assert series.resolution == "minute"
        assert series.samples == [
            Sample(T0, 0.0, 5.0, 2.0, 2.0, 4),
            Sample(T0 + MINUTE, 9.0, 9.0, 9.0, 9.0, 1),
        ]

    def test_the_range_chooses_the_resolution(self, store: ReadingStore, settle: Callable[[], None]) -> None:
        store.write(minutes_of([float(i % 60) for i in range(600)], step=10 * SECOND))
        store.write(minutes_of([float(i) for i in range(40)], start=T0 + 3 * HOUR, step=HOUR))
        settle()
        assert store.series(1, T0, T0 + 10 * MINUTE, max_samples=100).resolution == "raw"
        assert store.series(1, T0, T0 + HOUR, max_samples=100).resolution == "minute"
        hours = store.series(1, T0, T0 + 43 * HOUR, max_samples=100)
        assert (hours.resolution, len(hours.samples)) == ("hour", 42)
        merged = store.series(1, T0, T0 + 43 * HOUR, max_samples=12)
        assert merged.resolution == "hour"
        assert [sample.at_ms for sample in merged.samples] == [T0 + i * 4 * HOUR for i in range(11)]
        assert merged.samples[0].count == 601
        assert merged.samples[0].mean == pytest.approx(sum(i % 60 for i in range(600)) / 601)
        assert (merged.samples[0].min, merged.samples[0].max, merged.samples[0].last) == (0.0, 59.0, 0.0)

    def test_never_more_samples_than_asked_for(self, store: ReadingStore) -> None:
        store.write(minutes_of([1.0] * 1000, step=7 * MINUTE))  # in 117 hours
        store.maintain(T0 + 40 * DAY)
        for most in (2, 10, 77, 116, 117):
            for end in (T0 + HOUR, T0 + 12 * HOUR + 1, T0 + 5 * DAY, T0 + 40 * DAY):
                assert 0 < len(store.series(1, T0 + 5, end, max_samples=most).samples) <= most

    def test_bad_readings_are_left_out_others_are_not(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        store.write(
            [
                Reading(1, T0, 1.0, BACKFILLED),
                Reading(1, T0 + 1, 99.0, BAD),
                Reading(1, T0 + 2, 3.0, SUSPECT),
                Reading(1, T0 + HOUR, None, BAD),
                Reading(1, T0 + 2 * HOUR, 1.0),
                Reading(1, T0 + 2 * HOUR + 1, 2.0),
            ]
        )
        settle()
        assert [sample.last for sample in store.series(1, *FOREVER).samples] == [1.0, 3.0, 1.0, 2.0]
        assert store.series(1, *FOREVER, max_samples=3).samples == [
            Sample(T0, 1.0, 3.0, 2.0, 3.0, 2),
            Sample(T0 + 2 * HOUR, 1.0, 2.0, 1.5, 2.0, 2),
        ]

    def test_a_gap_is_an_absence(self, store: ReadingStore, settle: Callable[[], None]) -> None:
        store.write(minutes_of([1.0] * 10) + minutes_of([2.0] * 10, start=T0 + 30 * MINUTE))
        settle()
        minutes = store.series(1, T0, T0 + HOUR, max_samples=19)
        assert minutes.resolution == "hour"
        raw = store.series(1, T0, T0 + HOUR, max_samples=60)
        assert [(sample.at_ms - T0) // MINUTE for sample in raw.samples] == [*range(10), *range(30, 40)]

    def test_text_states_have_last_and_count_only(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        store.write([Reading(1, T0 + i * 10 * SECOND, "open" if i % 2 else "shut") for i in range(12)])
        settle()
        assert store.series(1, T0, T0 + HOUR).samples[1] == Sample(T0 + 10_000, None, None, None, "open", 1)
        minutes = store.series(1, T0, T0 + 2 * MINUTE, max_samples=5)
        assert minutes.resolution == "minute"
        assert minutes.samples == [
            Sample(T0, None, None, None, "open", 6),
            Sample(T0 + MINUTE, None, None, None, "open", 6),
        ]
        (hour,) = store.series(1, T0, T0 + HOUR, max_samples=1).samples
        assert hour == Sample(T0, None, None, None, "open", 12)

    def test_whole_numbers_stay_whole(self, store: ReadingStore, settle: Callable[[], None]) -> None:
        store.write([Reading(1, T0 + i * SECOND, code) for i, code in enumerate([1, 3, 2])])
        settle()
        (sample,) = store.series(1, T0, T0 + MINUTE, max_samples=2).samples
        assert sample == Sample(T0, 1.0, 3.0, 2.0, 2, 3)
        assert type(sample.last) is int

    def test_an_empty_range_gives_no_samples(self, store: ReadingStore, settle: Callable[[], None]) -> None:
        assert store.series(1, T0, T0 + DAY).samples == []
        store.write(minutes_of([1.0]))
        settle()
        assert store.series(1, T0 + 1, T0 + DAY).samples == []
        assert store.series(1, T0, T0).samples == []
        assert store.series(1, T0 + DAY, T0).samples == []
        assert store.series(2, *FOREVER).samples == []

    def test_the_newest_value_is_there_before_it_is_rolled_up(self, store: ReadingStore) -> None:
        store.write(minutes_of([1.0] * 120))
        store.maintain(T0 + 2 * HOUR + 10 * MINUTE)
        store.write(minutes_of([7.0], start=T0 + 2 * HOUR + 11 * MINUTE))
        minutes = store.series(1, T0, T0 + DAY, max_samples=150)
        assert minutes.samples[-1] == Sample(T0 + 2 * HOUR + 11 * MINUTE, 7.0, 7.0, 7.0, 7.0, 1)
        hours = store.series(1, T0, T0 + DAY, max_samples=5)
        assert [sample.count for sample in hours.samples] == [60, 60, 1]

    def test_a_late_reading_changes_its_roll_up(self, store: ReadingStore) -> None:
        store.write(minutes_of([1.0] * 180))
        store.maintain(T0 + DAY)
        store.write([Reading(1, T0 + HOUR + 1, 5.0)])
        for _ in range(2):
            hours = store.series(1, T0, T0 + 3 * HOUR, max_samples=4)
            assert [(sample.max, sample.count) for sample in hours.samples] == [
                (1.0, 60),
                (5.0, 61),
                (1.0, 60),
            ]
            minutes = store.series(1, T0 + HOUR, T0 + HOUR + 3 * MINUTE, max_samples=3)
            assert [(sample.max, sample.count) for sample in minutes.samples] == [
                (5.0, 2),
                (1.0, 1),
                (1.0, 1),
            ]
            store.maintain(T0 + DAY)

    def test_a_value_taken_back_leaves_the_roll_up(self, store: ReadingStore) -> None:
        bad = [Reading(1, T0 + HOUR + i, None, BAD) for i in range(5)]
        store.write([Reading(1, T0, 1.0), Reading(1, T0 + 1, 9.0)])
        store.write([Reading(1, reading.at_ms, 4.0) for reading in bad])
        store.write([Reading(1, T0 + 2 * HOUR + i, 5.0) for i in range(5)])
        store.maintain(T0 + DAY)
        assert len(store.series(1, T0, T0 + 3 * HOUR, max_samples=4).samples) == 3
        store.write([Reading(1, T0 + 1, None, BAD), *bad])
        for _ in range(2):
            assert store.series(1, T0, T0 + 2 * HOUR).samples == [Sample(T0, 1.0, 1.0, 1.0, 1.0, 1)]
            hours = store.series(1, T0, T0 + 3 * HOUR, max_samples=4)
            assert hours.samples == [
                Sample(T0, 1.0, 1.0, 1.0, 1.0, 1),
                Sample(T0 + 2 * HOUR, 5.0, 5.0, 5.0, 5.0, 5),
            ]
            store.maintain(T0 + DAY)
        store.write([Reading(1, T0 + 2, 3.0)])
        assert store.series(1, T0, T0 + HOUR, max_samples=1).samples == [Sample(T0, 1.0, 3.0, 2.0, 3.0, 2)]

    def test_buckets_are_aligned_to_utc_whatever_the_zone(
        self, store: ReadingStore, settle: Callable[[], None]
    ) -> None:
        """India and Nepal are not whole hours from UTC; a clock change moves no bucket."""
        for zone in ("Asia/Kathmandu", "Europe/Berlin"):
            start = int(datetime(2025, 3, 30, tzinfo=ZoneInfo(zone)).timestamp() * 1000)
            store.write([Reading(1, start + i * 10 * MINUTE, 1.0) for i in range(30)])
        settle()
        hours = store.series(1, *FOREVER, max_samples=20).samples
        assert all(sample.at_ms % HOUR == 0 for sample in hours)
        assert sum(sample.count for sample in hours) == 60

    def test_buckets_at_the_edges_are_whole(self, store: ReadingStore, settle: Callable[[], None]) -> None:
        store.write(minutes_of([float(i) for i in range(180)], step=30 * SECOND))
        settle()
        hours = store.series(1, T0 + 30 * MINUTE, T0 + 80 * MINUTE, max_samples=20)
        assert [(sample.at_ms, sample.count) for sample in hours.samples] == [(T0, 120), (T0 + HOUR, 60)]
        minutes = store.series(1, T0 + 40 * SECOND, T0 + 5 * MINUTE + 1, max_samples=7)
        assert [sample.at_ms for sample in minutes.samples] == [T0 + i * MINUTE for i in range(6)]
        assert all(sample.count == 2 for sample in minutes.samples)

    def test_maintaining_twice_does_nothing_more(self, store: ReadingStore) -> None:
        store.write(minutes_of([1.0] * 150))
        first = store.maintain(T0 + DAY)
        assert (first.minutes_rolled, first.hours_rolled) == (150, 3)
        assert store.maintain(T0 + DAY) == Maintained(0, 0, 0)

    def test_each_tier_has_its_retention(self, open_it: OpenStore) -> None:
        store = open_it(Retention(raw_days=2, minute_days=5, hour_days=20))
        store.write(minutes_of([float(i) for i in range(25 * 6)], step=4 * HOUR))
        now = T0 + 25 * DAY
        assert store.maintain(now).readings_expired == 23 * 6
        assert next(reading.at_ms for reading in store.read([1], *FOREVER)) == now - 2 * DAY
        assert store.series(1, now - 2 * DAY, now).resolution == "raw"
        minutes = store.series(1, now - 5 * DAY, now, max_samples=10_000)
        assert (minutes.resolution, len(minutes.samples)) == ("minute", 5 * 6)
        hours = store.series(1, T0, now, max_samples=100_000)
        assert (hours.resolution, len(hours.samples)) == ("hour", 20 * 6)
        assert hours.samples[0] == Sample(now - 20 * DAY, 30.0, 30.0, 30.0, 30.0, 1)

    def test_what_expires_leaves_the_rolled_up_history(self, open_it: OpenStore) -> None:
        store = open_it(Retention(raw_days=1, minute_days=5, hour_days=20))
        store.write(minutes_of([1.0, 3.0], start=T0, step=MINUTE))
        store.write([Reading(1, T0 + 30 * HOUR, 2.0)])
        store.maintain(T0 + 30 * HOUR)
        store.write([Reading(1, T0 + 2 * MINUTE, 99.0)])
        for _ in range(3):
            (first, *_) = store.series(1, T0, T0 + 31 * HOUR, max_samples=40).samples
            assert first == Sample(T0, 1.0, 3.0, 2.0, 3.0, 2)
            store.maintain(T0 + 32 * HOUR)

    def test_history_older_than_its_retention_is_rolled_up_before_it_expires(
        self, open_it: OpenStore
    ) -> None:
        store = open_it(Retention(raw_days=1, minute_days=5, hour_days=100))
        store.write([Reading(2, T0 + 50 * DAY, 1.0)])
        store.maintain(T0 + 50 * DAY + 2 * HOUR)
        store.write(minutes_of([1.0, 3.0]))
        store.maintain(T0 + 50 * DAY + 4 * HOUR)
        assert not list(store.read([1], *FOREVER))
        assert store.series(1, T0, T0 + 50 * DAY).samples == [Sample(T0, 1.0, 3.0, 2.0, 3.0, 2)]
