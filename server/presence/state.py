"""Whether a device is there. No database, no clock."""

from __future__ import annotations

from typing import Literal, NamedTuple

State = Literal["online", "offline", "silent", "never"]

SHORTEST_SILENCE_MS = 60_000
PATIENCE = 3
"""So many of its shortest interval without any value, and a device is silent; as values look stale on screen. Default."""
CLOCK_SLACK_MS = 10_000
"""A device's clock may run ahead of its gateway's: a value of so shortly after its good-bye was sent before it."""


class Word(NamedTuple):
    """What was said of a device by itself, its last will or its gateway."""

    online: bool
    at_ms: int


class Heard(NamedTuple):
    """All that is known of a device's presence."""

    interval_s: float
    """The shortest interval at which one of its points is expected, seconds."""
    last_ms: int | None
    """Time of its newest live value, milliseconds since 1970-01-01 UTC."""
    word: Word | None


class Presence(NamedTuple):
    """State, and since when in milliseconds since 1970-01-01 UTC; None where that is not known."""

    state: State
    since_ms: int | None


def silence_after_ms(interval_s: float) -> int:
    """How long a device with this shortest interval may say nothing before it counts as silent."""
    return max(SHORTEST_SILENCE_MS, round(PATIENCE * interval_s * 1000))


def presence_of(heard: Heard, *, now_ms: int) -> Presence:
    """``offline``: somebody said so, and nothing came since; ``silent``: nobody said anything, and nothing comes."""
    word, last_ms = heard.word, heard.last_ms
    if word and not word.online and (last_ms is None or last_ms <= word.at_ms + CLOCK_SLACK_MS):
        return Presence("offline", word.at_ms)
    if last_ms is None:
        return Presence("never", None)
    if now_ms - last_ms > silence_after_ms(heard.interval_s):
        return Presence("silent", last_ms)
    return Presence("online", None)
