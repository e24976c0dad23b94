"""Sites, assets and points as an Excel workbook: out, changed, and in again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.assets import workbook_file
from server.assets.devices import connect_point
from server.assets.models import Asset, Device, Feed, Point, Space
from server.assets.profiles import PointSpec, shipped_profiles
from server.assets.service import create_asset
from server.assets.workbook import SHEETS, export_site
from server.audit.service import SYSTEM
from server.db import reading, transaction
from server.identity.roles import Role
from tests.server.conftest import START

SITE = {"key": "court", "kind": "site", "name_en": "Court", "name_zh": "苑", "time_zone": "Asia/Shanghai"}
PUMP = {"key": "pump-x", "name_en": "Pump X", "name_zh": "水泵X", "profile": "pump", "space": "court"}

Rows = Sequence[Mapping[str, object]]


def workbook(*, spaces: Rows = (), assets: Rows = (), points: Rows = ()) -> bytes:
    """A file as somebody fills it in, with the columns that are used."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for name, rows in (("spaces", spaces), ("assets", assets), ("points", points)):
            sheet = book.add_worksheet(name)
            for place, column in enumerate(column.name for column in SHEETS[name]):
                sheet.write(0, place, column)
                for number, row in enumerate(rows, start=1):
                    if column in row:
                        sheet.write(number, place, row[column])
    return buffer.getvalue()


@pytest.fixture
def admin(as_role: Callable[[Role], TestClient]) -> TestClient:
    return as_role(Role.ADMIN)


def send(client: TestClient, data: bytes, *, apply: bool = True) -> dict[str, object]:
    answer = client.post(
        "/api/v1/workbook", params={"apply": apply}, content=data, headers={"content-type": XLSX}
    )
    assert answer.status_code == 200, answer.text
    report: dict[str, object] = answer.json()
    return report


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def refused(report: Mapping[str, object]) -> list[tuple[str, int, str]]:
    items = report["refused"]
    assert isinstance(items, list)
    assert len(items) == report["refused_total"]
    return [(each["sheet"], each["row"], each["column"]) for each in items]


def changes(report: Mapping[str, object]) -> dict[str, int]:
    counts = report["counts"]
    assert isinstance(counts, dict)
    return {name: each["created"] + each["changed"] for name, each in counts.items()}


def everything(db: sessionmaker[Session]) -> list[dict[str, object]]:
    with reading(db) as session:
        return [
            {column.key: getattr(row, column.key) for column in table.__table__.columns if column.key != "id"}
            for table in (Space, Asset, Point, Feed, Device)
            for row in session.scalars(select(table).order_by(*table.__table__.primary_key))
        ]


def odd_things(db: sessionmaker[Session]) -> None:
    """What does not survive a spreadsheet by itself."""
    with transaction(db) as session:
        space = session.scalars(select(Space).where(Space.kind == "site")).one().id
        name = {"en": "=cmd|' /C calc'!A0", "zh": "@SUM(A1)"}
        asset = create_asset(
            session, shipped_profiles(), now=START, actor=SYSTEM, key="101", name=name,  # type: ignore[arg-type]
            profile="pump", space_id=space, with_points=False,
        )  # fmt: skip
        spec = PointSpec(
            key="007", name={"en": "+odd ", "zh": "-怪"}, kind="state", quantity="state", interval_s=0.1 + 0.2,
            states={0: {"en": "a | b", "zh": "a\nb"}, 1: {"en": "On", "zh": "开"}},
        )  # fmt: skip
        connect_point(session, asset, spec, device="box-1", source="-source", take_over=False)


def test_a_workbook_that_nobody_changed_changes_nothing(
    admin: TestClient, demo_site: None, db: sessionmaker[Session]
) -> None:
    odd_things(db)
    before = everything(db)
    answer = admin.get("/api/v1/workbook")
    assert answer.headers["content-type"] == XLSX
    report = send(admin, answer.content)
    assert refused(report) == []
    assert set(changes(report).values()) == {0}
    assert everything(db) == before


def test_it_brings_an_empty_installation_to_the_same_site(
    admin: TestClient, demo_site: None, db: sessionmaker[Session], tmp_path: Path
) -> None:
    data = admin.get("/api/v1/workbook").content
    before = everything(db)
    with transaction(db) as session:
        for table in (Feed, Point, Device, Asset):
            session.execute(delete(table))
        session.execute(update(Space).values(parent_id=None, kind="site", time_zone="UTC"))
        session.execute(delete(Space))
    report = send(admin, data)
    assert refused(report) == []
    without = {"id", "parent_id", "space_id", "asset_id", "from_asset", "to_asset", "position"}

    def plain(rows: list[dict[str, object]]) -> list[str]:
        return sorted(str({key: row[key] for key in row if key not in without}) for row in rows)

    assert plain(everything(db)) == plain(before)


def test_text_is_never_a_formula(db: sessionmaker[Session], demo_site: None, tmp_path: Path) -> None:
    odd_things(db)
    with reading(db) as session:
        export_site(session, tmp_path / "site.xlsx")
    with zipfile.ZipFile(tmp_path / "site.xlsx") as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets" in name]
        styles = archive.read("xl/styles.xml")
    assert b"=cmd|" in b"".join(sheets)
    assert not any(b"<f>" in sheet for sheet in sheets)
    assert b'quotePrefix="1"' in styles


def test_good_rows_come_in_and_the_others_are_reported(admin: TestClient, db: sessionmaker[Session]) -> None:
    data = workbook(
        spaces=[
            {"key": "hall", "kind": "building", "parent": "court", "name_en": "Hall"},  # before what it lies in
            SITE,
            {"key": "moon", "kind": "building", "parent": "nowhere", "name_en": "Moon"},
            {"key": "zone", "kind": "site", "name_en": "Z", "time_zone": "Mars/Olympus"},
        ],
        assets=[
            PUMP,
            {**PUMP, "key": "pump-y", "profile": "rocket"},
            {**PUMP, "key": "pump-z", "space": "moon"},
            {**PUMP, "key": "bad key!"},
            PUMP,
            {**PUMP, "key": "pump-l", "points": "listed", "fed_by": "pump-x, ghost"},
        ],
        points=[
            {"asset": "pump-x", "key": "flow", "normal_low": 5, "normal_high": 1},
            {"asset": "pump-x", "key": "tank_level", "normal_low": 20, "normal_high": 80},
            {"asset": "pump-y", "key": "flow"},
            {"asset": "pump-l", "key": "flow", "device": "plc 7"},
            {"asset": "pump-l", "key": "flow", "device": "plc-7", "source": "Q"},
            {"asset": "pump-l", "key": "noise", "name_en": "Noise", "kind": "analog", "quantity": "sound"},
            {"asset": "pump-l", "key": "noise", "name_en": "Noise", "kind": "analog", "quantity": "sound",
             "interval_s": "often"},
            {"asset": "pump-l", "key": "tank_level", "device": "plc-7", "source": "Q"},
        ],
    )  # fmt: skip
    expected = [
        ("spaces", 4, "parent"),
        ("spaces", 5, "time_zone"),
        ("assets", 3, "profile"),
        ("assets", 4, "space"),
        ("assets", 5, "key"),
        ("assets", 6, "key"),
        ("assets", 7, "fed_by"),
        ("points", 2, "normal_high"),
        ("points", 4, "asset"),
        ("points", 5, "device"),
        ("points", 7, "interval_s"),
        ("points", 8, "interval_s"),
        ("points", 9, "source"),
    ]
    preview = send(admin, data, apply=False)
    assert everything(db) == []
    report = send(admin, data)
    assert (preview["applied"], report["applied"]) == (False, True)
    assert preview["counts"] == report["counts"]
    assert [place[:2] for place in refused(preview)] == [place[:2] for place in expected]
    with reading(db) as session:
        assert set(session.scalars(select(Asset.key))) == {"pump-x", "pump-l"}
        listed = session.execute(
            select(Point.key, Point.device_id, Point.source).join(Asset).where(Asset.key == "pump-l")
        )
        assert [tuple(row) for row in listed] == [("flow", "plc-7", "Q")]
        count = select(func.count()).select_from(Point).join(Asset).where(Asset.key == "pump-x")
        assert session.scalar(count) == len(shipped_profiles()["pump"].points)
        assert (
            session.scalar(
                select(Point.normal_high).join(Asset).where(Asset.key == "pump-x", Point.key == "tank_level")
            )
            == 80
        )
        assert session.scalar(select(func.count()).select_from(Feed)) == 1
    again = send(admin, data)
    assert set(changes(again).values()) == {0}


def test_a_point_moves_to_a_device_nobody_knew(
    admin: TestClient, demo_site: None, db: sessionmaker[Session]
) -> None:
    row = {"asset": "pump-a", "key": "flow", "device": "new-box", "source": "F1", "name_en": "Flow, new"}
    with reading(db) as session:
        before = session.scalar(select(Point.id).where(Point.device_id == "pump-a", Point.key == "flow"))
    report = send(admin, workbook(points=[row]))
    assert refused(report) == []
    assert changes(report)["points"] == 1
    with reading(db) as session:
        point = session.get_one(Point, before)
        assert (point.device_id, point.source, point.name["en"]) == ("new-box", "F1", "Flow, new")


def test_a_source_of_another_point_is_refused(admin: TestClient, demo_site: None) -> None:
    report = send(
        admin, workbook(points=[{"asset": "pump-a", "key": "flow", "device": "pump-b", "source": "flow"}])
    )
    assert refused(report) == [("points", 2, "source")]


def refusal(client: TestClient, data: bytes) -> str:
    answer = client.post("/api/v1/workbook", content=data, headers={"content-type": XLSX})
    assert answer.status_code == 422, answer.text
    code: str = answer.json()["code"]
    return code


def repacked(data: bytes, **parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(Path(name).stem, old.read(name)))
    return buffer.getvalue()


def test_what_is_no_workbook_or_a_bomb_is_refused(admin: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    good = workbook(spaces=[SITE])
    for broken in (
        b"PK",
        b"key;name\r\n",
        good[:-30],
        good[: len(good) // 2],
        repacked(good, sheet1=b"<x"),
    ):
        assert refusal(admin, broken) == "broken_workbook"
    far = (
        b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert refusal(admin, repacked(good, sheet1=far)) == "workbook_too_large"
    monkeypatch.setattr(workbook_file, "MOST_INFLATED", 1 << 20)
    bomb = repacked(good, sheet1=b"<worksheet><sheetData>" + b" " * (2 << 20))
    assert len(bomb) < 20_000
    assert refusal(admin, bomb) == "workbook_too_large"
    answer = admin.post("/api/v1/workbook", content=b" " * (17 << 20), headers={"content-type": XLSX})
    assert answer.status_code == 413
