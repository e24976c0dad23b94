from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from server.web import problems, spa


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    folder = tmp_path / "dist"
    (folder / "static").mkdir(parents=True)
    (folder / "index.html").write_text("first page")
    (folder / "static" / "app-1a2b.js").write_text("script")
    (tmp_path / "secret").write_text("secret")
    app = FastAPI()
    problems.install(app)
    spa.install(app, folder)
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/assets", "/assets/12", "/tickets/12", "/login"])
def test_every_address_of_the_app_gives_its_first_page(path: str, client: TestClient) -> None:
    answer = client.get(path)
    assert (answer.text, answer.headers["cache-control"]) == ("first page", "no-cache")


def test_files_with_a_hash_in_their_name_are_kept_for_ever(client: TestClient) -> None:
    answer = client.get("/static/app-1a2b.js")
    assert answer.text == "script"
    assert "immutable" in answer.headers["cache-control"]


def test_a_file_of_an_older_build_is_not_the_first_page(client: TestClient) -> None:
    assert client.get("/static/app-0000.js").status_code == 404


@pytest.mark.parametrize("path", ["/%2e%2e/secret", "/..%2fsecret", "/static/..%2f..%2fsecret", "/a%00b"])
def test_nothing_outside_of_the_folder_is_served(path: str, client: TestClient) -> None:
    assert "secret" not in client.get(path).text


def test_a_large_file_goes_out_compressed(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "dist" / "static" / "large-3c4d.js").write_text("export const x = 1;\n" * 1000)
    answer = client.get("/static/large-3c4d.js", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers.get("content-length", 0)) < 2000
    assert answer.text.startswith("export")


def test_load_balancers_may_ask_with_head(client: TestClient) -> None:
    answer = client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")
