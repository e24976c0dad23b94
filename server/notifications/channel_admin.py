"""The verbs of admins: channels, policies, tests. All are audited, and no secret is in the audit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.service import Actor
from server.db import note_change
from server.errors import Conflict, Invalid, NotFound
from server.identity.models import User
from server.notifications import pacing
from server.notifications.channels.contract import Message, Refused, Target, TryLater, Way
from server.notifications.models import Channel, OutboxMessage, Policy
from server.notifications.policy import Person, Plan, stored
from server.notifications.schemas import ChannelKind, ChannelRead, TestRead
from server.notifications.telling import Notifications
from server.shifts.models import Team

Values = Mapping[str, str | int | None]
Secrets = Mapping[str, str | None]
NOUN = "notices"


def list_channels(session: Session, notifications: Notifications, *, now: datetime) -> list[ChannelRead]:
    """All channels by name."""
    rows = session.scalars(select(Channel).order_by(Channel.name))
    return [read_channel(notifications, row, now=now) for row in rows]


def create_channel(
    session: Session,
    notifications: Notifications,
    *,
    now: datetime,
    actor: Actor,
    kind: ChannelKind,
    name: str,
    settings: Values,
    secrets: Secrets,
    enabled: bool,
) -> Channel:
    """Raises Conflict where the name is taken, Invalid for settings that cannot be."""
    _require_free_name(session, name, None)
    channel = Channel(kind=kind, name=name, secrets="", enabled=enabled, version=1, updated_at=now, tokens=0)
    _put(notifications, channel, settings, secrets)
    session.add(channel)
    session.flush()
    _record(session, now, actor, "channel.created", channel, secrets=sorted(secrets))
    return channel


def update_channel(
    session: Session,
    notifications: Notifications,
    channel: Channel,
    *,
    now: datetime,
    actor: Actor,
    version: int,
    name: str,
    settings: Values,
    secrets: Secrets,
    enabled: bool,
) -> None:
    """Raises Conflict where somebody changed it meanwhile."""
    _require_version(channel.version, version)
    _require_free_name(session, name, channel.id)
    _put(notifications, channel, settings, secrets)
    channel.name, channel.enabled, channel.updated_at = name, enabled, now
    channel.version += 1
    channel.failing_since = channel.last_error = None
    _record(session, now, actor, "channel.changed", channel, secrets=sorted(secrets))


def delete_channel(session: Session, channel: Channel, *, now: datetime, actor: Actor) -> None:
    """Raises Conflict for one that was used: what was sent by it stays on record."""
    used = session.scalar(select(OutboxMessage.id).where(OutboxMessage.channel_id == channel.id).limit(1))
    if used is not None:
        raise Conflict(
            "Messages went out by this channel: switch it off instead.",
            "该通道已发送过消息，请改为停用。",
            code="channel_used",
        )
    session.delete(channel)
    _record(session, now, actor, "channel.deleted", channel)


def get_channel(session: Session, channel_id: int) -> Channel:
    """Raises NotFound."""
    channel = session.get(Channel, channel_id)
    if channel is None:
        raise NotFound(f"There is no channel {channel_id}.", f"没有编号为 {channel_id} 的通道。")
    return channel


def read_channel(notifications: Notifications, channel: Channel, *, now: datetime) -> ChannelRead:
    way = notifications.tools.ways[channel.kind]
    try:
        shown, broken = way.shown(notifications.tools.keeping.target(way, channel)), None
    except Refused as problem:
        shown, broken = None, problem.answer
    return ChannelRead(
        id=channel.id,
        kind=cast("ChannelKind", channel.kind),
        name=channel.name,
        enabled=channel.enabled,
        version=channel.version,
        shown=shown,
        broken=broken,
        settings=cast("dict[str, str | int | None]", channel.settings),
        secrets_set=notifications.tools.keeping.known(channel),
        last_sent_at=channel.last_sent_at,
        failing_since=channel.failing_since,
        last_error=channel.last_error,
        blocked_until=channel.blocked_until,
        tokens=None if way.pace is None else round(pacing.tokens(channel, way.pace, now=now), 1),
    )


def try_out(way: Way, target: Callable[[], Target], message: Message, *, now: datetime) -> TestRead:
    """Send it now and say what really happened, also where the secrets that it needs cannot be read. No
    transaction may be open meanwhile."""
    started = time.monotonic()
    try:
        ok, answer = True, way.send(message, target(), now=now)
    except (TryLater, Refused) as problem:
        ok, answer = False, problem.answer
    return TestRead(ok=ok, answer=answer, took_ms=round((time.monotonic() - started) * 1000))


def put_policy(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    site_id: int | None,
    severity: str,
    version: int | None,
    plan: Plan,
) -> None:
    """What holds from the next notice on; those under way keep the policy they began with."""
    _require_order(plan)
    _require_known(session, plan)
    row = _policy(session, site_id, severity)
    if row is None:
        row = Policy(site_id=site_id, severity=severity, version=0)
        session.add(row)
    _require_version(row.version or None, version)
    row.steps = stored(plan.steps)
    row.repeat_s = plan.repeat_min * 60 if plan.repeat_min else None
    row.version += 1
    row.updated_at, row.updated_by = now, actor.name
    session.flush()
    detail = {"site": site_id, "severity": severity, "plan": plan.model_dump(mode="json")}
    audit.record(
        session, now=now, actor=actor, action="policy.changed", subject=("policy", row.id), detail=detail
    )
    note_change(session, NOUN)


def remove_policy(
    session: Session, *, now: datetime, actor: Actor, site_id: int | None, severity: str
) -> None:
    """What stood behind it holds again. Raises NotFound."""
    row = _policy(session, site_id, severity)
    if row is None:
        raise NotFound("There is no such policy.", "没有该升级策略。")
    session.delete(row)
    detail = {"site": site_id, "severity": severity}
    audit.record(
        session, now=now, actor=actor, action="policy.removed", subject=("policy", row.id), detail=detail
    )
    note_change(session, NOUN)


def _policy(session: Session, site_id: int | None, severity: str) -> Policy | None:
    return session.scalar(
        select(Policy).where(Policy.site_id.is_not_distinct_from(site_id), Policy.severity == severity)
    )


def _require_order(plan: Plan) -> None:
    """Raises Invalid for a step that would come before the one that stands above it."""
    times = [step.after_min for step in plan.steps]
    for number, (before, after) in enumerate(pairwise(times), start=2):
        if after < before:
            raise Invalid(
                f"Step {number} comes after {after:g} min, before step {number - 1} ({before:g} min): put the steps in "
                "the order of their minutes.",
                f"第 {number} 步在 {after:g} 分钟后，早于第 {number - 1} 步（{before:g} 分钟）：请按时间先后排列。",
                code="steps_out_of_order",
            )


def _require_known(session: Session, plan: Plan) -> None:
    """Raises Invalid for people, teams and channels that do not exist: an escalation must not end in nothing."""
    people = {who.user_id for step in plan.steps for who in step.who if isinstance(who, Person)}
    teams = {who.team_id for step in plan.steps for who in step.who if who.type == "on_call" and who.team_id}
    groups = {one for step in plan.steps if step.groups != "all" for one in step.groups}
    active = select(User.id).where(User.id.in_(sorted(people)), User.disabled_at.is_(None))
    known_groups = select(Channel.id).where(Channel.id.in_(sorted(groups)), Channel.kind != "email")
    for what, zh, wanted, found in (
        ("person", "人员", people, session.scalars(active)),
        ("team", "班组", teams, session.scalars(select(Team.id).where(Team.id.in_(sorted(teams))))),
        ("group channel", "群通道", groups, session.scalars(known_groups)),
    ):
        missing = set(wanted) - set(found)
        if missing:
            raise Invalid(
                f"There is no {what} {min(missing)}.",
                f"没有编号为 {min(missing)} 的{zh}。",
                code="bad_policy",
            )


def _put(notifications: Notifications, channel: Channel, settings: Values, secrets: Secrets) -> None:
    tools = notifications.tools
    way = tools.ways[channel.kind]
    tools.keeping.put(way, channel, settings, secrets)
    url = secrets.get("url")
    if url:
        try:
            notifications.outgoing.check(url)
        except Refused as problem:
            raise Invalid(
                f"The address cannot be used: {problem.answer['en']}. PLANTROOM_PRIVATE_WEBHOOKS=true allows http and "
                "your own network.",
                f"该地址不可用：{problem.answer['zh']}。如需使用 http 或内网地址，请设置 "
                "PLANTROOM_PRIVATE_WEBHOOKS=true。",
                code="bad_address",
            ) from None


def _require_free_name(session: Session, name: str, own_id: int | None) -> None:
    taken = session.scalar(select(Channel.id).where(Channel.name == name))
    if taken is not None and taken != own_id:
        raise Conflict(f"There is a channel {name} already.", f"通道“{name}”已存在。", code="name_taken")


def _require_version(known: int | None, given: int | None) -> None:
    if known != given:
        raise Conflict(
            "Somebody changed it meanwhile; look at it again.",
            "他人已修改，请重新查看。",
            code="changed_meanwhile",
        )


def _record(
    session: Session,
    now: datetime,
    actor: Actor,
    action: str,
    channel: Channel,
    *,
    secrets: Sequence[str] = (),
) -> None:
    detail = {
        "kind": channel.kind,
        "name": channel.name,
        "enabled": channel.enabled,
        "secrets_set": list(secrets),
    }
    audit.record(session, now=now, actor=actor, action=action, subject=("channel", channel.id), detail=detail)
    note_change(session, NOUN)
