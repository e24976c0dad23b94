from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from server.assets.models import Asset, Space
from server.audit.models import AuditEvent
from server.db import reading
from server.identity.roles import Role
from tests.server.incidents.scenes import Site

AsRole = Callable[[Role], TestClient]
URL = "/api/v1/maintenance-windows"


def _building(site: Site, asset: str) -> int:
    """The building that an asset is in, or whatever stands right below the site."""
    with reading(site.db) as session:
        space = session.get_one(Space, session.get_one(Asset, site.assets[asset][0]).space_id)
        while space.parent_id is not None and session.get_one(Space, space.parent_id).parent_id is not None:
            space = session.get_one(Space, space.parent_id)
        return space.id


def _open(site: Site, as_role: AsRole, *, role: Role = Role.ENGINEER, **wanted: object) -> dict[str, object]:
    ends = site.now + timedelta(hours=2)
    body = {"reason": "yearly test", "ends_at": ends.isoformat(), **wanted}
    return dict(as_role(role).post(URL, json=body).json())


def test_what_is_expected_is_listed_and_tells_nobody(site: Site, as_role: AsRole) -> None:
    _open(site, as_role, space_id=_building(site, "elevator-a1"))
    alarm = site.raise_("elevator-a1", "motor_hot")
    assert (alarm.availability, site.tickets(), site.notices()) == ("suppressed", [], [])
    shown = as_role(Role.VIEWER).get(f"/api/v1/alarms/{alarm.id}").json()["availability"]
    assert (shown["kind"], shown["reason"]["en"]) == ("suppressed", "yearly test")
    assert shown["until"] is not None
    assert site.raise_("elevator-b1", "motor_hot").availability == "in_service"


def test_alarms_that_are_there_already_become_quiet(site: Site, as_role: AsRole) -> None:
    alarm = site.raise_("elevator-a1", "motor_hot")
    assert len(site.notices()) == 1
    _open(site, as_role, asset_id=site.assets["elevator-a1"][0])
    site.wait(seconds=2)
    assert site.alarm("elevator-a1", "motor_hot").availability == "suppressed"
    assert site.notices() == []
    assert site.events(alarm) == ["raised", "suppressed"]


@pytest.mark.parametrize("how", ["runs_out", "is_ended"])
def test_at_its_end_what_is_still_present_comes_through_as_fresh(
    site: Site, as_role: AsRole, how: str
) -> None:
    window = _open(site, as_role, asset_id=site.assets["elevator-a1"][0])
    site.raise_("elevator-a1", "motor_hot")
    site.raise_("elevator-a1", "vibration_high")
    site.give_back("elevator-a1", "vibration_high")
    if how == "is_ended":
        as_role(Role.ENGINEER).post(f"{URL}/{window['id']}/end")
        site.wait(seconds=2)
    else:
        site.wait(hours=2)
    assert site.open_tickets() == site.notices() == ["Elevator A1: Motor overheating"]
    assert site.alarm("elevator-a1", "motor_hot").state == "unacknowledged"
    assert site.alarm("elevator-a1", "vibration_high").state == "normal"


def test_the_ups_still_alarms_while_the_fire_system_is_tested(site: Site, as_role: AsRole) -> None:
    _open(site, as_role, space_id=_building(site, "fire-panel"), disciplines=["fire"])
    assert site.raise_("fire-panel", "fault").availability == "suppressed"
    assert site.raise_("elevator-a1", "motor_hot").availability == "in_service"
    assert site.raise_("meter-a", "overvoltage").availability == "in_service"


def test_fire_comes_through_unless_it_was_said_expressly(site: Site, as_role: AsRole) -> None:
    panel = site.assets["fire-panel"][0]
    window = _open(site, as_role, asset_id=panel)
    assert site.raise_("fire-panel", "fire").availability == "in_service"
    site.give_back("fire-panel", "fire")
    as_role(Role.ENGINEER).post(f"{URL}/{window['id']}/end")
    _open(site, as_role, asset_id=panel, life_safety=True)
    assert site.raise_("fire-panel", "fire").availability == "suppressed"
    with reading(site.db) as session:
        rows = session.query(AuditEvent).filter_by(action="window.created").all()
    assert [row.detail["life_safety"] for row in rows] == [False, True]


def test_it_begins_later_and_lets_alarms_pass_until_then(site: Site, as_role: AsRole) -> None:
    starts = site.now + timedelta(hours=1)
    window = _open(site, as_role, asset_id=site.assets["elevator-a1"][0], starts_at=starts.isoformat())
    assert window["state"] == "planned"
    site.raise_("elevator-a1", "motor_hot")
    site.wait(minutes=59)
    assert site.alarm("elevator-a1", "motor_hot").availability == "in_service"
    site.wait(minutes=1)
    assert site.alarm("elevator-a1", "motor_hot").availability == "suppressed"


def test_it_has_an_end_that_the_role_allows(site: Site, as_role: AsRole) -> None:
    asset = site.assets["elevator-a1"][0]
    past, far = (site.now - timedelta(hours=1)).isoformat(), (site.now + timedelta(days=2)).isoformat()
    assert _open(site, as_role, asset_id=asset, ends_at=past)["code"] == "end_too_early"
    assert _open(site, as_role, asset_id=asset, ends_at=far)["code"] == "too_long"
    assert _open(site, as_role, role=Role.ADMIN, asset_id=asset, ends_at=far)["state"] == "active"
    assert "id" not in _open(site, as_role)
    window = _open(site, as_role, asset_id=asset)
    url = f"{URL}/{window['id']}"
    more = {"ends_at": (site.now + timedelta(hours=5)).isoformat(), "reason": "part was late"}
    assert as_role(Role.ENGINEER).post(f"{url}/extend", json=more).status_code == 200
    assert as_role(Role.ENGINEER).post(f"{url}/end").json()["state"] == "over"
    assert as_role(Role.ENGINEER).post(f"{url}/end").json()["code"] == "over"
    assert as_role(Role.VIEWER).get(f"{URL}?state=over").json()["total"] == 1


def test_an_asset_out_of_service_is_quiet_until_it_is_put_back(site: Site, as_role: AsRole) -> None:
    url = f"/api/v1/assets/{site.assets['elevator-a1'][0]}"
    engineer = as_role(Role.ENGINEER)
    until = (site.now + timedelta(days=2)).isoformat()
    too_early = {"reason": "modernisation", "until": (site.now - timedelta(days=1)).isoformat()}
    assert engineer.post(f"{url}/out-of-service", json=too_early).json()["code"] == "end_too_early"
    taken = engineer.post(f"{url}/out-of-service", json={"reason": "modernisation", "until": until})
    assert (taken.status_code, taken.json()["asset"]["name"]["en"]) == (201, "Elevator A1")
    assert engineer.post(f"{url}/out-of-service", json={"reason": "twice"}).json()["code"] == "already_out"
    assert site.raise_("elevator-a1", "motor_hot").availability == "out_of_service"
    assert site.raise_("elevator-a1", "entrapment").availability == "in_service"
    (shown,) = as_role(Role.VIEWER).get("/api/v1/outages").json()
    assert (shown["reason"], shown["by"], shown["until"] is not None) == ("modernisation", "erik", True)
    assert engineer.post(f"{url}/in-service").status_code == 200
    assert engineer.post(f"{url}/in-service").json()["code"] == "in_service"
    site.wait(seconds=2)
    assert site.alarm("elevator-a1", "motor_hot").availability == "in_service"
    assert "Elevator A1: Motor overheating" in site.open_tickets()


def test_it_has_an_owner_and_another_end_with_its_reason(site: Site, as_role: AsRole) -> None:
    engineer = as_role(Role.ENGINEER)
    people = engineer.get("/api/v1/people").json()["items"]
    ada = next(person for person in people if person["role"] == "admin")
    window = _open(site, as_role, asset_id=site.assets["elevator-a1"][0], owner_id=ada["id"])
    assert window["owner"] == {"id": ada["id"], "display_name": ada["display_name"]}
    later = (site.now + timedelta(hours=5)).isoformat()
    url = f"{URL}/{window['id']}/extend"
    assert engineer.post(url, json={"ends_at": later}).status_code == 422
    extended = engineer.post(url, json={"ends_at": later, "reason": "the part came late"})
    assert extended.json()["ends_at"][:16] == later[:16]


@pytest.mark.parametrize("role", [Role.GUARD, Role.VIEWER])
def test_who_may_not(site: Site, as_role: AsRole, role: Role) -> None:
    asset = site.assets["elevator-a1"][0]
    assert _open(site, as_role, role=role, asset_id=asset)["code"] == "role_needed"
    client = as_role(role)
    assert client.post(f"{URL}/1/end").status_code == 403
    assert client.post(f"/api/v1/assets/{asset}/out-of-service", json={"reason": "no"}).status_code == 403
