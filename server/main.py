"""The server process: the application with all its rooms, and the loops that run beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import Engine

from server.clock import utc_now
from server.db import session_factory
from server.settings import ServerSettings
from server.web import problems
from server.web.problems import Problem
from server.web.requests import Context

API = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = ()
PROBLEM = {
    "model": Problem,
    "description": "Refused or failed; see `code`.",
    "content": {"application/problem+json": {}},
}


def create_app(
    settings: ServerSettings, *, engine: Engine, clock: Callable[[], datetime] = utc_now
) -> FastAPI:
    """The application on a database whose schema is current. Nothing is connected or started by this."""
    app = FastAPI(
        title="Plantroom",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses={"4XX": PROBLEM, "5XX": PROBLEM},
    )
    app.state.context = Context(
        sessions=session_factory(engine),
        clock=clock,
        announce=lambda _noun: None,
        public_url=settings.public_url,
    )
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    return app


def _operation_id(route: APIRoute) -> str:
    """The name of the route's function: what generated clients call it."""
    return route.name
