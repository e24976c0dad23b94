"""``plantroom backtest`` on files it has never seen."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from server.assets.site_file import DEMO_SITE
from server.commands.cli import app
from telemetry.store import open_store
from tests.commands.conftest import Plantroom

HIGH = "key: hot\nname: Hot\nseverity: high\nwhen: {type: limit, point: temp, high: 80, deadband: 2}\non_delay_s: 60\n"
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(text: str, rule: str = HIGH, *more: str, points: str = "temp", time: str = "t") -> Result:
        (tmp_path / "in.csv").write_bytes(text.encode("utf-8"))
        (tmp_path / "rule.yaml").write_text(rule, encoding="utf-8")
        arguments = ["backtest", "--csv", str(tmp_path / "in.csv"), "--time", time, "--points", points]
        arguments += ["--rule", str(tmp_path / "rule.yaml"), "--out", str(tmp_path / "out.jsonl")]
        return CliRunner().invoke(app, [*arguments, "--samples", str(tmp_path / "samples.csv"), *more])

    return call


def _alarms(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]


def _samples(folder: Path) -> list[dict[str, str]]:
    with (folder / "samples.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_limit_with_its_delay_gives_one_alarm_with_its_reason(run: Run, tmp_path: Path) -> None:
    rows = [f"2026-03-02 08:{minute:02d}:00,{90 if 10 <= minute < 20 else 40}" for minute in range(30)]
    result = run("t,temp\n" + "\n".join(rows))
    assert result.exit_code == 0, result.output
    (alarm,) = _alarms(tmp_path)
    assert alarm["start"] == "2026-03-02T08:11:00.000Z"
    assert alarm["since"] == "2026-03-02T08:10:00.000Z"
    assert alarm["end"] == "2026-03-02T08:20:00.000Z"
    assert alarm["severity"] == "high"
    assert alarm["reason"] == "temp 90, above 80"
    active = [row["active"] for row in _samples(tmp_path)]
    assert active == ["0"] * 11 + ["1"] * 9 + ["0"] * 10


def test_a_rule_that_could_not_be_judged_at_times_says_so(run: Run) -> None:
    broken = "{type: expression, text: 1 / temp > 3}"
    result = run("t,temp\n2026-03-02 08:00:00,0\n2026-03-02 08:01:00,1", broken)
    assert "could not be judged at some times: temp: division by zero" in result.output, result.output


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ('\ufeff"When, local";temp\n2026-03-02T08:00:00Z;90,5\n2026-03-02T08:05:00Z;90\n', "When, local"),
        ("t\ttemp\n1772438400\t90\n1772438700\t90\n", "t"),
        ("t,temp\n1772438400000,90\n1772438700000,90\n", "t"),
        ("x,t,temp\nabc,2026/3/2 8:00,90\ndef,2026/3/2 8:05,90\n", "t"),
        ("t|temp\r\n2026-03-02 08:00:00.500|90\r\n\r\n2026-03-02 08:05:00|\r\n2026-03-02 08:06:00|91", "t"),
        ("sep=;\r\nt;temp;\r\n02.03.2026 08:00;90,5;\r\n02.03.2026, 08:05:00;1e2;\r\n;;\r\n", "t"),
        ('\n"t\nlocal",temp\n2026年3月2日 8:00,"90,5"\n2026-03-02 08:05:00 UTC,90\n', "t\nlocal"),
        ("t,temp\n2026-03-02T08:00:00.123456789Z,90\n2026-03-02T16:05:00+08:00,90\n", "t"),
    ],
)
def test_it_reads_what_people_export(run: Run, tmp_path: Path, text: str, time: str) -> None:
    result = run(text, time=time)
    assert result.exit_code == 0, result.output
    (alarm,) = _alarms(tmp_path)
    assert str(alarm["start"]).startswith("2026-03-02T08:01:00")
    assert alarm["end"] is None


def test_unsorted_rows_gaps_and_repeated_times_keep_their_place(run: Run, tmp_path: Path) -> None:
    text = "t,temp\n300,95\n0,40\n300,20\n\n120,\n100000,40\n100060,40\n"
    result = run(text)
    assert result.exit_code == 0, result.output
    assert "1 with the time of another one" in result.output
    rows = _samples(tmp_path)
    assert [row["time"] for row in rows] == ["300", "0", "300", "120", "100000", "100060"]
    assert rows[0] == rows[2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("t,temp\n0,1\n60,hello\n", "in.csv, row 3, column temp: 'hello' is not a number"),
        ("t,temp\n0,1\nyesterday,2\n", "in.csv, row 3, column t: 'yesterday' is not a time"),
        ("t,temperature\n0,1\n", "has no column 'temp' (it has: t, temperature)"),
        ('x;"a, b";c\n0;1;2\n', "has no column 't', 'temp' (it has: x, \"a, b\", c)"),
        ("t,temp\n", "has a header and no rows"),
        ("", "is empty"),
        ("t,temp\n0,1\n60,2,5\n", "in.csv, row 3: 3 cells, but the header has 2"),
        ('t,temp\n0,"1,234"\n', "row 2, column temp: '1,234' may be a decimal comma or thousands"),
        ("t,temp\n,1\n", "row 2, column t: '' is not a time"),
        ("t,temp\n03/04/2026 8:00,1\n", "'03/04/2026 8:00' is not a time"),
        ("t,temp\n0001-01-01,1\n", "'0001-01-01' is before 1970"),
        ("t,temp,temp\n0,1,2\n", "has several columns named 'temp'"),
        ("t,temp\n0,inf\n", "row 2, column temp: 'inf' is not a finite number"),
    ],
)
def test_what_is_wrong_is_said_by_row_and_column(run: Run, text: str, says: str) -> None:
    result = run(text)
    assert result.exit_code == 2
    assert says in result.output


def test_a_file_of_an_older_windows_is_read_as_well(run: Run, tmp_path: Path) -> None:
    text = "t;Temperatur °C\n0;90\n300;90\n"
    rule = HIGH.replace("point: temp", 'point: "Temperatur °C"')
    run(text, rule, points="Temperatur °C")
    (tmp_path / "old.csv").write_bytes(text.encode("cp1252"))
    result = run(text, rule, "--csv", str(tmp_path / "old.csv"), points="Temperatur °C")
    assert result.exit_code == 0, result.output
    assert len(_alarms(tmp_path)) == 1


def test_no_file_is_written_over_another(run: Run, tmp_path: Path) -> None:
    result = run("t,temp\n0,1\n", HIGH, "--out", str(tmp_path / "in.csv"))
    assert (result.exit_code, "is the file of --csv, too" in result.output) == (2, True)
    assert (tmp_path / "in.csv").read_text(encoding="utf-8") == "t,temp\n0,1\n"


def test_a_wrong_rule_is_said_by_path(run: Run) -> None:
    result = run("t,temp\n0,1\n", HIGH.replace("high: 80", "high: warm"))
    assert result.exit_code == 2
    assert "rule.yaml, rule 1: when.high" in result.output
    result = run("t,temp\n0,1\n", HIGH.replace("point: temp", "point: pressure"))
    assert "pressure is not among the points (temp)" in result.output


def _rig_file() -> tuple[str, list[str]]:
    random = np.random.default_rng(4)
    values = random.normal(0, 1, (1200, 3)) @ np.array([[1, 0.8, 0], [0, 1, 0.3], [0, 0, 1]])
    values[800:950, 1] += 5
    values[1000:1010] = np.nan
    rows = [
        f"{1_700_000_000 + index}," + ",".join("" if np.isnan(v) else f"{v:.4f}" for v in row)
        for index, row in enumerate(values)
    ]
    return "t,valve A,valve B,flow\n" + "\n".join(rows), ["valve A", "valve B", "flow"]


def test_several_points_together_learn_from_the_first_rows(run: Run, tmp_path: Path) -> None:
    text, points = _rig_file()
    result = run(text, "when: {type: multivariate}\n", "--train", "500", points=",".join(points))
    assert result.exit_code == 0, result.output
    (alarm,) = _alarms(tmp_path)
    assert "valve B" in str(alarm["reason"])
    rows = _samples(tmp_path)
    active = np.array([row["active"] == "1" for row in rows])
    assert len(active) == 1200
    assert [row["training"] for row in rows] == ["1"] * 500 + ["0"] * 700
    assert all(row["score"] for row in rows)
    assert active[815:950].all()
    assert not active[:800].any()
    assert not active[980:].any()


def test_learning_needs_a_period_and_enough_of_it(run: Run) -> None:
    text, points = _rig_file()
    rule = "when: {type: multivariate}\n"
    assert "say from which normal period" in run(text, rule, points=",".join(points)).output
    result = run(text, rule, "--train", "50", points=",".join(points))
    assert (result.exit_code, "at least 164 are needed" in result.output) == (2, True)
    result = run(text, rule, "--train", "2023-11-14T22:13:20Z..2023-11-14T22:20:00Z", points=",".join(points))
    assert result.exit_code == 0, result.output


def test_a_learned_condition_of_one_point_may_leave_the_point_out(run: Run, tmp_path: Path) -> None:
    text, points = _rig_file()
    result = run(text, "when: {type: ewma}\nseverity: low\n", "--train", "500", points=",".join(points))
    assert result.exit_code == 0, result.output
    assert any("valve B" in str(alarm["reason"]) for alarm in _alarms(tmp_path))


def test_rows_of_points_that_take_turns_are_judged_as_long_as_values_count(run: Run, tmp_path: Path) -> None:
    random = np.random.default_rng(8)
    lines = []
    for index in range(900):
        values = ["", ""]
        values[index % 2] = f"{random.normal(20, 1):.3f}"
        lines.append(f"{1_700_000_000 + 10 * index + (0 if index < 800 else 7200)},{values[0]},{values[1]}")
    lines[850] = lines[850].split(",")[0] + ",,"
    result = run("t,a,b\n" + "\n".join(lines), "when: {type: multivariate}\n", "--train", "600", points="a,b")
    assert result.exit_code == 0, result.output
    scores = [row["score"] for row in _samples(tmp_path)]
    assert len(scores) == 900
    assert all(scores[1:])


def test_over_history_it_says_when_there_is_no_such_rule_or_no_reading(
    plantroom: Plantroom, tmp_path: Path
) -> None:
    assert plantroom("import", str(DEMO_SITE)).exit_code == 0
    open_store(f"sqlite:///{tmp_path / 'readings.db'}")
    rule = tmp_path / "low.yaml"
    rule.write_text("{type: limit, point: discharge_pressure, low: 350}")

    def backtest(rule: str) -> Result:
        return plantroom(
            *("backtest", "--asset", "pump-a", "--rule", rule, "--out", str(tmp_path / "alarms.jsonl")),
            *("--from", "2026-03-01", "--to", "2026-04-01"),
        )

    assert "pump-a has no rule with the key 'low', and no file is named so" in backtest("low").output
    assert "pump-a has no readings for it between 2026-03-01 and 2026-04-01" in backtest(str(rule)).output
