"""How long the phones of a shift take to send their day, on this machine.

``python -m tests.bench.bench_patrol_sync [--quick]`` prints the numbers. The phones run on the same cores.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.support.patrol_shift_end import ShiftEnd


def run(quick: bool) -> dict[str, object]:
    """500 phones with 200 scans each, a photo of 20 kB to every tenth; the server is killed half way."""
    phones, scans = (50, 40) if quick else (500, 200)
    with tempfile.TemporaryDirectory() as folder:
        shift = ShiftEnd(Path(folder), phones=phones, scans=scans, photo_every=10, photo_bytes=20_000)
        shift.start()
        try:
            seconds = shift.play(workers=16, kill_after=0.5)
            found = shift.counts()
        finally:
            shift.stop()
        photos = sum(len(phone.photos) for phone in shift.phones)
    return {
        "phones": phones,
        "scans": phones * scans,
        "photos": photos,
        "seconds": round(seconds, 1),
        "scans_per_s": round(phones * scans / seconds),
        "server_cpu_s": round(shift.server_cpu_s, 1),
        "retries": shift.retries,
        "lost_scans": phones * scans - found["scans"],
        "lost_photos": photos - found["photos"],
        "doubled_or_broken": found["events"] - phones * scans + found["gaps"] + found["log_broken_at"],
    }


if __name__ == "__main__":
    print(json.dumps(run("--quick" in sys.argv), indent=2))
