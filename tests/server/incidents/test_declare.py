"""An emergency in a person's own words: declared, with a ticket or none, and ended with a word on its cause."""

from __future__ import annotations

from collections.abc import Callable

from starlette.testclient import TestClient

from server.identity.roles import Role
from tests.server.incidents.scenes import Site

AsRole = Callable[[Role], TestClient]
URL = "/api/v1/incidents"
FLOOD = {"title": "Water in basement 2", "description": "Pipe burst", "severity": "high"}


def test_it_opens_its_ticket_and_ends_with_its_cause(site: Site, as_role: AsRole) -> None:
    asset = site.assets["elevator-a1"][0]
    body = {**FLOOD, "asset_id": asset, "opens_ticket": True}
    made = as_role(Role.GUARD).post(URL, json=body).json()
    assert (made["kind"], made["cause_asset"]["id"], made["site_id"]) == ("declared", asset, 1)
    engineer = as_role(Role.ENGINEER)
    ticket = engineer.get(f"/api/v1/tickets/{made['ticket']['id']}").json()
    assert (ticket["title"]["en"], ticket["description"], ticket["severity"]) == (
        "Water in basement 2",
        "Pipe burst",
        "high",
    )
    url = f"{URL}/{made['id']}/end"
    assert as_role(Role.GUARD).post(url, json={"text": "valve shut"}).status_code == 403
    ended = engineer.post(url, json={"text": "frozen pipe; valve shut"}).json()
    assert (ended["status"], ended["events"][-1]["comment"]) == ("ended", "frozen pipe; valve shut")
    assert engineer.post(url, json={"text": "again"}).json()["code"] == "over"


def test_without_equipment_there_is_no_ticket(site: Site, as_role: AsRole) -> None:
    guard = as_role(Role.GUARD)
    assert guard.post(URL, json=FLOOD).json()["ticket"] is None
    assert guard.post(URL, json={**FLOOD, "opens_ticket": True}).status_code == 422
    assert guard.post(URL, json={**FLOOD, "asset_id": 99_999}).status_code == 404
    assert site.tickets() == []
    assert as_role(Role.VIEWER).post(URL, json=FLOOD).status_code == 403
