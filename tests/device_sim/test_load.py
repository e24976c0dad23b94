from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from device_sim.load import Acknowledged, Load, LoadGenerator, load_site, read_ledger
from tests.device_sim.listener import listening
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually


def test_every_acknowledged_message_arrives_once_and_stands_in_the_ledger(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    load = Load(devices=20, points=15, rate=10.0, seconds=3.0)
    ledger = tmp_path / "ledger.csv"
    with listening(mosquitto.port) as heard:
        result = LoadGenerator(load, mosquitto.url, ledger=ledger).run()
        eventually(lambda: heard.messages >= 600)

    booked = list(read_ledger(ledger))
    assert (result.sent, result.acknowledged) == (600, 600)
    assert 0.0 < result.p50_ms <= result.p99_ms <= result.longest_ms
    arrived = Counter((h.device, h.at_ms) for h in heard.values)
    assert {(line.device, line.at_ms): line.values for line in booked} == dict(arrived)
    assert len(booked) == len(arrived) == 600


def test_each_device_sends_the_points_its_site_file_has() -> None:
    load = Load(devices=3, points=20, rate=1.0, seconds=1.0)
    site = load_site(load)

    assert [asset.key for asset in site.assets] == ["meter-01", "meter-02", "meter-03"]
    assert {asset.extra_points for asset in site.assets} == {8}


def test_a_torn_last_line_of_a_ledger_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("meter-01,1700000000000,12;\nmeter-02,17000")

    assert list(read_ledger(path)) == [Acknowledged("meter-01", 1_700_000_000_000, 12)]


def test_a_missing_broker_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device_sim.load.CONNECT_WITHIN_S", 0.2)
    load = Load(devices=1, points=1, rate=1.0, seconds=1.0)

    with pytest.raises(ConnectionError, match=r"no broker at 127\.0\.0\.1:1 "):
        LoadGenerator(load, "mqtt://127.0.0.1:1", ledger=tmp_path / "l").run()
