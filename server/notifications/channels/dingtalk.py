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
from server.errors import Label
from server.notifications.channels import answers
from server.notifications.channels.answers import of_bot
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

KNOWN = {
    TOO_FAST: answers.TOO_MUCH,
    BUSY: answers.BUSY,
    300005: answers.NO_SUCH_BOT,
    310000: Label(
        en="the bot's security settings do not let it pass: secret, keyword or IP address",
        zh="未通过机器人的安全设置（加签密钥、关键词或 IP 地址）",
    ),
}
"""What its codes mean."""


class DingTalk:
    kind = "dingtalk"
    settings = HookSettings
    secrets = HookSecrets
    pace = Pace(burst=8, per_minute=11)

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    def send(self, message: Message, target: Target, *, now: datetime) -> Label:
        url, secret = hook_of(target)
        if secret is not None:
            stamp = str(to_ms(now))
            url = with_query(url, timestamp=stamp, sign=sign(stamp, secret))
        answer = post_json(self._outgoing, url, payload(message))
        code, text = result_of(answer, "errcode", "errmsg")
        if code == TOO_FAST:
            raise TryLater(of_bot(code, text, KNOWN), blocked_s=BLOCKED_S)
        if code == BUSY:
            raise TryLater(of_bot(code, text, KNOWN))
        if code != 0:
            raise Refused(of_bot(code, text, KNOWN))
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
