"""``plantroom health PROCESS``: whether one process is well, as an exit code, for whatever looks after it."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Annotated

import typer

SILENT_AFTER_S = 60.0


def health(
    process: Annotated[str, typer.Argument(help="gateway, rules, server or simulator.")],
) -> None:
    """Say whether a process of this machine is well; exit code 1 if it is not."""
    from telemetry.settings import refuse

    checks: dict[str, Callable[[], str | None]] = {
        "gateway": _gateway,
        "rules": _rules,
        "server": _server,
        "simulator": _simulator,
    }
    if process not in checks:
        refuse(f"there is no process {process!r}: {', '.join(checks)}")
    trouble = checks[process]()
    print(trouble or f"{process} is well")
    raise typer.Exit(1 if trouble else 0)


def _gateway() -> str | None:
    from gateway.settings import GatewaySettings
    from telemetry.settings import load, refuse

    port = load(GatewaySettings).gateway_metrics_port
    if not port:
        refuse("PLANTROOM_GATEWAY_METRICS_PORT is not set: the gateway can only be asked by its metrics")
    return _answers(f"http://127.0.0.1:{port}/metrics")


def _server() -> str | None:
    from server.commands.readiness import Health
    from server.commands.running import settings_of_running

    settings = settings_of_running()
    if settings.tls_cert_file:  # of the name by which people come, which this machine need not resolve
        return None if Health(settings).is_alive() else f"server does not answer on port {settings.port}"
    return _answers(f"http://127.0.0.1:{settings.port}/healthz")


def _rules() -> str | None:
    from server.clock import utc_now
    from server.commands.database import command_transaction
    from server.intake.service import last_beat
    from server.operations.readiness import RULES

    with command_transaction() as (session, _):
        beat = last_beat(session, RULES)
        age_s = None if beat is None else (utc_now() - beat.at).total_seconds()
    return _too_old("rules", age_s)


def _simulator() -> str | None:
    import time

    from telemetry.settings import ProcessSettings, load

    files = (load(ProcessSettings).data / "simulator").glob("*.json")
    newest = max((file.stat().st_mtime for file in files), default=None)
    return _too_old("simulator", None if newest is None else time.time() - newest)


def _too_old(process: str, age_s: float | None) -> str | None:
    if age_s is None:
        return f"{process} was never heard of"
    return f"{process} was last heard of {age_s:.0f} s ago" if age_s > SILENT_AFTER_S else None


def _answers(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own loopback address
            return None
    except (urllib.error.URLError, OSError) as error:
        return f"{url}: {error}"
