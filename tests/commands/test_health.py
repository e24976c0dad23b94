"""Health as an exit code: what compose asks each process."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.commands.cli import app


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
