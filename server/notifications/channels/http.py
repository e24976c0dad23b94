"""What the channels that post JSON to one address have in common."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import Field, SecretStr

from server.errors import Label
from server.notifications.channels.answers import of_http, quoted
from server.notifications.channels.contract import (
    ChannelSecrets,
    ChannelSettings,
    Refused,
    Target,
    TryLater,
)
from server.notifications.channels.outgoing import Answer, Outgoing

GONE = (404, 410)
"""What a push server says of a browser that does not want any more (RFC 8030, 7.3)."""


class HookSettings(ChannelSettings):
    """Nothing but the language: the address itself is a secret."""


class HookSecrets(ChannelSecrets):
    url: Annotated[SecretStr, Field(min_length=8, max_length=2000)]
    """Whoever knows it can post: it is treated as a password."""
    secret: Annotated[SecretStr, Field(min_length=1, max_length=200)] | None = None
    """With which messages are signed."""


def hook_of(target: Target) -> tuple[str, str | None]:
    """(address, secret)."""
    secrets = cast("HookSecrets", target.secrets)
    return secrets.url.get_secret_value(), secrets.secret.get_secret_value() if secrets.secret else None


def shown(target: Target) -> str:
    """The host, which is enough to tell channels apart."""
    return urlsplit(hook_of(target)[0]).hostname or ""


def post_json(
    outgoing: Outgoing, url: str, body: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Answer:
    """Post; raises TryLater for 429 and 5xx, Refused for any other that is not 2xx."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return post_bytes(
        outgoing, url, content, {"content-type": "application/json; charset=utf-8", **(headers or {})}
    )


def post_bytes(outgoing: Outgoing, url: str, content: bytes, headers: Mapping[str, str]) -> Answer:
    """As ``post_json``."""
    answer = outgoing.post(url, content, headers)
    if answer.status == 429 or answer.status >= 500:
        raise TryLater(said(answer))
    if not 200 <= answer.status < 300:
        raise Refused(said(answer), is_gone=answer.status in GONE)
    return answer


def said(answer: Answer) -> Label:
    """The answer as it is kept and shown."""
    return of_http(answer.status, answer.text)


def with_query(url: str, **further: str) -> str:
    """The address with further parameters."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *further.items()])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def result_of(answer: Answer, code: str, text: str) -> tuple[int, str]:
    """(number, sentence) of a bot's JSON answer. Raises TryLater where it is none: a proxy's page, say."""
    try:
        found = json.loads(answer.text)
        return int(found[code]), str(found.get(text, ""))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        none = Label(en="the answer is not that of a bot", zh="对方的答复不是机器人的应答")
        raise TryLater(quoted(none, f"HTTP {answer.status} {answer.text}")) from error


def cut(text: str, most_bytes: int) -> str:
    """At most so many bytes of UTF-8, never half a character."""
    raw = text.encode()
    return text if len(raw) <= most_bytes else raw[: most_bytes - 3].decode("utf-8", "ignore") + "…"
