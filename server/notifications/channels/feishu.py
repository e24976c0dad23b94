"""A Feishu (Lark) group's bot: 100 messages a minute and 5 a second, 20 kB each.

Signed in the body: ``timestamp`` (seconds) and ``sign``, the base64 of HMAC-SHA256 over nothing,
keyed with "timestamp, line feed, secret". People are called by name by their open_id.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

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
)
from server.notifications.channels.outgoing import Outgoing

TOO_FAST = frozenset({9499, 11232})
BLOCKED_S = 60.0
LARGEST_TEXT = 16_000
COLOURS = {"critical": "red", "high": "orange", "medium": "yellow", "low": "blue"}

KNOWN = {
    **dict.fromkeys(TOO_FAST, answers.TOO_MUCH),
    19001: answers.NO_SUCH_BOT,
    19021: Label(
        en="the signature does not fit: wrong secret, or wrong clock", zh="签名不符：密钥有误或时间不准"
    ),
    19022: Label(
        en="the bot does not take messages from our IP address", zh="机器人不接受来自本机 IP 的消息"
    ),
    19024: Label(en="the bot's keyword is missing", zh="消息中没有机器人要求的关键词"),
}
"""What its codes mean."""


class Feishu:
    kind = "feishu"
    settings = HookSettings
    secrets = HookSecrets
    pace = Pace(burst=4, per_minute=60)

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    def send(self, message: Message, target: Target, *, now: datetime) -> Label:
        url, secret = hook_of(target)
        body = payload(message)
        if secret is not None:
            stamp = str(int(now.timestamp()))
            body |= {"timestamp": stamp, "sign": sign(stamp, secret)}
        answer = post_json(self._outgoing, url, body)
        code, text = result_of(answer, "code", "msg")
        if code in TOO_FAST:
            raise TryLater(of_bot(code, text, KNOWN), blocked_s=BLOCKED_S)
        if code != 0:
            raise Refused(of_bot(code, text, KNOWN))
        return said(answer)

    def shown(self, target: Target) -> str:
        return shown(target)


def sign(stamp: str, secret: str) -> str:
    digest = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def payload(message: Message) -> dict[str, object]:
    """A card with a heading in the colour of the severity; what ended is grey."""
    called = "".join(f"<at id={one.feishu_id}></at>" for one in message.mentions if one.feishu_id)
    text = cut(message.body, LARGEST_TEXT) + (f"\n{called}" if called else "")
    colour = "grey" if message.kind == "ended" else COLOURS.get(message.severity, "grey")
    button = {
        "tag": "button",
        "text": {"tag": "plain_text", "content": message.open_word},
        "url": message.link,
        "type": "default",
    }
    return {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {
                "title": {"tag": "plain_text", "content": cut(message.title, 300)},
                "template": colour,
            },
            "elements": [
                {"tag": "div", "text": {"tag": "lark_md", "content": text}},
                {"tag": "action", "actions": [button]},
            ],
        },
    }
