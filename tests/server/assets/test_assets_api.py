from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from server.identity.roles import Role

PUMP_C = {"key": "pump-c", "name": {"en": "Pump C", "zh": "水泵C"}, "profile": "pump", "space_id": 4}


@pytest.fixture
def ada(as_role: Callable[[Role], TestClient], demo_site: None) -> TestClient:
    return as_role(Role.ADMIN)


def keys(ada: TestClient, query: str) -> list[str]:
    return [item["key"] for item in ada.get(f"/api/v1/assets?{query}").json()["items"]]


def test_lists_are_paged(ada: TestClient) -> None:
    first = ada.get("/api/v1/assets?limit=4").json()
    assert (len(first["items"]), first["total"], first["next"]) == (4, 10, "4")
    last = ada.get("/api/v1/assets?limit=4&offset=8").json()
    assert (len(last["items"]), last["next"]) == (2, None)


def test_it_finds_by_profile_place_and_text_in_both_languages(ada: TestClient) -> None:
    spaces = {space["key"]: space["id"] for space in ada.get("/api/v1/spaces").json()["items"]}
    assert keys(ada, "profile=pump") == ["pump-a", "pump-b", "trial-pump"]
    assert keys(ada, f"space={spaces['building-b']}") == ["elevator-b1", "meter-b", "pump-b", "trial-pump"]
    assert keys(ada, "q=水泵") == ["pump-a", "pump-b", "trial-pump"]
    assert keys(ada, "q=ELEVATOR a") == ["elevator-a1", "elevator-a2"]
    assert keys(ada, "q=%25") == []


def test_an_asset_says_where_it_is_and_what_it_measures(ada: TestClient) -> None:
    pump = ada.get("/api/v1/assets/4").json()
    assert [label["en"] for label in pump["place"]] == [
        "Harbour Court",
        "Building A",
        "Basement 1",
        "Pump room A",
    ]
    flow = next(point for point in pump["points"] if point["key"] == "flow")
    assert (flow["normal"], flow["unit"], flow["device"]) == ([0, 60], "m³/h", "pump-a")
    assert len(pump["fed_by"]) == 1


def test_a_new_asset_has_the_points_of_its_profile(ada: TestClient) -> None:
    made = ada.post("/api/v1/assets", json=PUMP_C)
    assert made.status_code == 201, made.text
    assert len(made.json()["points"]) == 20
    assert ada.post("/api/v1/assets", json=PUMP_C).json()["code"] == "key_taken"
    other = {**PUMP_C, "key": "pump-d", "device": "pump-c"}
    assert ada.post("/api/v1/assets", json=other).json()["code"] == "device_taken"
    assert ada.post("/api/v1/assets", json={**PUMP_C, "key": "a/b"}).status_code == 422


def test_bands_can_be_set_and_taken_away_and_who_did_is_kept(ada: TestClient) -> None:
    path = "/api/v1/points/65"
    assert ada.patch(path, json={"normal": [1, 2], "interval_s": 3}).json()["normal"] == [1, 2]
    assert ada.patch(path, json={"normal": None}).json()["normal"] is None
    assert ada.patch(path, json={"interval_s": None}).status_code == 422
    assert ada.patch(path, json={"normal": [2, 1]}).status_code == 422
    events = ada.get("/api/v1/audit?action=point.changed").json()["items"]
    assert events[1]["detail"]["interval_s"] == [5, 3]
    assert (events[0]["actor"], events[0]["subject_id"]) == ("ada", "65")


def test_a_state_has_no_band(ada: TestClient) -> None:
    answer = ada.patch("/api/v1/points/1", json={"normal": [0, 5]})
    assert (answer.status_code, answer.json()["code"]) == (422, "no_band")


def test_a_list_of_some_assets_only(demo_site: None, as_role: Callable[[Role], TestClient]) -> None:
    viewer = as_role(Role.VIEWER)
    every = viewer.get("/api/v1/assets").json()["items"]
    some = [every[5]["id"], every[1]["id"], 999_999]
    found = viewer.get("/api/v1/assets", params={"id": some}).json()
    assert ([each["id"] for each in found["items"]], found["total"]) == ([every[1]["id"], every[5]["id"]], 2)
    found = viewer.get("/api/v1/assets", params={"id": some, "profile": "none"}).json()
    assert found["total"] == 0
