"""``plantroom export`` and ``plantroom import`` with an Excel workbook."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from typer.testing import CliRunner

from server.assets.site_file import DEMO_SITE
from server.commands.cli import app
from server.commands.database import migrate_database


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTROOM_DATA", str(tmp_path / "data"))
    migrate_database(f"sqlite:///{tmp_path / 'data' / 'plantroom.db'}")


def run(*arguments: str | Path) -> tuple[int, str]:
    outcome = CliRunner().invoke(app, [str(each) for each in arguments])
    return outcome.exit_code, outcome.output


def test_a_site_goes_out_and_in_again(tmp_path: Path) -> None:
    book = tmp_path / "site.xlsx"
    assert run("import", DEMO_SITE, "--dry-run")[1].startswith("would be created or changed: ")
    assert run("import", DEMO_SITE)[1].startswith("created or changed: ")
    assert run("export", book) == (0, f"written: {book}\n")
    code, said = run("import", book)
    assert (code, "assets: 0 new, 0 changed, 10 as they were" in said) == (0, True), said


def test_a_refused_row_is_named_and_the_exit_code_says_so(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "site.xlsx") as book:
        sheet = book.add_worksheet("spaces")
        sheet.write_row(0, 0, ["key", "kind", "name_en", "time_zone"])
        sheet.write_row(1, 0, ["court", "site", "Court", "Mars/Olympus"])
        sheet.write_row(2, 0, ["other", "site", "Other", "Asia/Shanghai"])
    code, said = run("import", tmp_path / "site.xlsx")
    assert code == 1
    assert "spaces row 2, time_zone: 'Mars/Olympus'" in said
    assert "spaces: 1 new" in said


def test_a_file_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "site.xlsx").write_bytes(b"no")
    code, said = run("import", tmp_path / "site.xlsx")
    assert (code, said.count("\n")) == (2, 1)


def test_a_workbook_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    assert run("export", tmp_path / "site.csv") == (
        2,
        f"plantroom: {tmp_path / 'site.csv'}: a workbook's name ends in .xlsx\n",
    )
    code, said = run("export", tmp_path / "nowhere" / "site.xlsx")
    assert (code, "cannot be written" in said, len(said.splitlines())) == (2, True, 1), said


def test_without_a_database_it_says_how_to_come_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTROOM_DATA", str(tmp_path / "elsewhere"))
    code, said = run("export", tmp_path / "site.xlsx")
    assert (code, "start with `plantroom up`" in said) == (2, True), said
