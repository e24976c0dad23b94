"""The end of a shift: many phones that were without signal send what they have, to a real server that may be killed."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, Queue
from random import Random
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.assets.models import Space
from server.audit.service import SYSTEM
from server.clock import to_ms
from server.db import open_engine, reading, session_factory, transaction
from server.identity import sessions as identity_sessions
from server.identity.models import User
from server.identity.roles import Role
from server.migrations import migrate
from server.patrol.checkpoints.models import Checkpoint, Tag
from server.patrol.evidence import log
from server.patrol.evidence.chain import FIRST_HASH, event_hash
from server.patrol.evidence.models import PatrolEvent, PatrolException, Scan
from server.patrol.house import PatrolHouse, patrol_house
from server.patrol.on_site.models import Photo
from tests.support.ports import free_port
from tests.support.waiting import eventually

PIECE = 512 * 1024
A_BATCH = 200
"""Events a request carries at most; what the phone app sends."""


@dataclass
class Phone:
    """A phone with a day's scans on it."""

    token: str
    device_id: str
    events: list[dict[str, object]]
    photos: dict[str, bytes] = field(default_factory=dict)
    sent: int = 0


class ShiftEnd:
    """Builds the estate in ``folder``, runs the server, plays the phones."""

    def __init__(
        self, folder: Path, *, phones: int, scans: int, photo_every: int, photo_bytes: int, seed: int = 1
    ) -> None:
        """``photo_every``: one photo for so many scans; 0: none."""
        self._folder = folder
        self._port = free_port()
        self._url = f"sqlite:///{folder / 'plantroom.db'}"
        self._process: subprocess.Popen[bytes] | None = None
        self._house = patrol_house(key=None, data=folder, public_url=f"http://127.0.0.1:{self._port}")
        migrate(open_engine(self._url))
        self._sessions = session_factory(open_engine(self._url))
        random = Random(seed)
        codes = self._estate()
        self.phones = [
            self._phone(random, number, codes, scans=scans, photo_every=photo_every, photo_bytes=photo_bytes)
            for number in range(phones)
        ]
        self.retries = 0
        self.server_cpu_s = 0.0
        """Processor time of all servers that were stopped or killed."""

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PLANTROOM_")},
            "PLANTROOM_DATA": str(self._folder),
            "PLANTROOM_PORT": str(self._port),
            "PLANTROOM_MQTT_URL": f"mqtt://127.0.0.1:{free_port()}",
            "PLANTROOM_LOG_LEVEL": "error",
        }
        command = [sys.executable, "-m", "server.commands.cli", "server"]
        self._process = subprocess.Popen(
            command, env=environment, stderr=(self._folder / "server.log").open("ab")
        )
        eventually(self._answers, 60, what="the server answers")

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process is not None
        self.server_cpu_s += self._cpu_s()
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.server_cpu_s += self._cpu_s()
            self._process.terminate()
            self._process.wait(20)

    def play(self, *, workers: int, kill_after: float | None = None) -> float:
        """All phones at once; gives the seconds until the last one had sent everything.

        ``kill_after``: the share of phones' events after which the server is killed and started again.
        """
        queue: Queue[Phone] = Queue()
        for phone in self.phones:
            queue.put(phone)
        threads = [threading.Thread(target=self._work, args=(queue,)) for _ in range(workers)]
        total = sum(len(phone.events) for phone in self.phones)
        began = time.monotonic()
        for thread in threads:
            thread.start()
        if kill_after is not None:
            eventually(lambda: self._sent() >= kill_after * total, 600, what="some of it was sent")
            self.kill()
            self.start()
        for thread in threads:
            thread.join()
        return time.monotonic() - began

    def counts(self) -> dict[str, int]:
        """What the database has, for comparing with what was on the phones."""
        with reading(self._sessions) as session:
            return {
                "events": _count(session, PatrolEvent),
                "scans": _count(session, Scan),
                "photos": session.scalar(
                    select(func.count()).select_from(Photo).where(Photo.complete_at.is_not(None))
                )
                or 0,
                "gaps": session.scalar(
                    select(func.count())
                    .select_from(PatrolException)
                    .where(PatrolException.code.in_(("chain_gap", "chain_fork", "tampered")))
                )
                or 0,
                "log_broken_at": getattr(log.verify(session), "number", 0),
            }

    def photo_files_are_whole(self) -> bool:
        """Every photo's file has the bytes that were on the phone."""
        return all(
            (self._house.photos / photo_id[:2] / photo_id).read_bytes() == content
            for phone in self.phones
            for photo_id, content in phone.photos.items()
        )

    def _sent(self) -> int:
        return sum(phone.sent for phone in self.phones)

    def _work(self, queue: Queue[Phone]) -> None:
        while True:
            try:
                phone = queue.get_nowait()
            except Empty:
                return
            link = _Link(self._port, phone.token, self._note_retry)
            for start in range(0, len(phone.events), A_BATCH):
                batch = phone.events[start : start + A_BATCH]
                body = {"device_id": phone.device_id, "app": "0.1.0", "events": batch, "sent": None}
                answer = link.ask("POST", "/api/v1/patrol/sync", json.dumps(body).encode())
                assert len(answer["results"]) == len(batch)  # type: ignore[arg-type]
                phone.sent += len(batch)
            for photo_id, content in phone.photos.items():
                _send_photo(link, photo_id, content)
            link.close()

    def _cpu_s(self) -> float:
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # user and system, proc(5)

    def _note_retry(self) -> None:
        self.retries += 1

    def _answers(self) -> bool:
        try:
            link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
            link.request("GET", "/healthz")
            return link.getresponse().status == 200
        except OSError:
            return False

    def _estate(self) -> list[str]:
        with transaction(self._sessions) as session:
            label = {"en": "x", "zh": "x"}
            site = Space(key="site", kind="site", name=label, time_zone="Asia/Shanghai")
            session.add(site)
            session.flush()
            codes = []
            for number in range(200):
                row = Checkpoint(
                    key=f"c{number}", name=label, site_id=site.id, space_id=site.id, instructions=label
                )
                session.add(row)
                session.flush()
                codes.append(self._house.keys.new_code())
                session.add(
                    Tag(code=codes[-1], checkpoint_id=row.id, kind="qr", created_at=datetime.now(UTC))
                )
            return codes

    def _phone(
        self, random: Random, number: int, codes: list[str], *, scans: int, photo_every: int, photo_bytes: int
    ) -> Phone:
        now = datetime.now(UTC)
        with transaction(self._sessions) as session:
            user = User(name=f"g{number}", display_name=f"g{number}", role=Role.GUARD, created_at=now)
            session.add(user)
            session.flush()
            _, token = identity_sessions.issue_token(session, now=now, actor=SYSTEM, user=user, name="phone")
        phone = Phone(token, _uuid(random), [])
        previous, boot = FIRST_HASH, _uuid(random)
        began = now - timedelta(hours=11)
        for seq in range(1, scans + 1):
            at_ms = to_ms(began + timedelta(minutes=3 * seq))
            photo_ids: list[str] = []
            if photo_every and seq % photo_every == 0:
                photo_ids = [_uuid(random)]
                phone.photos[photo_ids[0]] = random.randbytes(photo_bytes)
            code = random.choice(codes)
            event: dict[str, object] = {
                "id": _uuid(random),
                "device_id": phone.device_id,
                "seq": seq,
                "prev": previous,
                "kind": "scan",
                "wall_ms": at_ms,
                "mono_ms": seq * 180_000,
                "boot": boot,
                "server_seen_ms": None,
                "server_seen_mono_ms": None,
                "place": None,
                "battery_percent": 60,
                "app": "0.1.0",
                "user_id": user.id,
                "payload": {
                    "round_id": None,
                    "checkpoint_id": None,
                    "how": "camera",
                    "text": _label(self._house, code),
                    "reason": None,
                    "photo_ids": photo_ids,
                },
            }
            event["hash"] = previous = event_hash(event)
            phone.events.append(event)
        return phone


class _Link:
    """A connection that is made again for as long as it takes."""

    def __init__(self, port: int, token: str, on_retry: Callable[[], None]) -> None:
        self._port = port
        self._headers = {"authorization": f"Bearer {token}"}
        self._on_retry = on_retry
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(
        self, method: str, path: str, body: bytes, *, kind: str = "application/json"
    ) -> dict[str, object]:
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            try:
                self._connection.request(
                    method, path, body=body, headers={**self._headers, "content-type": kind}
                )
                answer = self._connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                self._again()
                continue
            if answer.status < 500:
                assert answer.status in {200, 409}, content  # 409: a gap, and where to go on
                found: dict[str, object] = json.loads(content)
                return found
            self._again()
        raise TimeoutError(path)

    def close(self) -> None:
        self._connection.close()

    def _again(self) -> None:
        self._on_retry()
        self._connection.close()
        threading.Event().wait(0.2)
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)


def _send_photo(link: _Link, photo_id: str, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    offset = 0
    while offset < len(content):
        piece = content[offset : offset + PIECE]
        path = (
            f"/api/v1/patrol/photos/{photo_id}?offset={offset}&sha256={digest}&bytes={len(content)}"
            "&media_type=image/jpeg"
        )
        offset = int(str(link.ask("PATCH", path, piece, kind="application/octet-stream")["offset"]))


def _label(house: PatrolHouse, code: str) -> str:
    return f"{house.public_url}/t/{code}?s={house.keys.signature(code)}"


def _uuid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


def _count(session: Session, table: type[PatrolEvent] | type[Scan]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
