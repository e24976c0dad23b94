"""Verbs on back-tests, trainings and trained models, and their only writer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.assets.models import Asset
from server.audit import service as audit
from server.audit.service import Actor
from server.db import note_change
from server.errors import Conflict, Invalid, NotFound
from server.rules.backtest import learned_of
from server.rules.backtest_models import BacktestSeen, LearnedModel, RuleRun
from server.rules.backtest_schemas import RunCreate
from server.rules.backtest_seen import body_of, fingerprint
from server.rules.binding import ParsedRule, parse_rule
from server.rules.checking import refused
from server.rules.conditions import InvalidCondition
from server.rules.models import Rule

LONGEST = timedelta(days=400)
MOST_WAITING = 20
RUNS_SHOWN = 50


def ask(
    session: Session,
    rule: Rule,
    *,
    now: datetime,
    actor: Actor,
    wanted: RunCreate,
    kinds: Mapping[str, str],
) -> RuleRun:
    """Queue a back-test or a training. Raises Invalid, NotFound, Conflict."""
    asset = session.get(Asset, wanted.asset_id)
    if asset is None or asset.profile != rule.profile or rule.asset_id not in (None, asset.id):
        raise NotFound(
            "The rule does not apply to this asset.", "该规则不适用于此设备。", code="asset_not_of_rule"
        )
    if not wanted.begin < wanted.end or wanted.end - wanted.begin > LONGEST:
        raise Invalid(
            f"Choose a period that ends after it begins, of at most {LONGEST.days} days.",
            f"请选择结束晚于开始、最长 {LONGEST.days} 天的时段。",
            code="bad_period",
        )
    waiting = session.scalar(select(func.count()).where(RuleRun.status == "queued")) or 0
    if waiting >= MOST_WAITING:
        raise Conflict(
            f"{waiting} back-tests are waiting already; try again when some are done.",
            f"已有 {waiting} 个回测在排队，请稍后再试。",
            code="too_many_waiting",
        )
    change = wanted.change.model_dump(mode="json", exclude_none=True) if wanted.change else None
    parsed = parsed_body({**body_of(rule), **(change or {})}, kinds)
    if wanted.kind == "training" and not learned_of(parsed):
        raise Invalid("This rule has nothing to learn.", "该规则无需训练。", code="nothing_to_learn")
    run = RuleRun(
        kind=wanted.kind,
        rule_id=rule.id,
        asset_id=asset.id,
        begin_at=wanted.begin,
        end_at=wanted.end,
        rule_version=rule.version,
        body=body_of(rule),
        change=change,
        created_at=now,
        created_by=actor.name,
    )
    session.add(run)
    session.flush()
    note_change(session, "rules")
    return run


def parsed_body(body: Mapping[str, object], kinds: Mapping[str, str] | None = None) -> ParsedRule:
    """The rule that a body describes. Raises Invalid naming what is wrong by path."""
    steps: Sequence[Mapping[str, object]] = body.get("steps") or []  # type: ignore[assignment]
    try:
        parsed = parse_rule(
            body["condition"],
            severity=str(body.get("severity", "medium")),
            on_delay_s=float(str(body.get("on_delay_s", 0))),
            off_delay_s=float(str(body.get("off_delay_s", 0))),
            steps=steps,
            remind_s=float(str(body.get("remind_s", 0))),
        )
        if kinds is not None:
            parsed.check(kinds)
    except InvalidCondition as error:
        raise refused(error) from error
    return parsed


def get_run(session: Session, run_id: int) -> RuleRun:
    """Raises NotFound."""
    run = session.get(RuleRun, run_id)
    if run is None:
        raise NotFound(f"There is no back-test {run_id}.", f"没有编号为 {run_id} 的回测。")
    return run


def runs_of(session: Session, rule_id: int) -> Sequence[RuleRun]:
    """The latest, newest first."""
    return session.scalars(
        select(RuleRun).where(RuleRun.rule_id == rule_id).order_by(RuleRun.id.desc()).limit(RUNS_SHOWN)
    ).all()


def note_seen(session: Session, run_id: int, *, now: datetime, actor: Actor, user_id: int) -> RuleRun:
    """This person has the result before their eyes. Raises Conflict where there is none yet."""
    run = get_run(session, run_id)
    if run.kind != "backtest" or run.status != "done":
        raise Conflict("There is no result to see yet.", "尚无结果可查看。", code="not_done")
    bodies = [run.body, {**run.body, **run.change}] if run.change else [run.body]
    known = set(
        session.scalars(
            select(BacktestSeen.fingerprint).where(
                BacktestSeen.run_id == run_id, BacktestSeen.user_id == user_id
            )
        )
    )
    for mark in sorted({fingerprint(body) for body in bodies} - known):
        session.add(
            BacktestSeen(rule_id=run.rule_id, fingerprint=mark, run_id=run.id, user_id=user_id, at=now)
        )
        audit.record(
            session,
            now=now,
            actor=actor,
            action="backtest.seen",
            subject=("rule", run.rule_id),
            detail={"run": run.id, "fingerprint": mark},
        )
    return run


def models_of(session: Session, rule_id: int) -> Sequence[LearnedModel]:
    """Newest first."""
    return session.scalars(
        select(LearnedModel).where(LearnedModel.rule_id == rule_id).order_by(LearnedModel.id.desc())
    ).all()


def keep_model(
    session: Session,
    run: RuleRun,
    *,
    name: str,
    data: bytes,
    facts: dict[str, object],
    now: datetime,
) -> LearnedModel:
    """A new version, not in use yet."""
    latest = session.scalar(
        select(func.max(LearnedModel.version)).where(
            LearnedModel.rule_id == run.rule_id,
            LearnedModel.asset_id == run.asset_id,
            LearnedModel.name == name,
        )
    )
    model = LearnedModel(
        rule_id=run.rule_id,
        asset_id=run.asset_id,
        name=name,
        version=(latest or 0) + 1,
        data=data,
        facts=facts,
        from_at=run.begin_at,
        to_at=run.end_at,
        trained_at=now,
        trained_by=run.created_by,
    )
    session.add(model)
    session.flush()
    return model


def activate(session: Session, model_id: int, *, now: datetime, actor: Actor) -> LearnedModel:
    """The rules process judges by this version from now on, and by no other of the same condition."""
    model = session.get(LearnedModel, model_id)
    if model is None:
        raise NotFound(f"There is no trained model {model_id}.", f"没有编号为 {model_id} 的模型。")
    session.execute(
        update(LearnedModel)
        .where(
            LearnedModel.rule_id == model.rule_id,
            LearnedModel.asset_id == model.asset_id,
            LearnedModel.name == model.name,
            LearnedModel.active,
        )
        .values(active=False)
    )
    session.refresh(model)
    model.active, model.activated_at, model.activated_by = True, now, actor.name
    audit.record(
        session,
        now=now,
        actor=actor,
        action="model.activated",
        subject=("rule", model.rule_id),
        detail={"model": model.id, "name": model.name, "version": model.version, "asset": model.asset_id},
    )
    note_change(session, "rules")
    return model


def active_models(session: Session) -> dict[tuple[int, int], dict[str, bytes]]:
    """What the rules process judges by: data by name, by rule and asset."""
    found: dict[tuple[int, int], dict[str, bytes]] = {}
    for model in session.scalars(select(LearnedModel).where(LearnedModel.active)):
        found.setdefault((model.rule_id, model.asset_id), {})[model.name] = model.data
    return found


def newest_models(session: Session, rule_id: int, asset_id: int) -> dict[str, LearnedModel]:
    """The latest version of each, in use or not: a back-test comes before use."""
    rows = session.scalars(
        select(LearnedModel)
        .where(LearnedModel.rule_id == rule_id, LearnedModel.asset_id == asset_id)
        .order_by(LearnedModel.version)
    )
    return {model.name: model for model in rows}
