from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from server.alarms.lifecycle import AlarmState
from server.alarms.schemas import FactRead
from server.clock import to_ms
from server.errors import Label
from server.tickets.verification import Standing, Verdict, Watch, judge
from telemetry.reading import Reading

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FACT = FactRead(
    point_id=7,
    point=Label(en="Motor temperature", zh="电机温度"),
    value=92.5,
    value_label=None,
    unit="°C",
    relation="above",
    limit=90.0,
    limit_labels=None,
)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def reads(*pairs: tuple[float, float]) -> list[Reading]:
    """(seconds ago, value), oldest first."""
    return [Reading(7, to_ms(ago(seconds)), value) for seconds, value in pairs]


def verdict(
    readings: Sequence[Reading], in_band_since: datetime | None, *, state: AlarmState = AlarmState.RETURNED
) -> Verdict:
    standing = Standing(state, in_band_since)
    return judge(
        standing=standing, watched=[Watch(FACT, 60.0, readings)], verify_s=300, now=NOW, rules_run=True
    )


EVERY_50 = [(float(s), 40.0) for s in range(350, -1, -50)]


def test_in_band_and_heard_all_the_time_it_may_be_closed() -> None:
    found = verdict(reads(*EVERY_50), ago(300))
    assert found.code is None
    [evidence] = found.evidence
    assert (evidence.readings, evidence.min, evidence.max, evidence.last) == (7, 40.0, 40.0, 40.0)


def test_a_second_too_early_is_refused_with_the_time_when_it_will_be() -> None:
    found = verdict(reads(*EVERY_50), ago(299))
    assert (found.code, found.closes_at) == ("not_yet_verified", NOW + timedelta(seconds=1))
    assert "299 s of the 300 s" in found.detail["en"]


def test_out_of_band_names_point_value_and_limit() -> None:
    found = verdict(reads((10, 92.5)), None, state=AlarmState.ACKNOWLEDGED)
    assert found.code == "out_of_band"
    assert found.detail["en"] == "Motor temperature is 92.5 °C, the limit is 90 °C."
    assert found.detail["zh"] == "电机温度为 92.5 °C，上限为 90 °C。"


def test_a_silent_sensor_proves_nothing() -> None:
    assert verdict(reads((400, 40.0), (60, 40.0)), ago(350)).code == "sensor_silent"
    assert verdict([], ago(350)).code == "sensor_silent"


def test_a_gap_begins_the_proof_anew() -> None:
    gap = reads((350, 40.0), (300, 40.0), (200, 40.0), (150, 40.0), (100, 40.0), (50, 40.0), (0, 40.0))
    found = verdict(gap, ago(350))
    assert (found.code, found.in_band_since) == ("not_yet_verified", ago(200))


def test_a_reading_over_the_limit_that_rules_have_not_judged_yet_counts() -> None:
    assert verdict(reads(*EVERY_50[:-1], (0.0, 91.0)), ago(300)).code == "out_of_band"


def test_readings_from_before_the_return_do_not_count_against_it() -> None:
    assert verdict(reads((340, 95.0), *EVERY_50[1:]), ago(310)).code is None


def test_while_the_off_delay_runs_it_is_not_over() -> None:
    found = verdict(reads(*EVERY_50), ago(310), state=AlarmState.ACKNOWLEDGED)
    assert found.code == "not_yet_verified"


def test_without_rules_nobody_watches() -> None:
    found = judge(standing=None, watched=[], verify_s=300, now=NOW, rules_run=False)
    assert found.code == "rules_not_running"
