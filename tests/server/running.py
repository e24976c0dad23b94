"""The application on a real socket, and its stream of events."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import msgspec
import uvicorn
from fastapi import FastAPI

from server.identity.roles import Role
from tests.server.conftest import Cast
from tests.support.waiting import eventually


class Running:
    """The application on a real socket."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> Running:
        self._thread.start()
        eventually(lambda: self._server.started, what="the server is up")
        return self

    def __exit__(self, *_: object) -> None:
        self.app.state.hub.close()
        self._server.should_exit = True
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"


@contextmanager
def stream(running: Running, cast: Cast, query: str) -> Iterator[Iterator[tuple[str, object]]]:
    url = f"{running.url}/api/v1/live{query}"
    with httpx2.stream("GET", url, headers=cast.headers(Role.VIEWER), timeout=10) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines()
        assert next(lines) == "retry: 2000"
        told = events(lines)
        assert next(told) == ("ready", {})
        yield told


def events(lines: Iterator[str]) -> Iterator[tuple[str, object]]:
    name = ""
    for line in lines:
        field, _, text = line.partition(": ")
        if field == "event":
            name = text
        elif field == "data":
            yield name, msgspec.json.decode(text)
