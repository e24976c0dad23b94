"""Who is at work: members, substitutes, absences; and the pictures of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.audit.service import SYSTEM
from server.db import transaction
from server.identity import service as identity
from server.identity.models import User
from server.identity.roles import Role
from server.shifts.demo import seed_teams
from server.shifts.queries import on_shift
from tests.server.conftest import Cast, Clock

AsRole = Callable[[Role], TestClient]
NIGHT = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
"""Three in the morning in Shanghai."""


@pytest.fixture
def teams(db: sessionmaker[Session], cast: Cast, clock: Clock) -> None:
    """The demo's teams; its named people are erik and gu."""
    with transaction(db) as session:
        for name, role in (("engineer", Role.ENGINEER), ("guard", Role.GUARD)):
            identity.add_user(session, now=clock.now, actor=SYSTEM, name=name, role=role)
        session.flush()
        seed_teams(session, now=clock.now)


def names(db: sessionmaker[Session], at: datetime, **wanted: object) -> set[str]:
    with db() as session:
        users = [one.user_id for one in on_shift(session, at=at, **wanted)]  # type: ignore[arg-type]
        return set(session.scalars(select(User.name).where(User.id.in_(users))))


def test_day_and_night_have_their_own_people(db: sessionmaker[Session], teams: None, clock: Clock) -> None:
    assert names(db, clock.now) == {"engineer", "chen", "guard", "liu"}
    assert names(db, NIGHT) == {"zhou", "sun"}
    assert names(db, NIGHT, role=Role.ENGINEER) == {"zhou"}
    assert names(db, NIGHT, team_id=2) == {"sun"}
    assert names(db, NIGHT, site_id=999) == set()


def test_a_substitute_works_that_night_and_only_that(
    db: sessionmaker[Session], teams: None, as_role: AsRole
) -> None:
    admin = as_role(Role.ADMIN)
    week = admin.get("/api/v1/shifts/week", params={"site": 1, "first": "2026-03-02"}).json()
    night = next(one for one in week["workings"] if one["people"][0]["user"]["display_name"].startswith("周"))
    chen = next(user for user in admin.get("/api/v1/users").json()["items"] if user["name"] == "chen")
    body = {
        "shift_id": night["shift_id"],
        "on": "2026-03-02",
        "user_id": night["people"][0]["user"]["id"],
        "replaced_by": chen["id"],
        "reason": "发烧",
    }
    assert admin.post("/api/v1/shifts/substitutions", json=body).status_code == 204
    assert names(db, NIGHT, role=Role.ENGINEER) == {"chen"}
    assert names(db, NIGHT.replace(day=3), role=Role.ENGINEER) == {"zhou"}
    # away, and nobody stands in
    assert admin.post("/api/v1/shifts/substitutions", json=body | {"replaced_by": None}).status_code == 204
    assert names(db, NIGHT, role=Role.ENGINEER) == set()
    wrong_day = admin.post("/api/v1/shifts/substitutions", json=body | {"on": "2020-01-01"})
    assert (wrong_day.status_code, wrong_day.json()["code"]) == (422, "not_that_day")
    items = admin.get(
        "/api/v1/shifts/substitutions", params={"site": 1, "first": "2026-03-01", "last": "2026-03-31"}
    ).json()["items"]
    assert [one["replaced_by"] for one in items] == [None]
    assert admin.delete(f"/api/v1/shifts/substitutions/{items[0]['id']}").status_code == 204
    assert names(db, NIGHT, role=Role.ENGINEER) == {"zhou"}


def test_a_disabled_person_is_not_on_shift(db: sessionmaker[Session], teams: None, clock: Clock) -> None:
    with transaction(db) as session:
        zhou = identity.find_user(session, "zhou")
        identity.update_user(session, now=clock.now, actor=SYSTEM, user=zhou, disabled=True)
    assert names(db, NIGHT) == {"sun"}


def test_whoever_leaves_the_team_leaves_its_shifts(
    db: sessionmaker[Session], teams: None, as_role: AsRole
) -> None:
    admin = as_role(Role.ADMIN)
    team = admin.get("/api/v1/teams").json()["items"][0]
    kept = [person["id"] for person in team["members"] if not person["display_name"].startswith("周")]
    body = {"key": team["key"], "name": team["name"], "site_id": team["site_id"], "members": kept}
    assert admin.put(f"/api/v1/teams/{team['id']}", json=body).status_code == 200
    assert names(db, NIGHT) == {"sun"}


def test_a_shift_wants_members_of_its_team_and_days_that_exist(
    teams: None, as_role: AsRole, cast: Cast
) -> None:
    admin = as_role(Role.ADMIN)
    team = admin.get("/api/v1/teams").json()["items"][0]
    body = {
        "name": {"en": "Late", "zh": "中班"},
        "starts": "14:00",
        "ends": "22:00",
        "rrule": "FREQ=WEEKLY;BYDAY=SA,SU",
        "days": "work",
        "valid_from": "2026-03-01",
    }
    url = f"/api/v1/teams/{team['id']}/shifts"
    assert admin.post(url, json=body).status_code == 201
    stranger = admin.post(url, json=body | {"members": [cast.ids[Role.VIEWER]]})
    assert (stranger.status_code, stranger.json()["code"]) == (422, "not_of_the_team")
    never = admin.post(url, json=body | {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"})
    assert (never.status_code, never.json()["code"]) == (422, "bad_shift")


def test_the_week_says_who_is_on_now_and_which_days_are_off(
    teams: None, as_role: AsRole, clock: Clock
) -> None:
    clock.now = datetime(2026, 2, 16, 3, 0, tzinfo=UTC)
    week = as_role(Role.VIEWER).get("/api/v1/shifts/week", params={"site": 1}).json()
    assert [day["kind"] for day in week["days"]] == ["off"] * 7
    assert week["days"][0]["name"]["zh"] == "春节"
    assert week["days"][0]["starts_at"] == "2026-02-15T16:00:00Z"
    on = {
        person["user"]["display_name"][0]
        for one in week["workings"]
        if one["is_on"]
        for person in one["people"]
    }
    assert on == {"e", "陈", "g", "刘"}


def test_the_calendar_is_edited_by_admins_alone(teams: None, as_role: AsRole) -> None:
    body = {"kind": "off", "name": {"en": "Founders' day", "zh": "司庆"}}
    for role in (Role.VIEWER, Role.GUARD, Role.ENGINEER):
        assert as_role(role).put("/api/v1/sites/1/calendar/2026-11-27", json=body).status_code == 403
    admin = as_role(Role.ADMIN)
    assert admin.put("/api/v1/sites/1/calendar/2026-11-27", json=body).status_code == 204
    days = admin.get("/api/v1/sites/1/calendar", params={"year": 2026}).json()["days"]
    assert days[-1] == {"day": "2026-11-27", **body}
    assert admin.delete("/api/v1/sites/1/calendar/2026-11-27").status_code == 204
    assert admin.put("/api/v1/sites/2/calendar/2026-11-27", json=body).status_code == 404
