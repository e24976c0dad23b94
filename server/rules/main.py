"""The rules process: readings become alarms and tickets."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from server import migrations
from server.assets.profiles import shipped_profiles
from server.assets.yaml_file import BrokenFile
from server.clock import utc_now
from server.db import open_engine, session_factory
from server.rules.loop import RulesLoop
from server.rules.patience import LONGEST_WAIT_S
from server.rules.settings import RulesSettings
from server.rules.shipped import BrokenProfileRules, rule_specs
from server.web import logs
from telemetry.bus import Bus
from telemetry.settings import load, refuse, secret
from telemetry.store import open_store
from telemetry.store.contract import ReadingStore

log = structlog.get_logger("rules")

CLIENT_ID = "plantroom-rules"


def run() -> int:
    """Run until SIGTERM or SIGINT; the exit code. Settings come from the environment."""
    settings = load(RulesSettings)
    logs.configure(settings.log_level)
    try:
        profiles = dict(shipped_profiles())
        for profile in profiles.values():
            rule_specs(profile)
    except BrokenFile as error:
        refuse(str(error))
    except BrokenProfileRules as error:
        refuse(*error.problems)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    engine = open_engine(settings.database_url)
    if not _wait_for_schema(engine, stop):
        return 0
    loop = RulesLoop(
        sessions=session_factory(engine),
        bus=_bus(settings),
        store=_opened_once(settings.store_url, secret(settings.store_token)),
        profiles=profiles,
        clock=utc_now,
        stop=stop,
        gateway_gone_s=settings.gateway_gone_s,
    )
    loop.run()
    engine.dispose()
    return 0


def _wait_for_schema(engine: Engine, stop: threading.Event) -> bool:
    """Wait for the database; False when told to stop. Ends the process if the schema is not of this version."""
    wait_s = 0.5
    has_said = False
    while not stop.is_set():
        try:
            migrations.check(engine)
        except migrations.SchemaMismatch as mismatch:
            refuse(str(mismatch))
        except (OperationalError, InterfaceError) as error:
            if not has_said:
                log.warning("waiting for the database", error=str(error.orig).splitlines()[0])
            has_said = True
            stop.wait(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)
        else:
            return True
    return False


def _bus(settings: RulesSettings) -> Bus:
    return Bus(
        settings.mqtt_url,
        client_id=CLIENT_ID,
        username=settings.mqtt_username,
        password=settings.mqtt_password.get_secret_value() if settings.mqtt_password else None,
        keep_session=True,
        ca_file=str(settings.mqtt_ca_file) if settings.mqtt_ca_file else None,
    )


def _opened_once(url: str, token: str | None) -> Callable[[], ReadingStore]:
    """Opens the readings at the first use that succeeds; before, each use raises StoreUnavailable."""
    opened: list[ReadingStore] = []

    def get() -> ReadingStore:
        if not opened:
            opened.append(open_store(url, token=token, read_only=True))
        return opened[0]

    return get


if __name__ == "__main__":
    raise SystemExit(run())
