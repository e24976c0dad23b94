from __future__ import annotations

import stat
from pathlib import Path

import pytest

from server.commands.secret_files import SecretFiles, readable_password
from server.identity.passwords import check_policy


@pytest.fixture
def secrets(tmp_path: Path) -> SecretFiles:
    return SecretFiles(tmp_path / "secrets")


def test_a_secret_is_made_once_and_kept(secrets: SecretFiles) -> None:
    first = secrets.get_or_make("mqtt-plantroom")
    assert len(first) >= 32
    assert SecretFiles(secrets.folder).get_or_make("mqtt-plantroom") == first


def test_only_the_owner_may_read_them(secrets: SecretFiles) -> None:
    secrets.keep("demo-guard", "secret")
    assert stat.S_IMODE(secrets.folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in secrets.folder.iterdir()] == [0o600]


def test_a_folder_others_could_read_is_closed(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o755)
    SecretFiles(tmp_path / "secrets")
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_an_emptied_file_is_no_secret(secrets: SecretFiles) -> None:
    secrets.path("demo-guard").touch()
    assert secrets.read("demo-guard") is None
    assert secrets.read("never-made") is None


def test_demo_passwords_are_random_and_meet_the_policy() -> None:
    passwords = {readable_password() for _ in range(20)}
    assert len(passwords) == 20
    for password in passwords:
        check_policy(password, user_name="engineer")
