"""The order in which ``up`` starts things, and what it says about each."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.metadata import version

from server.assets.profiles import shipped_profiles
from server.assets.site_file import DEMO_SITE, load_site
from server.assets.site_import import import_site
from server.audit.service import SYSTEM
from server.clock import utc_now
from server.commands import broker, preflight
from server.commands.database import database, migrate_database, one_line_refusals, sqlite_file
from server.commands.installation import MQTT_PORT, Installation, UpSettings, check, prepare
from server.commands.lock import lock_data_folder
from server.commands.people import admin_link, demo_people
from server.commands.readiness import DOWN, Health, accepts_connections
from server.commands.running import note_running
from server.commands.simulator_progress import SimulatorProgress
from server.commands.supervisor import Child, Program, StartFailed, StopAsked, Supervisor
from server.commands.terminal import Terminal
from server.db import transaction
from server.patrol.demo.site import seed_patrol
from server.patrol.demo.walk import seed_history
from server.patrol.house import PatrolHouse, patrol_house
from server.shifts.demo import seed_teams
from telemetry import topics
from telemetry.settings import secret

DEMO_TOPIC = topics.telemetry("trial-pump")
DEMO_MESSAGE = '{"values": {"pump_1_bearing_temp": 91}}'
WITHIN_S = 60.0
"""A loaded machine is slow; a process that is not ready after this long never will be."""


@dataclass(frozen=True)
class Demo:
    """The simulated building that comes along."""

    scenario: str
    history_days: float


def run(settings: UpSettings, *, demo: Demo | None) -> int:
    """Start everything, look after it until told to stop, stop everything; gives the exit code."""
    os.umask(0o077)  # hashes of passwords and what people did lie in the data folder: nobody else's business
    terminal = Terminal()
    shown = settings.data
    settings = settings.model_copy(update={"data": settings.data.resolve()})
    with one_line_refusals():
        preflight.check_data_folder(settings.data)
        lock = lock_data_folder(settings.data)
        check(settings)
        installation = prepare(settings)
        note_running(settings.data, installation.addresses())
        terminal.heading(f"Plantroom {version('plantroom')}, data in {shown}")
        supervisor = Supervisor(terminal, installation.logs, kept_open=(lock,))
        supervisor.handle_signals()
        try:
            Startup(installation, supervisor, terminal, demo=demo).run()
            supervisor.watch()
        except StartFailed as failure:
            terminal.problem("failed", str(failure))
            return 1
        except StopAsked:
            pass
        finally:
            terminal.line()
            supervisor.stop()
            terminal.line(f"Stopped. Everything is kept in {shown}; start again to go on.")
    return 0


class Startup:
    """One start of an installation."""

    def __init__(
        self, installation: Installation, supervisor: Supervisor, terminal: Terminal, *, demo: Demo | None
    ) -> None:
        self._installation = installation
        self._settings = installation.settings
        self._supervisor = supervisor
        self._terminal = terminal
        self._demo = demo
        self._health = Health(installation.settings)

    def run(self) -> None:
        """Broker, database, then the processes; the simulator last. Raises StartFailed, StopAsked, Refused."""
        self._start_broker()
        link, logins = self._prepare_database()
        server = self._start("server")
        gateway, rules = self._start("gateway"), self._start("rules")
        self._supervisor.wait_until(self._health.is_alive, server, timeout_s=WITHIN_S)
        self._terminal.step("server", self._settings.public_url)
        for child in (gateway, rules):
            self._wait_for_dependency(child)
        self._say_how_to_use(link, logins)
        if self._demo:
            self._start_simulator(self._demo)

    def _start_broker(self) -> None:
        plan = self._installation.broker
        if plan is None:
            self._terminal.step("broker", f"{self._settings.mqtt_url} (not ours)")
            return
        child = self._supervisor.start(Program("broker", plan.command))
        ports = {plan.device_port, plan.bus_port}
        self._supervisor.wait_until(
            lambda: all(accepts_connections(port) for port in ports), child, timeout_s=WITHIN_S
        )
        self._terminal.step(
            "broker", f"{plan.description} on 127.0.0.1:{plan.device_port}{self._port_note()}"
        )
        if not plan.keeps_sessions:
            self._terminal.problem(
                "", "it forgets what is under way when it stops; install mosquitto to keep it"
            )

    def _port_note(self) -> str:
        """Why it is not the port that everybody expects."""
        plan = self._installation.broker
        if plan is None or self._settings.mqtt_port or plan.device_port == MQTT_PORT:
            return ""
        return f" ({MQTT_PORT} is in use by {preflight.holder_of(MQTT_PORT)})"

    def _prepare_database(self) -> tuple[str, dict[str, str]]:
        """(the admin's link, passwords of the demo people)."""
        url, now = self._settings.database_url, utc_now()
        path = sqlite_file(url)
        is_new = path is not None and not path.exists()
        steps = migrate_database(url)
        with database(url) as sessions, transaction(sessions) as session:
            link = admin_link(session, now=now, public_url=self._settings.public_url)
            logins: dict[str, str] = {}
            if self._demo:
                import_site(session, load_site(DEMO_SITE), shipped_profiles(), now=now, actor=SYSTEM)
                logins = demo_people(session, now=now, secrets=self._installation.secrets)
                seed_teams(session, now=now)
                house = self._patrol_house()
                seed_patrol(session, house, now=now)
                seed_history(session, house, now=now, days=self._demo.history_days)
        state = "new" if is_new else f"upgraded to {steps[-1]}" if steps else "as it was"
        self._terminal.step(
            "database", f"{state}{', with the demo building' if self._demo and is_new else ''}"
        )
        return link, logins

    def _patrol_house(self) -> PatrolHouse:
        settings = self._settings
        return patrol_house(
            key=secret(settings.server_key), data=settings.data, public_url=settings.public_url
        )

    def _start(self, name: str) -> Child:
        command = [sys.executable, "-m", "server.commands.cli", name]
        environment = dict(self._installation.environment())
        if self._demo and name == "server":
            environment["PLANTROOM_DEMO_GUARDS"] = "true"
        return self._supervisor.start(Program(name, command, environment))

    def _wait_for_dependency(self, child: Child) -> None:
        name = child.program.name
        self._supervisor.wait_until(
            lambda: self._health.dependencies().get(name, DOWN).state == "ok",
            child,
            timeout_s=WITHIN_S,
            ask_every_s=0.5,  # the server itself looks once a second
        )
        self._terminal.step(name, "ready")

    def _start_simulator(self, demo: Demo) -> None:
        options = ["--scenario", demo.scenario, "--backfill-days", str(demo.history_days)]
        command = [sys.executable, "-m", "server.commands.cli", "simulate", *options]
        environment = self._installation.environment(broker.SIMULATOR)
        progress = SimulatorProgress(self._terminal)
        self._supervisor.start(Program("simulator", command, environment, on_line=progress.note))

    def _say_how_to_use(self, link: str, logins: dict[str, str]) -> None:
        say = self._terminal
        say.line()
        say.step("open", link)
        say.step(
            "", "logs you in as admin, once, within 15 minutes; `plantroom user link admin` makes another"
        )
        for name, password in logins.items():
            say.step(name, f"log in as {name} with {password}")
        if self._demo and self._installation.broker is not None:
            say.step("try", mosquitto_pub(self._installation))
        say.step("stop", "Ctrl-C")
        say.line()


def mosquitto_pub(installation: Installation) -> str:
    """A line to paste into another terminal."""
    assert installation.broker is not None
    return (
        f"mosquitto_pub -h 127.0.0.1 -p {installation.broker.device_port} -u {broker.DEVICES} "
        f"-P {installation.device_password()} -q 1 -t {DEMO_TOPIC} -m '{DEMO_MESSAGE}'"
    )
