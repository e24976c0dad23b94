"""What each person sets for themselves: addresses, ways, quiet hours, browsers."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from server.assets.queries import first_site
from server.db import note_change
from server.errors import Conflict, Invalid, NotFound
from server.notifications.channels.contract import Refused
from server.notifications.channels.push import CURVE, decode
from server.notifications.models import Channel, OutboxMessage, Preferences, PushSubscription
from server.notifications.policy import PersonalWay
from server.notifications.quiet import quiet_until
from server.notifications.schemas import (
    BrowserRead,
    BrowserWrite,
    MyNotifications,
    MyNotificationsWrite,
)
from server.notifications.telling import Notifications
from server.shifts.calendar import parse_time

MOST_BROWSERS = 10


def read_mine(
    session: Session, notifications: Notifications, user_id: int, *, now: datetime
) -> MyNotifications:
    """One person's own settings, with the defaults of someone who never set any."""
    wish = session.get(Preferences, user_id) or _new(session, user_id)
    browsers = session.scalars(
        select(PushSubscription).where(PushSubscription.user_id == user_id).order_by(PushSubscription.id)
    )
    has_mail = session.scalar(select(Channel.id).where(Channel.kind == "email", Channel.enabled).limit(1))
    until = None
    if wish.quiet_from and wish.quiet_to:
        zone = ZoneInfo(wish.time_zone)
        until = quiet_until(parse_time(wish.quiet_from), parse_time(wish.quiet_to), zone, now=now)
    return MyNotifications(
        email=wish.email,
        mobile=wish.mobile,
        feishu_id=wish.feishu_id,
        muted=cast("list[PersonalWay]", wish.muted),
        quiet_from=wish.quiet_from,
        quiet_to=wish.quiet_to,
        time_zone=wish.time_zone,
        quiet_until=until,
        browsers=[BrowserRead.model_validate(one) for one in browsers],
        push_key=notifications.vapid.public_key,
        has_mail_server=has_mail is not None,
    )


def write_mine(session: Session, user_id: int, wanted: MyNotificationsWrite) -> None:
    """Raises Invalid where quiet hours have only one end."""
    if (wanted.quiet_from is None) != (wanted.quiet_to is None):
        raise Invalid(
            "Quiet hours have a beginning and an end.",
            "免打扰时段需要同时填写开始和结束时间。",
            code="half_quiet",
        )
    wish = session.get(Preferences, user_id)
    if wish is None:
        wish = _new(session, user_id)
        session.add(wish)
    for name, value in wanted.model_dump().items():
        setattr(wish, name, value)
    note_change(session, "notices")


def add_browser(
    session: Session,
    notifications: Notifications,
    user_id: int,
    wanted: BrowserWrite,
    *,
    now: datetime,
    agent: str,
) -> PushSubscription:
    """A browser that shows messages from now on; one that is known already becomes this person's."""
    _require_usable(notifications, wanted)
    known = session.scalar(select(PushSubscription).where(PushSubscription.endpoint == wanted.endpoint))
    if known is None:
        count = select(func.count()).where(PushSubscription.user_id == user_id)
        if (session.scalar(count) or 0) >= MOST_BROWSERS:
            raise Conflict(
                "You have too many browsers; remove one first.",
                "已登记的浏览器过多，请先移除一个。",
                code="too_many",
            )
        known = PushSubscription(endpoint=wanted.endpoint, created_at=now)
        session.add(known)
    known.user_id, known.agent = user_id, agent[:200]
    known.p256dh, known.auth = wanted.keys.p256dh, wanted.keys.auth
    session.flush()
    return known


def remove_browser(session: Session, user_id: int, browser_id: int) -> None:
    """Raises NotFound, also for somebody else's."""
    gone = session.execute(
        delete(PushSubscription)
        .where(PushSubscription.id == browser_id, PushSubscription.user_id == user_id)
        .returning(PushSubscription.id)
    ).one_or_none()
    if gone is None:
        raise NotFound("There is no such browser.", "没有该浏览器。")


def mark_read(session: Session, user_id: int, ids: list[int] | None, *, now: datetime) -> None:
    """One's own notices were looked at; None: all of them."""
    mine = update(OutboxMessage).where(
        OutboxMessage.user_id == user_id, OutboxMessage.way == "in_app", OutboxMessage.read_at.is_(None)
    )
    if ids is not None:
        mine = mine.where(OutboxMessage.notice_id.in_(ids))
    session.execute(mine.values(read_at=now).execution_options(synchronize_session=False))
    note_change(session, "notices")


def _new(session: Session, user_id: int) -> Preferences:
    site = first_site(session)
    zone = (site.time_zone if site else None) or "UTC"
    return Preferences(user_id=user_id, muted=[], time_zone=zone)


def _require_usable(notifications: Notifications, wanted: BrowserWrite) -> None:
    try:
        notifications.outgoing.check(wanted.endpoint)
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decode(wanted.keys.p256dh))
        is_whole = len(decode(wanted.keys.auth)) == 16
    except (Refused, ValueError):
        is_whole = False
    if not is_whole:
        raise Invalid("That is no push subscription.", "推送订阅无效。", code="bad_subscription")
