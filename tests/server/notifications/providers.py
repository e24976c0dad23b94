"""The other side: a mail server, a webhook's receiver, push servers and the bots with their limits, all real servers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.ports import free_port

DING_SECRET = "SECding"
FEISHU_SECRET = "feishu-secret"
HOOK_SECRET = "hook-secret"
MAIL_PASSWORD = "mail password"
MINUTE = timedelta(minutes=1)


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found


@dataclass
class Providers:
    """An HTTP server that is DingTalk, WeCom, Feishu, a webhook's receiver and a push server, by path.

    Its minutes are the test's: the bots count what came in the last minute of that clock.
    """

    clock: Callable[[], datetime]
    received: list[Received] = field(default_factory=list)
    status: int = 200
    """What webhook and push answer with."""
    blocked: int = 0
    """How often a bot had to say that it was too much."""
    url: str = ""
    _taken: dict[str, list[datetime]] = field(default_factory=dict)
    _blocked_until: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, path: str) -> list[Received]:
        return [one for one in self.received if one.path.startswith(path)]

    def forget(self) -> None:
        self.received.clear()
        self._taken.clear()
        self._blocked_until.clear()
        self.status, self.blocked = 200, 0

    def answer(self, one: Received) -> tuple[int, dict[str, object]]:
        with self._lock:
            self.received.append(one)
            if one.path.startswith("/robot/send"):
                return self._dingtalk(one)
            if one.path.startswith("/cgi-bin/webhook/send"):
                return self._wecom(one)
            if one.path.startswith("/open-apis/bot/v2/hook/"):
                return self._feishu(one)
            return self.status, {"thanks": True}

    def _dingtalk(self, one: Received) -> tuple[int, dict[str, object]]:
        query = {name: values[0] for name, values in parse_qs(urlsplit(one.path).query).items()}
        if query.get("access_token") != "token-d":
            return 200, {"errcode": 300005, "errmsg": "token is not exist"}
        stamp = query.get("timestamp", "0")
        wanted = base64.b64encode(
            hmac.new(DING_SECRET.encode(), f"{stamp}\n{DING_SECRET}".encode(), hashlib.sha256).digest()
        ).decode()
        age = abs(self.clock() - datetime.fromtimestamp(int(stamp) / 1000, UTC))
        if query.get("sign") != wanted or age > timedelta(hours=1):
            return 200, {"errcode": 310000, "errmsg": "sign not match"}
        if self._is_too_much("dingtalk", 20, timedelta(minutes=10)):
            return 200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        kind = one.json["msgtype"]
        if kind not in {"markdown", "actionCard"} or len(one.body) > 20_000:
            return 200, {"errcode": 40035, "errmsg": "bad message"}
        return 200, {"errcode": 0, "errmsg": "ok"}

    def _wecom(self, one: Received) -> tuple[int, dict[str, object]]:
        if "key=key-w" not in one.path:
            return 200, {"errcode": 93000, "errmsg": "invalid webhook url"}
        if self._is_too_much("wecom", 20, MINUTE):
            return 200, {"errcode": 45009, "errmsg": "api freq out of limit"}
        text = one.json.get("text")
        if isinstance(text, dict) and len(str(text["content"]).encode()) > 2048:
            return 200, {"errcode": 40058, "errmsg": "content too long"}
        return 200, {"errcode": 0, "errmsg": "ok"}

    def _feishu(self, one: Received) -> tuple[int, dict[str, object]]:
        stamp = str(one.json.get("timestamp", ""))
        wanted = base64.b64encode(
            hmac.new(f"{stamp}\n{FEISHU_SECRET}".encode(), b"", hashlib.sha256).digest()
        ).decode()
        if one.json.get("sign") != wanted:
            return 200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
        if self._is_too_much("feishu", 100, MINUTE):
            return 200, {"code": 11232, "msg": "frequency limited"}
        return 200, {"code": 0, "msg": "success"}

    def _is_too_much(self, bot: str, most: int, block: timedelta) -> bool:
        now = self.clock()
        if self._blocked_until.get(bot, now) > now:
            self.blocked += 1
            return True
        taken = [at for at in self._taken.get(bot, []) if at > now - MINUTE]
        if len(taken) >= most:
            self._blocked_until[bot] = now + block
            self.blocked += 1
            return True
        self._taken[bot] = [*taken, now]
        return False


def serve(providers: Providers) -> ThreadingHTTPServer:
    """Start it; ``shutdown`` and ``server_close`` end it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = providers.answer(Received(self.path, headers, body))
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    providers.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


class MailServer:
    """An SMTP server that wants TLS and a password, and keeps what it gets."""

    def __init__(self, folder: Path, *, starttls: bool = False) -> None:
        certificate, key = self_signed(folder)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        self.trust = ssl.create_default_context(cafile=str(certificate))
        self.mails: list[bytes] = []
        self.refuse_with: str | None = None
        self.port = free_port()
        common = {"authenticator": _check, "auth_required": True, "auth_require_tls": False}
        if starttls:
            self._controller = _Starttls(
                self, hostname="127.0.0.1", port=self.port, **common, starttls=context
            )
        else:
            self._controller = Controller(
                self, hostname="127.0.0.1", port=self.port, ssl_context=context, **common
            )
        self._controller.start()

    async def handle_DATA(  # noqa: N802 - its name in the library
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.refuse_with is not None:
            return self.refuse_with
        self.mails.append(bytes(envelope.content or b""))
        return "250 OK: queued as 1"

    def stop(self) -> None:
        self._controller.stop()


class _Starttls(Controller):
    def __init__(self, handler: MailServer, *, starttls: ssl.SSLContext, **options: object) -> None:
        self._starttls = starttls
        super().__init__(handler, **options)

    def factory(self) -> SMTP:
        return SMTP(self.handler, tls_context=self._starttls, require_starttls=True, **self.SMTP_kwargs)


def _check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    right = isinstance(data, LoginPassword) and data.password == MAIL_PASSWORD.encode()
    return AuthResult(success=right, handled=right)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """(certificate, key) for localhost and 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "mail.pem", folder / "mail.key"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file
