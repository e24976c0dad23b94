"""Logging in and out: sessions of browsers, one-time links, API tokens. The only writer of their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.service import Actor
from server.errors import NotFound, Unauthenticated
from server.identity import passwords
from server.identity.models import ApiToken, LoginLink, LoginSession, User
from server.identity.tokens import digest, new_api_token, new_token

IDLE = timedelta(hours=12)
"""A session unused for a shift ends."""
LIFETIME = timedelta(days=7)
"""However busy, a session ends after this."""
LINK_LIFETIME = timedelta(minutes=15)
_TOUCH = timedelta(minutes=1)
"""How exactly last use is kept; a write for each request would be one too many."""


@dataclass(frozen=True)
class Client:
    """Where a log-in comes from, as shown in the list of sessions."""

    ip: str
    agent: str


@dataclass(frozen=True)
class Credential:
    """A valid session or API token: whose it is, and what is due."""

    user: User
    session_id: str | None
    """None: it was an API token."""
    needs_touch: bool


def check_password(session: Session, name: str, password: str) -> tuple[User | None, str | None]:
    """(the user, a better hash to keep) if the pair is right and the user enabled, else (None, None).

    Takes the same time whether or not the user exists. Reads only: argon2 takes tens of
    milliseconds, during which nobody should hold the database's write lock.
    """
    user = session.scalar(select(User).where(User.name == name.strip().lower()))
    usable = user is not None and user.disabled_at is None
    right, better = passwords.verify(password, user.password_hash if user and usable else None)
    return (user, better) if right else (None, None)


def log_in(
    session: Session,
    user: User,
    *,
    now: datetime,
    client: Client,
    means: str,
    better_hash: str | None = None,
    replaced: str | None = None,
) -> str:
    """The token of a new session. ``replaced`` is the token the browser came with: it ends (no fixation)."""
    if replaced is not None:
        session.execute(delete(LoginSession).where(LoginSession.id == digest(replaced)))
    session.execute(delete(LoginSession).where(LoginSession.expires_at <= now))
    if better_hash is not None:
        session.execute(update(User).where(User.id == user.id).values(password_hash=better_hash))
    token = new_token()
    session.add(
        LoginSession(
            id=digest(token),
            user_id=user.id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + LIFETIME,
            ip=client.ip[:64],
            agent=client.agent[:200],
        )
    )
    detail = {"means": means, "ip": client.ip}
    actor = Actor(user.id, user.name)
    audit.record(
        session, now=now, actor=actor, action="session.created", subject=("user", user.id), detail=detail
    )
    return token


def record_refusal(session: Session, *, now: datetime, name: str, client: Client, means: str) -> None:
    """Keep that somebody tried and failed to log in."""
    audit.record(
        session,
        now=now,
        actor=Actor(None, "nobody"),
        action="session.refused",
        subject=("login", name[:64]),
        detail={"means": means, "ip": client.ip},
    )


def find_session(session: Session, token: str, *, now: datetime) -> Credential | None:
    """Who holds this session token, if it is neither idle too long, over its lifetime nor the user disabled."""
    row = session.execute(
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(
            LoginSession.id == digest(token),
            LoginSession.expires_at > now,
            LoginSession.last_seen_at > now - IDLE,
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    login, user = row
    return Credential(user, login.id, now - login.last_seen_at >= _TOUCH)


def find_api_token(session: Session, token: str, *, now: datetime) -> Credential | None:
    """Whose API token this is, if it is neither revoked nor expired nor the user disabled."""
    row = session.execute(
        select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(
            ApiToken.hash == digest(token),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at.is_(None) | (ApiToken.expires_at > now),
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    key, user = row
    return Credential(user, None, key.last_used_at is None or now - key.last_used_at >= _TOUCH)


def touch(session: Session, token: str, *, now: datetime, is_session: bool) -> None:
    """Keep that the session or API token is in use."""
    if is_session:
        session.execute(update(LoginSession).where(LoginSession.id == digest(token)).values(last_seen_at=now))
    else:
        session.execute(update(ApiToken).where(ApiToken.hash == digest(token)).values(last_used_at=now))


def sessions_of(session: Session, user_id: int, *, now: datetime) -> Sequence[LoginSession]:
    """The user's sessions that are still good, newest first."""
    return session.scalars(
        select(LoginSession)
        .where(
            LoginSession.user_id == user_id,
            LoginSession.expires_at > now,
            LoginSession.last_seen_at > now - IDLE,
        )
        .order_by(LoginSession.created_at.desc())
    ).all()


def end_session(session: Session, *, now: datetime, actor: Actor, user_id: int, session_id: str) -> None:
    """Log one browser of the user out. Raises NotFound if the user has no such session."""
    gone = session.execute(
        delete(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.user_id == user_id)
        .returning(LoginSession.id)
    ).one_or_none()
    if gone is None:
        raise NotFound("There is no such session.", "没有这个会话。")
    audit.record(session, now=now, actor=actor, action="session.ended", subject=("user", user_id))


def issue_login_link(
    session: Session, *, now: datetime, actor: Actor, user: User, lifetime: timedelta = LINK_LIFETIME
) -> str:
    """A token that logs the user in once, within ``lifetime``. See ``login_url`` for the link it belongs in."""
    token = new_token()
    session.add(LoginLink(hash=digest(token), user_id=user.id, expires_at=now + lifetime, used_at=None))
    audit.record(session, now=now, actor=actor, action="login_link.issued", subject=("user", user.id))
    return token


def login_url(public_url: str, token: str) -> str:
    """The token stands behind the #, which browsers neither send to servers nor in Referer."""
    return f"{public_url}/login#token={token}"


def redeem_login_link(session: Session, token: str, *, now: datetime) -> User:
    """The user the link is for; the link is used up, even if two come at the same moment.

    Raises Unauthenticated for a link that is unknown, used, too old or of a disabled user.
    """
    user_id = session.scalar(
        update(LoginLink)
        .where(LoginLink.hash == digest(token), LoginLink.used_at.is_(None), LoginLink.expires_at > now)
        .values(used_at=now)
        .returning(LoginLink.user_id)
    )
    user = None if user_id is None else session.get(User, user_id)
    if user is None or user.disabled_at is not None:
        raise Unauthenticated(
            "This link was used before or is too old. Ask for a new one.",
            "此链接已使用过或已失效，请重新获取。",
            code="link_used_up",
        )
    return user


def issue_token(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    user: User,
    name: str,
    lifetime: timedelta | None = None,
) -> tuple[ApiToken, str]:
    """(the row, the token to show once) for ``Authorization: Bearer``."""
    token = new_api_token()
    key = ApiToken(
        user_id=user.id,
        hash=digest(token),
        name=name,
        created_at=now,
        last_used_at=None,
        expires_at=None if lifetime is None else now + lifetime,
        revoked_at=None,
    )
    session.add(key)
    session.flush()
    detail = {"token": key.id, "name": name}
    audit.record(
        session, now=now, actor=actor, action="token.issued", subject=("user", user.id), detail=detail
    )
    return key, token


def tokens_of(session: Session, user_id: int) -> Sequence[ApiToken]:
    """The user's API tokens that were not revoked, newest first."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id.desc())
    ).all()


def revoke_token(session: Session, *, now: datetime, actor: Actor, user_id: int, token_id: int) -> None:
    """End one API token of the user. Raises NotFound if they have no such token in use."""
    revoked = session.scalar(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiToken.id)
    )
    if revoked is None:
        raise NotFound("There is no such token.", "没有这个令牌。")
    detail = {"token": token_id}
    audit.record(
        session, now=now, actor=actor, action="token.revoked", subject=("user", user_id), detail=detail
    )
