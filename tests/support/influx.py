"""A real InfluxDB server on free ports, which tests may stop, kill and start again.

Debian has InfluxDB 1.6.7: it stores and answers as 1.8 does, but has no /api/v2/write and knows no tokens.
A proxy in front of it gives it both; it rewrites paths and the Authorization header and nothing else.
"""

from __future__ import annotations

import base64
import http.client
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from tests.support.ports import free_port
from tests.support.waiting import eventually

_CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
auth-enabled = {auth}
log-enabled = false
[monitor]
store-enabled = false
[continuous_queries]
enabled = false
[logging]
level = "warn"
"""

_PASSED_ON = ("content-type", "content-encoding", "accept")


class _Rewrites(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for an acknowledgement
    wbufsize = -1
    port: ClassVar[int]

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() in _PASSED_ON}
        if user := self.headers.get("Authorization", "").removeprefix("Token "):
            headers["Authorization"] = f"Basic {base64.b64encode(user.encode()).decode()}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(self.command, _rewritten(self.path), body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except OSError:
            # what a client sees of a server that is not there
            self.close_connection = True
            return
        finally:
            connection.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() == "content-type" or name.lower().startswith("x-influxdb"):
                self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if answer.status != 204:
            self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


def _rewritten(path: str) -> str:
    parts = urlsplit(path)
    if parts.path != "/api/v2/write":
        return path
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    database, _, tier = asked["bucket"].partition("/")
    return f"/write?{urlencode({'db': database, 'rp': tier, 'precision': asked['precision']})}"


class Influx:
    """One server with its own folder, and the proxy in front of it, which stays when the server goes."""

    def __init__(self, folder: Path, *, auth: bool = False) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._http = httpx2.Client(base_url=f"http://{self.bare_host}", timeout=60, verify=False)
        (folder / "influxdb.conf").write_text(
            _CONFIG.format(folder=folder, port=self.port, rpc=free_port(), auth="true" if auth else "false")
        )
        handler = type("Rewrites", (_Rewrites,), {"port": self.port})
        self._proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._proxy.daemon_threads = True
        self._thread = threading.Thread(target=self._proxy.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server is not running"
        return self._process.pid

    @property
    def host(self) -> str:
        """Of the proxy."""
        return f"127.0.0.1:{self._proxy.server_address[1]}"

    @property
    def bare_host(self) -> str:
        """Of the server itself."""
        return f"127.0.0.1:{self.port}"

    def url(self, database: str) -> str:
        return f"influxdb://{self.host}/{database}?org=plantroom"

    def query(self, query: str, *, database: str = "") -> list[dict[str, object]]:
        """Ask the server itself; the series of the answer."""
        answer = self._http.post("/query", data={"q": query, "db": database, "epoch": "ms"})
        (result,) = answer.json()["results"]
        assert "error" not in result, result
        series: list[dict[str, object]] = result.get("series", [])
        return series

    def write(self, database: str, line: str) -> None:
        """Write to the server itself, into the raw tier."""
        answer = self._http.post("/write", params={"db": database, "rp": "raw"}, content=line)
        assert answer.status_code == 204, answer.text

    def start(self) -> None:
        """Start and wait until it answers."""
        program = shutil.which("influxd") or "/usr/bin/influxd"
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-config", str(self.folder / "influxdb.conf")], stdout=log, stderr=log
            )
        process = self._process
        eventually(lambda: self._answers() or process.poll() is not None, what="influxd answers")
        if process.poll() is not None:
            raise RuntimeError(f"influxd did not start: {(self.folder / 'log').read_text()}")

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def close(self) -> None:
        """End the server and the proxy."""
        self.kill()
        self._proxy.shutdown()
        self._proxy.server_close()
        self._thread.join()
        self._http.close()

    def _answers(self) -> bool:
        try:
            return self._http.get("/ping", timeout=1).status_code == 204
        except httpx2.TransportError:
            return False


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    """A running server that lets anyone in, without any database."""
    server = Influx(tmp_path_factory.mktemp("influx"))
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def guarded_influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    """A running server that wants a password; of nobody, until the first admin is made."""
    server = Influx(tmp_path_factory.mktemp("influx"), auth=True)
    try:
        server.start()
        yield server
    finally:
        server.close()
