"""What surrounds every response: request id, access log, security headers, a limit on what may be sent to us."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable

import structlog
from fastapi import HTTPException
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.web.problems import unexpected

log = structlog.get_logger("access")

LARGEST_BODY = 1024 * 1024
"""Bytes; nothing else that the API takes is larger."""
_LARGER = {"/api/v1/workbook": 16 * 1024 * 1024}
"""Bytes, by path."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines; logged only when they fail."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        # antd writes its styles into the page; styles cannot run anything
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "worker-src 'self' blob:",
        # the QR reader is WebAssembly from our own origin
        "script-src 'self' 'wasm-unsafe-eval'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_SECURITY = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}
_STRICT_TRANSPORT = "max-age=31536000"

Observer = Callable[[str, str, int, float], None]
"""Called with method, route, status and seconds of each request, for the metrics."""


class Surroundings:
    """ASGI middleware around the whole application. Nothing gets past it without an answer."""

    def __init__(self, app: ASGIApp, *, https: bool, observe: Observer) -> None:
        self.app = app
        self.https = https
        self.observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        request.state.request_id = _request_id(request)
        exchange = _Exchange(request, receive, send, https=self.https)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request.state.request_id):
            try:
                await self._answer(exchange, scope)
            finally:
                self._note(request, exchange.status, time.perf_counter() - started)

    async def _answer(self, exchange: _Exchange, scope: Scope) -> None:
        try:
            await self.app(scope, exchange.receive, exchange.send)
        except Exception as error:
            if exchange.status:  # the response is under way: end it, the client sees it cut
                raise
            await unexpected(exchange.request, error)(scope, exchange.receive, exchange.send)

    def _note(self, request: Request, status: int, seconds: float) -> None:
        route = request.scope.get("route")
        path = getattr(route, "path", None) or "(none)"
        self.observe(request.method, path, status, seconds)
        if request.url.path in _QUIET and status < 400:
            return
        # the path without its query: searches may hold names of people
        log.info(
            "request",
            method=request.method,
            path=request.url.path,
            status=status or 499,
            ms=round(seconds * 1000, 1),
            ip=request.client.host if request.client else None,
            user=getattr(request.state, "user_name", None),
        )


class _Exchange:
    """One request and its response, watched as they pass."""

    def __init__(self, request: Request, receive: Receive, send: Send, *, https: bool) -> None:
        self.request = request
        self.status = 0
        self._receive = receive
        self._send = send
        self._https = https
        self._received = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > _LARGER.get(self.request.url.path, LARGEST_BODY):
            raise HTTPException(413)  # fastapi's own kind: any other it would take for broken JSON
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.request.state.request_id
            for name, value in _SECURITY.items():
                headers.setdefault(name, value)
            if self._https:
                headers.setdefault("strict-transport-security", _STRICT_TRANSPORT)
            if self.request.url.path.startswith("/api/"):
                headers.setdefault("cache-control", "no-store")
        await self._send(message)


def _request_id(request: Request) -> str:
    """The id the proxy gave, if it looks like one (it ends up in logs), else a new one."""
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
