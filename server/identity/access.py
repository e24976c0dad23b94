"""Who is asking, and whether they may. Every route depends on ``allow`` or stands on the public list of a test."""

from __future__ import annotations

from functools import cache
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from server.db import reading, transaction
from server.errors import Forbidden, Unauthenticated
from server.identity import sessions
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.identity.sessions import Credential
from server.web.requests import AppContext, Context

COOKIE = "plantroom_session"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def current_user(request: Request, context: AppContext) -> CurrentUser:
    """Who is asking, by ``Authorization: Bearer`` or else by the session cookie. Raises Unauthenticated."""
    token, is_session = _token(request)
    if not token:
        raise Unauthenticated("Please log in.", "请先登录。")
    now = context.clock()
    credential = _find(context, token, is_session=is_session)
    if credential is None:
        raise Unauthenticated(
            "You are not logged in any more. Please log in again.", "登录已失效，请重新登录。"
        )
    if is_session:
        require_same_origin(request)
    if credential.needs_touch:
        with transaction(context.sessions) as session:
            sessions.touch(session, token, now=now, is_session=is_session)
    user = credential.user
    request.state.locale = user.locale
    request.state.user_name = user.name
    return CurrentUser(user.id, user.name, user.display_name, user.role, user.locale, credential.session_id)


def is_still_valid(request: Request, context: Context) -> bool:
    """Whether who asked may still be answered: for streams that outlive a log-out. Does not count as use."""
    token, is_session = _token(request)
    return bool(token) and _find(context, token, is_session=is_session) is not None


def require_same_origin(request: Request) -> None:
    """Refuse a write that another site made the browser send. Raises Forbidden.

    Browsers say where a request comes from in Sec-Fetch-Site (https and localhost) and in Origin
    (all writes); a program that sends neither is no browser and has no cookie to be misused.
    """
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        same = site in {"same-origin", "none"}
    else:
        same = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not same:
        raise Forbidden(
            "This request came from another site.", "该请求来自其他网站，已被拒绝。", code="cross_site"
        )


class Access:
    """A dependency that lets through who holds the role or a higher one."""

    def __init__(self, role: Role) -> None:
        self.role = role

    async def __call__(self, user: Annotated[CurrentUser, Depends(current_user)]) -> CurrentUser:
        if not user.role.includes(self.role):
            raise Forbidden(
                f"This needs the role {self.role.value}; yours is {user.role.value}.",
                f"此操作需要 {self.role.value} 角色，您的角色是 {user.role.value}。",
                code="role_needed",
                needed=self.role.value,
            )
        return user


@cache
def allow(role: Role) -> Access:
    """``Depends(allow(Role.ENGINEER))``: engineers and admins may, others get 403, nobody 401."""
    return Access(role)


Viewer = Annotated[CurrentUser, Depends(allow(Role.VIEWER))]
Guard = Annotated[CurrentUser, Depends(allow(Role.GUARD))]
Engineer = Annotated[CurrentUser, Depends(allow(Role.ENGINEER))]
Admin = Annotated[CurrentUser, Depends(allow(Role.ADMIN))]


def _token(request: Request) -> tuple[str, bool]:
    """(the token or "", whether it is a session's). An Authorization header wins over the cookie."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return bearer.strip(), False
    return request.cookies.get(COOKIE, ""), True


def _find(context: Context, token: str, *, is_session: bool) -> Credential | None:
    find = sessions.find_session if is_session else sessions.find_api_token
    with reading(context.sessions) as session:
        return find(session, token, now=context.clock())
