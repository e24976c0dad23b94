"""HTTP of logging in and out, one's own sessions and tokens, and of users."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Request, Response, status

from server.db import RowId, transaction
from server.errors import Invalid, Unauthenticated
from server.identity import service, sessions
from server.identity.access import COOKIE, Admin, Engineer, Viewer, require_same_origin
from server.identity.models import User
from server.identity.person import CurrentUser
from server.identity.schemas import (
    LinkBody,
    LoginBody,
    LoginLinkRead,
    LoginSessionRead,
    Me,
    PersonRead,
    SessionRead,
    SessionUpdate,
    TokenCreate,
    TokenCreated,
    TokenRead,
    UserCreate,
    UserRead,
    UserUpdate,
)
from server.identity.sessions import Client
from server.identity.throttle import LoginThrottle
from server.web.paging import Limit, Offset, Page, next_offset
from server.web.requests import AppContext, Context, Now, ReadSession, WriteSession

router = APIRouter(tags=["identity"])

UserId = Annotated[RowId, Path()]


def _throttle(request: Request) -> LoginThrottle:
    return cast("LoginThrottle", request.app.state.login_throttle)


Throttle = Annotated[LoginThrottle, Depends(_throttle)]
FromHere = Depends(require_same_origin)


@router.post("/session", response_model=SessionRead, dependencies=[FromHere])
def log_in(
    request: Request,
    response: Response,
    context: AppContext,
    throttle: Throttle,
    body: LoginBody,
) -> SessionRead:
    """Log in by name and password; the answer sets the session's cookie."""
    client = _client(request)
    throttle.count(account=body.name, ip=client.ip)
    # in steps of their own: argon2 must not hold the write lock, and a refusal must be kept too
    with context.sessions() as session:
        user, better_hash = sessions.check_password(session, body.name, body.password)
    if user is None:
        with transaction(context.sessions) as session:
            sessions.record_refusal(
                session, now=context.clock(), name=body.name, client=client, means="password"
            )
        raise Unauthenticated(
            "Name or password is not right.", "用户名或密码不正确。", code="wrong_credentials"
        )
    with transaction(context.sessions) as session:
        token = sessions.log_in(
            session,
            user,
            now=context.clock(),
            client=client,
            means="password",
            better_hash=better_hash,
            replaced=request.cookies.get(COOKIE),
        )
        answer = _session_read(context, context.site(session), user)
    _set_cookie(response, context, token)
    return answer


@router.post("/session/link", response_model=SessionRead, dependencies=[FromHere])
def log_in_by_link(
    request: Request,
    response: Response,
    context: AppContext,
    throttle: Throttle,
    body: LinkBody,
) -> SessionRead:
    """Log in by the token of a one-time link; the answer sets the session's cookie."""
    client = _client(request)
    throttle.count(account="(link)", ip=client.ip)
    now = context.clock()
    try:
        with transaction(context.sessions) as session:
            user = sessions.redeem_login_link(session, body.token, now=now)
            token = sessions.log_in(
                session, user, now=now, client=client, means="link", replaced=request.cookies.get(COOKIE)
            )
            answer = _session_read(context, context.site(session), user)
    except Unauthenticated:
        with transaction(context.sessions) as session:
            sessions.record_refusal(session, now=now, name="(link)", client=client, means="link")
        raise
    _set_cookie(response, context, token)
    return answer


@router.get("/session", response_model=SessionRead)
def read_session(user: Viewer, context: AppContext, session: ReadSession) -> SessionRead:
    """Who is logged in, and where."""
    return _session_read(context, context.site(session), user)


@router.patch("/session", response_model=SessionRead)
def update_session(
    *,
    user: Viewer,
    context: AppContext,
    session: WriteSession,
    throttle: Throttle,
    request: Request,
    body: SessionUpdate,
) -> SessionRead:
    """Choose a language, or change the password: all other sessions end then."""
    row = service.get_user(session, user.id)
    if body.locale is not None:
        service.choose_language(row, body.locale)
    if body.password is not None:
        throttle.count(account=user.name, ip=_client(request).ip)
        if body.current_password is None:
            raise Invalid("The current password is needed too.", "还需要当前密码。", code="wrong_password")
        service.change_own_password(
            session,
            now=context.clock(),
            user=row,
            current=body.current_password,
            password=body.password,
            kept_session=user.session_id,
        )
    return _session_read(context, context.site(session), row)


@router.delete("/session", status_code=status.HTTP_204_NO_CONTENT)
def log_out(user: Viewer, response: Response, session: WriteSession, now: Now) -> None:
    """End this session."""
    if user.session_id is not None:
        sessions.end_session(session, now=now, actor=user.actor, user_id=user.id, session_id=user.session_id)
    response.delete_cookie(COOKIE, path="/")
    response.headers["clear-site-data"] = '"cache"'


@router.get("/sessions", response_model=Page[LoginSessionRead])
def list_sessions(user: Viewer, session: ReadSession, now: Now) -> Page[LoginSessionRead]:
    """Where the user is logged in."""
    rows = sessions.sessions_of(session, user.id, now=now)
    items = [
        LoginSessionRead(
            id=row.id,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
            ip=row.ip,
            agent=row.agent,
            is_current=row.id == user.session_id,
        )
        for row in rows
    ]
    return Page(items=items, total=len(items), next=None)


@router.delete("/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT)
def end_session(user: Viewer, session: WriteSession, now: Now, session_id: str) -> None:
    """Log one of the user's own browsers out."""
    sessions.end_session(session, now=now, actor=user.actor, user_id=user.id, session_id=session_id)


@router.get("/tokens", response_model=Page[TokenRead])
def list_tokens(user: Viewer, session: ReadSession) -> Page[TokenRead]:
    """The user's own API tokens."""
    items = [TokenRead.model_validate(key) for key in sessions.tokens_of(session, user.id)]
    return Page(items=items, total=len(items), next=None)


@router.post("/tokens", response_model=TokenCreated, status_code=status.HTTP_201_CREATED)
def issue_token(user: Viewer, session: WriteSession, now: Now, body: TokenCreate) -> TokenCreated:
    """An API token with the user's own rights."""
    row = service.get_user(session, user.id)
    lifetime = None if body.days is None else timedelta(days=body.days)
    key, token = sessions.issue_token(
        session, now=now, actor=user.actor, user=row, name=body.name, lifetime=lifetime
    )
    return TokenCreated(**TokenRead.model_validate(key).model_dump(), token=token)


@router.delete("/tokens/{token_id}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_token(user: Viewer, session: WriteSession, now: Now, token_id: Annotated[RowId, Path()]) -> None:
    """End one of the user's own API tokens."""
    sessions.revoke_token(session, now=now, actor=user.actor, user_id=user.id, token_id=token_id)


@router.get("/users", response_model=Page[UserRead])
def list_users(_user: Admin, session: ReadSession, limit: Limit = 100, offset: Offset = 0) -> Page[UserRead]:
    """All users by name."""
    found, total = service.list_users(session, limit=limit, offset=offset)
    items = [UserRead.model_validate(row) for row in found]
    return Page(items=items, total=total, next=next_offset(offset, len(items), total))


@router.get("/people", response_model=Page[PersonRead])
def list_people(_user: Engineer, session: ReadSession) -> Page[PersonRead]:
    """Whom work can be given to: the names of all who may log in."""
    items = [PersonRead.model_validate(row) for row in service.people(session)]
    return Page(items=items, total=len(items), next=None)


@router.post("/users", response_model=UserRead, status_code=status.HTTP_201_CREATED)
def add_user(user: Admin, session: WriteSession, now: Now, body: UserCreate) -> UserRead:
    """A new user."""
    return UserRead.model_validate(service.add_user(session, now=now, actor=user.actor, **body.model_dump()))


@router.patch("/users/{user_id}", response_model=UserRead)
def update_user(user: Admin, session: WriteSession, now: Now, user_id: UserId, body: UserUpdate) -> UserRead:
    """Change a user; disabling one ends all their sessions, links and tokens at once."""
    row = service.get_user(session, user_id)
    if body.password is not None:
        service.set_password(session, now=now, actor=user.actor, user=row, password=body.password)
    changes = body.model_dump(exclude={"password"})
    service.update_user(session, now=now, actor=user.actor, user=row, **changes)
    return UserRead.model_validate(row)


@router.post("/users/{user_id}/login-link", response_model=LoginLinkRead, status_code=status.HTTP_201_CREATED)
def issue_login_link(
    user: Admin, context: AppContext, session: WriteSession, now: Now, user_id: UserId
) -> LoginLinkRead:
    """A link that logs the user in once, within minutes."""
    row = service.get_user(session, user_id)
    token = sessions.issue_login_link(session, now=now, actor=user.actor, user=row)
    return LoginLinkRead(
        url=sessions.login_url(context.public_url, token), expires_at=now + sessions.LINK_LIFETIME
    )


def _session_read(context: Context, site: object, user: User | CurrentUser) -> SessionRead:
    return SessionRead.model_validate(
        {"user": Me.model_validate(user), "site": site, "version": context.version}
    )


def _client(request: Request) -> Client:
    return Client(request.client.host if request.client else "?", request.headers.get("user-agent", ""))


def _set_cookie(response: Response, context: Context, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(sessions.LIFETIME.total_seconds()),
        path="/",
        httponly=True,
        samesite="strict",
        secure=context.is_https,
    )
