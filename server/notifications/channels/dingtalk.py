"""A DingTalk group's bot: 20 messages a minute, or it is blocked for 10 minutes.

With a signing secret the address gets ``timestamp`` (milliseconds) and ``sign``, the base64 of
HMAC-SHA256 over "timestamp, line feed, secret", keyed with the secret. People are called by name
in markdown messages only, whose text must hold ``@mobile``; without people it is a card.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from server.clock import to_ms
from server.notifications.channels.contract import Message, Pace, Refused, Target, TryLater
from server.notifications.channels.http import (
    HookSecrets,
    HookSettings,
    cut,
    hook_of,
    post_json,
    result_of,
    said,
    shown,
    with_query,
)
from server.notifications.channels.outgoing import Outgoing

TOO_FAST = 130101
BLOCKED_S = 600.0
BUSY = -1
LARGEST_TEXT = 18_000
"""Bytes; the whole message may have 20,000."""


class DingTalk:
    kind = "dingtalk"
    settings = HookSettings
    secrets = HookSecrets
    pace = Pace(burst=8, per_minute=11)

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    def send(self, message: Message, target: Target, *, now: datetime) -> str:
        url, secret = hook_of(target)
        if secret is not None:
            stamp = str(to_ms(now))
            url = with_query(url, timestamp=stamp, sign=sign(stamp, secret))
        answer = post_json(self._outgoing, url, payload(message))
        code, text = result_of(answer, "errcode", "errmsg")
        if code == TOO_FAST:
            raise TryLater(f"{code} {text}", blocked_s=BLOCKED_S)
        if code == BUSY:
            raise TryLater(f"{code} {text}")
        if code != 0:
            raise Refused(f"{code} {text}")
        return said(answer)

    def shown(self, target: Target) -> str:
        return shown(target)


def sign(stamp: str, secret: str) -> str:
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def payload(message: Message) -> dict[str, object]:
    """A markdown message that calls people by name, or a card."""
    title = cut(message.title, 200)
    text = cut(f"### {message.title}\n\n{message.body}", LARGEST_TEXT)
    mobiles = [one.mobile for one in message.mentions if one.mobile]
    if not mobiles:
        card = {"title": title, "text": text, "singleTitle": message.open_word, "singleURL": message.link}
        return {"msgtype": "actionCard", "actionCard": card}
    called = " ".join(f"@{mobile}" for mobile in mobiles)
    text = f"{text}\n\n[{message.open_word}]({message.link})\n\n{called}"
    return {
        "msgtype": "markdown",
        "markdown": {"title": title, "text": text},
        "at": {"atMobiles": mobiles, "isAtAll": False},
    }
