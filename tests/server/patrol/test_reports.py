"""Reports of rounds: what the documents say, what the figures count, and who may have them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.db import transaction
from server.identity.roles import Role
from server.patrol.rounds import service as rounds
from server.patrol.safety import fire_watch
from server.reports.kpi import RoundFacts, rates, rates_by
from server.reports.sheets import Sheet, make_workbook
from tests.server.conftest import Clock
from tests.server.patrol.conftest import ON_SQLITE, Estate, Phones

AsRole = Callable[[Role], TestClient]


def facts(**changes: object) -> RoundFacts:
    values: dict[str, object] = {
        "site": 1, "route": 1, "person": 1, "month": "2026-01",
        "due": 10, "on_time": 7, "late": 2, "missed": 1, "scans": 9, "exceptions": 3,
    }  # fmt: skip
    return RoundFacts(**{**values, **changes})  # type: ignore[arg-type]


def test_rates_are_shares_of_what_was_due() -> None:
    found = rates([facts(), facts(due=0, on_time=0, late=0, missed=0, scans=0, exceptions=0)])
    assert (found.rounds, found.due) == (2, 10)
    assert (found.completion, found.on_time, found.missed) == (0.9, 0.7, 0.1)
    assert found.exceptions == pytest.approx(1 / 3)


def test_nothing_due_is_no_rate() -> None:
    assert rates([]).completion is None


def test_groups_leave_out_what_has_no_key() -> None:
    found = rates_by([facts(person=None), facts(person=5, on_time=9, late=1, missed=0)], lambda f: f.person)
    assert list(found) == [5]
    assert found[5].completion == 1.0


@pytest.fixture
def walked(db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock) -> int:
    """A round of which the gate was visited on time, the pump late, and the rest not at all."""
    guard = phone()
    guard.sync()
    guard.note("round_started", {"round_id": estate.round_id})
    clock.advance(minutes=10)
    guard.scan(estate.qr("gate"), round_id=estate.round_id)
    clock.advance(minutes=30)
    guard.scan(estate.tap(), how="nfc", round_id=estate.round_id)
    finding = {
        "id": "5f0c7a52-7f7c-4d5e-9f43-2f6a3f0a0001", "round_id": estate.round_id,
        "checkpoint_id": estate.checkpoints["gate"], "asset_id": None, "text": "=1+1 门锁损坏", "severity": "high",
        "standard": "门应自动关闭", "photo_ids": [], "ticket": True, "owner_id": None, "deadline": None,
    }  # fmt: skip
    guard.note("finding", finding)
    guard.sync()
    clock.advance(hours=2)
    with transaction(db) as session:
        rounds.watch(session, now=clock.now)
    return estate.round_id


def text_of(document: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(document)).pages)


@ON_SQLITE
def test_the_document_says_what_happened_in_the_readers_language(walked: int, as_role: AsRole) -> None:
    engineer = as_role(Role.ENGINEER)
    answer = engineer.get(f"/api/v1/reports/rounds/{walked}.pdf", params={"language": "zh"})
    assert answer.headers["content-type"] == "application/pdf"
    said = text_of(answer.content)
    for wanted in ("巡更报告", "准时", "迟到", "漏检", "门锁损坏", "证据链摘要"):
        assert wanted in said, said
    english = text_of(engineer.get(f"/api/v1/reports/rounds/{walked}.pdf", params={"language": "en"}).content)
    assert "Round report" in english
    assert "Completion" in english


@ON_SQLITE
def test_the_log_of_a_fire_watch_names_every_round_and_scan(
    *, db: sessionmaker[Session], estate: Estate, phone: Phones, as_role: AsRole, clock: Clock
) -> None:
    engineer, guard = as_role(Role.ENGINEER), phone()
    body = {"asset_id": estate.asset_id, "reason": "Loop 1 is repaired", "every_s": 3600}
    watch = engineer.post("/api/v1/patrol/fire-watches", json=body).json()["id"]
    with transaction(db) as session:
        fire_watch.make_rounds(session, now=clock.now)
    first = engineer.get(f"/api/v1/patrol/fire-watches/{watch}").json()["rounds"][0]["id"]
    guard.note("round_started", {"round_id": first})
    clock.advance(minutes=5)
    guard.scan(estate.tap(), how="nfc", round_id=first)
    guard.scan(estate.qr("store")[:-2] + "AA", round_id=first)
    guard.sync()
    clock.advance(minutes=55)
    with transaction(db) as session:
        fire_watch.make_rounds(session, now=clock.now)
    path = f"/api/v1/reports/fire-watches/{watch}.pdf"
    said = text_of(engineer.get(path, params={"language": "en"}).content)
    for wanted in (
        "Fire watch log",
        "Loop 1 is repaired",
        "pump",
        "On time",
        "Other scan",
        "Refused",
        "Nobody",
    ):
        assert wanted in said, said
    rounds_made = engineer.get(f"/api/v1/patrol/fire-watches/{watch}").json()["rounds"]
    assert len(rounds_made) == 2
    zh = text_of(engineer.get(path, params={"language": "zh"}).content)
    assert "消防巡查记录" in zh
    assert guard.client.get(path).status_code == 403
    assert engineer.get("/api/v1/reports/fire-watches/999.pdf").status_code == 404


@ON_SQLITE
def test_the_workbook_holds_the_same_and_runs_nothing(walked: int, as_role: AsRole) -> None:
    answer = as_role(Role.ENGINEER).get(f"/api/v1/reports/rounds/{walked}.xlsx", params={"language": "en"})
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    legs = book.get_sheet_by_name("Checkpoints").to_python()
    assert [row[4] for row in legs[1:]] == ["On time", "Late", "Missed", "Missed"]
    (finding,) = book.get_sheet_by_name("Findings").to_python()[1:]
    assert finding[1].startswith("=1+1")
    assert finding[2] == "High"


def test_figures_count_rounds_that_are_over(walked: int, as_role: AsRole, clock: Clock) -> None:
    window = {"from": (clock.now - timedelta(days=1)).isoformat(), "to": clock.now.isoformat()}
    found = as_role(Role.ENGINEER).get("/api/v1/reports/patrol", params={"by": "route", **window}).json()
    assert found["together"] == found["groups"][0]["rates"]
    assert {key: found["together"][key] for key in ("rounds", "due", "completion", "on_time", "missed")} == {
        "rounds": 1, "due": 4, "completion": 0.5, "on_time": 0.25, "missed": 0.5,
    }  # fmt: skip
    assert found["groups"][0]["name"]["zh"] == "Night round"


def test_the_heat_map_counts_visits_and_misses(
    walked: int, as_role: AsRole, clock: Clock, estate: Estate
) -> None:
    window = {"from": (clock.now - timedelta(days=1)).isoformat(), "to": clock.now.isoformat()}
    rows = as_role(Role.VIEWER).get(
        "/api/v1/reports/patrol/visits", params={"site": estate.site_id, **window}
    )
    found = {row["checkpoint_id"]: (row["visits"], row["missed"]) for row in rows.json()}
    assert found == {
        estate.checkpoints["gate"]: (1, 0),
        estate.checkpoints["pump"]: (1, 0),
        estate.checkpoints["roof"]: (0, 1),
        estate.checkpoints["store"]: (0, 1),
    }


@ON_SQLITE
def test_a_month_of_a_site_is_a_workbook(walked: int, as_role: AsRole, clock: Clock, estate: Estate) -> None:
    asked = {"site": estate.site_id, "month": f"{clock.now:%Y-%m}", "language": "en"}
    answer = as_role(Role.ENGINEER).get("/api/v1/reports/patrol/month.xlsx", params=asked)
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    route = book.get_sheet_by_name("By route").to_python()
    assert route[1][:4] == ["Night round", 1.0, 4.0, 0.5]
    assert book.get_sheet_by_name("By person").to_python()[1][3] == 0.5


@ON_SQLITE
def test_others_may_not(walked: int, as_role: AsRole, clock: Clock, estate: Estate, phone: Phones) -> None:
    viewer, guard = as_role(Role.VIEWER), as_role(Role.GUARD)
    window = {"from": (clock.now - timedelta(days=1)).isoformat(), "to": clock.now.isoformat()}
    assert viewer.get(f"/api/v1/reports/rounds/{walked}.pdf").status_code == 403
    assert guard.get(f"/api/v1/reports/rounds/{walked}.pdf").status_code == 200  # it is the guard's own
    assert viewer.get("/api/v1/reports/patrol", params={"by": "person", **window}).status_code == 403
    month = {"site": estate.site_id, "month": "2026-01"}
    assert guard.get("/api/v1/reports/patrol/month.xlsx", params=month).status_code == 403


def test_a_person_takes_away_all_that_is_recorded_about_them(walked: int, as_role: AsRole) -> None:
    mine = as_role(Role.GUARD).get("/api/v1/patrol/mine").json()
    answer = as_role(Role.GUARD).get("/api/v1/reports/mine.xlsx", params={"language": "en"})
    assert "my-data.xlsx" in answer.headers["content-disposition"]
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    names = {"phones": "Phones", "scans": "Scans", "exceptions": "Exceptions", "contests": "Contested",
             "findings": "Findings", "sos": "Calls for help"}  # fmt: skip
    rows = {key: book.get_sheet_by_name(name).to_python()[1:] for key, name in names.items()}
    assert {key: len(found) for key, found in rows.items()} == {key: len(mine[key]) for key in names}
    assert [row[2:6] for row in rows["scans"]] == [
        ["Night round", "pump", "NFC", "Strong"], ["Night round", "gate", "Camera", "Fair"],
    ]  # fmt: skip
    assert rows["findings"][0][1] == "=1+1 门锁损坏"
    summary = {row[0]: row[1] for row in book.get_sheet_by_name("My data").to_python()}
    assert summary["Rows in the log of evidence"] == mine["events"]
    assert summary["Places are kept for (days)"] == mine["places_kept_days"]


@ON_SQLITE
def test_nobody_elses_data_is_in_it(walked: int, as_role: AsRole) -> None:
    answer = as_role(Role.ENGINEER).get("/api/v1/reports/mine.xlsx", params={"language": "zh"})
    book = CalamineWorkbook.from_filelike(BytesIO(answer.content))
    assert len(book.get_sheet_by_name("扫描记录").to_python()) == 1  # the header alone
    assert as_role(Role.VIEWER).get("/api/v1/reports/mine.xlsx").status_code == 403


def test_texts_stay_texts_whatever_they_begin_with(clock: Clock) -> None:
    risky = ["=1+1", "+1", "-1", "@sum(A1)", "\t=1", "https://x.test", "12"]
    made = make_workbook([Sheet("s", ["a"], [[text] for text in risky])], now=clock.now)
    rows = CalamineWorkbook.from_filelike(BytesIO(made)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == risky
