"""HTTP of back-tests, trainings and trained models."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from server.db import RowId
from server.identity.access import Admin, Engineer, Viewer
from server.rules import backtest_service, service
from server.rules.backtest_schemas import (
    ConditionCheck,
    ConditionChecked,
    ModelRead,
    RunCreate,
    RunRead,
)
from server.rules.conditions import InvalidCondition, check_points, parse
from server.rules.routes import kinds_of
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["rules"])

RuleId = Annotated[RowId, Path()]
RunId = Annotated[RowId, Path()]


@router.post("/rules/{rule_id}/runs", response_model=RunRead, status_code=202)
def ask_for_run(
    user: Engineer, session: WriteSession, now: Now, rule_id: RuleId, wanted: RunCreate
) -> RunRead:
    """Ask for a back-test or a training; it runs on its own, see ``/rules/runs/{id}``."""
    rule = service.get_rule(session, rule_id)
    kinds = kinds_of(session, rule.profile, rule.asset_id)
    run = backtest_service.ask(session, rule, now=now, actor=user.actor, wanted=wanted, kinds=kinds)
    return RunRead.model_validate(run)


@router.get("/rules/{rule_id}/runs", response_model=list[RunRead])
def list_runs(_user: Viewer, session: ReadSession, rule_id: RuleId) -> list[RunRead]:
    """Back-tests and trainings of a rule, newest first."""
    return [RunRead.model_validate(run) for run in backtest_service.runs_of(session, rule_id)]


@router.get("/rules/runs/{run_id}", response_model=RunRead)
def read_run(_user: Viewer, session: ReadSession, run_id: RunId) -> RunRead:
    """How far it is, and what came out of it."""
    return RunRead.model_validate(backtest_service.get_run(session, run_id))


@router.post("/rules/runs/{run_id}/seen", response_model=RunRead)
def note_seen(user: Engineer, session: WriteSession, now: Now, run_id: RunId) -> RunRead:
    """The person who asks has the result before their eyes: the rule may be switched on. 409 not_done."""
    run = backtest_service.note_seen(session, run_id, now=now, actor=user.actor, user_id=user.id)
    return RunRead.model_validate(run)


@router.get("/rules/{rule_id}/models", response_model=list[ModelRead])
def list_models(_user: Viewer, session: ReadSession, rule_id: RuleId) -> list[ModelRead]:
    """Trained models of a rule, newest first."""
    return [ModelRead.model_validate(model) for model in backtest_service.models_of(session, rule_id)]


@router.post("/rules/models/{model_id}/activate", response_model=ModelRead)
def activate_model(
    user: Admin, session: WriteSession, now: Now, model_id: Annotated[RowId, Path()]
) -> ModelRead:
    """Judge by this version from now on."""
    model = backtest_service.activate(session, model_id, now=now, actor=user.actor)
    session.flush()
    return ModelRead.model_validate(model)


@router.post("/rules/check", response_model=ConditionChecked)
def check_condition(_user: Engineer, session: ReadSession, wanted: ConditionCheck) -> ConditionChecked:
    """Whether a condition could be used, while it is being written. Changes nothing."""
    try:
        check_points(parse(wanted.condition), kinds_of(session, wanted.profile, wanted.asset_id))
    except InvalidCondition as error:
        return ConditionChecked(problems=error.problems)
    return ConditionChecked(problems=[])
