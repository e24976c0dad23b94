"""What became of a message, in both languages. What the other side said is quoted as it came, and marked so."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping

import httpx2

from server.errors import Label

QUOTED = 400
"""Characters of the other side's words that are kept."""
TOO_MUCH = Label(en="too many messages were sent", zh="发送过于频繁，已达上限")
BUSY = Label(en="the other side is busy", zh="对方系统繁忙")
NO_SUCH_BOT = Label(
    en="the other side knows no bot at this address", zh="地址中的机器人不存在或已失效，请检查 Webhook 地址"
)
_TAKEN = Label(en="taken", zh="对方已接收")
_NOT_TAKEN = Label(en="the other side did not take it", zh="对方未接收")
_STATUS: Mapping[int, Label] = {
    401: Label(en="the other side demands a log-in", zh="对方要求身份验证"),
    403: Label(en="the other side does not allow it", zh="对方拒绝访问"),
    404: Label(en="there is nothing at this address", zh="该地址不存在"),
    410: Label(en="this address is no longer in use", zh="该地址已停用"),
    413: Label(en="the message is too large for the other side", zh="消息超出对方允许的大小"),
    429: TOO_MUCH,
}


def quoted(what: Label, words: str) -> Label:
    """Our sentence, and after it the other side's own words; nothing is added where it said nothing."""
    text = " ".join(words.split())[:QUOTED]
    if not text:
        return what
    return Label(en=f"{what['en']}. It said: “{text}”", zh=f"{what['zh']}。对方原文：“{text}”")


def of_http(status: int, text: str) -> Label:
    """An HTTP answer."""
    what = _of_status(status)
    return quoted(Label(en=f"{what['en']} (HTTP {status})", zh=f"{what['zh']}（HTTP {status}）"), text)


def of_bot(code: int, text: str, known: Mapping[int, Label]) -> Label:
    """The answer of a group's bot that did not take a message. ``known``: what we know its codes to mean."""
    return quoted(known.get(code, _NOT_TAKEN), f"{code} {text}")


def unreachable(host: str, error: Exception) -> Label:
    """Why there was no answer. The error's own text is kept to ourselves: it may hold an address with its token."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = Label(en=f"the certificate of {host} is not trusted", zh=f"{host} 的证书不受信任")
            return quoted(why, cause.verify_message)
    for kind, en, zh in _WHY:
        if any(isinstance(cause, kind) for cause in causes):
            return Label(en=en.format(host), zh=zh.format(host))
    name = type(error).__name__
    return Label(en=f"{host} cannot be reached ({name})", zh=f"无法连接 {host}（{name}）")


_WHY: tuple[tuple[type[Exception], str, str], ...] = (
    (socket.gaierror, "there is no address for {}", "找不到 {} 的地址"),
    (UnicodeError, "there is no address for {}", "找不到 {} 的地址"),
    (TimeoutError, "{} did not answer in time", "{} 未在规定时间内应答"),
    (httpx2.TimeoutException, "{} did not answer in time", "{} 未在规定时间内应答"),
    (ConnectionRefusedError, "{} refuses the connection", "{} 拒绝连接"),
    (ssl.SSLError, "no secure connection to {} came about", "与 {} 建立安全连接失败"),
    (ConnectionError, "{} broke off the connection", "{} 中断了连接"),
    (httpx2.RemoteProtocolError, "{} broke off the connection", "{} 中断了连接"),
)
"""By what lies behind an error; the first that fits, so the narrower stand first."""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _of_status(status: int) -> Label:
    if 200 <= status < 300:
        return _TAKEN
    if 300 <= status < 400:
        return Label(
            en="it sends us to another address, where we do not go", zh="对方要求跳转到其他地址，未跟随"
        )
    if status >= 500:
        return _STATUS.get(status, Label(en="the other server has a fault", zh="对方服务器出错"))
    return _STATUS.get(status, _NOT_TAKEN)
