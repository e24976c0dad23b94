"""Closing: refused while the sensor does not agree, by itself once it does, over it by an admin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from server.audit.models import AuditEvent
from server.db import reading
from server.identity.roles import Role
from server.settings import ServerSettings
from server.tickets.closing import verify_waiting
from telemetry.store import open_store
from tests.server.alarms.scenes import Plant
from tests.server.conftest import Clock
from tests.server.tickets.conftest import RulesRun, Sensor

AsRole = Callable[[Role], TestClient]
MINUTE = timedelta(minutes=1)


class Job:
    """A ticket that erik has, and its sensor."""

    def __init__(
        self, plant: Plant, engineer: TestClient, sensor: Sensor, clock: Clock, alive: RulesRun
    ) -> None:
        self.plant, self.engineer, self.sensor, self.clock, self.alive = plant, engineer, sensor, clock, alive
        plant.raise_(clock.now)
        sensor.reads(95.0, clock.now - 2 * MINUTE, clock.now)
        self.url = f"/api/v1/tickets/{plant.ticket().id}"
        alive()
        engineer.post(f"{self.url}/accept")

    def cools_down(self) -> None:
        """Back in band now, and read so for ten minutes."""
        start = self.clock.now + timedelta(seconds=10)
        self.sensor.reads(40.0, start, start + 10 * MINUTE)
        self.plant.tell("entered_band", start)
        self.plant.give_back(start + MINUTE, in_band_since=start)
        self.in_band_since = start

    def close(self, **body: object) -> tuple[int, dict[str, object]]:
        self.alive()
        answer = self.engineer.post(f"{self.url}/close", json=body)
        return answer.status_code, answer.json()


@pytest.fixture
def job(plant: Plant, as_role: AsRole, sensor: Sensor, clock: Clock, rules_run: RulesRun) -> Job:
    return Job(plant, as_role(Role.ENGINEER), sensor, clock, rules_run)


def test_it_is_refused_while_out_of_band_in_the_callers_language(job: Job) -> None:
    status, problem = job.close()
    assert (status, problem["code"]) == (409, "out_of_band")
    assert problem["detail"] == "Motor temperature is 95 °C, the limit is 90 °C."
    fact = problem["facts"][0]  # type: ignore[index]
    assert (fact["value"], fact["limit"]) == (95.0, 90.0)
    job.engineer.headers["accept-language"] = "zh-CN"
    assert job.close()[1]["detail"] == "电机温度为 95 °C，上限为 90 °C。"


def test_it_is_refused_until_back_in_band_for_the_whole_time(job: Job) -> None:
    job.cools_down()
    job.clock.now = job.in_band_since + timedelta(seconds=299)
    status, problem = job.close()
    assert (status, problem["code"]) == (409, "not_yet_verified")
    assert problem["closes_at"] == (job.in_band_since + timedelta(seconds=300)).isoformat().replace(
        "+00:00", "Z"
    )
    job.clock.now += timedelta(seconds=1)
    status, ticket = job.close(note="fan replaced")
    assert (status, ticket["status"], ticket["close_kind"]) == (200, "closed", "verified")
    closing = ticket["events"][-1]  # type: ignore[index]
    [evidence] = closing["data"]["points"]
    assert (evidence["min"], evidence["max"], evidence["readings"]) == (40.0, 40.0, 31)


def test_it_is_refused_when_the_sensor_went_silent(job: Job) -> None:
    job.cools_down()
    job.clock.now = job.in_band_since + 11 * MINUTE
    assert job.close()[1]["code"] == "sensor_silent"


def test_it_is_refused_while_no_rules_run(job: Job) -> None:
    job.cools_down()
    job.clock.now = job.in_band_since + 6 * MINUTE
    answer = job.engineer.post(f"{job.url}/close", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "rules_not_running")


def test_it_closes_by_itself_when_the_evidence_is_complete(job: Job, settings: ServerSettings) -> None:
    store = open_store(settings.store_url, read_only=True)
    job.cools_down()
    job.clock.now = job.in_band_since + MINUTE
    status, ticket = job.close(when_verified=True)
    assert (status, ticket["status"]) == (200, "verifying")
    job.alive()
    assert verify_waiting(job.plant.db, lambda: store, now=job.clock.now) == []
    job.clock.now = job.in_band_since + 5 * MINUTE
    job.alive()
    assert verify_waiting(job.plant.db, lambda: store, now=job.clock.now) == [job.plant.ticket().id]
    assert (job.plant.ticket().status, job.plant.ticket().closed_by) == ("closed", "plantroom")


def test_an_alarm_that_comes_back_ends_the_waiting(job: Job) -> None:
    job.cools_down()
    job.clock.now = job.in_band_since + MINUTE
    job.close(when_verified=True)
    job.plant.raise_(job.clock.now + MINUTE)
    assert (job.plant.ticket().status, job.plant.ticket().recurrences) == ("accepted", 1)
    assert job.close()[1]["code"] == "out_of_band"


def test_an_admin_may_override_with_a_reason_and_it_is_recorded(job: Job, as_role: AsRole) -> None:
    reason = {"override_reason": "sensor is to be replaced tomorrow"}
    assert job.close(**reason)[1]["code"] == "override_needs_admin"
    answer = as_role(Role.ADMIN).post(f"{job.url}/close", json=reason).json()
    assert (answer["status"], answer["close_kind"]) == ("closed", "override")
    assert answer["events"][-1]["data"] == reason
    with reading(job.plant.db) as session:
        row = session.scalars(select(AuditEvent).where(AuditEvent.action == "ticket.overridden")).one()
        assert row.actor == "ada"


def test_a_return_within_a_day_opens_the_same_ticket_again(job: Job) -> None:
    job.cools_down()
    job.clock.now = job.in_band_since + 5 * MINUTE
    job.close()
    job.plant.raise_(job.clock.now + timedelta(hours=23))
    [ticket] = job.plant.tickets()
    assert (ticket.status, ticket.recurrences, ticket.assignee_id) == ("open", 1, None)
    assert ticket.respond_by > job.clock.now + timedelta(hours=23)
    detail = job.engineer.get(job.url).json()
    assert detail["events"][-1]["kind"] == "reopened"


def test_a_return_after_a_day_is_another_ticket(job: Job) -> None:
    job.cools_down()
    job.clock.now = job.in_band_since + 5 * MINUTE
    job.close()
    job.plant.raise_(job.clock.now + timedelta(hours=24))
    assert [ticket.status for ticket in job.plant.tickets()] == ["closed", "open"]
