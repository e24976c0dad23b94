"""From the spool to the store: what a crash, damage and poison leave to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from gateway.condition import Condition
from gateway.dead_letters import DeadLetterFile
from gateway.drain import Drain
from gateway.spool import Spool
from telemetry.messages import DeadLetter
from telemetry.store import open_store
from tests.gateway.support import NOW_MS
from tests.gateway.test_spool import opened, readings
from tests.support.waiting import eventually


@contextmanager
def draining(spool: Spool, folder: Path) -> Iterator[list[DeadLetter]]:
    """A drain into SQLite at work; the letters it tells of."""
    told: list[DeadLetter] = []
    stop = threading.Event()
    drain = Drain(
        "g",
        spool,
        open_store(f"sqlite:///{folder / 'readings.db'}"),
        dead_letters=DeadLetterFile(folder / "letters.db", most_rows=1000, most_bytes=1_000_000),
        condition=Condition(started_ms=NOW_MS),
        find_point={5: ("pump-a", "flow")}.get,
        tell=lambda _topic, payload: told.append(msgspec.json.decode(payload, type=DeadLetter)),
        stop=stop,
        now_ms=lambda: NOW_MS,
    )
    thread = threading.Thread(target=drain.run)
    thread.start()
    try:
        yield told
        eventually(lambda: not spool.filled.is_set(), what="the spool is drained")
    finally:
        stop.set()
        thread.join(10)


def stored(folder: Path) -> list[float]:
    store = open_store(f"sqlite:///{folder / 'readings.db'}", read_only=True)
    return [reading.value for reading in store.read(range(10), 0, 2**60) if isinstance(reading.value, float)]


def test_a_damaged_place_is_set_aside_and_told_and_the_rest_is_stored(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    sizes = [spool.append(readings(start)) or spool.state.size for start in (0, 3, 6)]
    spool.close()
    (path,) = (tmp_path / "spool").glob("*.spool")
    content = bytearray(path.read_bytes())
    content[sizes[0] + 20] ^= 1
    path.write_bytes(content)
    with draining(opened(tmp_path), tmp_path) as told:
        eventually(lambda: told)
    assert stored(tmp_path) == [0.0, 1.0, 2.0, 6.0, 7.0, 8.0]
    (letter,) = told
    assert letter.reason == "spool_damaged"
    assert (tmp_path / "spool/damaged" / letter.payload).read_bytes() == content[sizes[0] : sizes[1]]


def test_a_torn_end_is_no_loss_and_no_letter(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.append(readings(0))
    spool.append(readings(3))
    spool.close()
    (path,) = (tmp_path / "spool").glob("*.spool")
    path.write_bytes(path.read_bytes()[:-5])
    with draining(opened(tmp_path), tmp_path) as told:
        pass
    assert (stored(tmp_path), told) == ([0.0, 1.0, 2.0], [])


def test_what_was_drained_before_a_crash_is_drained_again_and_stands_once(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.append(readings(0))
    (path,) = (tmp_path / "spool").glob("*.spool")
    content = path.read_bytes()
    with draining(spool, tmp_path):
        pass
    path.write_bytes(content)  # the crash came between the store's answer and the removal
    with draining(opened(tmp_path), tmp_path) as told:
        pass
    assert (stored(tmp_path), told) == ([0.0, 1.0, 2.0], [])


def test_a_poisoned_reading_becomes_a_letter_that_names_its_device(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    good, poison = readings(4, 2)
    spool.append([good, msgspec.structs.replace(poison, value=float("inf"))])
    with draining(spool, tmp_path) as told:
        eventually(lambda: told)
    assert stored(tmp_path) == [4.0]
    (letter,) = told
    assert (letter.reason, letter.topic) == ("rejected_by_store", "plantroom/v1/devices/pump-a/telemetry")
    assert letter.detail.startswith("flow: the store does not take it: not a finite number")
