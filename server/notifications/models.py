"""Tables of notices, of what is sent about them, and of how it may be sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime
from server.errors import Label

_SEVERITIES = "('critical', 'high', 'medium', 'low')"


class Notice(Base):
    """Something people have to know of: an alarm, an incident, a call for help. It escalates until answered."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(f"severity IN {_SEVERITIES}", name="severity_is_known"),
        CheckConstraint("state IN ('open', 'answered', 'ended')", name="state_is_known"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended_has_a_time"),
        # whoever raises it twice raises one
        Index(
            "uq_notices_subject",
            "subject",
            unique=True,
            sqlite_where=text("state <> 'ended'"),
            postgresql_where=text("state <> 'ended'"),
        ),
        Index("ix_notices_state_next_at", "state", "next_at"),
        Index("ix_notices_subject_id", "subject", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(String(80))
    """kind:id of what it is about, e.g. ``alarm:12``."""
    severity: Mapped[str] = mapped_column(String(16))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    life_safety: Mapped[bool]
    """People are in danger: no quiet hours, and all ways at once."""
    title: Mapped[Label] = mapped_column(JSON)
    body: Mapped[Label] = mapped_column(JSON)
    path: Mapped[str] = mapped_column(String(200))
    """Where in the app it is shown."""
    state: Mapped[str] = mapped_column(String(16))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Where the minutes of the steps count from: raised, or the severity's last rise."""
    generation: Mapped[int] = mapped_column(default=0)
    """How often it began anew because its severity rose."""
    steps: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    """The policy as it was when this began; see ``policy.Step``."""
    repeat_s: Mapped[float | None]
    next_step: Mapped[int] = mapped_column(default=0)
    """Index of the step that is taken ``next_at``; beyond the last: the last one is repeated."""
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Null: nothing more will be sent."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[str | None] = mapped_column(String(120))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoticeEvent(Base):
    """One thing that happened to a notice. Rows are added and never changed."""

    __tablename__ = "notice_events"
    __table_args__ = (Index("ix_notice_events_notice_id_id", "notice_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    notice_id: Mapped[int] = mapped_column(BigId, ForeignKey("notices.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(24))
    """raised, severity_rose, step, nobody_on_call, answered, ended."""
    actor: Mapped[str] = mapped_column(String(120))
    detail: Mapped[dict[str, object]] = mapped_column(JSON)


class OutboxMessage(Base):
    """One message to one recipient by one channel. It is claimed before it is sent, and marked sent after."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed', 'cancelled')", name="state_is_known"
        ),
        CheckConstraint("kind IN ('raised', 'escalated', 'ended')", name="kind_is_known"),
        CheckConstraint("(state = 'sending') = (claimed_by IS NOT NULL)", name="sending_is_claimed"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_a_time"),
        CheckConstraint("user_id IS NOT NULL OR channel_id IS NOT NULL", name="it_goes_somewhere"),
        Index("ix_outbox_state_due_at", "state", "due_at"),
        Index("ix_outbox_notice_id", "notice_id"),
        Index("ix_outbox_user_id_way_id", "user_id", "way", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """Says what it is: the same message cannot be written twice, and a receiver can tell a repeated one."""
    notice_id: Mapped[int] = mapped_column(BigId, ForeignKey("notices.id"))
    kind: Mapped[str] = mapped_column(String(16))
    step: Mapped[int]
    """Which step of the policy it belongs to."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Null: it goes to a group."""
    way: Mapped[str] = mapped_column(String(16))
    """Kind of the channel: in_app, push, email, webhook, dingtalk, wecom, feishu."""
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id"))
    mentions: Mapped[list[int]] = mapped_column(JSON)
    """Ids of the people a group's message calls by name."""
    next_ways: Mapped[list[list[object]]] = mapped_column(JSON)
    """[way, channel id] of what is tried when this one fails, in order."""
    state: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Not sent before: quiet hours, a retry, or a bot's limit."""
    waits_for: Mapped[str | None] = mapped_column(String(16))
    """quiet_hours, retry, pace; null: for nothing but its turn."""
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[Label | None] = mapped_column(JSON(none_as_null=True))
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Whoever claimed it is taken for dead after this."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    digest_id: Mapped[int | None] = mapped_column(BigId)
    """The message in whose digest this one went out."""
    fallback_of: Mapped[int | None] = mapped_column(BigId)
    """The message by another channel that failed before."""
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """In the app only."""


class OutboxAttempt(Base):
    """One try to send. Rows are added and never changed."""

    __tablename__ = "outbox_attempts"
    __table_args__ = (Index("ix_outbox_attempts_message_id_id", "message_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("outbox.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(16))
    """sent, retry, given_up, refused, lost (whoever claimed it never came back)."""
    answer: Mapped[Label] = mapped_column(JSON)
    """What became of it, with what the other side said, without secrets."""


class Channel(Base):
    """A way out that an admin set up: the mail server, a webhook, a group's bot."""

    __tablename__ = "channels"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(80), unique=True)
    settings: Mapped[dict[str, object]] = mapped_column(JSON)
    secrets: Mapped[str] = mapped_column(Text)
    """JSON object, sealed."""
    enabled: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[Label | None] = mapped_column(JSON(none_as_null=True))
    tokens: Mapped[float] = mapped_column(default=0)
    """Messages that may be sent at once, as of ``paced_at``; see ``pace``."""
    paced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The provider said that we sent too much."""


class Policy(Base):
    """How what happens at a site escalates, by severity. Without one the default of the product holds."""

    __tablename__ = "escalation_policies"
    __table_args__ = (
        CheckConstraint(f"severity IN {_SEVERITIES}", name="severity_is_known"),
        UniqueConstraint("site_id", "severity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"))
    """Null: every site that has none of its own."""
    severity: Mapped[str] = mapped_column(String(16))
    steps: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    repeat_s: Mapped[float | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(120))


class Preferences(Base):
    """How one person wants to be reached."""

    __tablename__ = "notification_preferences"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254))
    mobile: Mapped[str | None] = mapped_column(String(24))
    """By which the bots of DingTalk and WeCom call this person by name."""
    feishu_id: Mapped[str | None] = mapped_column(String(80))
    """Their open_id, by which the bot of Feishu does."""
    muted: Mapped[list[str]] = mapped_column(JSON)
    """Ways this person does not want; life safety comes by all of them all the same."""
    quiet_from: Mapped[str | None] = mapped_column(String(5))
    quiet_to: Mapped[str | None] = mapped_column(String(5))
    """HH:MM in ``time_zone``; not later than ``quiet_from``: on the day after."""
    time_zone: Mapped[str] = mapped_column(String(64))


class PushSubscription(Base):
    """One browser that shows messages also while the app is closed."""

    __tablename__ = "push_subscriptions"
    __table_args__ = (Index("ix_push_subscriptions_user_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    endpoint: Mapped[str] = mapped_column(String(1000), unique=True)
    p256dh: Mapped[str] = mapped_column(String(120))
    auth: Mapped[str] = mapped_column(String(40))
    agent: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
