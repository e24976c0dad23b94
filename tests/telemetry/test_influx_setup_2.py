"""Setting up InfluxDB 2.x: our requests against the published API; data goes to a real 1.x server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.commands.cli import app
from telemetry.reading import Reading
from telemetry.store import open_store, set_up_store
from telemetry.store.contract import Retention, UnusableStore
from telemetry.store.influx_journal import wall_ms
from tests.support.influx import Influx
from tests.support.influx2 import TOKEN, Influx2Api, serving

KEEP = Retention()


@pytest.fixture(params=["with virtual mappings", "without"])
def api(request: pytest.FixtureRequest, influx: Influx) -> Influx2Api:
    influx.query("DROP DATABASE two")
    set_up_store(influx.url("two"), retention=KEEP)
    return Influx2Api(influx.host, virtual_mappings=request.param == "with virtual mappings")


@pytest.fixture
def url(api: Influx2Api) -> Iterator[str]:
    with serving(api) as host:
        yield f"influxdb://{host}/two?org=plantroom"


def test_buckets_and_mappings_are_made_once(api: Influx2Api, url: str) -> None:
    steps = set_up_store(url, retention=KEEP, token=TOKEN)
    assert [step for step in steps if step.startswith("create")] == [
        "create bucket two/raw: kept 31 days",
        "create bucket two/minute: kept 401 days",
        "create bucket two/hour: kept 3661 days",
    ]
    assert sum(step.startswith("map") for step in steps) == (0 if api.virtual_mappings else 3)
    assert {(each["database"], each["retention_policy"]) for each in api.mappings} == {
        ("two", "raw"),
        ("two", "minute"),
        ("two", "hour"),
    }
    assert set_up_store(url, retention=KEEP, token=TOKEN) == []


def test_a_store_set_up_so_is_used(url: str) -> None:
    set_up_store(url, retention=KEEP, token=TOKEN)
    store = open_store(url, token=TOKEN)
    reading = Reading(1, wall_ms() - 10_000_000, 21.5)
    store.write([reading])
    assert store.maintain(wall_ms()).hours_rolled == 1
    assert open_store(url, token=TOKEN, read_only=True).latest([1]) == {1: reading}


def test_a_bucket_kept_for_another_time_is_changed(api: Influx2Api, url: str) -> None:
    set_up_store(url, retention=KEEP, token=TOKEN)
    assert set_up_store(url, retention=Retention(raw_days=7), token=TOKEN) == [
        "alter bucket two/raw: kept 8 days"
    ]
    (raw,) = [bucket for bucket in api.buckets.values() if bucket["name"] == "two/raw"]
    assert raw["retentionRules"] == [
        {"type": "expire", "everySeconds": 8 * 86_400, "shardGroupDurationSeconds": 86_400}
    ]


def test_many_other_buckets_do_not_hide_ours(api: Influx2Api, url: str) -> None:
    for number in range(150):
        api.post_buckets({"orgID": "x", "name": f"other-{number}", "retentionRules": []})
    set_up_store(url, retention=KEEP, token=TOKEN)
    assert set_up_store(url, retention=KEEP, token=TOKEN) == []


def test_a_mapping_to_another_bucket_is_said(api: Influx2Api, url: str) -> None:
    set_up_store(url, retention=KEEP, token=TOKEN)
    api.mappings[0]["bucketID"] = "ffffffffffffffff"
    with pytest.raises(UnusableStore, match="remove that mapping"):
        set_up_store(url, retention=KEEP, token=TOKEN)


def test_a_wrong_token_organisation_or_version_is_said(api: Influx2Api, url: str) -> None:
    with pytest.raises(UnusableStore, match="PLANTROOM_STORE_TOKEN"):
        set_up_store(url, retention=KEEP, token="wrong")
    with pytest.raises(UnusableStore, match="has no organisation elsewhere"):
        set_up_store(url.replace("org=plantroom", "org=elsewhere"), retention=KEEP, token=TOKEN)
    with pytest.raises(ValueError, match="give influxdb://"):
        set_up_store(url.partition("?")[0], retention=KEEP, token=TOKEN)
    api.version = "3.1.0"
    with pytest.raises(UnusableStore, match=r"is not InfluxDB 2\.x or 1\.8 \(it calls itself 3\.1\.0\)"):
        open_store(url, token=TOKEN)


def test_the_command_sets_up_database_and_store(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    monkeypatch.setenv("PLANTROOM_DATA", str(tmp_path))
    monkeypatch.setenv("PLANTROOM_STORE_URL", url)
    monkeypatch.setenv("PLANTROOM_STORE_TOKEN_FILE", str(token))
    monkeypatch.setenv("PLANTROOM_RAW_DAYS", "14")
    done = CliRunner().invoke(app, ["server", "setup"])
    assert done.exit_code == 0, done.output
    assert "create bucket two/raw: kept 15 days" in done.output
    again = CliRunner().invoke(app, ["server", "setup"])
    assert again.output == "database: nothing to do\nstore: nothing to do\n"
    token.write_text("wrong")
    refused = CliRunner().invoke(app, ["server", "setup"])
    assert refused.exit_code == 2
    assert "PLANTROOM_STORE_TOKEN" in refused.stderr
    assert TOKEN not in refused.output
