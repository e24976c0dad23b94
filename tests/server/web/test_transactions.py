"""A request is one transaction, committed before anybody hears that it succeeded."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.assets.models import Asset
from server.assets.service import get_asset
from server.db import reading
from server.errors import Conflict
from server.identity.access import Admin
from server.identity.roles import Role
from server.main import create_app
from server.settings import ServerSettings
from server.web.requests import WriteSession
from tests.server.conftest import Cast, Clock


@pytest.fixture
def ada(as_role: Callable[[Role], TestClient], demo_site: None) -> TestClient:
    return as_role(Role.ADMIN)


def is_drill(db: sessionmaker[Session]) -> bool:
    with reading(db) as session:
        return session.scalars(select(Asset.drill).where(Asset.id == 1)).one()


@pytest.mark.parametrize(
    ("error", "status"),
    [(OperationalError("COMMIT", {}, Exception("disk is full")), 503), (RuntimeError("secret"), 500)],
)
def test_a_commit_that_fails_is_answered_with_a_5xx(
    ada: TestClient, engine: Engine, db: sessionmaker[Session], error: Exception, status: int
) -> None:
    def fail(_connection: object) -> None:
        raise error

    event.listen(engine, "commit", fail)
    answer = ada.patch("/api/v1/assets/1", json={"drill": True})
    event.remove(engine, "commit", fail)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "disk is full" not in answer.text
    assert "secret" not in answer.text
    assert not is_drill(db)


def test_a_refusal_in_the_middle_leaves_nothing_behind(
    app: FastAPI, cast: Cast, demo_site: None, db: sessionmaker[Session]
) -> None:
    def change_and_refuse(_user: Admin, session: WriteSession) -> None:
        get_asset(session, 1).drill = True
        session.flush()
        raise Conflict("No.", "不行。")

    app.router.routes.insert(0, _route("/test", change_and_refuse))
    assert TestClient(app, headers=cast.headers(Role.ADMIN)).post("/test").status_code == 409
    assert not is_drill(db)


def test_browsers_hear_of_a_change_after_its_commit_only(
    settings: ServerSettings, engine: Engine, clock: Clock, cast: Cast, demo_site: None
) -> None:
    app = create_app(settings, engine=engine, clock=clock)
    seen: list[tuple[str, bool]] = []
    hub = app.state.hub
    hint = hub.hint
    db = sessionmaker(engine)
    hub.hint = lambda noun: (seen.append((noun, is_drill(db))), hint(noun))
    client = TestClient(app, headers=cast.headers(Role.ADMIN))
    client.patch("/api/v1/assets/1", json={"drill": True})
    assert seen == [("assets", True)]
    client.patch("/api/v1/assets/1", json={"space_id": 4711})
    assert len(seen) == 1


def _route(path: str, endpoint: Callable[..., None]) -> object:
    probe = FastAPI()
    probe.post(path)(endpoint)
    return probe.routes[-1]
