"""The whole of Plantroom as a person starts it: ``plantroom up`` on free ports in a temporary folder."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil
from playwright.sync_api import Page, expect

from telemetry.bus import Bus
from tests.support.ports import free_port
from tests.support.waiting import eventually

CALM = Path(__file__).parent / "calm.yaml"
UP_WITHIN_S = 90.0


class RunningPlantroom:
    """One installation; it may be stopped, killed and started again on the same data."""

    def __init__(self, data: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.mqtt_port = free_port()
        self._arguments = arguments
        self._output = data.with_name(f"{data.name}.out")
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PLANTROOM_")},
            "PLANTROOM_DATA": str(data),
            "PLANTROOM_PORT": str(self.port),
            "PLANTROOM_MQTT_PORT": str(self.mqtt_port),
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._token: str | None = None
        self._sessions: dict[str, dict[str, str]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """All that the last start has said at the terminal."""
        return self._output.read_text()

    @property
    def link(self) -> str:
        """The admin's one-time link."""
        return self._said(r"open +(\S+)")

    @property
    def device_password(self) -> str:
        return self._said(r"mosquitto_pub .*-P (\S+)")

    def password(self, name: str) -> str:
        """Of ``engineer`` or ``guard``."""
        return self._said(rf"log in as {name} with (\S+)")

    def start(self) -> None:
        """Start and wait until it says how to use it."""
        process = self.spawn()
        eventually(
            lambda: "Ctrl-C" in self.output or process.poll() is not None,
            UP_WITHIN_S,
            what="plantroom up is ready",
        )
        assert process.poll() is None, f"plantroom up ended: {self.output}\n{self.logs()}"

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start without waiting."""
        command = [sys.executable, "-m", "server.commands.cli", "up", *self._arguments]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                command, env=self._environment, stdout=output, stderr=subprocess.STDOUT, process_group=0
            )
        return self._process

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop as Ctrl-C does; gives the exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(20)

    def close(self) -> None:
        """End whatever is left, however it is."""
        if self._process is not None and self._process.poll() is None:
            family = self.processes()
            self._process.terminate()
            psutil.wait_procs(family, timeout=15)
            for process in family:
                if process.is_running():
                    process.kill()
            self._process.wait(5)

    def processes(self) -> list[psutil.Process]:
        """The supervisor and everything it has started."""
        assert self._process is not None
        supervisor = psutil.Process(self._process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def command(self, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run another ``plantroom`` command on the same data; ``given`` goes to its standard input."""
        return subprocess.run(
            [sys.executable, "-m", "server.commands.cli", *arguments],
            env=self._environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @contextmanager
    def client(self, name: str) -> Iterator[httpx2.Client]:
        """An API client logged in as ``engineer`` or ``guard``, or with a token of ``admin``."""
        with self._api() as client:
            if name == "admin":
                client.headers["Authorization"] = f"Bearer {self._admin_token()}"
            else:
                client.cookies.update(self._session(name))
            yield client

    def enter(self, page: Page, name: str) -> None:
        """Log a browser in as ``admin``, ``engineer`` or ``guard``."""
        cookies = self._session(name)
        page.context.add_cookies(
            [{"name": key, "value": value, "url": self.url} for key, value in cookies.items()]
        )
        page.goto(self.url)
        expect(page.get_by_role("navigation").first).to_be_visible(timeout=20_000)

    def _session(self, name: str) -> dict[str, str]:
        """Its cookies. One log-in for each name: they are limited to a few a minute, and many tests share this."""
        if name not in self._sessions:
            with self._api() as client:
                if name == "admin":
                    link = self.command("user", "link", name).stdout.strip()
                    answer = client.post("session/link", json={"token": link.partition("#token=")[2]})
                else:
                    answer = client.post("session", json={"name": name, "password": self.password(name)})
                assert answer.is_success, answer.text
                self._sessions[name] = dict(client.cookies)
        return self._sessions[name]

    def _api(self) -> httpx2.Client:
        return httpx2.Client(base_url=f"{self.url}/api/v1", headers={"Origin": self.url}, timeout=20)

    def _admin_token(self) -> str:
        if self._token is None:
            self._token = self.command("user", "token", "admin").stdout.strip().splitlines()[-1]
        return self._token

    def bus(self, client_id: str = "test") -> Bus:
        """A started connection to its broker with all rights. Stop it at the end."""
        password = (self.data / "secrets" / "mqtt-plantroom").read_text().strip()
        url = f"mqtt://127.0.0.1:{self.mqtt_port}"
        bus = Bus(url, client_id=client_id, username="plantroom", password=password)
        bus.start()
        assert bus.wait_connected(10)
        return bus

    def publish(self, device: str, message: str) -> subprocess.CompletedProcess[str]:
        """One JSON message of a device, by mosquitto_pub with the log-in that the terminal shows."""
        login = ["-u", "devices", "-P", self.device_password]
        topic = f"plantroom/v1/devices/{device}/telemetry"
        return subprocess.run(
            ["mosquitto_pub", "-p", str(self.mqtt_port), *login, "-q", "1", "-t", topic, "-m", message],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    def logs(self, last_lines: int = 15) -> str:
        """The ends of all logs, for the report of a failed test."""
        texts = []
        for path in sorted((self.data / "logs").glob("*.log")):
            lines = [line[:300] for line in path.read_text(errors="replace").splitlines()[-last_lines:]]
            texts.append("\n".join([f"--- {path.name}", *lines]))
        return "\n".join(texts)

    def _said(self, pattern: str) -> str:
        found = re.search(pattern, self.output)
        assert found is not None, f"{pattern!r} is not in what it said:\n{self.output}"
        return found.group(1)
