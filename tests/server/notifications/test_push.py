"""Web push: only the browser can read it, and its server can tell that it is ours."""

from __future__ import annotations

import json
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select

from server.db import transaction
from server.identity.roles import Role
from server.notifications.channels.push import CURVE, Subscription, decode, encode, encrypt, point_of
from server.notifications.models import PushSubscription
from tests.server.conftest import Cast
from tests.server.notifications.conftest import Desk, Post
from tests.server.notifications.providers import Providers


class Browser:
    """The other end: its own key, and how it reads."""

    def __init__(self, endpoint: str) -> None:
        self.key = ec.generate_private_key(CURVE)
        self.auth = os.urandom(16)
        self.subscription = Subscription(endpoint, encode(point_of(self.key.public_key())), encode(self.auth))

    def read(self, body: bytes) -> bytes:
        """By RFC 8188 and RFC 8291, written from the receiver's side."""
        salt, record, length = body[:16], int.from_bytes(body[16:20]), body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= record
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
        info = b"WebPush: info\x00" + point_of(self.key.public_key()) + theirs
        secret = HKDF(SHA256(), 32, self.auth, info).derive(shared)
        key, nonce = (
            HKDF(SHA256(), size, salt, b"Content-Encoding: " + name + b"\x00").derive(secret)
            for name, size in ((b"aes128gcm", 16), (b"nonce", 12))
        )
        text = AESGCM(key).decrypt(nonce, sealed, None)
        assert text.endswith(b"\x02")
        return text[:-1]


def subscribe(desk: Desk, user_id: int, endpoint: str) -> Browser:
    browser = Browser(endpoint)
    with transaction(desk.db) as session:
        session.add(
            PushSubscription(
                user_id=user_id, agent="test", created_at=desk.clock.now, **browser.subscription._asdict()
            )
        )
    return browser


def test_the_example_of_rfc_8291() -> None:
    own = ec.derive_private_key(int.from_bytes(decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), CURVE)
    theirs = Subscription(
        "https://push.example.net/push",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    )
    found = encrypt(
        b"When I grow up, I want to be a watermelon",
        theirs,
        salt=decode("DGv6ra1nlYgDCS1FRnbzlw"),
        own_key=own,
    )
    assert encode(found) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_the_browser_reads_it_and_its_server_knows_us(
    post: Post, desk: Desk, providers: Providers, cast: Cast
) -> None:
    browser = subscribe(desk, cast.ids[Role.ENGINEER], f"{providers.url}/push/1")
    desk.notify()
    post.send()
    [got] = providers.of("/push")
    shown = json.loads(browser.read(got.body))
    assert shown["title"] == "Critical: Pump set A: bearing hot"
    assert shown["link"] == "/alarms/1"
    assert shown["answer"].startswith("/answer?t=")
    assert (got.headers["content-encoding"], got.headers["urgency"]) == ("aes128gcm", "high")
    token, key = (
        part.partition("=")[2] for part in got.headers["authorization"].removeprefix("vapid ").split(", ")
    )
    head, claims, signature = token.split(".")
    raw = decode(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decode(key))
    public.verify(
        encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])),
        f"{head}.{claims}".encode(),
        ec.ECDSA(SHA256()),
    )
    said = json.loads(decode(claims))
    assert said["aud"] == providers.url
    assert said["exp"] - desk.clock.now.timestamp() <= 24 * 3600
    assert key == post.another().vapid.public_key


def test_a_browser_that_is_gone_is_forgotten_and_mail_takes_over(
    post: Post, desk: Desk, providers: Providers, cast: Cast
) -> None:
    engineer = cast.ids[Role.ENGINEER]
    subscribe(desk, engineer, f"{providers.url}/push/1")
    post.channel("email", secrets={}, host="localhost", port=9, security="none", sender="a@example.com")
    post.wish(engineer, email="erik@example.com")
    providers.status = 410
    desk.notify()
    post.send()
    [failed] = desk.messages("push")
    assert failed.state == "failed"
    assert failed.last_error is not None
    assert failed.last_error["zh"].startswith("该地址已停用（HTTP 410）")
    assert [one.fallback_of for one in desk.messages("email")] == [failed.id]
    with desk.db() as session:
        assert session.scalars(select(PushSubscription)).all() == []
