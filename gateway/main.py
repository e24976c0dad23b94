"""The gateway process: device messages in, stored and published readings out."""

from __future__ import annotations

import gc
import signal
import sqlite3
import threading

import structlog

from gateway import log
from gateway.catalogue import PointCatalogue
from gateway.config_file import BadConfig
from gateway.decoders import Decoder
from gateway.decoders.foreign import foreign_decoders
from gateway.gateway import Gateway
from gateway.health import GatewayMetrics, serve_metrics
from gateway.late_store import LateStore
from gateway.settings import GatewaySettings
from telemetry.settings import load, refuse, secret
from telemetry.store import open_store
from telemetry.store.contract import StoreUnavailable, UnusableStore

_log = structlog.get_logger()


def run() -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    settings = load(GatewaySettings)
    log.configure(settings.log_level)
    foreign = _load_foreign(settings)  # before anything is opened: a wrong file starts nothing
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    catalogue = PointCatalogue()
    gateway = Gateway(settings, _open_store(settings, catalogue), stop, foreign=foreign, catalogue=catalogue)
    try:
        gateway.open()
    except (OSError, sqlite3.Error) as error:
        refuse(f"PLANTROOM_DATA: the gateway cannot use its files in {settings.data}: {error}")
    if settings.gateway_metrics_port:
        metrics = GatewayMetrics(
            gateway.counters,
            gateway.condition,
            lambda: gateway.dead_letters.dropped,
            lambda: gateway.spool.state,
        )
        try:
            serve_metrics(metrics, settings.gateway_metrics_port)
        except OSError as error:
            refuse(f"PLANTROOM_GATEWAY_METRICS_PORT: {settings.gateway_metrics_port}: {error.strerror}")
    tame_collector()
    gateway.run()
    return 0


def tame_collector() -> None:
    """Look for cycles seldom, and never among what was there at the start: readings make none, and the
    search cost 3 of the 20 microseconds of a message."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _load_foreign(settings: GatewaySettings) -> list[Decoder]:
    try:
        return foreign_decoders(
            settings.format_names,
            folder=settings.mappings,
            sparkplug_groups=settings.sparkplug_group_names,
        )
    except BadConfig as refusal:
        refuse(*(str(problem) for problem in refusal.problems))


def _open_store(settings: GatewaySettings, catalogue: PointCatalogue) -> LateStore:
    """The store, opened if it is there. If it is away the gateway works all the same and spools."""
    store = LateStore(
        lambda: open_store(
            settings.store_url,
            retention=settings.retention,
            token=secret(settings.store_token),
            describe=catalogue.names_of,
        )
    )
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        store.open()
    except (UnusableStore, ValueError) as error:
        refuse(f"PLANTROOM_STORE_URL: {error}")
    except OSError as error:
        refuse(f"PLANTROOM_DATA: {settings.data}: {error.strerror}")
    except StoreUnavailable as error:
        _log.error("the store cannot be opened; trying again", error=str(error))
    return store


if __name__ == "__main__":
    raise SystemExit(run())
