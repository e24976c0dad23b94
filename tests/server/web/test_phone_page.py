from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from server.web import problems, spa


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    for name in ("index.html", "phone.html", "sw.js", "phone.webmanifest", "reader.wasm"):
        (tmp_path / name).write_text(name)
    app = FastAPI()
    problems.install(app)
    spa.install(app, tmp_path)
    return TestClient(app)


@pytest.mark.parametrize("path", ["/phone", "/phone/round/12", "/t/k3x9wq27ydhm", "/t/k3x9?e=00&c=11"])
def test_the_phone_app_answers_at_its_own_addresses_and_those_of_tags(path: str, client: TestClient) -> None:
    assert client.get(path).text == "phone.html"


@pytest.mark.parametrize("path", ["/", "/tickets/12", "/telephones", "/phones"])
def test_other_addresses_stay_with_the_desk(path: str, client: TestClient) -> None:
    assert client.get(path).text == "index.html"


@pytest.mark.parametrize(
    ("path", "media_type"),
    [("/phone.webmanifest", "application/manifest+json"), ("/reader.wasm", "application/wasm")],
)
def test_files_say_what_they_are(path: str, media_type: str, client: TestClient) -> None:
    assert client.get(path).headers["content-type"] == media_type


def test_a_browser_that_takes_brotli_gets_what_the_build_compressed(
    client: TestClient, tmp_path: Path
) -> None:
    (tmp_path / "sw.js.br").write_bytes(b"small")
    with client.stream("GET", "/sw.js", headers={"accept-encoding": "gzip, br"}) as answer:
        assert (answer.headers["content-encoding"], b"".join(answer.iter_raw())) == ("br", b"small")
        assert "javascript" in answer.headers["content-type"]
    assert client.get("/sw.js", headers={"accept-encoding": "gzip"}).text == "sw.js"


def test_a_new_service_worker_is_noticed_at_once(client: TestClient) -> None:
    answer = client.get("/sw.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert "javascript" in answer.headers["content-type"]
