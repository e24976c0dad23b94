"""Steps of an escalation into rows of the outbox. Its time is an argument; it knows no provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypedDict

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.attributes import set_committed_value

from server.audit.service import SYSTEM
from server.db import insert_ignoring, note_change, reading, transaction
from server.notifications.models import Channel, Notice, NoticeEvent, OutboxMessage
from server.notifications.policy import Step
from server.notifications.recipients import PERSONAL, Reach, group_channels, people_of, reach

ENDED = -1
"""In the place of a step: back to normal."""
AT_ONCE = 50
"""Notices that one pass takes up."""


class Row(TypedDict):
    """One message as it is inserted."""

    key: str
    notice_id: int
    kind: str
    step: int
    user_id: int | None
    way: str
    channel_id: int | None
    mentions: list[int]
    next_ways: list[list[object]]
    state: str
    due_at: datetime
    waits_for: str | None
    attempts: int
    created_at: datetime
    sent_at: datetime | None


class Target(NamedTuple):
    """One recipient by one way."""

    user_id: int | None
    way: str
    channel_id: int | None

    @property
    def key(self) -> str:
        who = "group" if self.user_id is None else f"u{self.user_id}"
        return f"{who}.{self.way}{'' if self.channel_id is None else self.channel_id}"


def escalate_due(sessions: sessionmaker[Session], *, now: datetime) -> int:
    """Take the steps that are due by ``now``; how many notices went on. Any number of servers may do so."""
    with reading(sessions) as session:
        due = session.scalars(
            select(Notice.id)
            .where(Notice.state == "open", Notice.next_at <= now)
            .order_by(Notice.next_at)
            .limit(AT_ONCE)
        ).all()
    done = 0
    for notice_id in due:
        with transaction(sessions) as session:
            notice = session.scalar(select(Notice).where(Notice.id == notice_id).with_for_update())
            if notice is not None:
                done += take_due_steps(session, notice, now=now) > 0
    return done


def begin(session: Session, notice: Notice, *, now: datetime) -> None:
    """Write a new notice and take its steps that are due. It is nobody else's yet, so the first needs no claim."""
    told: set[int | None] = set()
    is_first_due = _is_due(notice, now)
    if is_first_due:
        notice.next_step, notice.next_at = notice.next_step + 1, _next_at(notice, now)
    session.add(notice)
    session.flush()
    record(session, notice, "raised", now=now, actor=SYSTEM.name, detail={})
    if is_first_due:
        _carry_out(session, notice, 0, told, now=now)
        take_due_steps(session, notice, now=now, told=told)


def take_due_steps(
    session: Session, notice: Notice, *, now: datetime, told: set[int | None] | None = None
) -> int:
    """Take every step of one notice that is due; how many. Of several that a stopped server left behind
    each person hears once. ``told``: who has heard just now."""
    taken = 0
    told = set() if told is None else told
    while _is_due(notice, now):
        number = notice.next_step
        if not _claim(session, notice, now=now):
            break
        _carry_out(session, notice, number, told, now=now)
        taken += 1
    return taken


def _is_due(notice: Notice, now: datetime) -> bool:
    return notice.state == "open" and notice.next_at is not None and notice.next_at <= now


def _carry_out(
    session: Session, notice: Notice, number: int, told: set[int | None], *, now: datetime
) -> None:
    # after the last step of the policy that one is repeated
    step = Step.model_validate(notice.steps[min(number, len(notice.steps) - 1)])
    people, stand_in = people_of(session, step, now=now, site_id=notice.site_id)
    fresh = [user for user in people if user not in told]
    rows = _messages(session, notice, step, number=number, people=fresh, now=now)
    if None in told:
        rows = [row for row in rows if row["user_id"] is not None]
    told.update(row["user_id"] for row in rows)
    insert_ignoring(session, OutboxMessage, rows)
    detail = {"step": number, "people": people, "messages": len(rows)}
    if stand_in:
        record(session, notice, "nobody_on_call", now=now, actor=SYSTEM.name, detail={"step": number})
    record(session, notice, "step", now=now, actor=SYSTEM.name, detail=detail)
    note_change(session, "notices")


def tell_end(session: Session, notice: Notice, *, now: datetime) -> int:
    """ "Back to normal" to everybody who was told, the same ways; how many messages."""
    sent = session.execute(
        select(OutboxMessage.user_id, OutboxMessage.way, OutboxMessage.channel_id)
        .where(
            OutboxMessage.notice_id == notice.id,
            OutboxMessage.state.in_(("sent", "sending")),
            OutboxMessage.kind != "ended",
        )
        .order_by(OutboxMessage.id)
    )
    told = dict.fromkeys((one.user_id, one.way, one.channel_id) for one in sent)
    reached = reach(session, {user for user, _, _ in told if user is not None})
    rows = [
        _row(notice, now, to=Target(user, way, channel_id), kind="ended", step=ENDED)
        for user, way, channel_id in told
        # good news need not be told in the morning after
        if way == "in_app" or not _is_quiet(notice, reached.get(user or 0), now)
    ]
    insert_ignoring(session, OutboxMessage, rows)
    return len(rows)


def record(
    session: Session, notice: Notice, kind: str, *, now: datetime, actor: str, detail: Mapping[str, object]
) -> None:
    """One row of the notice's history."""
    session.add(NoticeEvent(notice_id=notice.id, at=now, kind=kind, actor=actor, detail=dict(detail)))


def _claim(session: Session, notice: Notice, *, now: datetime) -> bool:
    """Move on to the next step; False where another server was quicker."""
    values = {"next_step": notice.next_step + 1, "next_at": _next_at(notice, now)}
    claimed = session.execute(
        update(Notice)
        .where(
            Notice.id == notice.id,
            Notice.state == "open",
            Notice.generation == notice.generation,
            Notice.next_step == notice.next_step,
        )
        .values(**values)
        .returning(Notice.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if claimed is None:
        session.refresh(notice)
        return False
    for name, value in values.items():
        set_committed_value(notice, name, value)
    return True


def _next_at(notice: Notice, now: datetime) -> datetime | None:
    following = notice.next_step + 1
    if following < len(notice.steps):
        return notice.started_at + timedelta(minutes=Step.model_validate(notice.steps[following]).after_min)
    if notice.repeat_s is None:
        return None
    assert notice.next_at is not None
    # a server that was away does not make up for every repetition it missed
    return max(notice.next_at, now - timedelta(seconds=1)) + timedelta(seconds=notice.repeat_s)


def _messages(
    session: Session, notice: Notice, step: Step, *, number: int, people: Sequence[int], now: datetime
) -> list[Row]:
    kind = "raised" if number == 0 else "escalated"
    rows: list[Row] = []
    for user, found in reach(session, people).items():
        rows.append(_row(notice, now, to=Target(user, "in_app", None), kind=kind, step=number))
        for way, *others in _chains(notice, step, found):
            row = _row(notice, now, to=Target(user, way, None), kind=kind, step=number)
            row["next_ways"] = [[other, None] for other in others]
            until = None if notice.life_safety else found.quiet_until(now)
            if until is not None:
                row["due_at"], row["waits_for"] = until, "quiet_hours"
            rows.append(row)
    for channel, *further in _group_chains(session, notice, step):
        row = _row(notice, now, to=Target(None, channel.kind, channel.id), kind=kind, step=number)
        row["next_ways"] = [[other.kind, other.id] for other in further]
        row["mentions"] = list(people)
        rows.append(row)
    return rows


def _chains(notice: Notice, step: Step, found: Reach) -> list[list[str]]:
    """Chains of ways, each to be tried until one works. Where people are in danger all are taken at once."""
    if notice.life_safety:
        return [[way] for way in PERSONAL if way in found.ways]
    ways: list[str] = [way for way in step.ways if way in found.ways and way not in found.muted]
    return [ways] if ways else []


def _group_chains(session: Session, notice: Notice, step: Step) -> list[list[Channel]]:
    channels = group_channels(session, "all" if notice.life_safety else step.groups)
    if notice.life_safety:
        return [[channel] for channel in channels]
    return [channels] if channels else []


def _row(notice: Notice, now: datetime, *, to: Target, kind: str, step: int) -> Row:
    is_in_app = to.way == "in_app"  # which shows it as soon as the row is there
    return Row(
        key=f"n{notice.id}.{notice.generation}.{'end' if step == ENDED else step}.{to.key}",
        notice_id=notice.id,
        kind=kind,
        step=step,
        user_id=to.user_id,
        way=to.way,
        channel_id=to.channel_id,
        mentions=[],
        next_ways=[],
        state="sent" if is_in_app else "waiting",
        due_at=now,
        waits_for=None,
        attempts=1 if is_in_app else 0,
        created_at=now,
        sent_at=now if is_in_app else None,
    )


def _is_quiet(notice: Notice, found: Reach | None, now: datetime) -> bool:
    return not notice.life_safety and found is not None and found.quiet_until(now) is not None
