from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable

from server.live.hub import Hub, Watcher
from telemetry.reading import Quality, Reading


def take(watcher: Watcher) -> tuple[list[Reading], list[str]]:
    async def once() -> tuple[list[Reading], list[str]]:
        readings, nouns = await watcher.take(timeout_s=0.2)
        return list(readings), sorted(nouns)

    return watcher._loop.run_until_complete(once())


def watched(hub: Hub, points: Iterable[int] | None) -> Watcher:
    return hub.watch(None if points is None else frozenset(points), asyncio.new_event_loop())


def test_backfilled_bad_and_older_readings_move_no_live_value() -> None:
    hub = Hub()
    hub.apply([Reading(1, 1000, 5.0)])
    for reading in (
        Reading(1, 2000, 6.0, Quality.BACKFILLED),
        Reading(1, 2000, None, Quality.BAD),
        Reading(1, 999, 7.0),
    ):
        assert hub.apply([reading]) == 0
    assert hub.latest(None) == [Reading(1, 1000, 5.0)]
    assert hub.apply([Reading(1, 1000, 5.5), Reading(1, 1001, 6.0, Quality.SUSPECT)]) == 1
    assert hub.latest([1, 2]) == [Reading(1, 1001, 6.0, Quality.SUSPECT)]


def test_what_the_store_knew_never_replaces_what_came_in_meanwhile() -> None:
    hub = Hub()
    hub.apply([Reading(1, 1000, 5.0)])
    hub.seed([Reading(1, 5000, 1.0, Quality.BACKFILLED), Reading(2, 10, 2.0, Quality.BACKFILLED)])
    assert hub.latest([1])[0].value == 5.0
    assert hub.apply([Reading(2, 5, 9.0)]) == 1  # live beats what was only caught up on


def test_a_watcher_hears_of_its_points_and_of_every_hint() -> None:
    hub = Hub()
    some, everything, nothing = watched(hub, [1]), watched(hub, None), watched(hub, [])
    hub.apply([Reading(1, 1, 1.0), Reading(2, 1, 2.0)])
    hub.hint("tickets")
    hub.hint("<script>")
    assert take(some) == ([Reading(1, 1, 1.0)], ["tickets"])
    assert take(everything) == ([Reading(1, 1, 1.0), Reading(2, 1, 2.0)], ["tickets"])
    assert take(nothing) == ([], ["tickets"])


def test_a_value_that_was_typed_hours_ago_stands_until_a_newer_one_comes() -> None:
    hub = Hub()
    assert hub.apply([Reading(1, 1000, 6.0, Quality.MANUAL)]) == 1
    assert hub.apply([Reading(1, 999, 5.0, Quality.MANUAL), Reading(1, 1000, None, Quality.BAD)]) == 0
    assert hub.latest([1]) == [Reading(1, 1000, 6.0, Quality.MANUAL)]


def test_a_slow_watcher_gets_the_newest_value_and_holds_one_for_each_point() -> None:
    hub = Hub()
    watcher = watched(hub, None)
    for at_ms in range(10_000):
        hub.apply([Reading(at_ms % 3, at_ms, float(at_ms))])
    readings, _ = take(watcher)
    assert sorted(reading.at_ms for reading in readings) == [9997, 9998, 9999]
    assert take(watcher) == ([], [])


def test_one_who_left_is_forgotten() -> None:
    hub = Hub()
    watchers = [watched(hub, [1, 2]), watched(hub, None)]
    assert hub.watchers == 2
    for watcher in (*watchers, *watchers):
        hub.leave(watcher)
    assert hub.watchers == 0
    hub.apply([Reading(1, 1, 1.0)])
    assert take(watchers[0]) == ([], [])


def test_nothing_is_lost_between_two_threads() -> None:
    hub = Hub()
    watcher = watched(hub, None)
    writer = threading.Thread(target=lambda: [hub.apply([Reading(1, at, at)]) for at in range(5000)])
    writer.start()
    last = 0
    while last < 4999:
        readings, _ = take(watcher)
        assert readings, "the last value never came"
        assert readings[0].at_ms >= last
        last = readings[0].at_ms
    writer.join()


def test_a_watcher_of_some_nouns_hears_nothing_else_and_of_calls_only_its_own() -> None:
    hub = Hub()
    phone = hub.watch(frozenset(), asyncio.new_event_loop(), frozenset({"sos", "calls-17"}))
    desk = watched(hub, [])
    for noun in ("patrol", "sos", "calls-18", "calls-17"):
        hub.hint(noun)
    assert take(phone) == ([], ["calls-17", "sos"])
    assert take(desk) == ([], ["patrol", "sos"])
