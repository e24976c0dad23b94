from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.audit.service import COMMAND_LINE
from server.db import transaction
from server.errors import Conflict, Invalid, NotFound
from server.identity import passwords, service
from server.identity.roles import Role
from tests.server.conftest import Cast, Clock

SESSION = "/api/v1/session"


def test_a_disabled_user_is_out_at_once_by_cookie_and_by_token(
    app: FastAPI, as_role: Callable[[Role], TestClient], password: str, cast: Cast
) -> None:
    browser = TestClient(app)
    browser.post(SESSION, json={"name": "erik", "password": password})
    program = as_role(Role.ENGINEER)
    assert (browser.get(SESSION).status_code, program.get(SESSION).status_code) == (200, 200)
    answer = as_role(Role.ADMIN).patch(f"/api/v1/users/{cast.ids[Role.ENGINEER]}", json={"disabled": True})
    assert answer.json()["disabled_at"] is not None
    assert (browser.get(SESSION).status_code, program.get(SESSION).status_code) == (401, 401)
    as_role(Role.ADMIN).patch(f"/api/v1/users/{cast.ids[Role.ENGINEER]}", json={"disabled": False})
    assert (browser.get(SESSION).status_code, program.get(SESSION).status_code) == (401, 401)


def test_the_last_admin_stays(as_role: Callable[[Role], TestClient], cast: Cast) -> None:
    ada = as_role(Role.ADMIN)
    for change in ({"role": "viewer"}, {"disabled": True}):
        answer = ada.patch(f"/api/v1/users/{cast.ids[Role.ADMIN]}", json=change)
        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    assert ada.get("/api/v1/users").status_code == 200


def test_a_changed_role_counts_at_once(as_role: Callable[[Role], TestClient], cast: Cast) -> None:
    assert as_role(Role.VIEWER).get("/api/v1/gateways").status_code == 403
    as_role(Role.ADMIN).patch(f"/api/v1/users/{cast.ids[Role.VIEWER]}", json={"role": "engineer"})
    assert as_role(Role.VIEWER).get("/api/v1/gateways").status_code == 200


def test_names_are_one_spelling(db: sessionmaker[Session], cast: Cast, clock: Clock) -> None:
    with transaction(db) as session:
        with pytest.raises(Conflict):
            service.add_user(session, now=clock.now, actor=COMMAND_LINE, name=" ERIK", role=Role.VIEWER)
        with pytest.raises(Invalid):
            service.add_user(session, now=clock.now, actor=COMMAND_LINE, name="a b", role=Role.VIEWER)
        with pytest.raises(NotFound):
            service.find_user(session, "nobody")
        assert service.find_user(session, "Erik").display_name == "erik"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_length"),
        ("x" * 129, "password_length"),
        ("password1234", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("plantroom1234", "password_common"),
        ("qwertyuiop123", "password_common"),
    ],
)
def test_it_refuses_a_password_that_is_guessed_first(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        passwords.check_policy(password, user_name="erik")
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "password", ["seven quiet pumps at dawn", "海港苑的水泵今天很安静呀没有报警", "tfpkq-mwwzj-habdl"]
)
def test_it_asks_for_no_composition(password: str) -> None:
    passwords.check_policy(password, user_name="erik")


def test_changing_the_own_password_ends_the_other_sessions(app: FastAPI, password: str, cast: Cast) -> None:
    here, elsewhere = TestClient(app), TestClient(app)
    for browser in (here, elsewhere):
        browser.post(SESSION, json={"name": "erik", "password": password})
    new = "eight loud pumps at noon"
    wrong = here.patch(SESSION, json={"password": new, "current_password": "not it"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_password")
    changed = here.patch(SESSION, json={"password": new, "current_password": password})
    assert changed.status_code == 200, changed.text
    assert (here.get(SESSION).status_code, elsewhere.get(SESSION).status_code) == (200, 401)
    assert elsewhere.post(SESSION, json={"name": "erik", "password": new}).status_code == 200


def test_one_sees_and_ends_only_the_own_sessions_and_tokens(
    app: FastAPI, as_role: Callable[[Role], TestClient], password: str
) -> None:
    erik = TestClient(app)
    erik.post(SESSION, json={"name": "erik", "password": password})
    listed = erik.get("/api/v1/sessions").json()["items"]
    assert [entry["is_current"] for entry in listed] == [True]
    vera = as_role(Role.VIEWER)
    assert vera.delete(f"/api/v1/sessions/{listed[0]['id']}").status_code == 404
    made = vera.post("/api/v1/tokens", json={"name": "screen", "days": 1})
    assert erik.delete(f"/api/v1/tokens/{made.json()['id']}").status_code == 404
    assert vera.delete(f"/api/v1/tokens/{made.json()['id']}").status_code == 204


def test_a_token_is_shown_once_and_ends_when_it_should(
    app: FastAPI, as_role: Callable[[Role], TestClient], clock: Clock
) -> None:
    vera = as_role(Role.VIEWER)
    made = vera.post("/api/v1/tokens", json={"name": "screen", "days": 1}).json()
    assert "token" not in vera.get("/api/v1/tokens").json()["items"][0]
    screen = TestClient(app, headers={"authorization": f"Bearer {made['token']}"})
    assert screen.get(SESSION).status_code == 200
    clock.advance(days=1)
    assert screen.get(SESSION).status_code == 401
