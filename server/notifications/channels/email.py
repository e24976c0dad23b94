"""Mail by SMTP, in plain text: read by every phone, and by a screen reader."""

from __future__ import annotations

import asyncio
import re
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal, cast

import aiosmtplib
from pydantic import Field, SecretStr

from server.errors import Label
from server.notifications.channels.answers import quoted, unreachable
from server.notifications.channels.contract import (
    ChannelSecrets,
    ChannelSettings,
    Message,
    Refused,
    Target,
    TryLater,
)

TIMEOUT_S = 15.0
_MAIL = re.compile(r"[^@\s<>,;:\"()\\]{1,64}@[^@\s<>,;:\"()\\]{1,190}")


class MailSettings(ChannelSettings):
    host: str = Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._:-]+$")
    port: int = Field(default=465, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    """tls: from the first byte; starttls: demanded before anything is said; none: only to a server nearby."""
    username: str | None = Field(default=None, max_length=254)
    sender: str = Field(max_length=254, pattern=f"^{_MAIL.pattern}$")


class MailSecrets(ChannelSecrets):
    password: SecretStr | None = None


class Email:
    kind = "email"
    settings = MailSettings
    secrets = MailSecrets
    pace = None

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """``tls``: which certificates are trusted; None: the system's."""
        self._tls = tls

    def send(self, message: Message, target: Target, *, now: datetime) -> Label:
        settings, secrets = cast("MailSettings", target.settings), cast("MailSecrets", target.secrets)
        mail = compose(message, sender=settings.sender, to=target.address)
        password = secrets.password.get_secret_value() if secrets.password else None
        try:
            errors, answer = asyncio.run(
                aiosmtplib.send(
                    mail,
                    hostname=settings.host,
                    port=settings.port,
                    use_tls=settings.security == "tls",
                    start_tls=settings.security == "starttls",
                    username=settings.username if password else None,
                    password=password,
                    timeout=TIMEOUT_S,
                    tls_context=self._tls,
                )
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _by_code(error.recipients[0].code, error.recipients[0].message) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _by_code(error.code, error.message) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TryLater(unreachable(settings.host, error)) from error
        taken = Label(en="the mail server took it", zh="邮件服务器已接收")
        return quoted(taken, f"{'; '.join(str(error) for error in errors.values())}{answer}")

    def shown(self, target: Target) -> str:
        settings = cast("MailSettings", target.settings)
        return f"{settings.sender} ({settings.host}:{settings.port})"


def compose(message: Message, *, sender: str, to: str) -> EmailMessage:
    """The mail. Raises Refused for what is no address."""
    if not _MAIL.fullmatch(to):
        raise Refused(Label(en="that is no mail address", zh="邮箱地址无效"))
    mail = EmailMessage()
    mail["From"] = Address("Plantroom", addr_spec=sender)
    mail["To"] = to
    mail["Subject"] = " ".join(message.title.split())
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.key}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.severity == "critical":
        mail["Importance"] = "high"
    lines = [message.title, "", message.body, "", f"{message.open_word}: {message.link}"]
    if message.answer_link:
        lines.append(f"{message.answer_word}: {message.answer_link}")
    mail.set_content("\n".join(lines))
    return mail


def _by_code(code: int, text: str) -> Refused | TryLater:
    """4xx: later; 5xx: never (RFC 5321, 4.2.1)."""
    later = 400 <= code < 500
    answer = quoted(_CODES.get(code, _LATER if later else _NEVER), f"{code} {text}")
    return TryLater(answer) if later else Refused(answer)


_LATER = Label(en="the mail server cannot take it now", zh="邮件服务器暂时无法接收")
_NEVER = Label(en="the mail server refuses it", zh="邮件服务器拒绝接收")
_FULL = Label(en="the mailbox is full or its quota is reached", zh="邮箱已满或超出配额")
_NO_LOGIN = Label(en="the mail server refuses the log-in", zh="邮件服务器拒绝登录，请检查用户名和密码")
_NO_ADDRESS = Label(en="the mail server does not take mail for this address", zh="邮件服务器不接受该收件地址")
_CODES = {
    452: _FULL,
    552: _FULL,
    530: _NO_LOGIN,
    534: _NO_LOGIN,
    535: _NO_LOGIN,
    550: _NO_ADDRESS,
    551: _NO_ADDRESS,
    553: _NO_ADDRESS,
}
"""What a mail server's answers mean (RFC 5321, 4.2.3; RFC 4954, 6)."""
