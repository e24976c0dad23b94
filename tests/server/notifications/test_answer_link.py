"""Answering from the message: a signed link, a page, a button; opening it alone changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.alarms.models import Alarm
from server.audit.models import AuditEvent
from server.audit.service import SYSTEM
from server.db import transaction
from server.identity import service as identity
from server.identity.roles import Role
from server.notifications.links import Permission
from tests.server.alarms.scenes import Plant
from tests.server.conftest import Cast, Clock
from tests.server.notifications.conftest import Desk


class Mail:
    """The link that a person finds in a message about a real alarm."""

    def __init__(self, app: FastAPI, desk: Desk, plant: Plant, cast: Cast) -> None:
        self.app, self.desk, self.cast = app, desk, cast
        plant.raise_(desk.clock.now)
        with desk.db() as session:
            self.alarm_id = session.scalars(select(Alarm.id)).one()
        self.subject = f"alarm:{self.alarm_id}"
        desk.notify(self.subject)
        self.notice_id = desk.notice(self.subject).id

    def token(self, role: Role = Role.ENGINEER) -> str:
        links = self.app.state.notifications.tools.links
        permission = Permission(self.notice_id, self.cast.ids[role])
        return str(links.make(permission, now=self.desk.clock.now)).partition("?t=")[2]

    def alarm(self) -> Alarm:
        with self.desk.db() as session:
            return session.get_one(Alarm, self.alarm_id)


@pytest.fixture
def plant(db: sessionmaker[Session], shipped_rules: None, clock: Clock) -> Plant:
    return Plant(db, clock.now)


@pytest.fixture
def mail(app: FastAPI, desk: Desk, plant: Plant, cast: Cast) -> Mail:
    return Mail(app, desk, plant, cast)


def test_a_scanner_that_opens_it_changes_nothing_and_the_button_acknowledges(
    mail: Mail, client: TestClient, desk: Desk
) -> None:
    token = mail.token()
    for _ in range(3):
        page = client.get("/answer", params={"t": token})
        assert page.status_code == 200
        assert "I have seen it" in page.text
    assert mail.alarm().state == "unacknowledged"
    done = client.post("/answer", data={"t": token}, headers={"origin": "null"})
    assert done.status_code == 200
    assert "erik has seen it." in done.text
    assert (mail.alarm().state, mail.alarm().acknowledged_by) == ("acknowledged", "erik")
    assert desk.notice(mail.subject).state == "answered"
    again = client.post("/answer", data={"t": token})
    assert again.status_code == 200
    with desk.db() as session:
        actions = session.scalars(select(AuditEvent.action)).all()
    assert actions.count("notice.answered_by_link") == 1


def test_it_is_written_in_the_readers_language(
    mail: Mail, client: TestClient, db: sessionmaker[Session], cast: Cast
) -> None:
    with transaction(db) as session:
        identity.choose_language(identity.get_user(session, cast.ids[Role.ENGINEER]), "zh")
    page = client.get("/answer", params={"t": mail.token()})
    assert "我已知悉" in page.text
    assert 'lang="zh-CN"' in page.text


def test_it_ends(mail: Mail, client: TestClient, clock: Clock) -> None:
    token = mail.token()
    clock.now += timedelta(hours=12, seconds=1)
    for answer in (client.get("/answer", params={"t": token}), client.post("/answer", data={"t": token})):
        assert answer.status_code == 403
        assert "expired" in answer.text
    assert mail.alarm().state == "unacknowledged"


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token.replace(token[:1], "9", 1),
        lambda token: token[:-2] + "xx",
        lambda token: token.partition(".")[2],
        lambda token: "",
        lambda token: "é.1.2.3",
        lambda token: "1.1.99999999999.",
    ],
)
def test_a_link_that_was_tampered_with_opens_nothing(
    mail: Mail, client: TestClient, change: Callable[[str], str]
) -> None:
    answer = client.post("/answer", data={"t": change(mail.token())})
    assert answer.status_code == 403
    assert mail.alarm().state == "unacknowledged"


def test_whose_role_may_not_acknowledge_cannot_by_link_either(mail: Mail, client: TestClient) -> None:
    answer = client.post("/answer", data={"t": mail.token(Role.GUARD)})
    assert answer.status_code == 409
    assert mail.alarm().state == "unacknowledged"


def test_a_disabled_account_opens_nothing(
    mail: Mail, client: TestClient, db: sessionmaker[Session], cast: Cast, clock: Clock
) -> None:
    with transaction(db) as session:
        user = identity.get_user(session, cast.ids[Role.ENGINEER])
        identity.update_user(session, now=clock.now, actor=SYSTEM, user=user, disabled=True)
    assert client.post("/answer", data={"t": mail.token()}).status_code == 403
    assert mail.alarm().state == "unacknowledged"


def test_what_the_page_shows_cannot_run(mail: Mail, client: TestClient, desk: Desk) -> None:
    desk.title = "<script>alert(1)</script>"
    desk.notify("sos:1", life_safety=True)
    mail.notice_id = desk.notice("sos:1").id
    page = client.get("/answer", params={"t": mail.token()})
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
