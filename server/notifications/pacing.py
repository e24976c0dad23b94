"""A token bucket for each bot, in the database: several servers share it, and a restart forgets nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.notifications.channels.contract import Pace
from server.notifications.models import Channel


def tokens(channel: Channel, pace: Pace, *, now: datetime) -> float:
    """How many messages may be sent at once."""
    if channel.blocked_until is not None and channel.blocked_until > now:
        return 0
    if channel.paced_at is None:
        return pace.burst
    gained = max(0.0, (now - channel.paced_at).total_seconds()) * pace.per_minute / 60
    return min(pace.burst, channel.tokens + gained)


def next_token(channel: Channel, pace: Pace, *, now: datetime) -> datetime:
    """When at least one message may be sent."""
    if channel.blocked_until is not None and channel.blocked_until > now:
        return channel.blocked_until
    missing = max(0.0, 1 - tokens(channel, pace, now=now))
    return now + timedelta(seconds=missing * 60 / pace.per_minute + 0.05 * bool(missing))


def take(session: Session, channel: Channel, pace: Pace, *, now: datetime) -> bool:
    """Take one; False where there is none or another server was quicker."""
    left = tokens(channel, pace, now=now)
    if left < 1:
        return False
    taken = session.execute(
        update(Channel)
        .where(
            Channel.id == channel.id,
            Channel.tokens == channel.tokens,
            Channel.paced_at.is_not_distinct_from(channel.paced_at),
        )
        .values(tokens=left - 1, paced_at=now)
        .returning(Channel.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    session.refresh(channel)
    return taken is not None
