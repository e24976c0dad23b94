"""Any order, duplication and interleaving with maintenance gives the answers of a simple model."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telemetry.reading import Quality, Reading, Value
from telemetry.store.contract import ReadingStore, Sample
from telemetry.store.sqlite import SqliteStore
from tests.telemetry.store_contract import FOREVER, HOUR, KEEP, MINUTE, T0

POINTS = [1, 2, 3]

values: st.SearchStrategy[Value] = st.one_of(
    st.floats(-1e6, 1e6),
    st.floats(-50, 50).map(lambda x: round(x, 2)),
    st.integers(-9, 9),
    st.sampled_from("ab"),
)
readings = st.builds(
    Reading,
    st.sampled_from(POINTS),
    st.integers(0, 60).map(lambda i: T0 + i * 190_000),
    values,
    st.sampled_from(Quality),
)
passes = st.tuples(
    st.integers(0, 5).map(lambda i: T0 + i * HOUR), st.one_of(st.integers(0, 5), st.integers(6, 60))
)
"""A pass of maintenance at a moment, cut off after so many transactions."""
steps = st.lists(st.one_of(st.lists(readings, max_size=30), passes), max_size=10)


class _PowerCut(Exception):
    pass


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=steps, again=st.booleans())
def test_the_store_answers_as_the_model(steps: list[list[Reading] | tuple[int, int]], again: bool) -> None:
    model: dict[tuple[int, int], Reading] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "r.db", retention=KEEP)
        for step in steps:
            if isinstance(step, tuple):
                maintain_cut_off(store, *step)
            else:
                for _ in range(1 + again):
                    store.write(step)
                model.update(((reading.at_ms, reading.point), reading) for reading in step)
            compare(store, model)
        store.maintain(T0 + 5 * HOUR)
        compare(store, model)
        store.close()


@pytest.mark.parametrize("after", range(12))
def test_what_is_written_over_a_pass_cut_off_wins(tmp_path: Path, after: int) -> None:
    store = SqliteStore(tmp_path / "r.db", retention=KEEP)
    model: dict[tuple[int, int], Reading] = {}
    for value in (1.0, 2.0, 3.0):
        batch = [Reading(point, T0 + i * MINUTE, value) for i in range(9) for point in POINTS]
        store.write(batch)
        model.update(((reading.at_ms, reading.point), reading) for reading in batch)
        compare(store, model)
        maintain_cut_off(store, T0 + 2 * HOUR, after)
        compare(store, model)
    store.close()


def maintain_cut_off(store: ReadingStore, now_ms: int, after: int) -> None:
    """A pass in the smallest transactions, ended before one of them."""
    left = iter(range(after))

    def rest(_: float) -> None:
        if next(left, None) is None:
            raise _PowerCut

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("telemetry.store.sqlite_file._HOLD_S", 0.0)
        patch.setattr("telemetry.store.sqlite_file.sleep", rest)
        with suppress(_PowerCut):
            store.maintain(now_ms)


def compare(store: ReadingStore, model: dict[tuple[int, int], Reading]) -> None:
    known = [model[place] for place in sorted(model)]
    assert list(store.read(POINTS, *FOREVER)) == known
    good = [reading for reading in known if reading.quality != Quality.BAD]
    assert store.latest(POINTS) == {reading.point: reading for reading in good}
    for point in POINTS:
        mine = [reading for reading in good if reading.point == point]
        raw = store.series(point, *FOREVER)
        assert [(sample.at_ms, sample.last) for sample in raw.samples] == [(r.at_ms, r.value) for r in mine]
        if len(mine) > 3:
            _compare_buckets(store.series(point, T0, T0 + 2 * HOUR, max_samples=3).samples, mine)
            _compare_buckets(store.series(point, T0, T0 + 10 * MINUTE, max_samples=10).samples, mine)


def _compare_buckets(samples: list[Sample], mine: list[Reading]) -> None:
    """Whatever width was chosen: each reading lies in one bucket, and each bucket describes its readings."""
    by_start: dict[int, list[Value]] = defaultdict(list)
    starts = [sample.at_ms for sample in samples]
    assert starts == sorted(set(starts))
    for reading in mine:
        start = max((start for start in starts if start <= reading.at_ms), default=None)
        if start is not None:
            by_start[start].append(reading.value)
    for sample in samples[:-1]:
        held = by_start[sample.at_ms]
        numbers = [value for value in held if isinstance(value, float | int)]
        assert (sample.count, sample.last) == (len(held), held[-1])
        assert (sample.min, sample.max) == (min(numbers, default=None), max(numbers, default=None))
        if len(numbers) == len(held):
            assert sample.mean == pytest.approx(sum(numbers) / len(numbers), rel=1e-9, abs=1e-6)
        else:
            assert (sample.mean is None) == (not numbers)
