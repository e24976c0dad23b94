"""Taking, giving, arriving, holding: who may, and that two people never have one ticket."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from starlette.testclient import TestClient

from server.identity.roles import Role
from tests.server.alarms.scenes import Plant
from tests.server.conftest import Cast, Clock

AsRole = Callable[[Role], TestClient]
URL = "/api/v1/tickets"


def test_an_alarm_opens_a_ticket_with_deadlines_and_a_number(plant: Plant, as_role: AsRole) -> None:
    plant.raise_(plant.now)
    [ticket] = as_role(Role.VIEWER).get(URL).json()["items"]
    assert ticket["number"] == f"T-{1000 + ticket['id']}"
    assert ticket["title"] == {"en": "Elevator A1: Motor overheating", "zh": ticket["title"]["zh"]}
    assert ticket["title"]["zh"].endswith("：电机过热")
    assert (ticket["status"], ticket["missed"], ticket["assignee"]) == ("open", None, None)
    assert ticket["on_site_by"] > ticket["respond_by"] > ticket["reported_at"]


def test_an_engineer_takes_it_arrives_holds_and_resumes(plant: Plant, as_role: AsRole) -> None:
    plant.raise_(plant.now)
    url, engineer = f"{URL}/{plant.ticket().id}", as_role(Role.ENGINEER)
    assert engineer.post(f"{url}/accept").json()["assignee"]["display_name"] == "erik"
    assert engineer.post(f"{url}/arrive").json()["status"] == "on_site"
    assert engineer.post(f"{url}/hold", json={"reason": " "}).status_code == 422
    assert engineer.post(f"{url}/hold", json={"reason": "waiting for a belt"}).json()["status"] == "on_hold"
    detail = engineer.post(f"{url}/resume").json()
    assert detail["status"] == "on_site"
    kinds = [event["kind"] for event in detail["events"]]
    assert kinds == ["reported", "accepted", "arrived", "held", "resumed"]
    assert detail["events"][3]["comment"] == "waiting for a belt"


def test_a_verb_out_of_order_is_refused(plant: Plant, as_role: AsRole) -> None:
    plant.raise_(plant.now)
    answer = as_role(Role.ENGINEER).post(f"{URL}/{plant.ticket().id}/arrive")
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_status")
    assert as_role(Role.ENGINEER).post(f"{URL}/77/arrive").status_code == 404


def test_two_people_cannot_take_one_ticket(plant: Plant, as_role: AsRole) -> None:
    plant.raise_(plant.now)
    url = f"{URL}/{plant.ticket().id}/accept"
    clients = [as_role(Role.ENGINEER), as_role(Role.ADMIN)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: one.post(url).status_code, clients))
    assert sorted(answers) == [200, 409]


def test_another_engineer_may_not_work_on_it_and_an_admin_may(
    plant: Plant, as_role: AsRole, app_client: Callable[[str], TestClient]
) -> None:
    plant.raise_(plant.now)
    url = f"{URL}/{plant.ticket().id}"
    as_role(Role.ENGINEER).post(f"{url}/accept")
    other = app_client("eva")
    assert other.post(f"{url}/arrive").json()["code"] == "not_yours"
    assert other.post(f"{url}/close", json={}).json()["code"] == "not_yours"
    assert as_role(Role.ADMIN).post(f"{url}/arrive").status_code == 200


def test_it_is_given_to_an_engineer_who_accepts(plant: Plant, as_role: AsRole, cast: Cast) -> None:
    plant.raise_(plant.now)
    url = f"{URL}/{plant.ticket().id}"
    admin = as_role(Role.ADMIN)
    refused = admin.post(f"{url}/assign", json={"user_id": cast.ids[Role.GUARD]})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_an_engineer")
    given = admin.post(f"{url}/assign", json={"user_id": cast.ids[Role.ENGINEER]}).json()
    assert (given["status"], given["assignee"]["display_name"]) == ("open", "erik")
    assert admin.post(f"{url}/accept").json()["code"] == "assigned_to_another"
    engineer = as_role(Role.ENGINEER)
    assert engineer.get("/api/v1/tickets?assignee=me").json()["total"] == 1
    assert engineer.post(f"{url}/accept").json()["status"] == "accepted"


def test_a_guard_reports_and_comments_and_no_more(plant: Plant, as_role: AsRole) -> None:
    guard = as_role(Role.GUARD)
    body = {"asset_id": plant.asset, "title": "Strange noise", "description": "from the shaft"}
    made = guard.post(URL, json=body)
    assert made.status_code == 201
    ticket = made.json()
    assert ticket["verification"]["code"] == "manual"
    assert ticket["reporter"]["display_name"] == "gu"
    url = f"{URL}/{ticket['id']}"
    assert guard.post(f"{url}/comment", json={"text": "louder now"}).status_code == 200
    for verb, data in (("accept", None), ("close", {}), ("hold", {"reason": "x"}), ("arrive", None)):
        assert guard.post(f"{url}/{verb}", json=data).status_code == 403
    assert as_role(Role.VIEWER).post(f"{url}/comment", json={"text": "x"}).status_code == 403
    closed = as_role(Role.ENGINEER).post(f"{url}/close", json={"note": "greased"}).json()
    assert (closed["status"], closed["close_kind"]) == ("closed", "manual")


def test_the_list_finds_by_number_title_and_lateness(plant: Plant, as_role: AsRole, clock: Clock) -> None:
    plant.raise_(plant.now)
    viewer, number = as_role(Role.VIEWER), plant.ticket().number
    for query in (
        f"q={number}",
        "q=overheat",
        "q=过热",
        "status=active",
        "status=open",
        f"asset={plant.asset}",
    ):
        assert viewer.get(f"{URL}?{query}").json()["total"] == 1, query
    for query in ("q=T-9999", "q=%25", "status=closed", "overdue=true"):
        assert viewer.get(f"{URL}?{query}").json()["total"] == 0, query
    clock.now += timedelta(minutes=16)
    [late] = viewer.get(f"{URL}?overdue=true").json()["items"]
    assert late["missed"] == "answer"
    summary = viewer.get(f"{URL}/summary").json()
    assert (summary["open"], summary["overdue"], summary["mine"], summary["verifying"]) == (1, 1, 0, 0)
