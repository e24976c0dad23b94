"""Six hours of a plant, accelerated, with the process killed at random moments and without.

``python -m tests.server.rules.killing --seeds 1 2 3 --kills 8`` says for each seed whether anything differs.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server import migrations
from server.alarms.models import Alarm, AlarmEvent
from server.assets.models import Asset, Point
from server.assets.profiles import shipped_profiles
from server.assets.site_file import DEMO_SITE, load_site
from server.assets.site_import import import_site
from server.audit.service import SYSTEM
from server.clock import from_ms
from server.db import open_engine, reading, session_factory, transaction
from server.rules.horizon import SETTLE_MS
from server.rules.models import Rule
from server.rules.shipped import seed as seed_rules
from telemetry.messages import ReadingBatch
from telemetry.reading import Reading, Value
from tests.support.waiting import eventually

Told = tuple[tuple[object, ...], tuple[object, ...], list[tuple[object, ...]]]

START_MS = 1_780_000_000_000
HOURS = 6
EVERY_S = 30


def killed_and_not(folder: Path, *, seed: int, kills: int) -> tuple[list[Told], list[Told]]:
    """What is told of the same six hours undisturbed, and by a process killed so often, each time after a
    random share of the messages."""
    undisturbed, disturbed = folder / "undisturbed", folder / "disturbed"
    _prepare(undisturbed)
    shutil.copytree(undisturbed, disturbed)
    messages = len(msgspec.json.decode((undisturbed / "messages").read_bytes(), type=list[msgspec.Raw]))
    chance = random.Random(seed)
    for share in sorted(chance.uniform(0.05, 0.95) for _ in range(kills)):
        process = _start(disturbed)
        _wait_until_done(disturbed, share * messages)
        with suppress(subprocess.TimeoutExpired):  # anywhere within what it does between two acknowledgements
            process.wait(chance.uniform(0, 0.1))
        process.kill()
        process.wait(10)
    assert _finish(undisturbed) == 0
    assert _finish(disturbed) == 0
    return _told(undisturbed), _told(disturbed)


def _wait_until_done(folder: Path, messages: float) -> None:
    done = folder / "done"
    eventually(lambda: done.exists() and int(done.read_text()) >= messages, 240, interval_s=0.005)


def _prepare(folder: Path) -> None:
    folder.mkdir()
    engine = open_engine(f"sqlite:///{folder / 'plantroom.db'}")
    migrations.migrate(engine)
    sessions = session_factory(engine)
    with transaction(sessions) as session:
        import_site(session, load_site(DEMO_SITE), shipped_profiles(), now=from_ms(START_MS), actor=SYSTEM)
        seed_rules(session, shipped_profiles(), now=from_ms(START_MS))
        for rule in session.scalars(select(Rule).where(Rule.key.in_(["motor_hot", "bearing_hot_1"]))):
            # what only time does: severities that rise, and asking to be seen again
            rule.steps = [*rule.steps, {"severity": "critical", "when": None, "after_s": 400}]
            rule.remind_s, rule.customised = 700, True
    with reading(sessions) as session:
        (folder / "messages").write_bytes(msgspec.json.encode(_messages(session)))
    engine.dispose()


def _messages(session: Session) -> list[ReadingBatch]:
    """Readings overtake each other by a little, some come twice, and now and then a machine is silent."""
    chance = random.Random(11)
    rows = session.execute(
        select(Point.id, Point.key, Point.kind, Asset.key)
        .join(Asset)
        .where(Asset.key.in_(["elevator-a1", "pump-a"]))
    ).all()
    arrivals: list[tuple[int, Reading]] = []
    walks = {row[0]: 0.0 for row in rows}
    for step in range(HOURS * 3600 // EVERY_S):
        at_ms = START_MS + step * EVERY_S * 1000
        for point, key, kind, asset in rows:
            walks[point] = max(-1.0, min(1.0, walks[point] * 0.97 + chance.gauss(0, 0.12)))
            if (step + (0 if asset == "pump-a" else 300)) % 700 > 660:
                continue
            value = _value(key, kind, walks[point])
            if value is not None:
                one = Reading(point, at_ms + chance.randrange(900), value)
                arrivals += [(one.at_ms + chance.randrange(SETTLE_MS), one)] * (
                    2 if chance.random() < 0.02 else 1
                )
    arrivals.sort(key=lambda arrival: arrival[0])
    batches: list[ReadingBatch] = []
    for begin in range(0, len(arrivals), 25):
        part = arrivals[begin : begin + 25]
        batches.append(ReadingBatch([one for _, one in part], part[0][0]))
    batches.append(ReadingBatch([], arrivals[-1][0] + 1000))
    return batches


def _value(key: str, kind: str, walk: float) -> Value:
    """Around the limits of the shipped rules; None: not sent."""
    middles = {
        "motor_temp": (85, 20),
        "vibration": (3, 3),
        "pump_1_vibration": (3, 3),
        "discharge_pressure": (420, 200),
        "tank_level": (40, 40),
        "pump_1_bearing_temp": (75, 15),
    }
    if key in middles:
        middle, swing = middles[key]
        return round(middle + swing * walk, 1)
    if key in ("mains", "mode"):
        return 0 if walk < -0.6 else 1
    if key == "fault_code":
        return 4 if walk > 0.7 else 0
    return round(10 + walk, 2) if kind == "analog" and key in ("flow", "speed") else None


def _start(folder: Path) -> subprocess.Popen[bytes]:
    log = (folder / "log").open("ab")
    return subprocess.Popen([sys.executable, "-m", "tests.server.rules.accelerated", str(folder)], stderr=log)


def _finish(folder: Path) -> int:
    process = _start(folder)
    try:
        return process.wait(240)
    finally:
        process.kill()


def _told(folder: Path) -> list[Told]:
    """Every alarm with its times and its history, without when it was written down."""
    engine = open_engine(f"sqlite:///{folder / 'plantroom.db'}")
    with reading(session_factory(engine)) as session:
        found: list[Told] = [
            (
                (alarm.rule_key, alarm.asset_id, alarm.since, alarm.raised_at, alarm.returned_at),
                (alarm.state, alarm.severity, alarm.occurrences, alarm.mark),
                [
                    (event.kind, event.at, event.from_state, event.to_state)
                    for event in session.scalars(
                        select(AlarmEvent).where(AlarmEvent.alarm_id == alarm.id).order_by(AlarmEvent.id)
                    )
                ],
            )
            for alarm in session.scalars(
                select(Alarm).order_by(Alarm.rule_key, Alarm.asset_id, Alarm.raised_at)
            )
        ]
    engine.dispose()
    return found


def main() -> None:
    """A line a seed; the exit code says whether all were the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--kills", type=int, default=8)
    wanted = parser.parse_args()
    differ = 0
    for number in wanted.seeds:
        with tempfile.TemporaryDirectory() as folder:
            expected, told = killed_and_not(Path(folder), seed=number, kills=wanted.kills)
        same = told == expected
        differ += not same
        events = sum(len(one) for _, _, one in expected)
        print(
            f"seed {number}: {len(expected)} alarms, {events} events,",
            "the same" if same else "DIFFERENT",
            flush=True,
        )
        for one, other in zip(expected, told, strict=False):
            if one != other:
                print(f"  undisturbed {one}\n  killed      {other}", flush=True)
    sys.exit(differ > 0)


if __name__ == "__main__":
    main()
