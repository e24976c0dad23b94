"""The server process: the application with all its rooms, and the loops that run beside it."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from importlib.metadata import version
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import Engine, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from server import migrations
from server.alarms.routes import router as alarms_router
from server.answers import answer_verbs
from server.assets.models import Asset
from server.assets.profiles import shipped_profiles
from server.assets.queries import first_site
from server.assets.routes import router as assets_router
from server.assets.workbook_routes import router as workbook_router
from server.assets.yaml_file import BrokenFile
from server.clock import utc_now
from server.db import open_engine, reading, session_factory
from server.forms.routes import router as forms_router
from server.history.routes import router as history_router
from server.history.stores import Stores
from server.identity.audit_routes import router as audit_router
from server.identity.routes import router as identity_router
from server.identity.throttle import LoginThrottle
from server.incidents.routes import router as incidents_router
from server.intake.routes import router as intake_router
from server.live.hub import Hub
from server.live.routes import router as live_router
from server.loops import Loops
from server.maintenance_windows.routes import router as windows_router
from server.notifications.answer_page import router as answer_router
from server.notifications.routes import router as notifications_router
from server.notifications.telling import Notifications
from server.notifications.throttle import TestThrottle
from server.onboarding.routes import router as onboarding_router
from server.operations.metrics import Metrics
from server.operations.readiness import Readiness
from server.operations.routes import router as operations_router
from server.patrol.control.exception_routes import router as patrol_exception_router
from server.patrol.control.finding_routes import router as patrol_finding_router
from server.patrol.control.fire_watch_routes import router as patrol_fire_watch_router
from server.patrol.control.routes import router as patrol_control_router
from server.patrol.dispatch.routes import router as patrol_dispatch_router
from server.patrol.house import patrol_house
from server.patrol.phone.routes import router as patrol_router
from server.patrol.planning.routes import router as patrol_planning_router
from server.patrol.planning.timetable_routes import router as patrol_timetable_router
from server.patrol.safety.routes import router as patrol_safety_router
from server.presence.queries import DeviceWatch
from server.presence.routes import router as presence_router
from server.reports.routes import router as reports_router
from server.rules.backtest_routes import router as backtests_router
from server.rules.routes import router as rules_router
from server.sealing import Sealer, server_key
from server.settings import ServerSettings
from server.shifts.routes import router as shifts_router
from server.tickets.routes import router as tickets_router
from server.web import logs, problems, spa
from server.web.app_folder import app_folder
from server.web.headers import Surroundings
from server.web.requests import Context, Site
from telemetry.settings import load, refuse, secret
from telemetry.store import open_store

log = structlog.get_logger("server")

API = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (
    identity_router,
    audit_router,
    onboarding_router,
    assets_router,
    workbook_router,
    shifts_router,
    notifications_router,
    history_router,
    live_router,
    intake_router,
    presence_router,
    windows_router,
    alarms_router,
    tickets_router,
    incidents_router,
    backtests_router,
    rules_router,
    reports_router,
    patrol_router,
    patrol_safety_router,
    patrol_planning_router,
    patrol_timetable_router,
    patrol_control_router,
    patrol_exception_router,
    patrol_finding_router,
    patrol_fire_watch_router,
    patrol_dispatch_router,
    forms_router,
)
_GRACE_S = 3
_LONGEST_WAIT_S = 15.0


class Application(FastAPI):
    """FastAPI, with problem documents in its description."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, as /openapi.json gives it."""
        if not self.openapi_schema:
            problems.describe(super().openapi())
        return super().openapi()


def create_app(
    settings: ServerSettings, *, engine: Engine, clock: Callable[[], datetime] = utc_now
) -> FastAPI:
    """The application on a database whose schema is current.

    Nothing is connected by this: the lifespan starts and stops the loops, so that a TestClient
    outside of ``with`` needs no broker.
    """
    sessions = session_factory(engine)
    hub = Hub()
    stores = Stores(
        lambda: open_store(settings.store_url, token=secret(settings.store_token), read_only=True)
    )
    notifications = Notifications(
        sessions,
        clock=clock,
        sealer=Sealer(server_key(secret(settings.server_key), settings.data)),
        public_url=settings.public_url,
        verbs=answer_verbs(),
        allow_private=settings.private_webhooks,
    )
    house = patrol_house(key=secret(settings.server_key), data=settings.data, public_url=settings.public_url)
    loops = Loops(
        settings, sessions=sessions, hub=hub, stores=stores, notifications=notifications, house=house
    )
    metrics = Metrics(hub)
    app = Application(
        title="Plantroom",
        version=version("plantroom"),
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(loops),
        generate_unique_id_function=_operation_id,
        responses={"4XX": problems.RESPONSE, "5XX": problems.RESPONSE},
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.context = Context(
        sessions=sessions,
        clock=clock,
        announce=loops.announce,
        public_url=settings.public_url,
        version=version("plantroom"),
        site=_site,
    )
    app.state.hub = hub
    app.state.device_watch = DeviceWatch(hub)
    app.state.stores = stores
    app.state.broker_control = loops.broker_control
    app.state.login_throttle = LoginThrottle()
    app.state.notifications = notifications
    app.state.test_throttle = TestThrottle()
    app.state.patrol = house
    app.state.metrics = metrics
    app.state.readiness = Readiness(
        sessions=sessions, busses=loops.busses, stores=stores, gateway=settings.gateway, clock=clock
    )
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    app.include_router(operations_router)
    app.include_router(answer_router)
    spa.install(app, app_folder())
    app.add_middleware(
        Surroundings, https=settings.public_url.startswith("https://"), observe=metrics.observe
    )
    return app


def run() -> int:
    """The server until SIGTERM or SIGINT; gives the exit code. Settings come from the environment."""
    settings = load(ServerSettings)
    logs.configure(settings.log_level)
    try:
        profiles = shipped_profiles()
    except BrokenFile as error:
        refuse(str(error))
    engine = open_engine(settings.database_url)
    check_schema(engine)
    _require_known_profiles(engine, frozenset(profiles))
    app = create_app(settings, engine=engine)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_keep_alive=30,
        ssl_certfile=settings.tls_cert_file,
        ssl_keyfile=settings.tls_key_file,
    )
    server = _Server(config, app.state.hub)
    for number in (signal.SIGTERM, signal.SIGINT):
        # before uvicorn's own handler stands it asks for the stop; afterwards uvicorn raises the
        # signal once more for whoever listened before it, and it finds that all is done
        signal.signal(number, server.handle_exit)
    listener = _bind(settings)
    log.info("listening", host=settings.host, port=settings.port, url=settings.public_url)
    server.run(sockets=[listener])
    engine.dispose()
    return 0


def check_schema(engine: Engine) -> None:
    """Wait for the database, and end the process with a sentence if its schema is not of this version."""
    wait_s = 0.5
    has_said = False
    pause = threading.Event()
    while True:
        try:
            migrations.check(engine)
        except migrations.SchemaMismatch as mismatch:
            refuse(str(mismatch))
        except (OperationalError, InterfaceError) as error:
            if not has_said:
                log.warning("waiting for the database", error=str(error.orig).splitlines()[0])
            has_said = True
            pause.wait(wait_s)
            wait_s = min(_LONGEST_WAIT_S, wait_s * 2)
        else:
            return


class _Server(uvicorn.Server):
    """Ends the open streams first: uvicorn would wait for them until its patience is over."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.close()
        await super().shutdown(sockets)


def _lifespan(loops: Loops) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        loops.start()
        yield
        loops.stop()

    return lifespan


def _bind(settings: ServerSettings) -> socket.socket:
    """The listening socket; a port in use is said in one line instead of a traceback."""
    try:
        return socket.create_server(
            (settings.host, settings.port),
            family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET,
            backlog=2048,
        )
    except OSError as error:
        refuse(
            f"PLANTROOM_HOST, PLANTROOM_PORT: cannot listen on {settings.host}:{settings.port}: {error.strerror}"
        )


def _require_known_profiles(engine: Engine, known: frozenset[str]) -> None:
    with reading(session_factory(engine)) as session:
        unknown = session.execute(
            select(Asset.key, Asset.profile).where(Asset.profile.not_in(known)).limit(1)
        ).one_or_none()
    if unknown is not None:
        refuse(f"the asset {unknown[0]} has the profile {unknown[1]}, which this version does not know")


def _site(session: Session) -> Site | None:
    found = first_site(session)
    return None if found is None else Site(name=found.name, time_zone=found.time_zone or "UTC")


def _operation_id(route: APIRoute) -> str:
    """The name of the route's function: what generated clients call it."""
    return route.name
