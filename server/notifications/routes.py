"""HTTP of notices and notifications: one's own for everybody, the rest for admins."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, cast
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Query, Request, status
from sqlalchemy import select

from server.db import RowId, reading
from server.errors import Conflict
from server.identity.access import Admin, Viewer
from server.notifications import channel_admin, mine, outbox, queries
from server.notifications.channels.contract import Locale, Message
from server.notifications.dispatch import DEFAULT_LOCALE, push_target
from server.notifications.models import Channel, Preferences, PushSubscription
from server.notifications.policy import Way
from server.notifications.queries import WantedMessages
from server.notifications.schemas import (
    BrowserWrite,
    ChannelRead,
    ChannelUpdate,
    ChannelWrite,
    MessageDetail,
    MessageState,
    MyNotifications,
    MyNotificationsWrite,
    NoticeList,
    OutboxPage,
    PolicyRead,
    PolicyRemove,
    PolicyWrite,
    ReadNotices,
    TestRead,
    TestWay,
    Unread,
)
from server.notifications.telling import Notifications
from server.notifications.throttle import TestThrottle
from server.notifications.words import Reader, trial
from server.web.paging import Cursor, Limit, Page, cut
from server.web.problems import language_of
from server.web.requests import AppContext, Now, ReadSession, WriteSession

router = APIRouter(tags=["notifications"])

Id = Annotated[RowId, Path()]


def _notifications(request: Request) -> Notifications:
    return cast("Notifications", request.app.state.notifications)


def _throttle(request: Request) -> TestThrottle:
    return cast("TestThrottle", request.app.state.test_throttle)


Here = Annotated[Notifications, Depends(_notifications)]
Throttle = Annotated[TestThrottle, Depends(_throttle)]


@router.get("/notices", response_model=NoticeList)
def list_notices(user: Viewer, session: ReadSession, limit: Limit = 50, cursor: Cursor = None) -> NoticeList:
    """What I was told of, newest first."""
    found = queries.my_notices(session, user.id, before_id=cursor, limit=limit + 1)
    items, more = cut(found, limit)
    count = queries.unread(session, user.id).unread
    return NoticeList(items=list(items), unread=count, next=str(items[-1].id) if more else None)


@router.get("/notices/unread", response_model=Unread)
def count_unread(user: Viewer, session: ReadSession) -> Unread:
    """For the badge."""
    return queries.unread(session, user.id)


@router.post("/notices/read", response_model=Unread)
def mark_notices_read(user: Viewer, session: WriteSession, now: Now, body: ReadNotices) -> Unread:
    """I have looked at these; nothing is acknowledged by it."""
    mine.mark_read(session, user.id, body.ids, now=now)
    return queries.unread(session, user.id)


@router.get("/notifications/me", response_model=MyNotifications)
def read_my_notifications(user: Viewer, session: ReadSession, here: Here, now: Now) -> MyNotifications:
    """How I am reached."""
    return mine.read_mine(session, here, user.id, now=now)


@router.put("/notifications/me", response_model=MyNotifications)
def write_my_notifications(
    user: Viewer, session: WriteSession, here: Here, now: Now, body: MyNotificationsWrite
) -> MyNotifications:
    """Change how I am reached."""
    mine.write_mine(session, user.id, body)
    session.flush()
    return mine.read_mine(session, here, user.id, now=now)


@router.post("/notifications/me/browsers", response_model=MyNotifications)
def add_my_browser(
    *, user: Viewer, session: WriteSession, here: Here, now: Now, request: Request, body: BrowserWrite
) -> MyNotifications:
    """This browser shows messages from now on."""
    agent = request.headers.get("user-agent", "")
    mine.add_browser(session, here, user.id, body, now=now, agent=agent)
    return mine.read_mine(session, here, user.id, now=now)


@router.delete("/notifications/me/browsers/{browser_id}", status_code=status.HTTP_204_NO_CONTENT)
def remove_my_browser(user: Viewer, session: WriteSession, browser_id: Id) -> None:
    """That browser shows no messages any more."""
    mine.remove_browser(session, user.id, browser_id)


@router.post("/notifications/me/test", response_model=TestRead)
def test_my_way(
    *, user: Viewer, context: AppContext, here: Here, request: Request, throttle: Throttle, body: TestWay
) -> TestRead:
    """Send me a message now; the answer is what the provider really said."""
    throttle.count(user.id)
    way = here.tools.ways[body.way]
    with reading(context.sessions) as session:
        wish = session.get(Preferences, user.id)
        browser = session.scalars(
            select(PushSubscription)
            .where(PushSubscription.user_id == user.id)
            .order_by(PushSubscription.id.desc())
        ).first()
        mail = session.scalars(select(Channel).where(Channel.kind == "email", Channel.enabled)).first()
    message = _trial(here, request, context.clock())
    if body.way == "push":
        if browser is None:
            raise Conflict(
                "No browser of yours takes messages yet.", "尚未登记接收推送的浏览器。", code="no_address"
            )
        target = partial(push_target, way, browser)
    else:
        if mail is None or wish is None or not wish.email:
            raise Conflict(
                "There is no mail server, or you have given no address.",
                "尚未配置邮件服务器，或您未填写邮箱。",
                code="no_address",
            )
        target = partial(here.tools.keeping.target, way, mail, address=wish.email)
    return channel_admin.try_out(way, target, message, now=context.clock())


@router.get("/notifications/channels", response_model=Page[ChannelRead])
def list_channels(_user: Admin, session: ReadSession, here: Here, now: Now) -> Page[ChannelRead]:
    """The ways out that were set up, and how they are doing."""
    items = channel_admin.list_channels(session, here, now=now)
    return Page(items=items, total=len(items), next=None)


@router.post("/notifications/channels", response_model=ChannelRead, status_code=status.HTTP_201_CREATED)
def create_channel(
    user: Admin, session: WriteSession, here: Here, now: Now, body: ChannelWrite
) -> ChannelRead:
    """Set a channel up."""
    channel = channel_admin.create_channel(session, here, now=now, actor=user.actor, **body.model_dump())
    return channel_admin.read_channel(here, channel, now=now)


@router.put("/notifications/channels/{channel_id}", response_model=ChannelRead)
def update_channel(
    *, user: Admin, session: WriteSession, here: Here, now: Now, channel_id: Id, body: ChannelUpdate
) -> ChannelRead:
    """Change a channel; secrets that are not named stay as they are."""
    channel = channel_admin.get_channel(session, channel_id)
    channel_admin.update_channel(session, here, channel, now=now, actor=user.actor, **body.model_dump())
    return channel_admin.read_channel(here, channel, now=now)


@router.delete("/notifications/channels/{channel_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_channel(user: Admin, session: WriteSession, now: Now, channel_id: Id) -> None:
    """Remove one that was never used."""
    channel_admin.delete_channel(
        session, channel_admin.get_channel(session, channel_id), now=now, actor=user.actor
    )


@router.post("/notifications/channels/{channel_id}/test", response_model=TestRead)
def test_channel(
    *,
    user: Admin,
    context: AppContext,
    here: Here,
    request: Request,
    throttle: Throttle,
    channel_id: Id,
) -> TestRead:
    """Send a test message now (mail: to one's own address); the answer is what the provider really said."""
    throttle.count(user.id)
    with reading(context.sessions) as session:
        channel = channel_admin.get_channel(session, channel_id)
        wish = session.get(Preferences, user.id)
    way = here.tools.ways[channel.kind]
    address = (wish.email if wish else None) or ""
    if channel.kind == "email" and not address:
        raise Conflict(
            "Enter your own mail address in your notification settings first.",
            "请先在“我的通知设置”中填写您的邮箱。",
            code="no_address",
        )
    target = partial(here.tools.keeping.target, way, channel, address=address)
    message = _trial(here, request, context.clock())
    return channel_admin.try_out(way, target, message, now=context.clock())


@router.get("/notifications/policies", response_model=Page[PolicyRead])
def list_policies(
    _user: Admin, session: ReadSession, site: Annotated[RowId | None, Query()] = None
) -> Page[PolicyRead]:
    """How what happens escalates, the gravest first."""
    items = queries.list_policies(session, site)
    return Page(items=items, total=len(items), next=None)


@router.put("/notifications/policies", response_model=Page[PolicyRead])
def put_policy(user: Admin, session: WriteSession, now: Now, body: PolicyWrite) -> Page[PolicyRead]:
    """Change one; it holds from the next notice on."""
    channel_admin.put_policy(
        session,
        now=now,
        actor=user.actor,
        site_id=body.site_id,
        severity=body.severity,
        version=body.version,
        plan=body.plan,
    )
    items = queries.list_policies(session, body.site_id)
    return Page(items=items, total=len(items), next=None)


@router.post("/notifications/policies/remove", response_model=Page[PolicyRead])
def remove_policy(user: Admin, session: WriteSession, now: Now, body: PolicyRemove) -> Page[PolicyRead]:
    """Go back to what stood behind it."""
    channel_admin.remove_policy(
        session, now=now, actor=user.actor, site_id=body.site_id, severity=body.severity
    )
    session.flush()
    items = queries.list_policies(session, body.site_id)
    return Page(items=items, total=len(items), next=None)


@router.get("/notifications/outbox", response_model=OutboxPage)
def list_outbox(
    *,
    _user: Admin,
    session: ReadSession,
    now: Now,
    state: Annotated[MessageState | None, Query()] = None,
    way: Annotated[Way | None, Query()] = None,
    notice: Annotated[RowId | None, Query()] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> OutboxPage:
    """Every message and what became of it, newest first."""
    wanted = WantedMessages(state, way, notice)
    found = queries.find_messages(session, wanted, before_id=cursor, limit=limit + 1)
    items, more = cut(found, limit)
    return OutboxPage(
        items=list(items),
        next=str(items[-1].id) if more else None,
        summary=queries.summarise(session, now=now),
    )


@router.get("/notifications/outbox/{message_id}", response_model=MessageDetail)
def read_message(_user: Admin, session: ReadSession, message_id: Id) -> MessageDetail:
    """One message with each of its tries."""
    return queries.read_message(session, message_id)


@router.post("/notifications/outbox/{message_id}/retry", response_model=MessageDetail)
def retry_message(_user: Admin, session: WriteSession, now: Now, message_id: Id) -> MessageDetail:
    """Send a failed one once more."""
    outbox.retry(session, message_id, now=now)
    session.flush()
    return queries.read_message(session, message_id)


def _trial(here: Notifications, request: Request, now: datetime) -> Message:
    locale: Locale = "zh" if language_of(request) == "zh" else DEFAULT_LOCALE
    return trial(Reader(locale), key=f"test.{uuid4().hex}", public_url=here.tools.public_url, now=now)
