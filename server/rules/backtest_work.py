"""Doing what was asked for: one back-test or training at a time, outside of any request."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from server.clock import from_ms, to_ms
from server.db import reading, transaction
from server.errors import DomainError, Explained, Label
from server.rules.backtest import Outcome, learned_of, replay, train_all
from server.rules.backtest_history import TooMuchHistory, load_history, points_of, used_points, zone_of
from server.rules.backtest_models import RuleRun
from server.rules.backtest_schemas import ChartPoint, RunResult, VariantRead, WouldAlarmRead
from server.rules.backtest_service import keep_model, newest_models, parsed_body
from server.rules.binding import ParsedRule
from server.rules.learned.describe import describe
from server.rules.learned.verdict import TooLittleData, UnknownModel
from server.rules.past import PointInfo
from telemetry.store.contract import ReadingStore, StoreUnavailable

log = structlog.get_logger("backtest")

SHOWN_ALARMS = 500
_TELL_EVERY_S = 0.4


class Interrupted(Exception):
    """The server stops: the run begins again when it is back."""


class Untrained(Explained):
    """A learned condition has no trained model on this asset."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has no trained model on this asset yet: train it on a normal period first.",
            f"{name} 在该设备上尚未训练：请先选择正常时段进行训练。",
        )


def claim(sessions: sessionmaker[Session]) -> int | None:
    """The oldest run that waits is ours now; None: none waits."""
    with transaction(sessions) as session:
        run_id = session.scalar(
            select(RuleRun.id).where(RuleRun.status == "queued").order_by(RuleRun.id).limit(1)
        )
        if run_id is None:
            return None
        return session.execute(
            update(RuleRun)
            .where(RuleRun.id == run_id, RuleRun.status == "queued")
            .values(status="running", progress=0.0)
            .returning(RuleRun.id)
        ).scalar()


def begin_again(sessions: sessionmaker[Session]) -> None:
    """What a server that stopped left behind waits again."""
    with transaction(sessions) as session:
        session.execute(update(RuleRun).where(RuleRun.status == "running").values(status="queued"))


def work_on(
    run_id: int,
    *,
    sessions: sessionmaker[Session],
    store: Callable[[], ReadingStore],
    clock: Callable[[], datetime],
    is_stopping: Callable[[], bool],
) -> None:
    """Do one run to its end; what goes wrong is kept on it in a sentence. Raises Interrupted."""
    error: Label | None = None
    result: RunResult | None = None
    try:
        result = _do(run_id, sessions, store, clock, _Teller(run_id, sessions, is_stopping))
    except (TooLittleData, Untrained) as refusal:
        error = refusal.label
    except DomainError as refusal:
        error = refusal.detail
    except TooMuchHistory as refusal:
        error = Label(en=f"Choose a shorter period: {refusal}.", zh="该时段内的数据过多，请选择更短的时段。")
    except StoreUnavailable as away:
        error = Label(en=f"The store of readings is away: {away}", zh=f"历史数据库不可用：{away}")
    except UnknownModel as other:
        error = Label(en=f"The model must be trained anew: {other}", zh="该模型由其他版本训练，请重新训练。")
    except Interrupted:
        raise
    except Exception as unexpected:
        log.exception("a back-test failed", run=run_id)
        error = Label(en=f"It failed: {unexpected}", zh=f"运行失败：{unexpected}")
    with transaction(sessions) as session:
        run = session.get_one(RuleRun, run_id)
        run.status = "failed" if error else "done"
        run.error, run.progress, run.finished_at = error, 1.0, clock()
        run.result = None if result is None else result.model_dump(mode="json")


class _Teller:
    """Writes how far it is, not too often; ends the run when the server stops."""

    def __init__(self, run_id: int, sessions: sessionmaker[Session], is_stopping: Callable[[], bool]) -> None:
        self._run_id, self._sessions, self._is_stopping = run_id, sessions, is_stopping
        self._told = time.monotonic()

    def part(self, begin: float, end: float) -> Callable[[float], None]:
        """Progress of a part of the whole."""
        return lambda done: self._tell(begin + (end - begin) * done)

    def _tell(self, done: float) -> None:
        if self._is_stopping():
            raise Interrupted
        time.sleep(0)  # let requests have the interpreter
        if time.monotonic() - self._told >= _TELL_EVERY_S:
            self._told = time.monotonic()
            with transaction(self._sessions) as session:
                session.execute(
                    update(RuleRun).where(RuleRun.id == self._run_id).values(progress=round(done, 3))
                )


def _do(
    run_id: int,
    sessions: sessionmaker[Session],
    store: Callable[[], ReadingStore],
    clock: Callable[[], datetime],
    teller: _Teller,
) -> RunResult:
    with reading(sessions) as session:
        run = session.get_one(RuleRun, run_id)
        session.expunge(run)
        points = points_of(session, run.asset_id)
        zone = zone_of(session, run.asset_id)
        models = newest_models(session, run.rule_id, run.asset_id)
        trained = {name: model.data for name, model in models.items()}
        numbers = {name: model.id for name, model in models.items()}
    as_is, changed = _variants(run)
    used = used_points(as_is, points) | (used_points(changed, points) if changed else {})
    begin_ms, end_ms = to_ms(run.begin_at), to_ms(run.end_at)
    history = load_history(
        store(), used, begin_ms=begin_ms, end_ms=end_ms, zone=zone, progress=teller.part(0.0, 0.5)
    )
    result = RunResult(readings=len(history.times), points=_chart_points(used))
    if run.kind == "training":
        found = train_all(changed or as_is, history.period())
        with transaction(sessions) as session:
            for name, data in found.items():
                model = keep_model(session, run, name=name, data=data, facts=describe(data), now=clock())
                result.models.append(model.id)
        return result
    for number, rule in enumerate(one for one in (as_is, changed) if one is not None):
        needed = learned_of(rule)
        for name in needed.keys() - trained.keys():
            raise Untrained(name)
        result.models += [numbers[name] for name in needed if numbers[name] not in result.models]
        share = 0.5 if changed is None else 0.25
        progress = teller.part(0.5 + share * number, 0.5 + share * (number + 1))
        outcome = replay(rule, history, models=trained, progress=progress)
        result.variants.append(_variant("changed" if number else "as_is", outcome, end_ms))
    return result


def _variants(run: RuleRun) -> tuple[ParsedRule, ParsedRule | None]:
    change = {**run.body, **run.change} if run.change else None
    return parsed_body(run.body), None if change is None else parsed_body(change)


def _variant(which: str, outcome: Outcome, end_ms: int) -> VariantRead:
    lasted = [(end_ms if a.end_ms is None else a.end_ms) - a.start_ms for a in outcome.alarms]
    shown = [
        WouldAlarmRead.model_validate(
            {
                "start": from_ms(alarm.start_ms),
                "since": from_ms(alarm.since_ms),
                "end": None if alarm.end_ms is None else from_ms(alarm.end_ms),
                "severity": alarm.severity,
                "reason": alarm.reason,
                "peak": alarm.peak,
            }
        )
        for alarm in outcome.alarms[:SHOWN_ALARMS]
    ]
    return VariantRead.model_validate(
        {
            "which": which,
            "alarm_count": len(outcome.alarms),
            "alarms": shown,
            "tickets": outcome.tickets,
            "active_s": sum(lasted) / 1000,
            "longest_s": max(lasted, default=0) / 1000,
            "problem": outcome.problem,
        }
    )


def _chart_points(points: Mapping[int, PointInfo]) -> list[ChartPoint]:
    return [
        ChartPoint(
            id=number,
            key=point.key,
            name=point.name or Label(en=point.key, zh=point.key),
            unit=point.unit or None,
        )
        for number, point in points.items()
    ]
