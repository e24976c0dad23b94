"""A second real receiver: VictoriaMetrics takes what influxdb-client writes, unchanged by any fixture."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from telemetry.reading import Quality, Reading
from telemetry.store.influx_client import InfluxClient, parse_url
from telemetry.store.influx_journal import wall_ms
from telemetry.store.influx_lines import Prefixes, raw_lines
from tests.support.ports import free_port, is_listening
from tests.support.waiting import eventually


@pytest.fixture
def victoria(tmp_path: Path) -> Iterator[str]:
    program = shutil.which("victoria-metrics") or "/usr/bin/victoria-metrics"
    port = free_port()
    process = subprocess.Popen(
        [program, f"-httpListenAddr=127.0.0.1:{port}", f"-storageDataPath={tmp_path}", "-retentionPeriod=1"],
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: is_listening(port), what="victoria-metrics listens")
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(10)


def test_what_we_write_is_line_protocol_to_others_too(victoria: str) -> None:
    start = wall_ms() - 60_000
    readings = [Reading(7, start + i * 1000, i / 3, Quality(i % 3)) for i in range(50)]
    readings += [
        Reading(8, start, 3),
        Reading(9, start, 'a "text", with all=of it'),
        Reading(9, start + 1, None),
    ]
    names = {7: ("meter a,b=c", "power")}
    lines, _, _ = raw_lines(readings, Prefixes(names.get))
    client = InfluxClient(parse_url(f"influxdb://{victoria}/plantroom?org=any"), "any")
    client.write("raw", lines)
    client.close()
    httpx2.get(f"http://{victoria}/internal/force_flush")
    exported = httpx2.get(f"http://{victoria}/api/v1/export", params={"match[]": '{__name__=~"reading_.*"}'})
    found = {}
    for line in exported.text.splitlines():
        series = json.loads(line)
        labels = series["metric"]
        found[labels["__name__"], labels["point"]] = (labels, series["timestamps"], series["values"])
    labels, times, values = found["reading_value", "7"]
    assert (labels["asset"], labels["key"]) == ("meter a,b=c", "power")
    assert times == [reading.at_ms for reading in readings[:50]]
    assert values == pytest.approx([i / 3 for i in range(50)])
    assert found["reading_q", "7"][2] == [i % 3 for i in range(50)]
    assert found["reading_code", "8"][2] == [3]
