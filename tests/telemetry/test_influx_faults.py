"""InfluxDB that is away, not set up, closed to us or of the wrong kind; real servers throughout."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from telemetry.reading import Quality, Reading
from telemetry.store import open_store, set_up_store
from telemetry.store.contract import RejectedReadings, Retention, StoreUnavailable, UnusableStore
from telemetry.store.influx import InfluxStore
from telemetry.store.influx_journal import wall_ms
from tests.support.influx import Influx

HOUR, DAY = 3_600_000, 86_400_000
KEEP = Retention()
_numbers = count()


@pytest.fixture
def url(influx: Influx) -> str:
    """A database of its own, not set up yet."""
    return influx.url(f"plantroom_{next(_numbers)}")


@pytest.fixture
def store(url: str) -> Iterator[InfluxStore]:
    set_up_store(url, retention=KEEP)
    store = InfluxStore(url, retention=KEEP)
    yield store
    store.close()


def database_of(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0]


def batch(points: int = 50, *, ago_ms: int = HOUR) -> list[Reading]:
    at = wall_ms() - ago_ms
    return [Reading(point, at, float(point)) for point in range(points)]


def test_setup_makes_what_is_missing_and_then_has_nothing_to_do(influx: Influx, url: str) -> None:
    assert len(set_up_store(url, retention=KEEP)) == 3
    assert set_up_store(url, retention=KEEP) == []
    policies = influx.query(f"SHOW RETENTION POLICIES ON {database_of(url)}")[0]["values"]
    assert isinstance(policies, list)
    assert {row[0]: tuple(row[1:3]) for row in policies if row[0] != "autogen"} == {
        "raw": ("744h0m0s", "24h0m0s"),
        "minute": ("9624h0m0s", "168h0m0s"),
        "hour": ("87864h0m0s", "8736h0m0s"),
    }


def test_setup_changes_a_retention_that_differs(url: str) -> None:
    set_up_store(url, retention=KEEP)
    (step,) = set_up_store(url, retention=Retention(raw_days=90))
    assert step.startswith("alter retention policy") and step.endswith("/raw: kept 91 days")
    assert set_up_store(url, retention=Retention(raw_days=90)) == []


def test_a_store_that_is_not_set_up_is_refused_with_the_remedy(url: str) -> None:
    with pytest.raises(UnusableStore, match="run `plantroom server setup`"):
        open_store(url)
    reader = open_store(url, read_only=True)
    with pytest.raises(UnusableStore, match="run `plantroom server setup`"):
        reader.latest([1])


def test_a_tier_that_is_missing_is_refused_with_the_remedy(influx: Influx, url: str) -> None:
    set_up_store(url, retention=KEEP)
    influx.query(f"DROP RETENTION POLICY minute ON {database_of(url)}")
    with pytest.raises(UnusableStore, match="run `plantroom server setup`"):
        open_store(url)
    assert len(set_up_store(url, retention=KEEP)) == 1
    open_store(url)


def test_a_server_without_the_write_path_is_named_by_the_version_it_needs(influx: Influx) -> None:
    with pytest.raises(UnusableStore, match=r"InfluxDB 1\.8, or better 2\.x, is needed"):
        set_up_store(f"influxdb://{influx.bare_host}/bare", retention=KEEP)


@pytest.mark.parametrize(
    "url",
    [
        "influxdb://",
        "influxdb://host:8086",
        "influxdb://host/a/b",
        "influxdb://h/x?bucket=y",
        "influxdb://u:p@h/x",
    ],
)
def test_a_url_that_is_wrong_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"give influxdb://|only org is known|no user or password"):
        open_store(url)


def test_who_may_not_is_told_which_setting_to_look_at(guarded_influx: Influx) -> None:
    guarded_influx.query("CREATE USER plantroom WITH PASSWORD 'right' WITH ALL PRIVILEGES")
    url = guarded_influx.url("guarded")
    for token in (None, "plantroom:wrong", "nobody:right"):
        with pytest.raises(UnusableStore, match="PLANTROOM_STORE_TOKEN"):
            set_up_store(url, retention=KEEP, token=token)
        with pytest.raises(UnusableStore, match="PLANTROOM_STORE_TOKEN"):
            open_store(url, token=token)
    set_up_store(url, retention=KEEP, token="plantroom:right")
    store = open_store(url, token="plantroom:right")
    store.write(batch())
    assert len(store.latest(range(50))) == 50
    with pytest.raises(UnusableStore, match="PLANTROOM_STORE_TOKEN"):
        open_store(url, token="plantroom:wrong", read_only=True).latest([1])


def test_an_outage_is_waited_out(influx: Influx, url: str, store: InfluxStore) -> None:
    first, second = batch(ago_ms=2 * HOUR), batch()
    store.write(first)
    influx.kill()
    try:
        for verb in (
            lambda: store.write(second),
            lambda: store.latest([1]),
            lambda: list(store.read([1], 0, 2**40)),
            lambda: store.series(1, 0, 2**40),
            lambda: store.maintain(wall_ms()),
            lambda: InfluxStore(url, retention=KEEP),
        ):
            with pytest.raises(StoreUnavailable) as refusal:
                verb()
            assert not isinstance(refusal.value, UnusableStore)
    finally:
        influx.start()
    store.write(second)
    assert list(store.read(range(50), 0, 2**45)) == first + second


def test_what_was_acknowledged_survives_kill_9_and_is_rolled_up_by_the_next_process(
    influx: Influx, url: str, store: InfluxStore
) -> None:
    readings = batch(ago_ms=3 * HOUR)
    store.write(readings)
    influx.kill()
    influx.start()
    assert list(store.read(range(50), 0, 2**45)) == readings
    successor = InfluxStore(url, retention=KEEP)
    assert successor.maintain(wall_ms()).hours_rolled == 50
    assert successor.maintain(wall_ms()).hours_rolled == 0
    store.write([Reading(7, readings[0].at_ms + 1, 99.0)])
    assert successor.maintain(wall_ms()).hours_rolled == 1
    successor.close()


def test_points_that_the_database_refuses_are_found_and_the_rest_is_stored(
    store: InfluxStore,
) -> None:
    good = batch(200)
    bad = [Reading(1000 + i, wall_ms() - 60 * DAY, 1.0) for i in range(3)]
    mixed = [*good[:50], bad[0], *good[50:120], bad[1], bad[2], *good[120:]]
    with pytest.raises(RejectedReadings) as refusal:
        store.write(mixed)
    assert [reading for reading, _ in refusal.value.rejected] == bad
    assert all("retention" in reason for _, reason in refusal.value.rejected)
    assert list(store.read(range(2000), 0, 2**45)) == good


def test_a_database_that_refuses_everything_costs_no_reading(
    influx: Influx, url: str, store: InfluxStore
) -> None:
    influx.query("DROP MEASUREMENT probe", database=database_of(url))
    influx.write(database_of(url), 'probe ok="now a text"')
    with pytest.raises(StoreUnavailable, match="refuses whatever is written"):
        store.write([Reading(1, wall_ms() - 60 * DAY, 1.0)])


def test_names_become_tags_that_people_can_query(influx: Influx, url: str, store: InfluxStore) -> None:
    names = {1: ("pump a,b=c", "motor_temp")}
    named = InfluxStore(url, retention=KEEP, describe=names.get)
    at = wall_ms() // HOUR * HOUR - 2 * HOUR
    named.write([Reading(1, at, 40.0), Reading(1, at + 1000, 42.0), Reading(2, at, 1.0)])
    named.maintain(wall_ms())
    database = database_of(url)
    for tier, field, expected in (("raw", "value", 41.0), ("minute", "mean", 41.0), ("hour", "max", 42.0)):
        (series,) = influx.query(
            f'SELECT mean("{field}") FROM "{tier}"."reading" WHERE "asset" =~ /^pump a,b=c$/'
            f' AND "key" =~ /^motor_temp$/ AND time > now() - 1d GROUP BY time(1d), "asset", "key" fill(none)',
            database=database,
        )
        assert series["tags"] == {"asset": "pump a,b=c", "key": "motor_temp"}
        assert series["values"] == [[at // DAY * DAY, expected]]
    named.close()


def test_an_asset_renamed_in_between_shows_each_instant_once(url: str, store: InfluxStore) -> None:
    at = wall_ms() // HOUR * HOUR - 2 * HOUR
    readings = [Reading(1, at + i * 1000, float(i)) for i in range(10)]
    for asset in ("old", "new"):
        writer = InfluxStore(url, retention=KEEP, describe=lambda _, asset=asset: (asset, "temp"))
        writer.write(readings)
        writer.maintain(wall_ms())
        writer.close()
    assert list(store.read([1], 0, 2**45)) == readings
    assert store.latest([1]) == {1: readings[-1]}
    assert [sample.at_ms for sample in store.series(1, 0, 2**45).samples] == [r.at_ms for r in readings]
    (hour,) = store.series(1, at, at + HOUR, max_samples=5).samples
    assert (hour.count, hour.max) == (10, 9.0)


def test_the_latest_of_many_points_live_and_long_silent(store: InfluxStore) -> None:
    live = [Reading(point, wall_ms() - 1000, 1.0) for point in range(3000)]
    silent = [Reading(point, wall_ms() - (point - 2999) * 5 * HOUR, 2.0) for point in range(3000, 3020)]
    store.write(live + silent)
    store.write([Reading(5, wall_ms(), None, Quality.BAD)])
    assert store.latest(range(4000)) == {reading.point: reading for reading in live + silent}


@pytest.mark.parametrize("half", ["value=7.0", "q=0i"])
def test_a_row_of_which_only_some_fields_show_is_not_there_yet(
    influx: Influx, store: InfluxStore, url: str, half: str
) -> None:
    at = wall_ms() - HOUR
    whole = Reading(1, at, 5.0)
    store.write([whole])
    influx.write(database_of(url), f"reading,point=1 {half} {(at + 1) * 1_000_000}")
    assert list(store.read([1], at - 1, at + 2)) == [whole]
    assert [sample.last for sample in store.series(1, at - 1, at + 2).samples] == [5.0]
