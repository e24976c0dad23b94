"""Phones send a day's scans and photos at once, and the server is killed in the middle."""

from __future__ import annotations

from pathlib import Path

from tests.support.patrol_shift_end import ShiftEnd


def test_nothing_is_lost_or_doubled_when_the_server_is_killed_in_the_middle(tmp_path: Path) -> None:
    shift = ShiftEnd(tmp_path, phones=4, scans=120, photo_every=60, photo_bytes=700_000)
    shift.start()
    try:
        shift.play(workers=4, kill_after=0.4)
        assert shift.counts() == {"events": 480, "scans": 480, "photos": 8, "gaps": 0, "log_broken_at": 0}
        assert shift.photo_files_are_whole()
    finally:
        shift.stop()
