"""Web push: messages to browsers through their makers' servers, which cannot read them.

Encrypted as RFC 8291 says (aes128gcm of RFC 8188, one record), and signed by RFC 8292 (VAPID) with
a key derived from the server's own: servers that share the key share the subscriptions.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.errors import Label
from server.notifications.channels.contract import (
    ChannelSecrets,
    ChannelSettings,
    Message,
    Refused,
    Target,
)
from server.notifications.channels.http import cut, post_bytes, said
from server.notifications.channels.outgoing import Outgoing
from server.sealing import Sealer

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-4)."""
RECORD = 4096
LARGEST_TEXT = 2000
"""Bytes of the body; a message may have 4,096 in all (RFC 8291, 4)."""
KEEP = timedelta(hours=4)
"""How long a push server keeps it for a phone that is off: after that it is an old story."""
TOKEN_FOR = timedelta(hours=12)


class Subscription(NamedTuple):
    """What a browser gave us."""

    endpoint: str
    p256dh: str
    auth: str

    @classmethod
    def parse(cls, text: str) -> Subscription:
        """Raises Refused."""
        try:
            return cls(*json.loads(text))
        except (ValueError, TypeError) as error:
            raise Refused(Label(en="that is no subscription", zh="推送登记无效")) from error

    def dump(self) -> str:
        return json.dumps(list(self))


class Vapid:
    """Our name towards push servers."""

    def __init__(self, sealer: Sealer, contact: str) -> None:
        """``contact``: a https or mailto address at which a push server's people find us."""
        number = int.from_bytes(sealer.derive("vapid", 48)) % (ORDER - 1) + 1
        self._key = ec.derive_private_key(number, CURVE)
        self._contact = contact

    @property
    def public_key(self) -> str:
        """What browsers subscribe with: the uncompressed point, base64url."""
        return encode(point_of(self._key.public_key()))

    def authorization(self, endpoint: str, now: datetime) -> str:
        """The header's value for one push server."""
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + TOKEN_FOR).timestamp()),
            "sub": self._contact,
        }
        signed = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(SHA256())))
        token = f"{signed}.{encode(r.to_bytes(32) + s.to_bytes(32))}"
        return f"vapid t={token}, k={self.public_key}"


class Push:
    kind = "push"
    settings = ChannelSettings
    secrets = ChannelSecrets
    pace = None

    def __init__(self, outgoing: Outgoing, vapid: Vapid) -> None:
        self._outgoing = outgoing
        self._vapid = vapid

    def send(self, message: Message, target: Target, *, now: datetime) -> Label:
        subscription = Subscription.parse(target.address)
        body = encrypt(content(message), subscription)
        headers = {
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(int(KEEP.total_seconds())),
            "urgency": "high" if message.severity in {"critical", "high"} else "normal",
            # a later message about the same thing takes the place of one not yet delivered
            "topic": encode(hashlib.sha256(_subject(message).encode()).digest())[:32],
            "authorization": self._vapid.authorization(subscription.endpoint, now),
        }
        return said(post_bytes(self._outgoing, subscription.endpoint, body, headers))

    def shown(self, target: Target) -> str:
        return urlsplit(Subscription.parse(target.address).endpoint).hostname or ""


def content(message: Message) -> bytes:
    """What the service worker shows."""
    shown = {
        "title": cut(message.title, 300),
        "body": cut(message.body, LARGEST_TEXT),
        "link": _local(message.link),
        "tag": _subject(message),
        "severity": message.severity,
        "quiet": message.kind == "ended",
        "answer": _local(message.answer_link) if message.answer_link else None,
        "answer_word": message.answer_word,
    }
    return json.dumps(shown, ensure_ascii=False).encode()


def _subject(message: Message) -> str:
    """The same for all that is said about one thing."""
    return str(message.facts.get("subject", message.key))


def _local(link: str) -> str:
    """The link without its origin: the worker opens nothing but the app."""
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def encrypt(
    text: bytes,
    subscription: Subscription,
    *,
    salt: bytes | None = None,
    own_key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """One record for this browser alone. ``salt`` and ``own_key`` are drawn anew each time but in tests."""
    try:
        theirs = decode(subscription.p256dh)
        their_key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs)
        auth = decode(subscription.auth)
    except ValueError as error:
        broken = Label(en="the subscription's keys are broken", zh="推送登记的密钥已损坏")
        raise Refused(broken) from error
    own_key = own_key or ec.generate_private_key(CURVE)
    salt = salt or os.urandom(16)
    ours = point_of(own_key.public_key())
    shared = own_key.exchange(ec.ECDH(), their_key)
    key_info = b"WebPush: info\x00" + theirs + ours
    secret = _expand(_extract(auth, shared), key_info, 32)
    pseudo_random = _extract(salt, secret)
    key = _expand(pseudo_random, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _expand(pseudo_random, b"Content-Encoding: nonce\x00", 12)
    sealed = AESGCM(key).encrypt(nonce, text + b"\x02", None)
    return salt + RECORD.to_bytes(4) + len(ours).to_bytes(1) + ours + sealed


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _extract(salt: bytes, secret: bytes) -> bytes:
    mac = HMAC(salt, SHA256())
    mac.update(secret)
    return mac.finalize()


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand of RFC 5869 for at most one block."""
    return _extract(key, info + b"\x01")[:length]


def _json(value: dict[str, object] | dict[str, str]) -> str:
    return encode(json.dumps(value, separators=(",", ":")).encode())
