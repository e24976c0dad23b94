from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest
from starlette.testclient import TestClient

from server.identity.roles import Role
from server.rules.compiled import Fact
from tests.server.incidents.scenes import Site

AsRole = Callable[[Role], TestClient]
CUT = [("meter-main", "phase_loss"), ("meter-a", "phase_loss"), ("elevator-a1", "mains_lost")]


@pytest.mark.parametrize("order", list(permutations(CUT)))
def test_in_whatever_order_they_come_it_is_one_incident_one_ticket_one_notice(
    site: Site, order: tuple[tuple[str, str], ...]
) -> None:
    for asset, rule in order:
        site.raise_(asset, rule)
        site.wait(seconds=2)
    site.wait(seconds=40)
    [incident] = site.incidents()
    assert incident.title["en"] == "Main meter: Phase lost"
    assert site.open_tickets() == ["Main meter: Phase lost"]
    assert site.notices() == ["Main meter: Phase lost"]
    assert {site.alarm(*one).ticket_id for one in CUT} == {incident.ticket_id}
    assert site.alarm("elevator-a1", "mains_lost").availability == "suppressed"
    assert site.alarm("meter-main", "phase_loss").availability == "in_service"


def test_a_cause_that_reports_late_merges_the_tickets_that_were_opened(site: Site) -> None:
    site.raise_("elevator-a1", "mains_lost")
    site.wait(seconds=40)
    assert site.open_tickets() == ["Elevator A1: Mains lost"]
    site.raise_("meter-a", "phase_loss")
    site.wait(seconds=40)
    assert site.open_tickets() == ["Meter A (residential): Phase lost"]
    [merged] = [ticket for ticket in site.tickets() if ticket.close_kind == "merged"]
    assert merged.merged_into_id == site.incidents()[0].ticket_id
    assert site.notices() == ["Meter A (residential): Phase lost"]


def test_whoever_took_a_merged_ticket_keeps_the_work(site: Site, as_role: AsRole) -> None:
    site.raise_("elevator-a1", "mains_lost")
    site.wait(seconds=40)
    as_role(Role.ENGINEER).post(f"/api/v1/tickets/{site.tickets()[0].id}/accept")
    site.raise_("meter-a", "phase_loss")
    site.wait(seconds=40)
    [left] = [ticket for ticket in site.tickets() if ticket.status != "closed"]
    assert (left.status, left.title["en"]) == ("accepted", "Meter A (residential): Phase lost")


def test_life_safety_has_its_own_ticket_at_once(site: Site) -> None:
    site.raise_("meter-main", "phase_loss")
    site.raise_("elevator-a1", "entrapment")
    site.raise_("fire-panel", "fire")
    assert site.open_tickets() == [
        "Main meter: Phase lost",
        "Elevator A1: People trapped",
        "Fire panel: Fire alarm",
    ]
    assert site.alarm("fire-panel", "fire").explained is None


def test_what_a_power_cut_does_not_explain_stands_apart(site: Site) -> None:
    site.raise_("meter-main", "phase_loss")
    site.raise_("elevator-a1", "mains_lost")
    site.raise_("elevator-a2", "motor_hot")
    assert site.open_tickets() == ["Main meter: Phase lost", "Elevator A2: Motor overheating"]
    assert site.alarm("elevator-a2", "motor_hot").availability == "in_service"


def test_what_is_not_downstream_stands_apart(site: Site) -> None:
    site.raise_("meter-a", "phase_loss")
    site.raise_("elevator-b1", "mains_lost")
    site.wait(seconds=40)
    assert site.incidents() == []
    assert len(site.open_tickets()) == 2


def test_an_alarm_of_long_after_the_cause_was_over_stands_apart(site: Site) -> None:
    site.raise_("meter-a", "phase_loss")
    site.give_back("meter-a", "phase_loss")
    site.wait(minutes=6)
    site.raise_("elevator-a1", "mains_lost")
    site.wait(seconds=40)
    assert site.incidents() == []
    assert "Elevator A1: Mains lost" in site.open_tickets()


def test_ending_the_cause_closes_what_it_should_and_nothing_else(site: Site) -> None:
    for one in CUT:
        site.raise_(*one)
    site.raise_("pump-a", "bearing_hot_1")
    for one in CUT:
        site.give_back(*one)
    [incident] = site.incidents("ended")
    assert incident.title["en"] == "Main meter: Phase lost"
    assert site.alarm("elevator-a1", "mains_lost").state == "normal"
    assert site.alarm("meter-main", "phase_loss").state == "returned"
    assert site.alarm("pump-a", "bearing_hot_1").state == "unacknowledged"
    [left] = site.notices()
    assert left in site.open_tickets()


def test_one_that_does_not_recover_with_its_cause_comes_through(site: Site) -> None:
    for one in CUT:
        site.raise_(*one)
    site.give_back("meter-main", "phase_loss")
    site.give_back("meter-a", "phase_loss")
    site.wait(minutes=9)
    assert site.alarm("elevator-a1", "mains_lost").availability == "suppressed"
    site.wait(minutes=2)
    site.wait(seconds=2)
    alarm = site.alarm("elevator-a1", "mains_lost")
    assert (alarm.availability, alarm.state) == ("in_service", "unacknowledged")
    assert site.incidents() == []
    assert "Elevator A1: Mains lost" in site.open_tickets()
    assert "Elevator A1: Mains lost" in site.notices()
    assert site.events(alarm)[-2:] == ["parted", "came_through"]


def test_a_cause_that_comes_back_goes_on_with_its_incident(site: Site) -> None:
    for one in CUT:
        site.raise_(*one)
    for one in CUT:
        site.give_back(*one)
    site.wait(minutes=5)
    for one in CUT:
        site.raise_(*one)
    assert len(site.incidents()) == 1
    assert site.incidents("ended") == []
    assert len([t for t in site.tickets() if t.close_kind is None]) == 1


def test_several_that_point_at_a_silent_supplier_are_one_incident(site: Site) -> None:
    for asset in ("elevator-a1", "elevator-a2", "meter-a", "pump-a"):
        site.raise_(asset, "no_data")
        site.wait(seconds=3)
    site.wait(seconds=40)
    [incident] = site.incidents()
    assert (incident.kind, incident.title["en"]) == ("inferred", "Meter A (residential): probably no supply")
    assert site.open_tickets() == ["Meter A (residential): probably no supply"]
    assert site.notices() == ["Meter A (residential): probably no supply"]
    site.raise_("fire-panel", "mains_fault")
    assert site.alarm("fire-panel", "mains_fault").incident_id == incident.id
    site.raise_("meter-main", "phase_loss")
    assert [one.title["en"] for one in site.incidents()] == ["Main meter: Phase lost"]
    assert site.open_tickets() == ["Main meter: Phase lost"]


def test_a_supplier_that_measures_and_says_nothing_is_well(site: Site) -> None:
    for asset in ("elevator-a1", "elevator-a2", "pump-a"):
        site.raise_(asset, "no_data")
    site.wait(seconds=40)
    assert site.incidents() == []
    assert len(site.open_tickets()) == 3


def test_two_silent_assets_are_no_incident(site: Site) -> None:
    site.raise_("elevator-a1", "no_data")
    site.raise_("elevator-a2", "no_data")
    site.wait(seconds=40)
    assert site.incidents() == []
    assert len(site.open_tickets()) == 2


def test_a_message_says_the_value_its_limit_and_since_when_by_the_clocks_of_the_site(site: Site) -> None:
    hot = Fact(site.point("elevator-a1", "motor_temp"), "above", 92.5, 90.0)
    site.raise_("elevator-a1", "motor_hot", hot)
    assert site.told() == [
        {
            "en": "Motor temperature is 92.5 °C, the limit is 90 °C. Since 2026-03-02 15:59:55",
            "zh": "电机温度为 92.5 °C，上限为 90 °C。自 2026-03-02 15:59:55 起",
        }
    ]
