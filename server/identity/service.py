"""Verbs on users and their passwords. The only writer of ``users``; see ``sessions`` for the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.service import Actor
from server.errors import Conflict, Invalid, NotFound
from server.identity import passwords
from server.identity.models import ApiToken, LoginLink, LoginSession, User
from server.identity.roles import Role

_NAME = re.compile(r"[a-z0-9\u4e00-\u9fff][a-z0-9\u4e00-\u9fff._@+-]{0,63}")


def add_user(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    name: str,
    role: Role,
    display_name: str | None = None,
    password: str | None = None,
    locale: str | None = None,
) -> User:
    """A new user. Without a password they log in by link or token. Raises Conflict if the name is taken."""
    name = clean_name(name)
    if session.scalar(select(User.id).where(User.name == name)) is not None:
        raise Conflict(f"There is already a user {name}.", f"用户 {name} 已存在。", code="name_taken")
    if password is not None:
        passwords.check_policy(password, user_name=name)
    user = User(
        name=name,
        display_name=display_name or name,
        password_hash=None if password is None else passwords.hash_password(password),
        role=role,
        locale=locale,
        disabled_at=None,
        created_at=now,
    )
    session.add(user)
    session.flush()
    detail = {"name": name, "role": role.value, "password": password is not None}
    audit.record(
        session, now=now, actor=actor, action="user.created", subject=("user", user.id), detail=detail
    )
    return user


def clean_name(name: str) -> str:
    """The one spelling of a login: lower case. Raises Invalid for what cannot be a login."""
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise Invalid(
            "A login has 1 to 64 letters, digits, Chinese characters or . _ @ + - and begins with one of the former.",
            "登录名为 1 到 64 个字母、数字、汉字或 . _ @ + -，且以字母、数字或汉字开头。",
            code="bad_name",
        )
    return name


def find_user(session: Session, name: str) -> User:
    """The user with this login, disabled or not. Raises NotFound."""
    user = session.scalar(select(User).where(User.name == name.strip().lower()))
    if user is None:
        raise NotFound(f"There is no user {name}.", f"没有用户 {name}。")
    return user


def get_user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(f"There is no user number {user_id}.", f"没有编号为 {user_id} 的用户。")
    return user


def list_users(session: Session, *, limit: int, offset: int) -> tuple[Sequence[User], int]:
    """(users by name, how many there are)."""
    total = session.scalar(select(func.count()).select_from(User)) or 0
    return session.scalars(select(User).order_by(User.name).limit(limit).offset(offset)).all(), total


def people(session: Session) -> Sequence[User]:
    """Whoever may log in now, by name."""
    return session.scalars(select(User).where(User.disabled_at.is_(None)).order_by(User.name)).all()


def choose_language(user: User, locale: str) -> None:
    """The language the user wants to be spoken to in: ``en`` or ``zh``."""
    user.locale = locale


def set_password(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    user: User,
    password: str,
    kept_session: str | None = None,
) -> None:
    """Replace the password; the user's sessions (but for ``kept_session``) and login links end.

    Raises Invalid by the policy.
    """
    passwords.check_policy(password, user_name=user.name)
    user.password_hash = passwords.hash_password(password)
    end_sessions(session, user, except_id=kept_session)
    audit.record(session, now=now, actor=actor, action="user.password_set", subject=("user", user.id))


def change_own_password(
    session: Session, *, now: datetime, user: User, current: str, password: str, kept_session: str | None
) -> None:
    """As ``set_password``, by the user, who must know the current one and stays logged in here."""
    right, _ = passwords.verify(current, user.password_hash)
    if not right:
        raise Invalid("The current password is not right.", "当前密码不正确。", code="wrong_password")
    actor = Actor(user.id, user.name)
    set_password(session, now=now, actor=actor, user=user, password=password, kept_session=kept_session)


def update_user(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    user: User,
    display_name: str | None = None,
    role: Role | None = None,
    locale: str | None = None,
    disabled: bool | None = None,
) -> None:
    """Change what is given, leave the rest. Refuses to take away the last admin who can log in."""
    before = {"display_name": user.display_name, "role": user.role, "locale": user.locale}
    wanted = {"display_name": display_name, "role": role, "locale": locale}
    changes = {key: value for key, value in wanted.items() if value is not None and value != before[key]}
    for key, value in changes.items():
        setattr(user, key, value)
    detail: dict[str, object] = {key: [before[key], value] for key, value in changes.items()}
    if disabled is not None and disabled != (user.disabled_at is not None):
        user.disabled_at = now if disabled else None
        detail["disabled"] = disabled
    if not detail:
        return
    session.flush()
    _require_an_admin(session)
    if user.disabled_at is not None:
        _end_all_access(session, user, now=now)
    audit.record(
        session, now=now, actor=actor, action="user.changed", subject=("user", user.id), detail=detail
    )


def end_sessions(session: Session, user: User, *, except_id: str | None = None) -> None:
    """Log the user out everywhere (but for one session) and make open login links useless."""
    session.execute(
        delete(LoginSession).where(
            LoginSession.user_id == user.id, LoginSession.id.is_distinct_from(except_id)
        )
    )
    session.execute(delete(LoginLink).where(LoginLink.user_id == user.id))


def _end_all_access(session: Session, user: User, *, now: datetime) -> None:
    end_sessions(session, user)
    session.execute(
        update(ApiToken)
        .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def _require_an_admin(session: Session) -> None:
    admins = select(User.id).where(User.role == Role.ADMIN, User.disabled_at.is_(None)).limit(1)
    if session.scalar(admins) is None:
        raise Conflict(
            "This is the last admin: make somebody else admin first.",
            "这是最后一个管理员：请先指定另一位管理员。",
            code="last_admin",
        )
