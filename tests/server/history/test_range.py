from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from server.clock import to_ms
from server.identity.roles import Role
from server.settings import ServerSettings
from telemetry.reading import Reading
from telemetry.store import open_store
from tests.server.conftest import START

PATH = "/api/v1/points/3/history"


@pytest.fixture
def vera(as_role: Callable[[Role], TestClient], demo_site: None, settings: ServerSettings) -> TestClient:
    minute = 60_000
    now = to_ms(START)
    readings = [Reading(3, now - step * minute, float(step)) for step in range(3000)]
    open_store(settings.store_url).write(readings)
    return as_role(Role.VIEWER)


def test_without_a_range_it_is_the_last_day(vera: TestClient) -> None:
    body = vera.get(PATH).json()
    times = [sample[0] for sample in body["samples"]]
    assert (body["point"], body["resolution"]) == (3, "raw")
    assert to_ms(START) - 86_400_000 == times[0]
    assert times == sorted(times)


def test_it_takes_a_coarser_resolution_when_the_finest_does_not_fit(vera: TestClient) -> None:
    body = vera.get(PATH, params={"max_samples": 100}).json()
    assert body["resolution"] == "hour"
    assert 20 <= len(body["samples"]) <= 100


@pytest.mark.parametrize(
    "params",
    [
        {"from": "2026-03-02T08:00:00Z", "to": "2026-03-02T08:00:00Z"},
        {"from": "2026-03-03T00:00:00Z"},
        {"from": "1900-01-01T00:00:00Z"},
        {"to": "0001-01-01T00:00:00Z"},
        {"from": "2026-03-02T08:00:00"},
        {"from": "yesterday"},
        {"max_samples": "0"},
    ],
)
def test_it_refuses_a_range_that_is_none(params: dict[str, str], vera: TestClient) -> None:
    assert vera.get(PATH, params=params).status_code == 422


def test_an_unknown_point_is_not_found(vera: TestClient) -> None:
    assert vera.get("/api/v1/points/4711/history").status_code == 404
