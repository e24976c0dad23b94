"""A real mosquitto on a free port in a temporary folder, which tests may stop, kill and start again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.ports import free_port, is_listening
from tests.support.waiting import eventually

DEBIAN_PATH = "/usr/sbin/mosquitto"  # not on an ordinary user's PATH


class Mosquitto:
    """One broker with its own folder; its sessions and retained messages outlive stop and kill."""

    def __init__(self, folder: Path, *, users: Mapping[str, str], acl: str, options: str) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._write_config(users, acl, options)

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the broker is not running"
        return self._process.pid

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def start(self) -> None:
        """Start and wait until it listens."""
        program = shutil.which("mosquitto") or DEBIAN_PATH
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-c", str(self.folder / "mosquitto.conf")], stdout=log, stderr=log
            )
        process = self._process
        eventually(lambda: is_listening(self.port) or process.poll() is not None, what="mosquitto listens")
        if process.poll() is not None:
            raise RuntimeError(f"mosquitto did not start: {self.log}")

    def stop(self) -> None:
        """Stop in order: it writes its database."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def kill(self) -> None:
        """kill -9: what was not saved yet is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def _write_config(self, users: Mapping[str, str], acl: str, options: str) -> None:
        lines = [
            f"listener {self.port} 127.0.0.1",
            "user root",  # as root it would change to a user who may not write here
            "persistence true",
            f"persistence_location {self.folder}/",
            "autosave_on_changes true",
            "autosave_interval 1000",
            "max_queued_messages 100000",
            "set_tcp_nodelay true",
            f"allow_anonymous {'false' if users else 'true'}",
        ]
        if users:
            passwords = self.folder / "passwords"
            passwords.touch(mode=0o600)
            for name, password in users.items():
                subprocess.run(["mosquitto_passwd", "-b", str(passwords), name, password], check=True)
            lines.append(f"password_file {passwords}")
        if acl:
            rights = self.folder / "acl"
            rights.touch(mode=0o600)
            rights.write_text(acl)
            lines.append(f"acl_file {rights}")
        (self.folder / "mosquitto.conf").write_text("\n".join([*lines, options, ""]))


class MosquittoFactory(Protocol):
    """``users``: name to password (none: anyone may connect); ``options``: more lines of mosquitto.conf."""

    def __call__(
        self, *, users: Mapping[str, str] | None = None, acl: str = "", options: str = ""
    ) -> Mosquitto: ...


@pytest.fixture
def mosquitto_factory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MosquittoFactory]:
    """Makes started brokers; all of them end with the test."""
    brokers: list[Mosquitto] = []

    def make(*, users: Mapping[str, str] | None = None, acl: str = "", options: str = "") -> Mosquitto:
        for _ in range(5):
            broker = Mosquitto(
                tmp_path_factory.mktemp("mosquitto"), users=users or {}, acl=acl, options=options
            )
            brokers.append(broker)
            try:
                broker.start()
            except RuntimeError:  # somebody took the port between asking and listening
                if "Address already in use" not in broker.log:
                    raise
            else:
                return broker
        raise RuntimeError("no free port for mosquitto")

    yield make
    for broker in brokers:
        broker.kill()


@pytest.fixture
def mosquitto(mosquitto_factory: MosquittoFactory) -> Mosquitto:
    """A running broker that lets anyone in."""
    return mosquitto_factory()
