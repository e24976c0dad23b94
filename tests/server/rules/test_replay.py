"""Live, replayed, split in any way, stopped and started again: always the same transitions."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from server.rules import snapshot
from server.rules.evaluate import Engine
from server.rules.instance import Transition
from telemetry.reading import Quality, Reading
from tests.server.rules.scenes import HIGH, T0, engine, rule

WHEN = [
    HIGH,
    {"type": "any", "of": [HIGH, {"type": "limit", "point": "p2", "low": 3}]},
    {"type": "all", "of": [HIGH, {"type": "limit", "point": "p2", "high": 8, "deadband": 1}]},
    {"type": "no_data"},
    {"type": "all", "of": [HIGH, {"type": "no_data"}]},
]
DELAYS = st.sampled_from([0, 1, 30, 59, 60, 61, 200])


@st.composite
def rules(draw: st.DrawFn) -> list[tuple[int, int]]:
    return [(draw(DELAYS), draw(DELAYS)) for _ in WHEN]


@st.composite
def histories(draw: st.DrawFn) -> list[Reading]:
    """Readings of three points in time order, with gaps around the silence of 60 s."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from([0, 500, 1000, 7000, 20_000, 59_999, 60_000, 61_000, 150_000]),
                st.integers(1, 3),
                st.sampled_from([0.0, 5.0, 8.0, 8.5, 10.0, 10.5, 20.0]),
                st.sampled_from([Quality.GOOD] * 6 + [Quality.SUSPECT, Quality.BAD, Quality.BACKFILLED]),
            ),
            max_size=40,
        )
    )
    at_ms, found = T0, []
    for step, number, value, quality in steps:
        at_ms += step
        found.append(Reading(number, at_ms, value, quality))
    return found


def made(delays: list[tuple[int, int]]) -> Engine:
    return engine(
        *(
            rule(when, on_s=on, off_s=off, number=number)
            for number, (when, (on, off)) in enumerate(zip(WHEN, delays, strict=True), 1)
        )
    )


def ordered(transitions: list[Transition]) -> list[Transition]:
    """By instance and mark: instances do not depend on each other, so their order among themselves is free."""
    found = sorted(transitions, key=lambda t: (t.rule, t.asset, t.mark))
    # a limit together with no data shows the newest value, which may be a moment younger than the alarm
    return [msgspec.structs.replace(t, facts=()) if t.rule == len(WHEN) else t for t in found]


def replayed(delays: list[tuple[int, int]], history: list[Reading], end_ms: int) -> list[Transition]:
    """The plain way: reading by reading, time told before each."""
    made_engine, out = made(delays), []
    for reading in history:
        out += made_engine.advance(reading.at_ms)
        out += made_engine.feed([reading])
    return ordered(out + made_engine.advance(end_ms))


@settings(max_examples=250, deadline=None)
@given(rules(), histories(), st.data())
def test_any_split_and_any_horizon_give_what_the_replay_gives(
    delays: list[tuple[int, int]], history: list[Reading], data: st.DataObject
) -> None:
    end_ms = (history[-1].at_ms if history else T0) + 400_000
    live, out, rest = made(delays), list[Transition](), history
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        batch, rest = rest[:size], rest[size:]
        # the horizon may be anywhere up to the next reading: all before it are known
        for at_ms in sorted(data.draw(st.lists(st.integers(T0, batch[0].at_ms), max_size=2))):
            out += live.advance(at_ms)
        out += live.feed(batch)
    out += live.advance(end_ms)
    assert ordered(out) == replayed(delays, history, end_ms)


@settings(max_examples=250, deadline=None)
@given(rules(), histories(), st.data())
def test_killed_anywhere_and_started_from_an_older_snapshot_it_tells_the_same(
    delays: list[tuple[int, int]], history: list[Reading], data: st.DataObject
) -> None:
    end_ms = (history[-1].at_ms if history else T0) + 400_000
    kept_at = data.draw(st.integers(0, len(history)))
    killed_at = data.draw(st.integers(kept_at, len(history)))
    first, out, kept = made(delays), list[Transition](), b""
    for number, reading in enumerate(history[:killed_at]):
        if number == kept_at:
            kept = snapshot.encode(first.snapshot())
        out += first.advance(reading.at_ms) + first.feed([reading])
    kept = kept or snapshot.encode(first.snapshot())
    second = made(delays)
    out += second.restore(snapshot.decode(kept), T0)
    again = data.draw(st.integers(0, kept_at))  # the replay begins earlier than it would have to
    for reading in history[again:]:
        out += second.advance(max(reading.at_ms, second.horizon_ms)) + second.feed([reading])
    out += second.advance(end_ms)
    assert ordered(list({(t.rule, t.asset, t.mark): t for t in out}.values())) == replayed(
        delays, history, end_ms
    )


@settings(max_examples=200, deadline=None)
@given(rules(), histories(), st.integers(1, 500_000))
def test_a_device_that_is_late_by_a_constant_time_tells_the_same(
    delays: list[tuple[int, int]], history: list[Reading], late_ms: int
) -> None:
    delays = [*delays[:3], (0, 0), (0, 0)]
    live, out = made(delays), list[Transition]()
    for number in (1, 2, 3):  # known to be late from the first reading on
        out += live.advance(T0 - 1 + late_ms) + live.feed([Reading(number, T0 - 1, 5.0)])
    end_ms = (history[-1].at_ms if history else T0) + 400_000
    for reading in history:
        out += live.advance(reading.at_ms + late_ms) + live.feed([reading])
    out += live.advance(end_ms + late_ms)
    seed = [Reading(number, T0 - 1, 5.0) for number in (1, 2, 3)]
    assert [t for t in ordered(out) if t.rule == 1] == [
        t for t in replayed(delays, seed + history, end_ms) if t.rule == 1
    ]
