"""What crosses HTTP about notices and notifications. No schema that is answered has a place for a secret."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from server.assets.site_file import TimeZone
from server.db import RowId
from server.errors import Label
from server.notifications.policy import PersonalWay, Plan, Severity, Way

State = Literal["open", "answered", "ended"]
MessageState = Literal["waiting", "sending", "sent", "failed", "cancelled"]
MessageKind = Literal["raised", "escalated", "ended"]
ChannelKind = Literal["email", "webhook", "dingtalk", "wecom", "feishu"]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
Mail = Annotated[str, Field(max_length=254, pattern=r"^[^@\s<>,;:\"()\\]{1,64}@[^@\s<>,;:\"()\\]{1,190}$")]
Mobile = Annotated[str, Field(pattern=r"^\+?[0-9]{5,20}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NoticeRead(BaseModel):
    """As one person sees it in the app."""

    id: int
    subject: str
    severity: Severity
    life_safety: bool
    title: Label
    body: Label
    path: str
    state: State
    raised_at: datetime
    told_at: datetime
    """When this person was told last."""
    answered_at: datetime | None
    answered_by: str | None
    ended_at: datetime | None
    is_read: bool


class NoticeList(BaseModel):
    items: list[NoticeRead]
    unread: int
    next: str | None


class Unread(BaseModel):
    unread: int
    """Notices of mine with something I have not looked at."""
    open: int
    """Of those the ones nobody has answered."""


class ReadNotices(_Body):
    ids: Annotated[list[RowId], Field(max_length=500)] | None = None
    """None: all."""


class BrowserRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    agent: str
    created_at: datetime
    last_used_at: datetime | None


class MyNotifications(BaseModel):
    email: str | None
    mobile: str | None
    feishu_id: str | None
    muted: list[PersonalWay]
    quiet_from: str | None
    quiet_to: str | None
    time_zone: str
    quiet_until: datetime | None
    """While it is quiet right now."""
    browsers: list[BrowserRead]
    push_key: str
    """What a browser subscribes with."""
    has_mail_server: bool


class MyNotificationsWrite(_Body):
    email: Mail | None = None
    mobile: Mobile | None = None
    feishu_id: Annotated[str, StringConstraints(max_length=80, pattern=r"^[A-Za-z0-9_-]+$")] | None = None
    muted: Annotated[list[PersonalWay], Field(max_length=2)] = []
    quiet_from: TimeOfDay | None = None
    quiet_to: TimeOfDay | None = None
    time_zone: TimeZone


class BrowserKeys(_Body):
    p256dh: Annotated[str, Field(min_length=80, max_length=120, pattern=r"^[A-Za-z0-9_-]+$")]
    auth: Annotated[str, Field(min_length=16, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]


class BrowserWrite(_Body):
    """What the browser's PushSubscription says of itself."""

    endpoint: Annotated[str, Field(min_length=10, max_length=1000)]
    keys: BrowserKeys


class TestWay(_Body):
    way: PersonalWay


class TestRead(BaseModel):
    """What really happened."""

    ok: bool
    answer: Label
    """In our words; what the other side said stands in it as a quotation."""
    took_ms: int


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class ChannelWrite(_Body):
    kind: ChannelKind
    name: Name
    settings: dict[str, str | int | None] = {}
    secrets: dict[str, str | None] = {}
    """url and secret, or password; what is not named stays as it is, null takes it away."""
    enabled: bool = True


class ChannelUpdate(_Body):
    version: int
    name: Name
    settings: dict[str, str | int | None] = {}
    secrets: dict[str, str | None] = {}
    enabled: bool


class ChannelRead(BaseModel):
    id: int
    kind: ChannelKind
    name: str
    enabled: bool
    version: int
    shown: str | None
    """Where it goes, without what is secret; null where that cannot be told."""
    broken: Label | None
    """Why it cannot be used at all."""
    settings: dict[str, str | int | None]
    secrets_set: list[str]
    """Names of the secrets that are set."""
    last_sent_at: datetime | None
    failing_since: datetime | None
    last_error: Label | None
    blocked_until: datetime | None
    tokens: float | None
    """Messages that may be sent at once; null: no limit."""


class PolicyRead(BaseModel):
    severity: Severity
    source: Literal["site", "all_sites", "default"]
    """Whose it is; the others stand behind it."""
    version: int | None
    plan: Plan
    updated_at: datetime | None
    updated_by: str | None


class PolicyWrite(_Body):
    site_id: RowId | None = None
    """Null: for every site that has none of its own."""
    severity: Severity
    version: int | None = None
    """Of the one that is replaced; null: there was none."""
    plan: Plan


class PolicyRemove(_Body):
    site_id: RowId | None = None
    severity: Severity


class Recipient(BaseModel):
    id: int
    display_name: str


class MessageRead(BaseModel):
    id: int
    notice_id: int
    subject: str
    severity: Severity
    title: Label
    kind: MessageKind
    step: int
    recipient: Recipient | None
    """Null: a group."""
    way: Way
    channel: str | None
    state: MessageState
    waits_for: Literal["quiet_hours", "retry", "pace"] | None
    due_at: datetime
    created_at: datetime
    sent_at: datetime | None
    attempts: int
    last_error: Label | None
    digest_id: int | None
    fallback_of: int | None
    next_ways: list[str]


class AttemptRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    at: datetime
    outcome: Literal["sent", "retry", "given_up", "refused", "lost"]
    answer: Label


class MessageDetail(MessageRead):
    tries: list[AttemptRead]


class OutboxSummary(BaseModel):
    waiting: int
    failed: int
    oldest_waiting_at: datetime | None
    by_state: dict[MessageState, int]
    """Of the last 24 hours."""


class OutboxPage(BaseModel):
    items: list[MessageRead]
    next: str | None
    summary: OutboxSummary
