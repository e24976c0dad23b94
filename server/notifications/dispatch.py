"""Sends what waits in the outbox. Each message: claimed, sent with no transaction open, then marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from server.db import reading, transaction
from server.errors import Label
from server.identity.models import User
from server.notifications import outbox, pacing
from server.notifications.answering import AnswerVerbs, may_answer
from server.notifications.channels.contract import (
    Locale,
    Mention,
    Message,
    Pace,
    Refused,
    Target,
    TryLater,
    Way,
)
from server.notifications.channels.push import Subscription
from server.notifications.keeping import Keeping
from server.notifications.links import Links, Permission
from server.notifications.models import Channel, Notice, OutboxMessage, Preferences, PushSubscription
from server.notifications.words import Reader, Telling, digest_of, message_of

SPARE = 2
"""Tokens kept for what people are in danger of: with fewer left, messages go out as one digest."""
DEFAULT_LOCALE: Locale = "en"
_NO_MAIL = Label(
    en="there is no mail server, or no mail address of this person", zh="没有邮件服务器，或该人员未填写邮箱"
)
_NO_BROWSER = Label(en="no browser of this person takes messages", zh="该人员没有接收推送的浏览器")


@dataclass(frozen=True)
class Tools:
    """What sending needs."""

    sessions: sessionmaker[Session]
    clock: Callable[[], datetime]
    ways: Mapping[str, Way]
    keeping: Keeping
    links: Links
    verbs: AnswerVerbs
    public_url: str


class Dispatcher:
    """Sends by all ways. Any number of servers may do so at once, and several threads of each."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._name = uuid4().hex

    def ways_due(self) -> set[str]:
        """Which ways have something to send, after taking back what a stopped server had claimed."""
        now = self._tools.clock()
        with transaction(self._tools.sessions) as session:
            outbox.take_back_lost(session, now=now)
        with reading(self._tools.sessions) as session:
            return outbox.ways_due(session, now=now)

    def run(self, way: str) -> int:
        """Send what waits for this way, once around; how many messages went out or failed."""
        with reading(self._tools.sessions) as session:
            waiting = outbox.due(session, way, now=self._tools.clock())
        done = 0
        to_groups: dict[int, list[Telling]] = {}
        for telling in waiting:
            if telling.row.channel_id is None:
                done += self._send(way, [telling])
            else:
                to_groups.setdefault(telling.row.channel_id, []).append(telling)
        for channel_id, tellings in to_groups.items():
            done += self._send_to_group(way, channel_id, tellings)
        return done

    def _send_to_group(self, way: str, channel_id: int, tellings: list[Telling]) -> int:
        """What threatens life one by one; the rest too while the limit is far, and as a digest when it nears."""
        pace = self._tools.ways[way].pace
        if pace is None:
            return sum(self._send(way, [telling]) for telling in tellings)
        done = 0
        while tellings:
            alone = [one for one in tellings if one.notice.life_safety][:1]
            if not alone:
                left = self._tokens(channel_id, pace)
                alone = tellings[:1] if left - SPARE >= len(tellings) else tellings
            if not self._take_token(channel_id, pace, tellings):
                return done
            done += self._send(way, alone)
            tellings = [one for one in tellings if one not in alone]
        return done

    def _tokens(self, channel_id: int, pace: Pace) -> float:
        with reading(self._tools.sessions) as session:
            return pacing.tokens(session.get_one(Channel, channel_id), pace, now=self._tools.clock())

    def _take_token(self, channel_id: int, pace: Pace, tellings: Sequence[Telling]) -> bool:
        """Take one token; without any the messages wait for the next."""
        now = self._tools.clock()
        with transaction(self._tools.sessions) as session:
            channel = session.get_one(Channel, channel_id)
            if pacing.take(session, channel, pace, now=now):
                return True
            until = pacing.next_token(channel, pace, now=now)
            outbox.postpone(session, [one.row for one in tellings], until=until)
            return False

    def _send(self, way: str, tellings: Sequence[Telling]) -> int:
        """Claim, send, mark. Several: as one digest."""
        now = self._tools.clock()
        claim = f"{self._name[:8]}{uuid4().hex[:24]}"
        with transaction(self._tools.sessions) as session:
            ours = [one for one in tellings if outbox.claim(session, one.row.id, by=claim, now=now)]
        if not ours:
            return 0
        try:
            answer = self._deliver(way, ours, now)
        except (TryLater, Refused) as problem:
            self._fail(ours, claim, problem)
        else:
            with transaction(self._tools.sessions) as session:
                rows = [one.row for one in ours]
                outbox.mark_sent(session, rows, by=claim, now=self._tools.clock(), answer=answer)
        return 1

    def _fail(self, tellings: Sequence[Telling], claim: str, problem: TryLater | Refused) -> None:
        blocked_s = problem.blocked_s if isinstance(problem, TryLater) else None
        with transaction(self._tools.sessions) as session:
            for row, notice in tellings:
                outbox.mark_failed(
                    session,
                    Telling(session.get_one(OutboxMessage, row.id), session.get_one(Notice, notice.id)),
                    by=claim,
                    now=self._tools.clock(),
                    answer=problem.answer,
                    may_retry=isinstance(problem, TryLater),
                    blocked_s=blocked_s,
                )

    def _deliver(self, way: str, tellings: Sequence[Telling], now: datetime) -> Label:
        row = tellings[0].row
        sender = self._tools.ways[way]
        if row.user_id is None:
            with reading(self._tools.sessions) as session:
                channel = session.get(Channel, row.channel_id)
                if channel is None or not channel.enabled:
                    raise Refused(Label(en="the channel is switched off", zh="该通道已停用"))
                target = self._tools.keeping.target(sender, channel)
                mentions = _mentions(session, {user for one in tellings for user in one.row.mentions})
            reader = Reader(target.settings.language, mentions)
            return sender.send(self._message(tellings, reader, now), target, now=now)
        return self._deliver_to_person(sender, tellings[0], row.user_id, now)

    def _deliver_to_person(self, sender: Way, telling: Telling, user_id: int, now: datetime) -> Label:
        with reading(self._tools.sessions) as session:
            user = session.get_one(User, user_id)
            wish = session.get(Preferences, user_id)
            browsers = session.scalars(
                select(PushSubscription).where(PushSubscription.user_id == user_id)
            ).all()
            mail = session.scalar(
                select(Channel).where(Channel.kind == "email", Channel.enabled).order_by(Channel.id).limit(1)
            )
        if user.disabled_at is not None:
            raise Refused(Label(en="the account is disabled", zh="该账号已停用"))
        link = None
        if telling.row.kind != "ended" and may_answer(self._tools.verbs, telling.notice.subject, user.role):
            link = self._tools.links.make(Permission(telling.notice.id, user_id), now=now)
        locale: Locale = cast("Locale", user.locale) if user.locale else DEFAULT_LOCALE
        message = self._message([telling], Reader(locale, answer_link=link), now)
        if sender.kind == "push":
            return self._push(sender, message, browsers, now)
        if mail is None or wish is None or not wish.email:
            raise Refused(_NO_MAIL)
        target = self._tools.keeping.target(sender, mail, address=wish.email)
        return sender.send(message, target, now=now)

    def _push(
        self, sender: Way, message: Message, browsers: Sequence[PushSubscription], now: datetime
    ) -> Label:
        """To each browser of a person; enough if one takes it."""
        answers: list[Label] = []
        problems: list[TryLater | Refused] = []
        for browser in browsers:
            try:
                answers.append(sender.send(message, push_target(sender, browser), now=now))
            except (TryLater, Refused) as problem:
                problems.append(problem)
                if isinstance(problem, Refused) and problem.is_gone:
                    self._forget(browser.id)
        if answers:
            return Label(en="; ".join(a["en"] for a in answers), zh="；".join(a["zh"] for a in answers))
        later = [one for one in problems if isinstance(one, TryLater)]
        raise (later or problems or [Refused(_NO_BROWSER)])[0]

    def _forget(self, browser_id: int) -> None:
        with transaction(self._tools.sessions) as session:
            session.execute(delete(PushSubscription).where(PushSubscription.id == browser_id))

    def _message(self, tellings: Sequence[Telling], reader: Reader, now: datetime) -> Message:
        url = self._tools.public_url
        if len(tellings) == 1:
            return message_of(tellings[0], reader, public_url=url, now=now)
        return digest_of(tellings, reader, public_url=url, now=now)


def push_target(sender: Way, browser: PushSubscription) -> Target:
    """Where to push for one browser."""
    address = Subscription(browser.endpoint, browser.p256dh, browser.auth).dump()
    return Target(sender.settings(), sender.secrets(), address)


def _mentions(session: Session, users: set[int]) -> tuple[Mention, ...]:
    rows = session.execute(
        select(User.display_name, Preferences.mobile, Preferences.feishu_id)
        .outerjoin(Preferences, Preferences.user_id == User.id)
        .where(User.id.in_(sorted(users)))
        .order_by(User.id)
    )
    return tuple(Mention(name, mobile, feishu_id) for name, mobile, feishu_id in rows)
