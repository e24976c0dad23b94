"""HTTP at the root for machines that look after this one."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from server.identity.access import Admin
from server.operations.metrics import CONTENT_TYPE, Metrics
from server.operations.readiness import Readiness, State
from server.web.problems import language_of

router = APIRouter(tags=["operations"])


class HealthRead(BaseModel):
    status: Literal["ok"]


class DependencyRead(BaseModel):
    state: State
    detail: str


class ReadinessRead(BaseModel):
    ready: bool
    dependencies: dict[str, DependencyRead]


def _readiness(request: Request) -> Readiness:
    return cast("Readiness", request.app.state.readiness)


def _metrics(request: Request) -> Metrics:
    return cast("Metrics", request.app.state.metrics)


@router.get("/healthz", response_model=HealthRead)
async def read_health() -> HealthRead:
    """Whether this process is alive; says nothing about what it depends on."""
    return HealthRead(status="ok")


@router.get("/readyz", response_model=ReadinessRead, responses={503: {"model": ReadinessRead}})
def read_readiness(
    request: Request, response: Response, readiness: Annotated[Readiness, Depends(_readiness)]
) -> ReadinessRead:
    """Each dependency with its state; 200 when all are well, else 503."""
    chinese = language_of(request) == "zh"
    found = readiness.dependencies()
    dependencies = {
        name: DependencyRead(state=one.state, detail=one.detail["zh"] if chinese else one.detail["en"])
        for name, one in found.items()
    }
    ready = all(one.state == "ok" for one in found.values())
    response.status_code = 200 if ready else 503
    response.headers["cache-control"] = "no-store"
    return ReadinessRead(ready=ready, dependencies=dependencies)


@router.get("/metrics", response_class=Response, include_in_schema=False)
def read_metrics(_user: Admin, metrics: Annotated[Metrics, Depends(_metrics)]) -> Response:
    """For Prometheus, with an admin's API token."""
    return Response(metrics.render(), media_type=CONTENT_TYPE)
