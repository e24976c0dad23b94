"""The console script. Commands import what they need when they run, so that ``--help`` is there at once."""

from __future__ import annotations

import typer

from server.commands import user
from server.commands.migrate import migrate
from server.commands.processes import gateway, rules, server

app = typer.Typer(
    name="plantroom",
    help="Watches the equipment of buildings and the people who look after it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # its help takes half a second to come up
    pretty_exceptions_enable=False,  # its tracebacks show local variables, secrets among them
)
app.command()(gateway)
app.command()(rules)
app.command()(server)
app.command()(migrate)
app.add_typer(user.app, name="user")

if __name__ == "__main__":
    app()
