"""Mail, to a real SMTP server that wants TLS and a password."""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.policy import default
from pathlib import Path

import pytest

from server.identity.roles import Role
from tests.server.conftest import Cast
from tests.server.notifications.conftest import Desk, Post
from tests.server.notifications.providers import MailServer, Providers


@pytest.fixture(params=["tls", "starttls"])
def security(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def mail_server(tmp_path: Path, security: str) -> Iterator[MailServer]:
    server = MailServer(tmp_path, starttls=security == "starttls")
    yield server
    server.stop()


@pytest.fixture
def post(desk: Desk, providers: Providers, mail_server: MailServer, security: str, cast: Cast) -> Post:
    post = Post(desk, providers, tls=mail_server.trust)
    post.mail(mail_server, security)
    post.wish(cast.ids[Role.ENGINEER], email="erik@example.com")
    return post


def test_it_is_sent_encrypted_and_in_the_persons_language(
    post: Post, desk: Desk, mail_server: MailServer
) -> None:
    desk.notify()
    post.send()
    [raw] = mail_server.mails
    mail = email.message_from_bytes(raw, policy=default)
    assert mail["subject"] == "Critical: Pump set A: bearing hot"
    assert mail["to"] == "erik@example.com"
    body = mail.get_content()
    assert "https://plantroom.example/alarms/1" in body
    assert "https://plantroom.example/answer?t=" in body
    [message] = desk.messages("email")
    assert (message.state, mail["message-id"]) == ("sent", f"<{message.key}@example.com>")


@pytest.mark.parametrize("security", ["tls"], indirect=True)
def test_a_busy_server_is_asked_again_and_then_given_up(
    post: Post, desk: Desk, mail_server: MailServer
) -> None:
    mail_server.refuse_with = "451 try again later"
    desk.notify()
    post.send()
    [message] = desk.messages("email")
    assert (message.state, message.waits_for, message.attempts) == ("waiting", "retry", 1)
    desk.clock.advance(seconds=14)
    assert post.send() == 0
    desk.clock.advance(seconds=1)
    post.send()
    desk.clock.advance(seconds=60)
    post.send()
    [message] = desk.messages("email")
    assert (message.state, message.attempts) == ("failed", 3)
    assert message.last_error == {
        "en": "the mail server cannot take it now. It said: “451 try again later”",
        "zh": "邮件服务器暂时无法接收。对方原文：“451 try again later”",
    }


@pytest.mark.parametrize("security", ["tls"], indirect=True)
def test_a_refused_mail_is_not_tried_again(post: Post, desk: Desk, mail_server: MailServer) -> None:
    mail_server.refuse_with = "550 no such user"
    desk.notify()
    post.send()
    assert (desk.messages("email")[0].state, desk.messages("email")[0].attempts) == ("failed", 1)


@pytest.mark.parametrize("security", ["tls"], indirect=True)
def test_a_heading_cannot_smuggle_in_another(post: Post, desk: Desk, mail_server: MailServer) -> None:
    desk.title = "Pump\r\nBcc: all@example.com"
    desk.notify()
    post.send()
    mail = email.message_from_bytes(mail_server.mails[0], policy=default)
    assert mail["bcc"] is None


@pytest.mark.parametrize("security", ["tls"], indirect=True)
def test_a_certificate_that_nobody_vouches_for_gets_no_password(
    desk: Desk, providers: Providers, mail_server: MailServer, cast: Cast
) -> None:
    post = Post(desk, providers)
    post.mail(mail_server)
    post.wish(cast.ids[Role.ENGINEER], email="erik@example.com")
    desk.notify()
    post.send()
    assert mail_server.mails == []
    error = desk.messages("email")[0].last_error
    assert error is not None
    assert error["zh"].startswith("localhost 的证书不受信任。对方原文：“")
