"""Requests of every documented kind, valid and not: no answer is a 5xx or other than documented."""

from __future__ import annotations

import secrets
from collections import Counter
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from server.assets.profiles import shipped_profiles
from server.assets.site_file import DEMO_SITE, load_site
from server.assets.site_import import import_site
from server.audit.service import SYSTEM
from server.clock import utc_now
from server.db import create_schema, open_engine, session_factory, transaction
from server.identity import service, sessions
from server.identity.roles import Role
from server.main import create_app
from server.settings import ServerSettings
from telemetry.reading import Reading
from telemetry.store import open_store

# the bodies themselves are held to their models by FastAPI, with each answer
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]


class Subject:
    """The application with a demo site and a store, and an admin who comes back however they were treated."""

    def __init__(self, folder: Path) -> None:
        there = ServerSettings(data=folder, database_url=f"sqlite:///{folder}/plantroom.db")
        engine = open_engine(there.database_url)
        create_schema(engine)
        open_store(there.store_url).write([Reading(1, 1000, 5.0)])
        self._sessions = session_factory(engine)
        self.app = create_app(there, engine=engine)
        with transaction(self._sessions) as session:
            import_site(session, load_site(DEMO_SITE), shipped_profiles(), now=utc_now(), actor=SYSTEM)

    def admin_headers(self) -> dict[str, str]:
        name = f"ada-{secrets.token_hex(4)}"
        with transaction(self._sessions) as session:
            ada = service.add_user(session, now=utc_now(), actor=SYSTEM, name=name, role=Role.ADMIN)
            _, token = sessions.issue_token(session, now=utc_now(), actor=SYSTEM, user=ada, name="test")
        return {"authorization": f"Bearer {token}"}


def try_out(operation: APIOperation, headers: dict[str, str]) -> Counter[int]:
    """How often each status was the answer."""
    answered: Counter[int] = Counter()

    @given(case=operation.as_strategy())
    @settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def holds(case: schemathesis.Case) -> None:
        answered[case.call_and_validate(checks=CHECKS, headers=headers).status_code] += 1

    holds()
    return answered


def test_no_request_breaks_it(tmp_path: Path) -> None:
    subject = Subject(tmp_path)
    schema = schemathesis.openapi.from_asgi("/openapi.json", subject.app)
    # one is endless, the others' 503 is what they say without a broker
    wanted = schema.exclude(path="/api/v1/live").exclude(path="/readyz")
    wanted = wanted.exclude(path="/api/v1/devices/{device_id}/identity")
    # made-up bytes are no workbook: its own tests damage real ones
    wanted = wanted.exclude(path="/api/v1/workbook", method="POST")
    answered: Counter[int] = Counter()
    for found in wanted.get_all_operations():
        answered += try_out(found.ok(), subject.admin_headers())
    assert answered[200] > 50, answered
    assert answered[401] < 50, answered  # the log-in itself says no to strangers, nothing else
