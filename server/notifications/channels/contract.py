"""What every way out has in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from server.errors import Label

Locale = Literal["en", "zh"]
ANSWER_WORD = Label(en="I have seen it", zh="我已知悉")
_OPEN = Label(en="Open", zh="查看详情")


class NotTaken(Exception):
    """A message did not arrive; ``answer`` says why, see ``answers``."""

    def __init__(self, answer: Label) -> None:
        super().__init__(answer["en"])
        self.answer = answer


class TryLater(NotTaken):
    """The other side cannot take it now. ``blocked_s``: it said that we sent too much, for so long."""

    def __init__(self, answer: Label, *, blocked_s: float | None = None) -> None:
        super().__init__(answer)
        self.blocked_s = blocked_s


class Refused(NotTaken):
    """The other side will never take it: trying again is of no use. ``is_gone``: nor will this address ever."""

    def __init__(self, answer: Label, *, is_gone: bool = False) -> None:
        super().__init__(answer)
        self.is_gone = is_gone


@dataclass(frozen=True)
class Mention:
    """Somebody a group's message calls by name."""

    name: str
    mobile: str | None = None
    feishu_id: str | None = None


@dataclass(frozen=True)
class Message:
    """What is sent, in the language of whoever reads it."""

    key: str
    """The same for each try: receivers tell a repeated message by it."""
    kind: str
    """raised, escalated, ended, digest, test."""
    locale: Locale
    severity: str
    title: str
    body: str
    link: str
    at: datetime
    answer_link: str | None = None
    """Says "I have seen it" without logging in; for one person only."""
    mentions: tuple[Mention, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    """For programs."""

    @property
    def open_word(self) -> str:
        """What the link is called."""
        return _OPEN[self.locale]

    @property
    def answer_word(self) -> str:
        """What the answer's link is called."""
        return ANSWER_WORD[self.locale]


@dataclass(frozen=True)
class Pace:
    """How much a provider takes: ``burst`` at once, and ``per_minute`` in the long run.

    Together they stay below its limit in any minute: burst + per_minute <= limit.
    """

    burst: int
    per_minute: float


class ChannelSettings(BaseModel):
    """What an admin sets and may see again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Locale = "zh"
    """Of a group's messages; people are written to in their own."""


class ChannelSecrets(BaseModel):
    """What an admin sets and nobody sees again."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Target:
    """Where one message goes."""

    settings: ChannelSettings
    secrets: ChannelSecrets
    address: str = ""
    """Of the person, where the channel reaches people one by one."""


class Way(Protocol):
    """One kind of channel. Safe to use from several threads."""

    @property
    def kind(self) -> str: ...
    @property
    def settings(self) -> type[ChannelSettings]: ...
    @property
    def secrets(self) -> type[ChannelSecrets]: ...
    @property
    def pace(self) -> Pace | None: ...

    def send(self, message: Message, target: Target, *, now: datetime) -> Label:
        """Send it; gives what the other side answered. Raises TryLater or Refused."""
        ...

    def shown(self, target: Target) -> str:
        """Where it goes, without what is secret."""
        ...
