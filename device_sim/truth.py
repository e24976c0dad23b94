"""The ground truth: what really went wrong, when and why, as one JSON object a line.

A fault has a line when it begins and one when it ends; the later line of an ``id`` replaces the
earlier, so a file cut off in the middle of a fault still names it. ``read_truth`` does the merging.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from device_sim.faults import FaultRun


class TruthRow(msgspec.Struct, frozen=True):
    """One fault. Times are ISO 8601 in UTC."""

    id: str
    asset: str
    profile: str
    fault: str
    start: str
    visible_from: str | None
    """When the reading its rule looks at first showed it; None: not (yet)."""
    end: str | None
    """When it was repaired; None: it goes on."""
    cause: str
    severity: float
    expected_rules: list[str]
    """Default rules meant to see it: it is found when any of them raises an alarm on the asset."""
    consequences: list[str]
    """Other rules that may rightly raise an alarm meanwhile."""
    why_unseen: str
    """Where no rule is meant to see it: why."""
    v: int = 1


class TruthLog:
    """Collects the rows, and writes them to a file when it is given one."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._rows: dict[str, TruthRow] = {}

    @property
    def rows(self) -> list[TruthRow]:
        """One row a fault, in order of their beginning."""
        return list(self._rows.values())

    def record(self, run: FaultRun, *, ended_s: float | None = None) -> None:
        """Note what is known of a fault now."""
        row = row_of(run, ended_s=ended_s)
        self._rows[run.id] = row
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(row) + b"\n")


def row_of(run: FaultRun, *, ended_s: float | None) -> TruthRow:
    """What a fault looks like in the file."""
    expected, consequences = run.kind.rules(run.part)
    why_unseen = run.kind.why_unseen
    if run.expected is not None:
        expected = list(run.expected)
        why_unseen = "The scenario says that no rule looks at this point."
    if expected and ended_s is not None and run.kind.sign is not None and run.visible_s is None:
        expected = []
        why_unseen = "It was over before the reading that its rule looks at showed it."
    return TruthRow(
        id=run.id,
        asset=run.asset,
        profile=run.kind.profile,
        fault=run.kind.key,
        start=iso(run.start_s),
        visible_from=None if run.visible_s is None else iso(run.visible_s),
        end=None if ended_s is None or math.isinf(ended_s) else iso(ended_s),
        cause=run.kind.cause,
        severity=run.severity,
        expected_rules=expected,
        consequences=consequences,
        why_unseen="" if expected else why_unseen,
    )


def read_truth(path: Path) -> list[TruthRow]:
    """The rows of a file, the last of each id, in order of their beginning; a torn last line is passed over."""
    rows: dict[str, TruthRow] = {}
    for line in path.read_bytes().splitlines():
        try:
            row = msgspec.json.decode(line, type=TruthRow)
        except msgspec.DecodeError:
            continue
        rows[row.id] = row
    return sorted(rows.values(), key=lambda row: row.start)


def iso(at_s: float) -> str:
    """Epoch seconds as ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
