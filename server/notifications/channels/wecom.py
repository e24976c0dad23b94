"""A WeCom (企业微信) group's bot: 20 messages a minute. Its address is its only secret.

People are called by name, by mobile, in text messages only; without people it is a card.
"""

from __future__ import annotations

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

TOO_FAST = 45009
BLOCKED_S = 60.0
BUSY = -1
LARGEST_TEXT = 2048
"""Bytes of a text message."""

KNOWN = {TOO_FAST: answers.TOO_MUCH, BUSY: answers.BUSY, 93000: answers.NO_SUCH_BOT}
"""What its codes mean."""


class WeCom:
    kind = "wecom"
    settings = HookSettings
    secrets = HookSecrets
    pace = Pace(burst=8, per_minute=11)

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    def send(self, message: Message, target: Target, *, now: datetime) -> Label:
        url, _ = hook_of(target)
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


def payload(message: Message) -> dict[str, object]:
    """A text that calls people by name, or a card."""
    mobiles = [one.mobile for one in message.mentions if one.mobile]
    if mobiles:
        tail = f"\n{message.link}"
        content = cut(f"{message.title}\n{message.body}", LARGEST_TEXT - len(tail.encode())) + tail
        return {"msgtype": "text", "text": {"content": content, "mentioned_mobile_list": mobiles}}
    return {
        "msgtype": "template_card",
        "template_card": {
            "card_type": "text_notice",
            "main_title": {"title": cut(message.title, 108)},
            "sub_title_text": cut(message.body, 336),
            "jump_list": [{"type": 1, "title": message.open_word, "url": message.link}],
            "card_action": {"type": 1, "url": message.link},
        },
    }
