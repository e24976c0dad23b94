"""``plantroom user ...``: people and programs who may log in."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="People and programs who may log in.")

Name = Annotated[str, typer.Argument(help="What they type to log in.")]


@app.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="admin, engineer, guard or viewer.")],
    display_name: Annotated[str, typer.Option(help="As shown on screen; default: the log-in.")] = "",
    password: Annotated[bool, typer.Option("--password", help="Ask for a password now.")] = False,
) -> None:
    """Add a user and print a link that logs them in once."""
    from server.audit.service import COMMAND_LINE
    from server.clock import utc_now
    from server.commands.database import command_transaction
    from server.identity import service, sessions
    from server.identity.roles import Role
    from telemetry.settings import refuse

    if role not in set(Role):
        refuse(f"there is no role {role!r}: admin, engineer, guard or viewer")
    secret = _ask_password() if password else None
    with command_transaction() as (session, settings):
        now = utc_now()
        user = service.add_user(
            session,
            now=now,
            actor=COMMAND_LINE,
            name=name,
            role=Role(role),
            display_name=display_name or None,
            password=secret,
        )
        token = sessions.issue_login_link(session, now=now, actor=COMMAND_LINE, user=user)
        url = sessions.login_url(settings.public_url, token)
    print(f"{user.name} is {user.role.value}. {_link_text(url)}")


@app.command()
def token(
    name: Name,
    label: Annotated[str, typer.Option(help="What the token is for.")] = "command line",
    days: Annotated[int | None, typer.Option(min=1, help="Valid so long; default: until revoked.")] = None,
) -> None:
    """Print a new API token for `Authorization: Bearer`. It is shown this once."""
    from datetime import timedelta

    from server.audit.service import COMMAND_LINE
    from server.clock import utc_now
    from server.commands.database import command_transaction
    from server.identity import service, sessions

    with command_transaction() as (session, _):
        user = service.find_user(session, name)
        lifetime = None if days is None else timedelta(days=days)
        _, secret = sessions.issue_token(
            session, now=utc_now(), actor=COMMAND_LINE, user=user, name=label, lifetime=lifetime
        )
    print(secret)


@app.command()
def link(name: Name) -> None:
    """Print a link that logs the user in once, within 15 minutes."""
    from server.audit.service import COMMAND_LINE
    from server.clock import utc_now
    from server.commands.database import command_transaction
    from server.identity import service, sessions

    with command_transaction() as (session, settings):
        user = service.find_user(session, name)
        secret = sessions.issue_login_link(session, now=utc_now(), actor=COMMAND_LINE, user=user)
        url = sessions.login_url(settings.public_url, secret)
    print(url)


@app.command()
def passwd(name: Name) -> None:
    """Set the user's password, asked for here (or one line from a pipe); all their sessions end."""
    from server.audit.service import COMMAND_LINE
    from server.clock import utc_now
    from server.commands.database import command_transaction
    from server.identity import service

    secret = _ask_password()
    with command_transaction() as (session, _):
        user = service.find_user(session, name)
        service.set_password(session, now=utc_now(), actor=COMMAND_LINE, user=user, password=secret)
    print(f"{user.name} has a new password.")


def _ask_password() -> str:
    """Never from the command line, where other users of the machine can see it."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer


def _link_text(url: str) -> str:
    return f"They log in once, within 15 minutes, by this link:\n{url}"
