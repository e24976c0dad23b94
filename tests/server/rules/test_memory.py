from __future__ import annotations

from server.rules import keeping, memory
from server.rules.evaluate import Engine
from server.rules.keeping import Keeper
from server.rules.order import InOrder
from server.rules.plan import Plan, WatchedPoint
from server.rules.slices import sliced
from server.rules.snapshot import SlotState, Snapshot
from server.rules.watching import KEPT_TOGETHER
from telemetry.reading import Reading
from tests.server.rules.scenes import T0


def test_what_was_heard_before_time_was_known_does_not_put_the_replay_off() -> None:
    kept = Snapshot(T0, [SlotState(1, T0 - 5000, -1, 0, False, 5.0)], [])
    assert memory.replay_from_ms(kept) == T0 - memory.MARGIN_MS


def test_the_slowest_point_says_how_far_the_replay_goes_back() -> None:
    slots = [SlotState(n, T0 - lag, T0, 0, False, 5.0) for n, lag in enumerate([0, 90_000, 1000])]
    assert memory.replay_from_ms(Snapshot(T0, slots, [])) == T0 - memory.MARGIN_MS - 90_000


def test_assets_that_one_rule_looks_at_stay_in_one_slice() -> None:
    sizes = dict.fromkeys("abcdef", 3)
    assert sliced(sizes, [], most=6) == [["a", "b"], ["c", "d"], ["e", "f"]]
    assert sliced(sizes, [("a", "e"), ("e", "d")], most=6) == [["a", "d", "e"], ["b", "c"], ["f"]]


def keeper() -> Keeper:
    """Of a plant of three slices, with an asset each."""
    engine = Engine()
    points = [WatchedPoint(n, n // KEPT_TOGETHER, "p", "analog", 10.0) for n in range(3 * KEPT_TOGETHER)]
    engine.load(Plan(points, []), T0)
    assert engine.slices == 3
    return Keeper(engine)


def test_all_is_kept_first_and_then_a_slice_at_a_time() -> None:
    made, order = keeper(), InOrder()
    assert made.wants_all
    assert list(made.all(order, 0.0)) == [0, 1, 2]
    assert not made.wants_all
    each_s = 1.001 * keeping.EVERY_S / 3
    assert list(made.due(order, each_s * 0.9)) == []
    assert [list(made.due(order, each_s * turn)) for turn in (1, 2, 3, 4)] == [[0], [1], [2], [0]]


def test_what_no_store_remembers_is_kept_at_once_with_what_waits_there() -> None:
    made, order = keeper(), InOrder()
    made.all(order, 0.0)
    waits = Reading(KEPT_TOGETHER, T0, 1.0)
    order.put([waits, Reading(0, T0, 2.0)])
    made.must_keep([KEPT_TOGETHER + 5, 10**9])
    [(number, kept)] = made.due(order, 0.1).items()
    assert (number, kept.waiting) == (1, [waits])
