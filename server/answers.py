"""What "I have seen it" in a message does, for each kind of subject: said here, above the rooms it is about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.alarms import service as alarms
from server.alarms.lifecycle import UNSEEN
from server.alarms.models import Alarm
from server.errors import Conflict
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.incidents import service as incidents
from server.notifications.answering import AnswerVerb, AnswerVerbs
from server.patrol.safety import calls

_COMMENT = "from the message"


def answer_verbs() -> AnswerVerbs:
    """By kind of subject, as in ``alarm:12``."""
    return {
        "alarm": AnswerVerb(Role.ENGINEER, _acknowledge_alarm),
        "incident": AnswerVerb(Role.ENGINEER, _acknowledge_incident),
        "sos": AnswerVerb(Role.GUARD, _acknowledge_sos),
    }


def _acknowledge_alarm(session: Session, alarm_id: int, now: datetime, user: CurrentUser) -> None:
    _, refused = alarms.acknowledge(session, [alarm_id], now=now, actor=user.actor, comment=_COMMENT)
    for refusal in refused:
        raise Conflict(refusal.detail["en"], refusal.detail["zh"], code=refusal.code)


def _acknowledge_incident(session: Session, incident_id: int, now: datetime, user: CurrentUser) -> None:
    """Whoever has seen the incident has seen what it consists of."""
    incidents.get_incident(session, incident_id)
    unseen = session.scalars(
        select(Alarm.id).where(Alarm.incident_id == incident_id, Alarm.state.in_(UNSEEN))
    ).all()
    alarms.acknowledge(session, unseen, now=now, actor=user.actor, comment=_COMMENT)


def _acknowledge_sos(session: Session, sos_id: int, now: datetime, user: CurrentUser) -> None:
    calls.acknowledge(session, sos_id, now=now, by=user.actor)
