"""What the desk plans: what a site decides, ways that cannot work, pictures for whoever walks."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from PIL import Image
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.db import transaction
from server.identity.roles import Role
from server.patrol.checkpoints.models import TravelTime
from server.patrol.rounds.models import RouteLeg
from tests.server.patrol.conftest import ON_SQLITE, Estate

AsRole = Callable[[Role], TestClient]
pytestmark = ON_SQLITE


def picture(colour: str = "red") -> bytes:
    out = BytesIO()
    Image.new("RGB", (80, 60), colour).save(out, "JPEG")
    return out.getvalue()


def send(client: TestClient, content: bytes) -> tuple[int, dict[str, object]]:
    headers = {"content-type": "application/octet-stream"}
    answer = client.post("/api/v1/forms/pictures", content=content, headers=headers)
    return answer.status_code, answer.json()


def test_what_a_site_decides_is_changed_by_an_admin_and_the_change_is_told(
    estate: Estate, as_role: AsRole
) -> None:
    path = f"/api/v1/patrol/policies/{estate.site_id}"
    before = as_role(Role.ENGINEER).get("/api/v1/patrol/policies").json()["items"][0]["policy"]
    wanted = {
        **before,
        "grace_s": 1200,
        "emergency": [{"name_en": "Fire", "name_zh": "火警", "number": "119"}],
    }
    assert as_role(Role.ENGINEER).put(path, json=wanted).status_code == 403
    assert as_role(Role.ADMIN).put(path, json=wanted).json()["policy"]["grace_s"] == 1200
    change = as_role(Role.ENGINEER).get(f"{path}/changes").json()[0]
    assert change["by"] == "ada"
    assert change["changes"]["grace_s"] == [600, 1200]
    assert as_role(Role.GUARD).get(f"{path}/changes").status_code == 403


def test_a_policy_that_makes_no_sense_is_refused(estate: Estate, as_role: AsRole) -> None:
    path, admin = f"/api/v1/patrol/policies/{estate.site_id}", as_role(Role.ADMIN)
    for wrong in ({"grace_s": -1}, {"dispatch_severities": ["loud"]}, {"fire_watch_route_id": 99},
                  {"emergency": [{"name_en": "x", "name_zh": "x", "number": "call me"}]}):  # fmt: skip
        assert admin.put(path, json=wrong).status_code in (404, 422), wrong
    assert as_role(Role.ENGINEER).get(f"{path}/changes").json() == []


def test_ways_show_what_was_learned_and_which_times_cannot_work(
    db: sessionmaker[Session], estate: Estate, as_role: AsRole
) -> None:
    gate, pump = estate.checkpoints["gate"], estate.checkpoints["pump"]
    with transaction(db) as session:
        session.add(TravelTime(from_id=gate, to_id=pump, median_s=900, count=7, recent_s=[850, 900, 990]))
        for position, after_s in enumerate((600, 700, 1200, 1100)):
            session.get_one(RouteLeg, (estate.route_id, position)).after_s = after_s
    ways = as_role(Role.ENGINEER).get(f"/api/v1/patrol/routes/{estate.route_id}/ways").json()
    first = ways[0]
    assert (first["planned_s"], first["usual_s"], first["count"]) == (100, 900, 7)
    assert (first["quickest_s"], first["slowest_s"], first["doubt"]) == (850, 990, "hardly_reached")
    assert (ways[1]["count"], ways[1]["doubt"]) == (0, None)
    assert ways[2]["doubt"] == "out_of_order"
    assert as_role(Role.GUARD).get(f"/api/v1/patrol/routes/{estate.route_id}/ways").status_code == 403


def test_a_picture_is_kept_once_and_shown_to_guards_with_their_checkpoint(
    estate: Estate, as_role: AsRole
) -> None:
    engineer = as_role(Role.ENGINEER)
    status, added = send(engineer, picture())
    assert (status, added["width"]) == (201, 80)
    assert send(engineer, picture())[1]["id"] == added["id"]
    known = engineer.get(f"/api/v1/patrol/checkpoints/{estate.checkpoints['gate']}").json()
    fields = ("key", "name", "space_id", "floor", "lat_e7", "lng_e7", "instructions")
    body = {**{field: known[field] for field in fields}, "photo_id": added["id"]}
    assert (
        engineer.put(f"/api/v1/patrol/checkpoints/{known['id']}", json=body).json()["photo_id"] == added["id"]
    )
    guard = as_role(Role.GUARD)
    shown = next(
        one for one in guard.get("/api/v1/patrol/bundle").json()["checkpoints"] if one["id"] == known["id"]
    )
    assert guard.get(shown["photo_url"]).content == picture()
    assert as_role(Role.VIEWER).get(shown["photo_url"]).status_code == 403
    assert send(guard, picture("blue"))[0] == 403


def test_what_is_no_picture_is_refused(estate: Estate, as_role: AsRole) -> None:
    status, answer = send(as_role(Role.ENGINEER), b"<svg onload='alert(1)'/>")
    assert (status, answer["code"]) == (422, "not_a_picture")


def test_a_form_names_only_pictures_that_exist(as_role: AsRole) -> None:
    name = {"en": "x", "zh": "x"}
    item = {"type": "check", "key": "a", "name": name, "picture_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12}
    body = {"key": "with-picture", "name": name, "items": [item]}
    engineer = as_role(Role.ENGINEER)
    assert engineer.post("/api/v1/forms", json=body).status_code == 404
    item["picture_id"] = str(send(engineer, picture("green"))[1]["id"])
    assert engineer.post("/api/v1/forms", json=body).status_code == 201
