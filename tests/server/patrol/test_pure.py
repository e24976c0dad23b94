"""Chains, clocks, strengths, timetables, walks: what needs no database."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from server.patrol.checkpoints.policy import Policy, Strength, TagKind
from server.patrol.evidence import chain
from server.patrol.planning import route_plan
from server.patrol.proof.clock import Memory, Stamp, estimate
from server.patrol.proof.judging import Facts, Fix, counts, judge
from server.patrol.proof.learning import usual
from server.patrol.proof.reasons import REASONS
from server.patrol.rounds.lateness import LegState, Window, state_of_scan
from server.patrol.rounds.schedule import Timetable, due

VECTORS = json.loads((Path(__file__).parents[2] / "support" / "patrol_chain_vectors.json").read_text())
NOON = 1_772_400_000_000
MINUTE = 60_000


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"][:30])
def test_phone_and_server_agree_on_hashes(vector: dict[str, object]) -> None:
    event = vector["event"]
    assert isinstance(event, dict)
    assert chain.canonical(event).decode() == vector["canonical"]
    assert chain.event_hash(event) == vector["hash"]


@pytest.mark.parametrize("value", [1.5, 2**53, "\ud800", {"a": [0.1]}, float("nan")])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(chain.NotCanonical):
        chain.canonical({"value": value})


def shift(
    minutes: list[int], *, wrong_by: int = 0, moved: dict[int, int] | None = None, dozes: bool = False
) -> list[Stamp]:
    """Stamps of a phone at these minutes; ``moved``: by how many minutes its wall clock was moved then."""
    stamps = []
    for seq, minute in enumerate(minutes, 1):
        mono = seq * 30_000 if dozes else minute * MINUTE
        wall = NOON + (minute + wrong_by + (moved or {}).get(minute, 0)) * MINUTE
        stamps.append(Stamp(seq, wall, mono, "boot"))
    return stamps


MEMORY = Memory(90 * MINUTE, Stamp(0, NOON - 90 * MINUTE, 0, "boot"))
"""A phone that is an hour and a half slow, last seen at noon."""


def times(stamps: list[Stamp], *, until: int = 600) -> list[tuple[int, bool]]:
    sent = Stamp(99, NOON + (until - 90) * MINUTE, stamps[-1].mono_ms + 1000, "boot")
    found = estimate(stamps, received_ms=NOON + until * MINUTE, sent=sent, memory=MEMORY, tolerance_ms=MINUTE)
    return [((moment.at_ms - NOON) // MINUTE, moment.is_tricked) for moment in found]


@pytest.mark.parametrize("dozes", [False, True])
def test_a_wrong_clock_is_not_a_moved_one(dozes: bool) -> None:
    stamps = shift([10, 20, 90, 300], wrong_by=-90, dozes=dozes)
    assert times(stamps) == [(10, False), (20, False), (90, False), (300, False)]


@pytest.mark.parametrize("dozes", [False, True])
@pytest.mark.parametrize("by", [-40, 40])
def test_a_clock_moved_for_one_scan_is_found_and_its_neighbours_are_left_alone(by: int, dozes: bool) -> None:
    stamps = shift([10, 20, 30, 200], wrong_by=-90, moved={20: by}, dozes=dozes)
    assert [is_tricked for _, is_tricked in times(stamps)] == [False, True, False, False]


def test_a_phone_cannot_be_in_a_time_before_it_saw_the_server() -> None:
    stamp = Stamp(1, NOON, 100, "new", seen_ms=NOON + 60 * MINUTE, seen_mono_ms=None)
    found = estimate(
        [stamp], received_ms=NOON + 90 * MINUTE, sent=None, memory=Memory(0), tolerance_ms=MINUTE
    )[0]
    assert found.is_tricked
    assert found.at_ms == NOON + 60 * MINUTE


def test_strengths() -> None:
    chip = Facts(how="nfc", tag_codes=("message_verified",), tag_kind=TagKind.NTAG424)
    label = Facts(how="camera", tag_codes=("static_tag",), tag_kind=TagKind.QR)
    link = Facts(how="address", tag_codes=("static_tag",), tag_kind=TagKind.QR)
    near = Facts(how="address", tag_codes=("static_tag",), tag_kind=TagKind.QR, fix=Fix(20, 10, 50))
    far = Facts(how="camera", tag_codes=("static_tag",), tag_kind=TagKind.QR, fix=Fix(900, 10, 50))
    photo = Facts(how="photo", has_photo=True, has_reason=True)
    found = [judge(facts).strength for facts in (chip, label, link, near, far, photo)]
    assert found == ["strong", "fair", "weak", "fair", "weak", "weak"]
    assert counts(judge(photo), Policy())
    assert not counts(judge(photo), Policy(photo_counts=False))
    assert not counts(judge(label), Policy(counts=Strength.STRONG))


def test_every_reason_is_said_in_both_languages() -> None:
    assert all(reason.text["en"] and reason.text["zh"] for reason in REASONS.values())
    assert all(reason.is_exception for reason in REASONS.values() if reason.cap is Strength.REFUSED)


def test_late_is_after_tolerance_and_missed_after_grace() -> None:
    start = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
    window = Window(
        start, start + timedelta(hours=1), early=timedelta(minutes=15), grace=timedelta(minutes=10)
    )

    def found(minute: float) -> LegState | None:
        at = start + timedelta(minutes=minute)
        return state_of_scan(
            window, at=at, due_at=start + timedelta(minutes=20), tolerance=timedelta(minutes=5)
        )

    assert [found(minute) for minute in (-16, -15, 25, 25.1, 70, 70.1)] == [
        None, LegState.DONE, LegState.DONE, LegState.LATE, LegState.LATE, None,
    ]  # fmt: skip


def test_windows_cross_midnight_and_nights_with_a_change_of_the_clock() -> None:
    zone = ZoneInfo("Europe/Berlin")
    table = Timetable(["23:30", "02:30"], timedelta(hours=2), "FREQ=DAILY", "any", date(2026, 3, 1), None)
    start = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    found = list(due(table, zone, start=start, end=start + timedelta(days=1), calendar={}))
    assert [when.starts_at.isoformat() for when in found] == [
        "2026-03-28T22:30:00+00:00",
        "2026-03-29T01:30:00+00:00",  # 02:30 is jumped over: 03:30 summer time
    ]
    assert {when.ends_at - when.starts_at for when in found} == {timedelta(hours=2)}


def test_only_work_days() -> None:
    table = Timetable(["08:00"], timedelta(hours=1), "FREQ=DAILY", "work", date(2026, 3, 1), None)
    start = datetime(2026, 3, 6, 0, 0, tzinfo=UTC)
    found = due(
        table,
        ZoneInfo("UTC"),
        start=start,
        end=start + timedelta(days=4),
        calendar={date(2026, 3, 8): "work"},
    )
    assert [when.day.day for when in found] == [6, 8, 9]


def test_the_suggested_walk_is_never_longer_and_finds_the_obvious() -> None:
    line = [[float(abs(a - b)) for b in range(12)] for a in range(12)]
    mixed = [7, 2, 11, 0, 5, 9, 1, 4, 10, 3, 8, 6]
    seconds = [[line[a][b] for b in mixed] for a in mixed]
    assert route_plan.length(route_plan.shortest_walk(seconds), seconds) == 11
    random = Random(4)
    for _ in range(10):
        one_way = [[random.random() for _ in range(9)] for _ in range(9)]
        order = route_plan.shortest_walk(one_way, fixed_start=True)
        assert order[0] == 0
        assert sorted(order) == list(range(9))
        assert route_plan.length(order, one_way) <= route_plan.length(range(9), one_way)


def test_a_break_for_tea_does_not_move_what_is_usual() -> None:
    kept: list[int] = []
    for seconds in [60, 62, 58, 61, 1800]:
        kept, found = usual(kept, seconds)
    assert found == 61
