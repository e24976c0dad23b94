from __future__ import annotations

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.audit.models import AuditEvent
from server.audit.service import SYSTEM
from server.db import reading, transaction
from server.identity import passwords, service
from server.identity.models import LoginSession
from server.identity.roles import Role
from server.identity.sessions import IDLE, LIFETIME
from tests.server.conftest import Cast, Clock

LOGIN = "/api/v1/session"


def log_in(client: TestClient, password: str, name: str = "erik") -> str:
    answer = client.post(LOGIN, json={"name": name, "password": password})
    assert answer.status_code == 200, answer.text
    return answer.cookies["plantroom_session"]


def test_it_gives_a_cookie_that_scripts_and_other_sites_never_see(client: TestClient, password: str) -> None:
    answer = client.post(LOGIN, json={"name": "Erik", "password": password})
    assert answer.json()["user"]["role"] == "engineer"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert client.get(LOGIN).json()["user"]["name"] == "erik"


def test_it_keeps_only_a_hash_of_the_token(
    client: TestClient, password: str, db: sessionmaker[Session]
) -> None:
    token = log_in(client, password)
    with reading(db) as session:
        kept = session.scalars(select(LoginSession)).one()
    assert token not in {kept.id, kept.agent, kept.ip}


def test_it_says_the_same_of_a_wrong_password_an_unknown_and_a_disabled_user(
    client: TestClient, password: str, db: sessionmaker[Session], cast: Cast, clock: Clock
) -> None:
    with transaction(db) as session:
        for role, disabled in ((Role.GUARD, True), (Role.VIEWER, False)):
            user = service.get_user(session, cast.ids[role])
            service.set_password(session, now=clock.now, actor=SYSTEM, user=user, password=password)
            service.update_user(session, now=clock.now, actor=SYSTEM, user=user, disabled=disabled)
    answers = [
        client.post(LOGIN, json={"name": name, "password": given})
        for name, given in (("vera", "wrong"), ("nobody", password), ("gu", password), ("ada", password))
    ]
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert all(body == bodies[0] for body in bodies)


def test_it_does_the_same_work_whether_or_not_the_user_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    hasher = passwords._hasher()
    real = type(hasher).verify

    def counting(self: object, password: str, given: str) -> bool:
        hashed.append(given[:9])
        return real(hasher, password, given)

    monkeypatch.setattr(type(hasher), "verify", counting)
    assert passwords.verify("anything", None) == (False, None)
    assert hashed == ["$argon2id"]


def test_it_refuses_the_sixth_try_in_a_minute_for_one_account_only(
    client: TestClient, password: str, db: sessionmaker[Session], cast: Cast, clock: Clock
) -> None:
    with transaction(db) as session:
        gu = service.get_user(session, cast.ids[Role.GUARD])
        service.set_password(session, now=clock.now, actor=SYSTEM, user=gu, password=password)
    for _ in range(5):
        client.post(LOGIN, json={"name": "erik", "password": "wrong"})
    refused = client.post(LOGIN, json={"name": "ERIK ", "password": password})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    log_in(client, password, "gu")


def test_a_session_ends_when_idle_and_at_its_end(client: TestClient, password: str, clock: Clock) -> None:
    log_in(client, password)
    clock.now += IDLE
    assert client.get(LOGIN).status_code == 401
    log_in(client, password)
    for _ in range(int(LIFETIME / (IDLE / 2)) - 1):
        clock.now += IDLE / 2
        assert client.get(LOGIN).status_code == 200
    clock.now += IDLE / 2
    assert client.get(LOGIN).status_code == 401


def test_logging_in_again_ends_the_session_the_browser_had(
    app: FastAPI, client: TestClient, password: str
) -> None:
    first = log_in(client, password)
    assert log_in(client, password) != first
    stale = TestClient(app, cookies={"plantroom_session": first})
    assert stale.get(LOGIN).status_code == 401


def test_logging_out_ends_the_session_on_the_server(app: FastAPI, client: TestClient, password: str) -> None:
    token = log_in(client, password)
    assert client.delete(LOGIN).status_code == 204
    assert TestClient(app, cookies={"plantroom_session": token}).get(LOGIN).status_code == 401


def test_a_write_that_another_site_made_the_browser_send_is_refused(
    client: TestClient, password: str
) -> None:
    log_in(client, password)
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ):
        answer = client.patch(LOGIN, json={"locale": "zh"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}):
        assert client.patch(LOGIN, json={"locale": "zh"}, headers=headers).status_code == 200


def test_another_site_cannot_log_the_browser_in(client: TestClient, password: str) -> None:
    body = {"name": "erik", "password": password}
    assert client.post(LOGIN, json=body, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_what_happened_is_in_the_audit_trail_without_any_secret(
    client: TestClient, password: str, db: sessionmaker[Session]
) -> None:
    client.post(LOGIN, json={"name": "erik", "password": "wrong one"})
    token = log_in(client, password)
    with reading(db) as session:
        events = session.scalars(select(AuditEvent)).all()
    assert {"session.refused", "session.created", "user.password_set"} <= {event.action for event in events}
    text = " ".join(f"{event.subject_id} {event.detail}" for event in events)
    assert not any(secret in text for secret in ("wrong one", password, token, "argon2"))
