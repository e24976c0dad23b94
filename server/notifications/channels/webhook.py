"""JSON posted to an address of the customer's, signed so that they can tell it is ours.

``Plantroom-Signature: t=<seconds>,v1=<hex>`` is HMAC-SHA256 of ``<seconds>.<body>`` with the
channel's secret: the time is signed along, so that an old message cannot be played again.
``Idempotency-Key`` is the same for each try of one message.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime

from server.errors import Label
from server.notifications.channels.contract import Message, Refused, Target
from server.notifications.channels.http import HookSecrets, HookSettings, hook_of, post_bytes, said, shown
from server.notifications.channels.outgoing import Outgoing


class Webhook:
    kind = "webhook"
    settings = HookSettings
    secrets = HookSecrets
    pace = None

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    def send(self, message: Message, target: Target, *, now: datetime) -> Label:
        url, secret = hook_of(target)
        if secret is None:
            raise Refused(Label(en="this webhook has no secret to sign with", zh="该 Webhook 未设置签名密钥"))
        body = json.dumps(payload(message), ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "content-type": "application/json; charset=utf-8",
            "idempotency-key": message.key,
            "plantroom-signature": signature(secret, body, now),
        }
        return said(post_bytes(self._outgoing, url, body, headers))

    def shown(self, target: Target) -> str:
        return shown(target)


def payload(message: Message) -> dict[str, object]:
    """What is posted; see docs/guides/notifications.md."""
    return {
        "version": 1,
        "id": message.key,
        "kind": message.kind,
        "severity": message.severity,
        "at": message.at.isoformat(),
        "title": message.title,
        "body": message.body,
        "link": message.link,
        **message.facts,
    }


def signature(secret: str, body: bytes, now: datetime) -> str:
    """The header's value."""
    seconds = int(now.timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"
