"""The console script. Commands import what they need when they run, so that ``--help`` is there at once."""

from __future__ import annotations

import typer

from server.commands import server, user
from server.commands.backtest import backtest
from server.commands.doctor import doctor
from server.commands.health import health
from server.commands.import_site import export_site, import_site
from server.commands.load import load
from server.commands.migrate import migrate
from server.commands.patrol_export import patrol_export
from server.commands.patrol_labels import labels
from server.commands.patrol_trial import patrol_trial
from server.commands.prepare import prepare
from server.commands.processes import gateway, modbus, rules
from server.commands.score import score_rules
from server.commands.simulate import simulate
from server.commands.up import up

app = typer.Typer(
    name="plantroom",
    help="Watches the equipment of buildings and the people who look after it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # its help takes half a second to come up
    pretty_exceptions_enable=False,  # its tracebacks show local variables, secrets among them
)
app.command()(up)
app.command()(gateway)
app.command()(rules)
app.add_typer(server.app, name="server")
app.command()(modbus)
app.command()(simulate)
app.command()(load)
app.command("import")(import_site)
app.command("export")(export_site)
app.command()(migrate)
app.command()(doctor)
app.command()(health)
app.command("score")(score_rules)
app.command()(backtest)
app.command()(prepare)
app.command()(labels)
app.command()(patrol_trial)
app.command()(patrol_export)
app.add_typer(user.app, name="user")

if __name__ == "__main__":
    app()
