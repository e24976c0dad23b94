"""Every kind of channel by its name."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

from server.notifications.channels.contract import Way
from server.notifications.channels.dingtalk import DingTalk
from server.notifications.channels.email import Email
from server.notifications.channels.feishu import Feishu
from server.notifications.channels.outgoing import Outgoing
from server.notifications.channels.push import Push, Vapid
from server.notifications.channels.webhook import Webhook
from server.notifications.channels.wecom import WeCom

SET_UP = ("email", "webhook", "dingtalk", "wecom", "feishu")
"""Kinds that an admin sets up; push needs nothing."""


def ways(outgoing: Outgoing, vapid: Vapid, *, tls: ssl.SSLContext | None = None) -> Mapping[str, Way]:
    """All kinds, ready to send. A further one is one file and one line here."""
    found: tuple[Way, ...] = (
        Push(outgoing, vapid),
        Email(tls),
        Webhook(outgoing),
        DingTalk(outgoing),
        WeCom(outgoing),
        Feishu(outgoing),
    )
    return {way.kind: way for way in found}
