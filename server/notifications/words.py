"""The sentences that are sent, in both languages, and the messages made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from server.errors import Label
from server.notifications.channels.contract import Locale, Mention, Message
from server.notifications.models import Notice, OutboxMessage

SEVERITIES: Mapping[str, Label] = {
    "critical": Label(en="Critical", zh="紧急"),
    "high": Label(en="High", zh="高"),
    "medium": Label(en="Medium", zh="中"),
    "low": Label(en="Low", zh="低"),
}
MOST_IN_DIGEST = 20
"""Lines of a digest; what is beyond is counted."""
_TEST_TITLE = Label(en="Test message of Plantroom", zh="Plantroom 测试消息")
_TEST_BODY = Label(
    en="If you can read this, messages reach you this way. Nothing has happened.",
    zh="能看到这条消息，说明该通道可以送达。没有发生任何事件。",
)


class Telling(NamedTuple):
    """One row of the outbox with what it is about."""

    row: OutboxMessage
    notice: Notice


@dataclass(frozen=True)
class Reader:
    """Who reads a message."""

    locale: Locale
    mentions: tuple[Mention, ...] = ()
    answer_link: str | None = None


def message_of(telling: Telling, reader: Reader, *, public_url: str, now: datetime) -> Message:
    """One message about one notice."""
    row, notice = telling
    return Message(
        key=row.key,
        kind=row.kind,
        locale=reader.locale,
        severity=notice.severity,
        title=headline(telling, reader.locale, now=now),
        body=notice.body[reader.locale],
        link=f"{public_url}{notice.path}",
        at=now,
        answer_link=reader.answer_link,
        mentions=reader.mentions,
        facts={
            "subject": notice.subject,
            "life_safety": notice.life_safety,
            "raised_at": notice.raised_at.isoformat(),
        },
    )


def headline(telling: Telling, locale: Locale, *, now: datetime) -> str:
    """What stands first, and on a phone perhaps alone."""
    row, notice = telling
    title, severity = notice.title[locale], SEVERITIES[notice.severity][locale]
    if row.kind == "ended":
        return f"恢复正常：{title}" if locale == "zh" else f"Back to normal: {title}"
    if row.kind == "escalated":
        minutes = max(1, round((now - notice.started_at).total_seconds() / 60))
        if locale == "zh":
            return f"【{severity}】已 {minutes} 分钟无人响应：{title}"
        return f"{severity}, unanswered for {minutes} min: {title}"
    return f"【{severity}】{title}" if locale == "zh" else f"{severity}: {title}"


def digest_of(tellings: Sequence[Telling], reader: Reader, *, public_url: str, now: datetime) -> Message:
    """Many messages in one, the gravest first: a bot may only say so much a minute."""
    order = list(SEVERITIES)
    ranked = sorted(tellings, key=lambda one: (order.index(one.notice.severity), one.row.id))
    lines = [f"- {headline(one, reader.locale, now=now)}" for one in ranked[:MOST_IN_DIGEST]]
    beyond = len(ranked) - len(lines)
    if beyond:
        lines.append(f"- 另有 {beyond} 条" if reader.locale == "zh" else f"- and {beyond} more")
    count = len(ranked)
    title = f"{count} 条通知汇总" if reader.locale == "zh" else f"{count} notices in one message"
    return Message(
        key=f"{ranked[0].row.key}.digest",
        kind="digest",
        locale=reader.locale,
        severity=ranked[0].notice.severity,
        title=title,
        body="\n".join(lines),
        link=f"{public_url}/notifications",
        at=now,
        mentions=reader.mentions,
        facts={"subjects": sorted({one.notice.subject for one in ranked})},
    )


def trial(reader: Reader, *, key: str, public_url: str, now: datetime) -> Message:
    """What the test button sends."""
    return Message(
        key=key,
        kind="test",
        locale=reader.locale,
        severity="low",
        title=_TEST_TITLE[reader.locale],
        body=_TEST_BODY[reader.locale],
        link=f"{public_url}/notifications",
        at=now,
        mentions=reader.mentions,
    )
