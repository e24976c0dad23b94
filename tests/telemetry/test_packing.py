"""Packing loses nothing, whatever is packed."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from telemetry.reading import Quality, Value
from telemetry.store.packing import pack_minutes, pack_rows, unpack_minutes, unpack_rows
from telemetry.store.rollup import HOUR_MS, Row, roll
from tests.telemetry.store_contract import T0

doubles = st.floats(allow_nan=False, allow_infinity=False)
decimals = st.floats(-1e12, 1e12).flatmap(lambda x: st.integers(0, 6).map(lambda digits: round(x, digits)))
others: st.SearchStrategy[Value] = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.text(st.characters(codec="utf-8"), max_size=64), st.none()
)
columns: st.SearchStrategy[list[Value]] = st.one_of(
    st.lists(doubles, min_size=1),
    st.lists(decimals, min_size=1),
    st.lists(doubles | decimals | others, min_size=1),
)


def rows_of(values: list[Value], gaps: list[int], qualities: list[Quality]) -> list[Row]:
    times = [T0 + sum(gaps[:i]) for i in range(len(values))]
    return [
        (at, value, int(qualities[i % 7])) for i, (at, value) in enumerate(zip(times, values, strict=True))
    ]


@given(
    columns,
    st.lists(st.integers(1, 3000), min_size=100, max_size=100),
    st.lists(st.sampled_from(Quality), min_size=7, max_size=7),
)
@example([1e11, 0.1, -0.3], [1] * 100, [Quality.GOOD] * 7)
@example([1.0, 1, "1"], [1] * 100, [Quality.BAD] * 7)
def test_rows_come_back_as_they_were(values: list[Value], gaps: list[int], qualities: list[Quality]) -> None:
    rows = rows_of(values[:100], gaps, qualities)
    unpacked = unpack_rows(rows[0][0], pack_rows(rows))
    assert unpacked == rows
    assert [type(row[1]) for row in unpacked] == [type(row[1]) for row in rows]


@given(columns, st.lists(st.integers(1, 60_000), min_size=60, max_size=60))
def test_minutes_come_back_as_they_were(values: list[Value], gaps: list[int]) -> None:
    minutes = roll(row for row in rows_of(values[:60], gaps, [Quality.GOOD] * 7) if row[0] < T0 + HOUR_MS)
    assert unpack_minutes(T0, pack_minutes(minutes)) == minutes


def test_slow_and_rounded_values_take_little_room() -> None:
    rows: list[Row] = [(T0 + i * 1000, round(20 + i / 50, 2), 0) for i in range(128)]
    assert len(pack_rows(rows)) < 2 * len(rows)
