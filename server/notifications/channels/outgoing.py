"""HTTP to addresses that people typed in: never to our own network, unless the installation says so.

An admin of Plantroom is not therefore an admin of what stands behind the same firewall. A name is
resolved once, all its addresses are looked at, and the connection goes to the address that was
looked at: a name that changes its mind in between leads nowhere. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx2

from server.errors import Label
from server.notifications.channels.answers import unreachable
from server.notifications.channels.contract import Refused, TryLater

TIMEOUT_S = 10.0
WHOLE_S = 20.0
"""For everything together: a server that sends a byte now and then is given up."""
LARGEST_ANSWER = 64 * 1024
LARGEST_REQUEST = 256 * 1024


class Answer(NamedTuple):
    status: int
    text: str


class Outgoing:
    """Posts to the outside. ``allow_private`` lets it reach private addresses and plain http as well."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    def check(self, url: str) -> None:
        """Raise Refused for what would never be posted to, as far as the address alone tells."""
        parts = urlsplit(url)
        allowed = {"https", "http"} if self._allow_private else {"https"}
        if parts.scheme not in allowed or not parts.hostname or parts.username or parts.password:
            raise Refused(_malformed(sorted(allowed)))

    def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Raises Refused for an address we do not go to, TryLater where nobody answers."""
        self.check(url)
        if len(content) > LARGEST_REQUEST:
            raise Refused(Label(en="the message is too large", zh="消息过大"))
        parts = urlsplit(url)
        pinned = _pinned(parts, self._resolve(parts))
        sent = {**headers, "host": parts.netloc, "user-agent": "Plantroom"}
        try:
            with (
                httpx2.Client(timeout=TIMEOUT_S, trust_env=False, follow_redirects=False) as client,
                client.stream(
                    "POST",
                    pinned,
                    content=content,
                    headers=sent,
                    extensions={"sni_hostname": parts.hostname or ""},
                ) as response,
            ):
                return Answer(response.status_code, _text(response))
        except httpx2.HTTPError as error:
            raise TryLater(unreachable(parts.hostname or "", error)) from error

    def _resolve(self, parts: SplitResult) -> str:
        """The address to connect to."""
        host = parts.hostname or ""
        try:
            found = socket.getaddrinfo(
                host, parts.port or (443 if parts.scheme == "https" else 80), type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError) as error:
            raise TryLater(unreachable(host, error)) from error
        addresses = [str(one[4][0]).partition("%")[0] for one in found]
        if not self._allow_private and not all(is_public(address) for address in addresses):
            raise Refused(_private(host))
        return addresses[0]


def _malformed(allowed: Sequence[str]) -> Label:
    return Label(
        en=f"the address must begin with {' or '.join(allowed)}:// and name a host",
        zh=f"地址须以 {' 或 '.join(allowed)}:// 开头并包含主机名",
    )


def _private(host: str) -> Label:
    return Label(
        en=f"{host} is an address of a private network; PLANTROOM_PRIVATE_WEBHOOKS=true would allow it",
        zh=f"{host} 是内网地址；设置 PLANTROOM_PRIVATE_WEBHOOKS=true 后才允许访问",
    )


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet at large, however it is dressed up."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or _nat64(found)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in ipaddress.IPv6Network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _pinned(parts: SplitResult, address: str) -> str:
    host = f"[{address}]" if ":" in address else address
    netloc = host if parts.port is None else f"{host}:{parts.port}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


def _text(response: httpx2.Response) -> str:
    until = time.monotonic() + WHOLE_S
    parts: list[bytes] = []
    size = 0
    for chunk in response.iter_bytes():
        parts.append(chunk)
        size += len(chunk)
        if size >= LARGEST_ANSWER or time.monotonic() > until:
            break
    return b"".join(parts)[:LARGEST_ANSWER].decode("utf-8", "replace")
