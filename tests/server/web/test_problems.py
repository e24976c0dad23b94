from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from server.identity.roles import Role
from server.web.headers import LARGEST_BODY
from server.web.problems import preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.1, zh-Hant;q=0.5", "zh"),
        ("de, fr;q=0.9", "en"),
        ("de, zh;q=0.1", "zh"),
        ("zh;q=0, en", "en"),
        ("zh;q=x,;;,en", "en"),
    ],
)
def test_it_speaks_the_language_the_browser_asks_for(header: str, language: str) -> None:
    assert preferred_language(header) == language


def test_the_users_choice_wins_over_the_browser(as_role: Callable[[Role], TestClient]) -> None:
    vera = as_role(Role.VIEWER)
    assert vera.get("/api/v1/assets/1", headers={"accept-language": "en"}).json()["title"] == "Not found"
    assert vera.patch("/api/v1/session", json={"locale": "zh"}).status_code == 200
    body = vera.get("/api/v1/assets/1", headers={"accept-language": "en"}).json()
    assert (body["title"], body["detail"]) == ("未找到", "没有编号为 1 的设备。")


def test_it_names_the_fields_and_repeats_no_secret(as_role: Callable[[Role], TestClient]) -> None:
    secret = "hunter2" * 40
    body = {"name": "x", "role": "king", "password": secret, "extra": 1}
    answer = as_role(Role.ADMIN).post("/api/v1/users", json=body)
    assert answer.status_code == 422
    paths = {error["path"] for error in answer.json()["errors"]}
    assert paths == {"body.role", "body.password", "body.extra"}
    assert secret not in answer.text


@pytest.mark.parametrize(
    ("path", "status"), [("/api/v1/nowhere", 404), ("/api/", 404), ("/api", 404), ("/static/old.js", 404)]
)
def test_unknown_addresses_are_problems_and_not_the_web_app(
    path: str, status: int, client: TestClient
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_unexpected_error_is_logged_and_answered_without_internals(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    def explode() -> None:
        raise RuntimeError("the reactor is on fire")

    probe = FastAPI()
    probe.get("/explode")(explode)
    app.router.routes.insert(0, probe.routes[-1])
    answer = TestClient(app).get("/explode", headers={"x-request-id": "0123456789abcdef"})
    assert answer.status_code == 500
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "0123456789abcdef"
    assert "reactor" not in answer.text
    assert "the reactor is on fire" in caplog.text
    assert "0123456789abcdef" in caplog.text


def test_a_request_id_that_could_forge_log_lines_is_not_taken(client: TestClient) -> None:
    answer = client.get("/healthz", headers={"x-request-id": 'a"} {"level'})
    assert '"' not in answer.headers["x-request-id"]


def test_it_refuses_a_body_that_is_too_large(client: TestClient) -> None:
    answer = client.post("/api/v1/session", content=b" " * (LARGEST_BODY + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/api/v1/assets", "/healthz", "/api/v1/nowhere"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
