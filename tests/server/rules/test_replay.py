"""Live, replayed, split in any way, stopped and started again, overtaken: always the same transitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from random import Random
from unittest.mock import patch

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from server.rules import memory, snapshot, watching
from server.rules.evaluate import Engine
from server.rules.horizon import SETTLE_MS
from server.rules.order import InOrder
from server.rules.plan import BoundRule, Plan, WatchedPoint
from server.rules.transition import Transition
from telemetry.reading import Quality, Reading
from tests.server.rules.scenes import HIGH, T0, engine, rule

ABOVE_8 = {"type": "limit", "point": "p2", "high": 8, "deadband": 1}
NIGHT = {
    "type": "schedule",
    "windows": [{"start": "22:14", "end": "22:16"}, {"start": "22:18", "end": "22:30"}],
}
WHEN: list[object] = [
    HIGH,
    {"type": "any", "of": [HIGH, {"type": "limit", "point": "p2", "low": 3}]},
    {"type": "all", "of": [HIGH, ABOVE_8]},
    {"type": "no_data"},
    {"type": "band", "point": "p1", "low": 6, "high": 9, "deadband": 1},
    {"type": "rate", "point": "p1", "over_s": 60, "per": "minute", "high": 3, "deadband": 1},
    {"type": "deviation", "point": "p1", "reference": "p2", "more_than": 4, "deadband": 1},
    {"type": "deviation", "point": "p1", "reference": "p3", "high": 50, "percent": True},
    {"type": "gauge", "point": "p1", "typed": "p3", "more_than": 4},
    {"type": "count", "point": "p1", "over_s": 200, "high": 3, "deadband": 1},
    {"type": "flat", "point": "p1", "for_s": 70, "within": 0.6},
    {"type": "flat", "point": "p1", "for_s": 30, "within": 3, "during": ABOVE_8},
    {"type": "drift", "point": "p1", "against": "p3", "more_than": 3, "over_s": 20, "during": ABOVE_8},
    {"type": "expected", "point": "p3", "every_hours": 0.03, "grace_hours": 0.01},
    {"type": "all", "of": [HIGH, NIGHT]},
    {"type": "expression", "text": "p1 / p2 > 1.2 || p3 > 15"},
    {"type": "no_data", "point": "p2", "after_s": 90},
    {"type": "rule_fault"},
    {"type": "all", "of": [HIGH, {"type": "no_data"}]},
]
STEPS = [
    ("high", {"type": "limit", "point": "p1", "high": 15, "deadband": 1}, 30.0),
    ("critical", None, 100.0),
]
SHOWS_NEWER = {len(WHEN) - 1, len(WHEN)}
"""What others hold is shown as well, which may be a moment younger than the alarm."""
DELAYS = st.sampled_from([0, 1, 30, 59, 60, 61, 200])

Delays = list[tuple[int, int]]


@st.composite
def rules(draw: st.DrawFn) -> Delays:
    return [(draw(DELAYS), draw(DELAYS)) for _ in WHEN]


@st.composite
def histories(draw: st.DrawFn) -> list[Reading]:
    """Readings of three points in time order, with gaps around the silence of 60 s; some share an instant."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from([0, 300, 1000, 7000, 20_000, 30_000, 59_999, 60_000, 61_000, 150_000]),
                st.integers(1, 3),
                st.sampled_from([0.0, 5.0, 8.0, 8.5, 10.0, 10.5, 20.0]),
                st.sampled_from([Quality.GOOD] * 6 + [Quality.SUSPECT, Quality.BAD, Quality.BACKFILLED]),
            ),
            max_size=50,
        )
    )
    at_ms, found = T0, dict[tuple[int, int], Reading]()
    for step, number, value, quality in steps:
        at_ms += step
        found.setdefault((at_ms, number), Reading(number, at_ms, value, quality))
    return [found[key] for key in sorted(found)]


def made(delays: Delays) -> Engine:
    def one(number: int, when: object, on: int, off: int) -> BoundRule:
        is_first = number == 1
        steps = STEPS if is_first else []
        return rule(when, on_s=on, off_s=off, number=number, steps=steps, remind_s=70 if is_first else 0)

    pairs = zip(WHEN, delays, strict=True)
    return engine(*(one(number, when, on, off) for number, (when, (on, off)) in enumerate(pairs, 1)))


def instants(history: Sequence[Reading]) -> list[list[Reading]]:
    return [list(group) for _, group in groupby(history, key=lambda reading: reading.at_ms)]


def ordered(transitions: list[Transition]) -> list[Transition]:
    """By instance and mark: instances do not depend on each other, so their order among themselves is free."""
    found = sorted(transitions, key=lambda t: (t.rule, t.asset, t.mark))
    return [msgspec.structs.replace(t, facts=()) if t.rule in SHOWS_NEWER else t for t in found]


def replayed(delays: Delays, history: Sequence[Reading], end_ms: int) -> list[Transition]:
    """The plain way: instant by instant, time told before each."""
    made_engine, out = made(delays), list[Transition]()
    for group in instants(history):
        out += made_engine.advance(group[0].at_ms)
        out += made_engine.feed(group)
    return ordered(out + made_engine.advance(end_ms))


def end_of(history: Sequence[Reading]) -> int:
    return (history[-1].at_ms if history else T0) + 400_000


@settings(max_examples=60, deadline=None)
@given(rules(), histories(), st.data())
def test_any_split_and_any_horizon_give_what_the_replay_gives(
    delays: Delays, history: list[Reading], data: st.DataObject
) -> None:
    live, out, rest = made(delays), list[Transition](), instants(history)
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        batch, rest = [reading for group in rest[:size] for reading in group], rest[size:]
        # the horizon may be anywhere up to the next reading: all before it are known
        for at_ms in sorted(data.draw(st.lists(st.integers(T0, batch[0].at_ms), max_size=2))):
            out += live.advance(at_ms)
        out += live.feed(batch)
    out += live.advance(end_of(history))
    assert ordered(out) == replayed(delays, history, end_of(history))


@settings(max_examples=60, deadline=None)
@given(rules(), histories(), st.data())
def test_killed_anywhere_and_started_from_an_older_snapshot_it_tells_the_same(
    delays: Delays, history: list[Reading], data: st.DataObject
) -> None:
    groups = instants(history)
    kept_at = data.draw(st.integers(0, len(groups)))
    killed_at = data.draw(st.integers(kept_at, len(groups)))
    first, out, kept = made(delays), list[Transition](), b""
    for number, group in enumerate(groups[:killed_at]):
        if number == kept_at:
            kept = snapshot.encode(first.snapshot())
        out += first.advance(group[0].at_ms) + first.feed(group)
    kept = kept or snapshot.encode(first.snapshot())
    second = made(delays)
    out += second.restore(snapshot.decode(kept), T0)
    again = data.draw(st.integers(0, kept_at))  # the replay begins earlier than it would have to
    for group in groups[again:]:
        out += second.advance(max(group[0].at_ms, second.horizon_ms)) + second.feed(group)
    out += second.advance(end_of(history))
    told = ordered(list({(t.rule, t.asset, t.mark): t for t in out}.values()))
    assert told == replayed(delays, history, end_of(history))


def test_a_severity_that_rose_is_told_once_and_in_its_time_whenever_it_is_started_again() -> None:
    def made_one() -> Engine:
        return engine(rule(HIGH, steps=[("critical", None, 100.0)]))

    first = made_one()
    first.feed([Reading(1, T0, 20.0)])
    first.advance(T0 + 50_000)
    before_it_rose = first.snapshot()
    rose = first.advance(T0 + 150_000)
    assert [(t.kind, t.severity, t.at_ms) for t in rose] == [("severity", "critical", T0 + 100_000)]
    second = made_one()
    assert second.restore(before_it_rose, T0 + 130_000) == []
    assert second.advance(T0 + 150_000) == rose
    third = made_one()
    assert third.restore(first.snapshot(), T0) == []


@settings(max_examples=60, deadline=None)
@given(rules(), histories(), st.randoms(use_true_random=False))
def test_readings_that_overtake_each_other_or_come_twice_within_the_lateness_tell_the_same(
    delays: Delays, history: list[Reading], random: Random
) -> None:
    arrivals = [(reading.at_ms + random.randrange(SETTLE_MS), reading) for reading in history]
    arrivals += [
        (at_ms + random.randrange(40_000), reading) for at_ms, reading in arrivals if random.random() < 0.2
    ]
    live, order, out = made(delays), InOrder(), list[Transition]()
    for at_ms, reading in sorted(arrivals, key=lambda arrival: arrival[0]):
        settled_ms = at_ms - SETTLE_MS
        out += live.feed(order.take(settled_ms)) + live.advance(settled_ms)
        order.put([reading])
    out += live.feed(order.take(end_of(history))) + live.advance(end_of(history))
    assert ordered(out) == replayed(delays, history, end_of(history))


@settings(max_examples=30, deadline=None)
@given(rules(), histories(), st.integers(1, 500_000))
def test_a_device_that_is_late_by_a_constant_time_tells_the_same(
    delays: Delays, history: list[Reading], late_ms: int
) -> None:
    live, out = made(delays), list[Transition]()
    seed = [Reading(number, T0 - 1, 5.0) for number in (1, 2, 3)]
    out += live.advance(T0 - 1 + late_ms) + live.feed(seed)  # known to be late from the first reading on
    for group in instants(history):
        out += live.advance(group[0].at_ms + late_ms) + live.feed(group)
    out += live.advance(end_of(history) + late_ms)
    plain = replayed(delays, seed + history, end_of(history))
    assert list(_of_point_1(ordered(out), end_of(history))) == list(_of_point_1(plain, end_of(history)))


def _of_point_1(transitions: list[Transition], end_ms: int) -> Iterator[Transition]:
    """Conditions on one point only: several points may each lag by another time."""
    return (t for t in transitions if t.rule in (1, 5, 6, 10, 11) and t.at_ms <= end_ms)


EACH = [
    {"type": "limit", "point": "p1", "high": 10, "deadband": 2},
    {"type": "no_data"},
    {"type": "flat", "point": "p1", "for_s": 70, "within": 0.6},
    {"type": "no_data", "point": "p1", "after_s": 90},
]
LOOKS_AT_THE_OTHER = {"type": "expression", "text": "sum(feeds.p1) > 15.0"}


def plant(delays: Delays, *, linked: bool) -> Engine:
    """Three assets with a point each, every one in a slice of its own; or a rule of the first looks at the second."""
    bound = [
        msgspec.structs.replace(
            rule(when, on_s=delays[number][0], off_s=delays[number][1], number=number, asset=asset),
            points={"p1": asset} if "p1" in str(when) else {},
        )
        for asset in (1, 2, 3)
        for number, when in enumerate(EACH)
    ]
    if linked:
        other = rule(LOOKS_AT_THE_OTHER, on_s=delays[9][0], number=9)
        bound.append(msgspec.structs.replace(other, points={}, fed={"p1": [2]}))
    points = [WatchedPoint(asset, asset, "p1", "analog", 10.0, span=100.0) for asset in (1, 2, 3)]
    made_engine = Engine()
    with patch.object(watching, "KEPT_TOGETHER", 1):
        made_engine.load(Plan(points, bound), T0)
    return made_engine


@settings(max_examples=60, deadline=None)
@given(rules(), histories(), st.booleans(), st.data())
def test_started_from_slices_of_several_moments_it_tells_the_same(
    delays: Delays, history: list[Reading], linked: bool, data: st.DataObject
) -> None:
    groups, expected, undisturbed = instants(history), list[Transition](), plant(delays, linked=linked)
    for group in groups:
        expected += undisturbed.advance(group[0].at_ms) + undisturbed.feed(group)
    expected += undisturbed.advance(end_of(history))
    first, out, kept = plant(delays, linked=linked), list[Transition](), dict[int, bytes]()
    assert first.slices == (2 if linked else 3)
    moments = [data.draw(st.integers(0, len(groups))) for _ in range(first.slices)]
    killed_at = data.draw(st.integers(max(moments), len(groups)))
    for number, group in enumerate([*groups[:killed_at], []]):
        kept |= {at: snapshot.encode(first.snapshot(at)) for at, when in enumerate(moments) if when == number}
        if group:
            out += first.advance(group[0].at_ms) + first.feed(group)
    second = plant(delays, linked=linked)
    memory_of_all = memory.together([snapshot.decode(part) for part in kept.values()])
    out += second.restore(memory_of_all.snapshot, T0)
    for group in groups[min(moments) :]:
        out += second.advance(max(group[0].at_ms, second.horizon_ms)) + second.feed(group)
    out += second.advance(end_of(history))
    assert ordered(list({(t.rule, t.asset, t.mark): t for t in out}.values())) == ordered(expected)
