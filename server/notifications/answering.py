"""Answering a notice from its message: what "I have seen it" means is said by the room it is about.

This room knows no alarms and no incidents. ``main`` gives it a verb for each kind of subject.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from server.audit import service as audit
from server.errors import Conflict, Forbidden, NotFound
from server.identity.models import User
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.notifications import service
from server.notifications.links import Permission
from server.notifications.models import Notice

Verb = Callable[[Session, int, datetime, CurrentUser], None]
"""Acknowledge the thing with this id; raises a DomainError where that is not possible."""


class AnswerVerb(NamedTuple):
    """What answering does to one kind of subject, and the role it takes."""

    role: Role
    acknowledge: Verb


AnswerVerbs = Mapping[str, AnswerVerb]


def verb_for(verbs: AnswerVerbs, subject: str) -> tuple[AnswerVerb | None, int]:
    """(the verb of a subject's kind if it has one, the number in the subject)."""
    kind, _, number = subject.partition(":")
    return verbs.get(kind), int(number) if number.isascii() and number.isdigit() else 0


def may_answer(verbs: AnswerVerbs, subject: str, role: Role) -> bool:
    """Whether somebody with this role can answer it from a message."""
    verb, _ = verb_for(verbs, subject)
    return verb is not None and role.includes(verb.role)


def asked(session: Session, permission: Permission) -> tuple[Notice, CurrentUser]:
    """(what the link is about, who it was sent to). Raises NotFound, Forbidden."""
    notice = session.get(Notice, permission.notice_id)
    user = session.get(User, permission.user_id)
    if notice is None or user is None:
        raise NotFound("What this link is about is gone.", "该链接所指的内容已不存在。")
    if user.disabled_at is not None:
        raise Forbidden("This account is disabled.", "该账号已停用。", code="account_disabled")
    person = CurrentUser(user.id, user.name, user.display_name, user.role, user.locale, None)
    return notice, person


def answer(session: Session, verbs: AnswerVerbs, permission: Permission, *, now: datetime) -> Notice:
    """Acknowledge what the link is about as the person it was sent to. Twice does no harm."""
    notice, user = asked(session, permission)
    if notice.state != "open":
        return notice
    verb, number = verb_for(verbs, notice.subject)
    if verb is None or not user.role.includes(verb.role):
        raise Conflict(
            "This can only be answered in the app. Please log in.", "此事项需登录后处理。", code="not_by_link"
        )
    verb.acknowledge(session, number, now, user)
    service.answered(session, now=now, subject=notice.subject, by=user.actor)
    audit.record(
        session,
        now=now,
        actor=user.actor,
        action="notice.answered_by_link",
        subject=("notice", notice.id),
        detail={"subject": notice.subject},
    )
    session.flush()
    session.refresh(notice)
    return notice
