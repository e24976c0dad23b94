"""Links that say "I have seen it" for one person and one notice, without logging in.

What they allow is little: to acknowledge, once, as that person, what that person was told of. They
are signed with a key derived from the server's and end with the shift; a mail scanner that opens
one sees a page with a button and changes nothing.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from server.errors import Forbidden
from server.notifications.channels.push import encode
from server.sealing import Sealer

GOOD_FOR = timedelta(hours=12)
_PURPOSE = "answer-link"


class Permission(NamedTuple):
    """What a link allows."""

    notice_id: int
    user_id: int


class Links:
    """Makes links and reads them."""

    def __init__(self, sealer: Sealer, public_url: str) -> None:
        self._key = sealer.derive(_PURPOSE)
        self._public_url = public_url

    def make(self, permission: Permission, *, now: datetime) -> str:
        """The whole address. The token stands in the query, which no access log keeps."""
        until = int((now + GOOD_FOR).timestamp())
        content = f"{permission.notice_id}.{permission.user_id}.{until}"
        return f"{self._public_url}/answer?t={content}.{self._sign(content)}"

    def read(self, token: str, *, now: datetime) -> Permission:
        """Raises Forbidden for what is not ours or over."""
        content, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._sign(content).encode(), signature.encode()):
            raise Forbidden(
                "This link is not complete. Open it from the message again, or log in.",
                "链接不完整，请从消息中重新打开，或登录后处理。",
                code="bad_link",
            )
        notice_id, user_id, until = (int(part) for part in content.split("."))
        if until < now.timestamp():
            raise Forbidden(
                "This link has expired. Please log in instead.",
                "链接已过期，请登录后处理。",
                code="link_expired",
            )
        return Permission(notice_id, user_id)

    def _sign(self, content: str) -> str:
        return encode(hmac.new(self._key, content.encode(), sha256).digest())
