"""``plantroom server``: the server process, and what it and the store need before they run."""

from __future__ import annotations

import typer

app = typer.Typer(help="Run the server: the screens and the API.", rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def server(context: typer.Context) -> None:
    """Run the server: the screens and the API."""
    if context.invoked_subcommand is None:
        from server.main import run

        raise typer.Exit(run())


@app.command()
def setup() -> None:
    """Bring the database's schema to this version; make or adapt what the store of readings needs."""
    from gateway.settings import GatewaySettings
    from server.commands.database import migrate_database, one_line_refusals
    from server.settings import ServerSettings
    from telemetry.settings import load, refuse, secret
    from telemetry.store import set_up_store
    from telemetry.store.contract import StoreUnavailable

    settings = load(ServerSettings)
    retention = load(GatewaySettings).retention  # the gateway writes, so how long is its setting
    with one_line_refusals():
        steps = migrate_database(settings.database_url)
    print(f"database: {', '.join(steps) or 'nothing to do'}")
    try:
        steps = set_up_store(settings.store_url, retention=retention, token=secret(settings.store_token))
    except (StoreUnavailable, ValueError) as error:
        refuse(f"PLANTROOM_STORE_URL: {error}")
    print(f"store: {', '.join(steps) or 'nothing to do'}")
