from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI
from starlette.testclient import TestClient

from server.identity.roles import Role
from tests.server.conftest import Cast, Clock

LINK = "/api/v1/session/link"


def issue(ada: TestClient, cast: Cast, role: Role = Role.GUARD) -> str:
    answer = ada.post(f"/api/v1/users/{cast.ids[role]}/login-link", headers={"host": "evil.example"})
    url: str = answer.json()["url"]
    base, _, token = url.partition("#token=")
    assert base == "http://testserver/login"  # never from the Host header
    return token


def test_it_logs_in_once(as_role: Callable[[Role], TestClient], client: TestClient, cast: Cast) -> None:
    token = issue(as_role(Role.ADMIN), cast)
    assert client.post(LINK, json={"token": token}).json()["user"]["name"] == "gu"
    again = client.post(LINK, json={"token": token})
    assert (again.status_code, again.json()["code"]) == (401, "link_used_up")


def test_of_two_at_the_same_moment_one_gets_in(
    as_role: Callable[[Role], TestClient], app: FastAPI, cast: Cast
) -> None:
    token = issue(as_role(Role.ADMIN), cast)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: TestClient(app).post(LINK, json={"token": token}), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


def test_it_is_too_old_after_15_minutes(
    as_role: Callable[[Role], TestClient], client: TestClient, cast: Cast, clock: Clock
) -> None:
    token = issue(as_role(Role.ADMIN), cast)
    clock.advance(minutes=15)
    assert client.post(LINK, json={"token": token}).status_code == 401


def test_it_is_worth_nothing_once_the_user_is_disabled(
    as_role: Callable[[Role], TestClient], client: TestClient, cast: Cast
) -> None:
    ada = as_role(Role.ADMIN)
    token = issue(ada, cast)
    ada.patch(f"/api/v1/users/{cast.ids[Role.GUARD]}", json={"disabled": True})
    assert client.post(LINK, json={"token": token}).status_code == 401
