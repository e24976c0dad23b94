"""Messages without a time: delivered again they get the time they had."""

from __future__ import annotations

from pathlib import Path

from gateway.receipts import Receipts
from tests.gateway.support import NOW_MS, incoming


def opened(path: Path) -> Receipts:
    receipts = Receipts(path / "receipts.db")
    receipts.open()
    return receipts


def test_two_messages_of_one_topic_never_share_a_time(tmp_path: Path) -> None:
    receipts = opened(tmp_path)
    times = []
    for mid in range(1, 4):
        message = incoming(b"%d" % mid, mid=mid)
        times.append(receipts.time_of(message))
        receipts.remember(message, times[-1], times[-1])
    assert times == [NOW_MS, NOW_MS + 1, NOW_MS + 2]
    assert receipts.time_of(incoming(b"x", topic="other")) == NOW_MS


def test_a_message_delivered_again_after_a_kill_keeps_its_time(tmp_path: Path) -> None:
    before = opened(tmp_path)
    message = incoming(b"payload", mid=7)
    before.remember(message, NOW_MS + 1, NOW_MS + 1)
    before.save()
    after = opened(tmp_path)
    later = incoming(b"payload", mid=7, received_ms=NOW_MS + 60_000, again=True)
    assert after.time_of(later) == NOW_MS + 1


def test_also_when_it_comes_twice_on_one_connection(tmp_path: Path) -> None:
    receipts = opened(tmp_path)
    receipts.remember(incoming(b"payload", mid=7), NOW_MS, NOW_MS)
    assert receipts.time_of(incoming(b"payload", mid=7, received_ms=NOW_MS + 5, again=True)) == NOW_MS


def test_a_new_message_that_looks_the_same_is_new(tmp_path: Path) -> None:
    receipts = opened(tmp_path)
    receipts.remember(incoming(b"payload", mid=7), NOW_MS, NOW_MS)
    receipts.save()
    for other in (
        incoming(b"payload", mid=7, received_ms=NOW_MS + 5),  # not marked as delivered again
        incoming(b"payload", mid=8, received_ms=NOW_MS + 5, again=True),
        incoming(b"another", mid=7, received_ms=NOW_MS + 5, again=True),
    ):
        assert receipts.time_of(other) == NOW_MS + 5
