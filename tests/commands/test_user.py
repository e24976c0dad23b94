"""``plantroom user``: people and tokens from the command line."""

from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner

from server.clock import utc_now
from server.commands.cli import app
from server.db import open_engine, reading, session_factory, transaction
from server.identity import service, sessions
from server.identity.roles import Role
from tests.commands.conftest import Plantroom

GOOD = "copper kettle under the fig tree"


def test_a_new_user_comes_with_a_link_that_works_once(plantroom: Plantroom, data: Path) -> None:
    done = plantroom("user", "add", "Li", "--role", "engineer", "--display-name", "李工")
    assert done.exit_code == 0, done.output
    assert "li is engineer" in done.output
    token = done.output.strip().rpartition("#token=")[2]
    with transaction(session_factory(open_engine(f"sqlite:///{data / 'plantroom.db'}"))) as session:
        user = sessions.redeem_login_link(session, token, now=utc_now())
        assert (user.name, user.role, user.display_name, user.password_hash) == (
            "li",
            Role.ENGINEER,
            "李工",
            None,
        )


def test_a_token_is_printed_alone_and_works(plantroom: Plantroom, data: Path) -> None:
    plantroom("user", "add", "reporting", "--role", "viewer")
    done = plantroom("user", "token", "reporting", "--label", "nightly report", "--days", "30")
    assert re.fullmatch(r"plantroom_[\w-]{40,}\n", done.output)
    with reading(session_factory(open_engine(f"sqlite:///{data / 'plantroom.db'}"))) as session:
        credential = sessions.find_api_token(session, done.output.strip(), now=utc_now())
        assert credential is not None
        assert credential.user.name == "reporting"


def test_a_password_is_piped_in_and_never_on_the_command_line(plantroom: Plantroom, data: Path) -> None:
    plantroom("user", "add", "wang", "--role", "guard")
    assert plantroom("user", "passwd", "wang", piped=f"{GOOD}\n").exit_code == 0
    with reading(session_factory(open_engine(f"sqlite:///{data / 'plantroom.db'}"))) as session:
        assert sessions.check_password(session, "wang", GOOD)[0] is not None
        assert service.find_user(session, "wang").role == Role.GUARD


def test_a_link_for_someone_who_exists(plantroom: Plantroom) -> None:
    plantroom("user", "add", "li", "--role", "engineer")
    assert plantroom("user", "link", "li").output.startswith("http://127.0.0.1:8080/login#token=")


def test_what_cannot_be_done_is_one_line(plantroom: Plantroom) -> None:
    plantroom("user", "add", "li", "--role", "engineer")
    for arguments, piped, reason in (
        (("user", "add", "li", "--role", "guard"), None, "already a user li"),
        (("user", "add", "zhao", "--role", "boss"), None, "no role 'boss'"),
        (("user", "add", "no spaces", "--role", "guard"), None, "A login has"),
        (("user", "token", "nobody"), None, "no user nobody"),
        (("user", "passwd", "li"), "short\n", "12 to 128"),
    ):
        done = plantroom(*arguments, piped=piped)
        assert done.exit_code == 2, done.output
        assert reason in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_without_a_database_it_says_what_to_do(data: Path) -> None:
    done = CliRunner().invoke(app, ["user", "link", "admin"])
    assert done.exit_code == 2
    assert "plantroom migrate" in done.stderr
