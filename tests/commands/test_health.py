"""Health as an exit code: what compose asks each process."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.commands.cli import app
from server.commands.installation import Installation, UpSettings
from server.commands.secret_files import SecretFiles


@pytest.mark.parametrize(
    ("process", "says"), [("simulator", "never heard of"), ("server", "refused"), ("gateway", "refused")]
)
def test_what_does_not_run_is_not_well(
    process: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTROOM_DATA", str(tmp_path))
    monkeypatch.setenv("PLANTROOM_PORT", "1")
    monkeypatch.setenv("PLANTROOM_GATEWAY_METRICS_PORT", "1")
    outcome = CliRunner().invoke(app, ["health", process])
    assert outcome.exit_code == 1
    assert says in outcome.output


def test_an_unknown_process_is_refused() -> None:
    assert CliRunner().invoke(app, ["health", "toaster"]).exit_code == 2


def test_other_commands_are_told_that_the_server_speaks_tls(tmp_path: Path) -> None:
    settings = UpSettings(tls_cert_file=tmp_path / "web.crt", tls_key_file=tmp_path / "web.key")
    addresses = Installation(settings, SecretFiles(tmp_path / "secrets"), None).addresses()
    assert addresses["PLANTROOM_TLS_CERT_FILE"] == str(tmp_path / "web.crt")
    assert addresses["PLANTROOM_TLS_KEY_FILE"] == str(tmp_path / "web.key")
