from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from device_sim.backfill import COARSE_S, FINE_FOR_S, FINE_S, FINEST_S, history, moments
from device_sim.fleet import Fleet
from device_sim.memory import Memory, MemoryFile
from device_sim.models.base import Sample
from device_sim.site import demo_site
from device_sim.truth import TruthLog
from tests.device_sim.machines import DAY_S, MIDNIGHT_S

COUNTERS = {"door_cycles", "trips", "run_hours", "energy", "pump_1_starts", "pump_2_run_hours"}


def sent(fleet: Fleet, end_s: float) -> list[tuple[str, int, Sample]]:
    values: list[tuple[str, int, Sample]] = []
    for chunk in history(fleet, end_s):
        for device, entries in chunk.batches.items():
            for one in entries:
                at, sample = one["at"], one["values"]
                assert isinstance(at, int)
                assert isinstance(sample, dict)
                values.append((device, at, sample))
        assert chunk.until_s == fleet.now_s
    return values


def fleet_at(start_s: float) -> Fleet:
    return Fleet(demo_site(), seed=1, start_s=start_s, truth=TruthLog())


def test_moments_come_closer_together_towards_now() -> None:
    now_s = MIDNIGHT_S + 4 * DAY_S + 123.4
    found = list(moments(MIDNIGHT_S, now_s))
    gaps = [later - before for before, later in pairwise(found)]

    assert set(gaps) == {COARSE_S, FINE_S, FINEST_S}
    assert sorted(gaps, reverse=True) == gaps
    assert now_s - found[-1] < FINEST_S
    assert sum(1 for gap in gaps if gap == COARSE_S) == pytest.approx(
        (4 * DAY_S - FINE_FOR_S) / COARSE_S, abs=2
    )


def test_history_is_complete_and_no_counter_goes_back() -> None:
    last: dict[tuple[str, str], float] = {}
    values = sent(fleet_at(MIDNIGHT_S), MIDNIGHT_S + 3 * DAY_S)

    for device, _, sample in values:
        for key in COUNTERS & set(sample):
            value = float(sample[key])
            assert value >= last.get((device, key), 0.0)
            last[device, key] = value
    times: dict[str, list[int]] = {}
    for device, at_ms, _ in values:
        times.setdefault(device, []).append(at_ms)
    assert len(times) == 9
    assert len({tuple(own) for own in times.values()}) == 1


def test_a_fleet_that_was_stopped_goes_on_without_a_step_back() -> None:
    first = fleet_at(MIDNIGHT_S)
    before = sent(first, MIDNIGHT_S + 6 * 3600.0)
    second = Fleet(demo_site(), seed=77, start_s=first.now_s, truth=TruthLog())
    second.restore(first.state())
    after = sent(second, first.now_s + 6 * 3600.0)

    assert min(at for _, at, _ in after) > max(at for _, at, _ in before)
    for device in first.devices:
        old = next(sample for d, _, sample in reversed(before) if d == device)
        new = next(sample for d, _, sample in after if d == device)
        assert all(float(new[key]) >= float(old[key]) for key in COUNTERS & set(new))


def test_memory_is_kept_for_its_site_only(tmp_path: Path) -> None:
    file = MemoryFile(tmp_path / "sim" / "demo.json")
    assert file.read("demo") is None

    memory = Memory("demo", 12.5, {"pump-a": {"starts_1": 3.0}})
    file.write(memory)
    assert file.read("demo") == memory
    assert file.read("storm") is None


def test_a_broken_memory_is_put_aside(tmp_path: Path) -> None:
    file = MemoryFile(tmp_path / "demo.json")
    file.path.write_bytes(b'{"site": "demo", "sent')

    assert file.read("demo") is None
    assert file.path.with_suffix(".broken").exists()
