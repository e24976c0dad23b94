"""Every route is guarded, and each role may do what the contract says and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from server.identity.access import Access
from server.identity.roles import Role

PUBLIC = {
    "log_in": "the door itself",
    "log_in_by_link": "the door itself",
    "read_health": "for supervisors; tells nothing",
    "read_readiness": "for supervisors and load balancers; sentences without names or addresses",
    "web_app": "static files",
    "show_answer_page": "behind a signed link of a message; changes nothing",
    "answer_by_link": "the signed link is the key, and opens one thing",
}

ADMIN, ENGINEER, GUARD, VIEWER = Role.ADMIN, Role.ENGINEER, Role.GUARD, Role.VIEWER

EXPECTED = {
    "GET /session": VIEWER,
    "PATCH /session": VIEWER,
    "DELETE /session": VIEWER,
    "GET /sessions": VIEWER,
    "DELETE /sessions/{session_id}": VIEWER,
    "GET /tokens": VIEWER,
    "POST /tokens": VIEWER,
    "DELETE /tokens/{token_id}": VIEWER,
    "GET /users": ADMIN,
    "POST /users": ADMIN,
    "PATCH /users/{user_id}": ADMIN,
    "POST /users/{user_id}/login-link": ADMIN,
    "GET /people": ENGINEER,
    "GET /audit": ADMIN,
    "GET /spaces": VIEWER,
    "GET /profiles": VIEWER,
    "GET /profiles/{key}": VIEWER,
    "GET /assets": VIEWER,
    "POST /assets": ADMIN,
    "GET /assets/{asset_id}": VIEWER,
    "POST /assets/{asset_id}/out-of-service": ENGINEER,
    "POST /assets/{asset_id}/in-service": ENGINEER,
    "GET /outages": VIEWER,
    "GET /maintenance-windows": VIEWER,
    "POST /maintenance-windows": ENGINEER,
    "POST /maintenance-windows/{window_id}/extend": ENGINEER,
    "POST /maintenance-windows/{window_id}/end": ENGINEER,
    "PATCH /assets/{asset_id}": ADMIN,
    "PATCH /points/{point_id}": ADMIN,
    "GET /workbook": ENGINEER,
    "POST /workbook": ADMIN,
    "GET /points/{point_id}/history": VIEWER,
    "GET /readings/latest": VIEWER,
    "GET /live": VIEWER,
    "GET /dead-letters": ADMIN,
    "GET /gateways": ENGINEER,
    "GET /metrics": ADMIN,
    "GET /inbox": ENGINEER,
    "POST /inbox/assign": ADMIN,
    "POST /inbox/dismiss": ADMIN,
    "POST /devices/{device_id}/replace": ADMIN,
    "GET /notices": VIEWER,
    "GET /notices/unread": VIEWER,
    "POST /notices/read": VIEWER,
    "GET /notifications/me": VIEWER,
    "PUT /notifications/me": VIEWER,
    "POST /notifications/me/browsers": VIEWER,
    "DELETE /notifications/me/browsers/{browser_id}": VIEWER,
    "POST /notifications/me/test": VIEWER,
    "GET /notifications/channels": ADMIN,
    "POST /notifications/channels": ADMIN,
    "PUT /notifications/channels/{channel_id}": ADMIN,
    "DELETE /notifications/channels/{channel_id}": ADMIN,
    "POST /notifications/channels/{channel_id}/test": ADMIN,
    "GET /notifications/policies": ADMIN,
    "PUT /notifications/policies": ADMIN,
    "POST /notifications/policies/remove": ADMIN,
    "GET /notifications/outbox": ADMIN,
    "GET /notifications/outbox/{message_id}": ADMIN,
    "POST /notifications/outbox/{message_id}/retry": ADMIN,
    "GET /teams": VIEWER,
    "POST /teams": ADMIN,
    "PUT /teams/{team_id}": ADMIN,
    "DELETE /teams/{team_id}": ADMIN,
    "POST /teams/{team_id}/shifts": ADMIN,
    "PUT /shifts/{shift_id}": ADMIN,
    "DELETE /shifts/{shift_id}": ADMIN,
    "GET /shifts/week": VIEWER,
    "GET /shifts/substitutions": VIEWER,
    "POST /shifts/substitutions": ADMIN,
    "DELETE /shifts/substitutions/{substitution_id}": ADMIN,
    "GET /sites/{site_id}/calendar": VIEWER,
    "PUT /sites/{site_id}/calendar/{day}": ADMIN,
    "DELETE /sites/{site_id}/calendar/{day}": ADMIN,
    "POST /sites/{site_id}/calendar/shipped/{key}": ADMIN,
    "GET /devices": ENGINEER,
    "GET /devices/{device_id}": ENGINEER,
    "GET /assets/{asset_id}/devices": VIEWER,
    "PATCH /devices/{device_id}": ADMIN,
    "POST /devices/{device_id}/identity": ADMIN,
    "DELETE /devices/{device_id}/identity": ADMIN,
}
OTHER_ROOMS = ("/alarms", "/tickets", "/incidents", "/rules", "/patrol", "/forms", "/reports")
"""Their rights are in the tests of those rooms; that they are guarded at all is seen here."""


def api_routes(routes: list[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from api_routes(route.original_router.routes)


def needed_role(route: APIRoute) -> Role | None:
    waiting = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        if isinstance(dependant.call, Access):
            return dependant.call.role
        waiting += dependant.dependencies
    return None


def test_every_route_asks_who_is_there_or_is_public_by_decision(app: FastAPI) -> None:
    unguarded = {route.name for route in api_routes(app.routes) if needed_role(route) is None}
    assert unguarded == set(PUBLIC)


def test_every_route_needs_the_role_that_the_contract_names(app: FastAPI) -> None:
    found = {
        f"{method} {route.path}": needed_role(route)
        for route in api_routes(app.routes)
        for method in route.methods
        if route.name not in PUBLIC and not route.path.startswith(OTHER_ROOMS)
    }
    assert found == EXPECTED


def test_operation_ids_are_unique(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    ids = [operation["operationId"] for path in paths.values() for operation in path.values()]
    assert len(ids) == len(set(ids))


READABLE = {
    what.removeprefix("GET "): role
    for what, role in EXPECTED.items()
    # an endless stream, and a store that is not there; the table above has looked at both
    if what.startswith("GET ")
    and what
    not in {
        "GET /live",
        "GET /points/{point_id}/history",
        # these want a site or a time; their rooms' tests look
        "GET /notifications/outbox/{message_id}",
        "GET /shifts/week",
        "GET /shifts/substitutions",
        "GET /sites/{site_id}/calendar",
    }
}


def test_each_role_gets_in_or_403(demo_site: None, as_role: Callable[[Role], TestClient]) -> None:
    for role in Role:
        client = as_role(role)
        for path, needed in READABLE.items():
            address = path.format(key="pump", asset_id=1, point_id=1, device_id="pump-a")
            answer = client.get(("" if path == "/metrics" else "/api/v1") + address)
            assert answer.status_code == (200 if role.includes(needed) else 403), (role, path, answer.text)
            if answer.status_code == 403:
                assert answer.json()["code"] == "role_needed"


WRITES = {
    "POST /assets": {"key": "pump-z", "name": {"en": "Z", "zh": "Z"}, "profile": "pump", "space_id": 1},
    "PATCH /assets/1": {"drill": True},
    "PATCH /points/1": {"interval_s": 5},
    "POST /users": {"name": "new", "role": "viewer"},
    "PATCH /users/4": {"display_name": "V"},
    "POST /users/4/login-link": None,
}


def test_only_admins_change_equipment_and_users(
    demo_site: None, as_role: Callable[[Role], TestClient]
) -> None:
    for role in (VIEWER, GUARD, ENGINEER):
        for what, body in WRITES.items():
            method, path = what.split()
            answer = as_role(role).request(method, f"/api/v1{path}", json=body)
            assert answer.status_code == 403, (role, what)
    for what, body in WRITES.items():
        method, path = what.split()
        answer = as_role(ADMIN).request(method, f"/api/v1{path}", json=body)
        assert answer.status_code in {200, 201}, answer.text


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer wrong"}, {"cookie": "plantroom_session=wrong"}]
)
def test_a_stranger_gets_401(headers: dict[str, str], client: TestClient) -> None:
    answer = client.get("/api/v1/assets", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
