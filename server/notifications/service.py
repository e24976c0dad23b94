"""The verbs on notices: raise one, answer it, end it. What is to be sent is written into the outbox.

Other rooms call these within their own transactions: what has to be told and what is told of it
are committed together or not at all. Nothing is sent here; see ``dispatch``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.audit.service import SYSTEM, Actor
from server.db import ask_once, note_change
from server.errors import Label
from server.notifications import escalation
from server.notifications.models import Notice as NoticeRow
from server.notifications.models import OutboxMessage, Policy
from server.notifications.policy import DEFAULTS, RANK, Person, Plan, Step, loaded, stored

NOUN = "notices"


@dataclass(frozen=True)
class Notice:
    """What people have to know of."""

    subject: str
    """kind:id, e.g. ``alarm:12``, ``incident:3``, ``sos:4``."""
    severity: str
    """critical, high, medium, low."""
    site_id: int | None
    life_safety: bool
    title: Label
    body: Label
    path: str
    """Where in the app it is shown, beginning with a slash."""
    to: int | None = None
    """The one person it is for, told at once by push (else e-mail) and in the app; null: whom the policy names."""


def notify(session: Session, *, now: datetime, notice: Notice) -> None:
    """Tell people by the policy of the site and severity, from its first step on; or the one it is ``to``.

    The same subject again says nothing, unless its severity rose: then the escalation begins anew by
    the policy of the higher one, also where somebody had answered already.
    """
    row = _current(session, notice.subject)
    if row is None:
        escalation.begin(session, _new(session, notice, now), now=now)
    elif RANK[notice.severity] > RANK[row.severity]:
        detail: dict[str, object] = {"from": row.severity, "to": notice.severity}
        _begin_anew(session, row, notice, now)
        escalation.record(session, row, "severity_rose", now=now, actor=SYSTEM.name, detail=detail)
        session.flush()
        escalation.take_due_steps(session, row, now=now)
    else:
        return
    note_change(session, NOUN)


def answered(session: Session, *, now: datetime, subject: str, by: Actor) -> None:
    """Somebody knows and sees to it: nothing more is sent. Does nothing where nobody was asked."""
    row = _current(session, subject)
    if row is None or row.state != "open":
        return
    row.state, row.next_at = "answered", None
    row.answered_at, row.answered_by = now, by.name
    _cancel(session, row)
    escalation.record(session, row, "answered", now=now, actor=by.name, detail={})
    note_change(session, NOUN)


def ended(session: Session, *, now: datetime, subject: str) -> None:
    """It is over: nothing more is sent of it, and those who were told hear that it is back to normal."""
    row = _current(session, subject)
    if row is None:
        return
    row.state, row.next_at, row.ended_at = "ended", None, now
    _cancel(session, row)
    told = escalation.tell_end(session, row, now=now)
    escalation.record(session, row, "ended", now=now, actor=SYSTEM.name, detail={"told": told})
    note_change(session, NOUN)


def withdrawn(session: Session, *, now: datetime, subject: str) -> None:
    """It is no matter for people any more (shelved, explained by another): nothing more is sent, nobody is told.

    Should the subject come up again, it is told as new.
    """
    row = _current(session, subject)
    if row is None:
        return
    row.state, row.next_at, row.ended_at = "ended", None, now
    _cancel(session, row)
    escalation.record(session, row, "withdrawn", now=now, actor=SYSTEM.name, detail={})
    note_change(session, NOUN)


def plan_for(session: Session, *, site_id: int | None, severity: str) -> Plan:
    """The escalation that holds for a site: its own, else the one for all sites, else the product's default."""
    return ask_once(session, ("plan", site_id, severity), lambda: _plan_for(session, site_id, severity))


def _plan_for(session: Session, site_id: int | None, severity: str) -> Plan:
    rows = session.scalars(
        select(Policy).where(
            Policy.severity == severity, (Policy.site_id == site_id) | Policy.site_id.is_(None)
        )
    ).all()
    for row in sorted(rows, key=lambda policy: policy.site_id is None):
        return Plan(steps=loaded(row.steps), repeat_min=row.repeat_s / 60 if row.repeat_s else None)
    return DEFAULTS[severity]


def _current(session: Session, subject: str) -> NoticeRow | None:
    return session.scalar(
        select(NoticeRow).where(NoticeRow.subject == subject, NoticeRow.state != "ended").with_for_update()
    )


def _new(session: Session, notice: Notice, now: datetime) -> NoticeRow:
    return NoticeRow(
        subject=notice.subject,
        site_id=notice.site_id,
        path=notice.path,
        raised_at=now,
        generation=0,
        **_content(session, notice, now),
    )


def _begin_anew(session: Session, row: NoticeRow, notice: Notice, now: datetime) -> None:
    _cancel(session, row)
    for name, value in _content(session, notice, now).items():
        setattr(row, name, value)
    row.answered_at = row.answered_by = None
    row.generation += 1


def _content(session: Session, notice: Notice, now: datetime) -> Mapping[str, object]:
    if notice.to is not None:
        plan = Plan(steps=[Step(after_min=0, who=[Person(user_id=notice.to)])])
    else:
        plan = plan_for(session, site_id=notice.site_id, severity=notice.severity)
    return {
        "severity": str(notice.severity),
        "life_safety": notice.life_safety,
        "title": notice.title,
        "body": notice.body,
        "state": "open",
        "started_at": now,
        "steps": stored(plan.steps),
        "repeat_s": plan.repeat_min * 60 if plan.repeat_min else None,
        "next_step": 0,
        "next_at": now + timedelta(minutes=plan.steps[0].after_min),
    }


def _cancel(session: Session, row: NoticeRow) -> None:
    """What waits is not sent any more; what is under way cannot be called back."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.notice_id == row.id, OutboxMessage.state == "waiting")
        .values(state="cancelled", waits_for=None)
        .execution_options(synchronize_session=False)
    )
