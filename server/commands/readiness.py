"""Whether what was started can be used: asked of the processes themselves."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from typing import NamedTuple

from server.settings import ServerSettings


def accepts_connections(port: int) -> bool:
    """Whether something listens on this port of the loopback interface."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False


class Dependency(NamedTuple):
    """``state`` "ok" is well; ``detail`` is a sentence."""

    state: str
    detail: str


DOWN = Dependency("down", "not heard of")


class Health:
    """The server's own word on itself and what it depends on."""

    def __init__(self, settings: ServerSettings) -> None:
        unspecified = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
        self._host = unspecified.get(settings.host, settings.host)
        self._port = settings.port
        self._is_https = settings.tls_cert_file is not None

    def is_alive(self) -> bool:
        status, _ = self._get("/healthz")
        return status == 200

    def dependencies(self) -> dict[str, Dependency]:
        """Each dependency by name; empty while the server does not answer."""
        status, body = self._get("/readyz")
        if status not in {200, 503}:
            return {}
        found = json.loads(body).get("dependencies", {})
        return {name: Dependency(entry["state"], entry["detail"]) for name, entry in found.items()}

    def _get(self, path: str) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if not self._is_https:
            return http.client.HTTPConnection(self._host, self._port, timeout=3)
        context = ssl.create_default_context()
        # the certificate names the public host; here we ask our own child on this machine
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(self._host, self._port, timeout=3, context=context)
