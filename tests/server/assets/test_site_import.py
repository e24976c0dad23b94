from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from server.assets import queries, service
from server.assets.models import Asset, Feed, Point, Space
from server.assets.profiles import Profile, shipped_profiles
from server.assets.site_file import DEMO_SITE, load_site
from server.assets.site_import import Imported, import_site
from server.assets.yaml_file import BrokenFile, read
from server.audit.service import SYSTEM
from server.db import reading, transaction
from server.errors import Conflict, Invalid
from tests.server.conftest import START

HEAD = """
spaces:
  - {key: court, kind: site, name: {en: Court, zh: 苑}, time_zone: Asia/Shanghai}
assets:
  - key: pump-x
    name: {en: Pump X, zh: 水泵X}
    profile: pump
    space: court
"""
EXTRA = """
    points:
      - {key: flow, normal: [0, 40], source: Q1}
      - {key: extra_001, name: {en: Extra, zh: 附加}, kind: analog, quantity: count, interval_s: 60, device: box-7}
"""


def load(db: sessionmaker[Session], tmp_path: Path, text: str) -> Imported:
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")
    with transaction(db) as session:
        return import_site(session, load_site(path), shipped_profiles(), now=START, actor=SYSTEM)


def test_the_demo_site_is_complete(db: sessionmaker[Session], demo_site: None) -> None:
    with reading(db) as session:
        assets, total = queries.find_assets(
            session, profile=None, space_id=None, text=None, limit=100, offset=0
        )
        points = session.scalar(select(func.count()).select_from(Point))
        profiles = shipped_profiles()
        assert total == 10
        assert points == sum(len(profiles[asset.profile].points) for asset in assets)
        assert session.scalar(select(func.count()).select_from(Feed)) == 9
        main = session.scalars(select(Asset).where(Asset.key == "meter-main")).one()
        assert len(queries.feeds_of(session, main.id)[1]) == 2


def test_importing_again_changes_nothing(db: sessionmaker[Session], demo_site: None) -> None:
    with transaction(db) as session:
        revision = queries.catalogue_revision(session)
        done = import_site(session, load_site(DEMO_SITE), shipped_profiles(), now=START, actor=SYSTEM)
        assert done.is_nothing
        assert queries.catalogue_revision(session) == revision


def test_it_takes_changes_to_points_and_further_points(db: sessionmaker[Session], tmp_path: Path) -> None:
    load(db, tmp_path, HEAD + EXTRA)
    with reading(db) as session:
        points = {point.key: point for point in session.scalars(select(Point))}
    assert (points["flow"].normal_high, points["flow"].source, points["flow"].device_id) == (
        40,
        "Q1",
        "pump-x",
    )
    assert (points["extra_001"].device_id, points["extra_001"].source) == ("box-7", "extra_001")
    assert points["tank_level"].unit == "%"


def test_what_was_set_on_screen_survives_the_next_import(db: sessionmaker[Session], tmp_path: Path) -> None:
    load(db, tmp_path, HEAD + EXTRA)
    with transaction(db) as session:
        for key in ("flow", "tank_level"):
            point = session.scalars(select(Point).where(Point.key == key)).one()
            changes = {"normal_low": 1.0, "normal_high": 2.0, "interval_s": 7.0}
            service.update_point(session, point, now=START, actor=SYSTEM, changes=changes)
    done = load(db, tmp_path, HEAD + EXTRA)
    with reading(db) as session:
        points = {point.key: point for point in session.scalars(select(Point))}
    assert (points["tank_level"].normal_high, points["flow"].interval_s) == (2, 7)
    assert points["flow"].normal_high == 40  # the file says so itself
    assert done.points == 1


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("profile: pump", "profile: 7 7"), 7, "assets.0.profile"),
        (("kind: site", "kind: planet"), 3, "spaces.0.kind"),
        (("Asia/Shanghai", "Asia/Atlantis"), 3, "time zone"),
        (("space: court", "space: court\n    space: court"), 9, "second time"),
        (("space: court", "space: court\n    colour: red"), 9, "colour"),
        (("assets:", "assets: ["), 5, "unhashable|expected|found"),
    ],
)
def test_it_names_the_line_that_is_wrong(
    change: tuple[str, str], line: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(HEAD.replace(*change), encoding="utf-8")
    with pytest.raises(BrokenFile, match=words) as refusal:
        load_site(path)
    assert refusal.value.facts["line"] == line


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        (HEAD.replace("profile: pump", "profile: rocket"), Invalid, "no profile rocket"),
        (HEAD.replace("space: court", "space: moon"), Invalid, "no space moon"),
        (HEAD + EXTRA.replace("kind: analog", "kind: state").replace("flow", "mode"), Invalid, "only analog"),
        (HEAD + EXTRA.replace("Q1", "tank_level"), Conflict, "sends tank_level"),
        (HEAD + "feeds: [{from: pump-x, to: [pump-x]}]", Invalid, "feed itself"),
        (HEAD + "feeds: [{from: pump-x, to: [ghost]}]", Invalid, "no ghost"),
    ],
)
def test_it_refuses_what_does_not_fit_together(
    text: str, error: type[Exception], words: str, db: sessionmaker[Session], tmp_path: Path
) -> None:
    with pytest.raises(error, match=words):
        load(db, tmp_path, text)
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(Space)) == 0


def test_thousands_of_points_are_imported_and_catalogued(db: sessionmaker[Session], tmp_path: Path) -> None:
    extra = "\n".join(
        f"      - {{key: x{number}, name: {{en: X, zh: X}}, kind: analog, quantity: count, interval_s: 60}}"
        for number in range(500)
    )
    assets = "".join(
        HEAD.partition("assets:\n")[2].replace("pump-x", f"pump-{n}") + "    points:\n" + extra + "\n"
        for n in range(20)
    )
    done = load(db, tmp_path, HEAD.partition("assets:\n")[0] + "assets:\n" + assets)
    assert done.points == 20 * 520
    with reading(db) as session:
        assert len(queries.catalogue_entries(session)) == 20 * 520


def test_a_broken_profile_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "pump.yaml"
    path.write_text(
        "key: pump\nversion: 1\nname: {en: P, zh: 泵}\ndiscipline: water\npoints:\n  - key: a\n    kind: odd\n"
    )
    with pytest.raises(BrokenFile, match=r"pump\.yaml:6"):
        read(path, Profile)


def test_a_point_moves_to_a_device_nobody_knew_and_to_none_that_is_taken(
    db: sessionmaker[Session], tmp_path: Path
) -> None:
    load(db, tmp_path, HEAD)
    with reading(db) as session:
        before = session.scalar(select(Point.id).where(Point.key == "flow"))
    load(db, tmp_path, HEAD + "    points:\n      - {key: flow, device: box-9, source: F}\n")
    with reading(db) as session:
        point = session.scalars(select(Point).where(Point.key == "flow")).one()
        assert (point.id, point.device_id, point.source) == (before, "box-9", "F")
    with pytest.raises(Conflict):
        load(db, tmp_path, HEAD + "    points:\n      - {key: tank_level, device: box-9, source: F}\n")


def test_only_the_listed_points_of_a_device_that_sends_few(db: sessionmaker[Session], tmp_path: Path) -> None:
    text = HEAD + "    listed_only: true\n    points:\n      - {key: flow}\n"
    assert load(db, tmp_path, text).points == 1
    assert load(db, tmp_path, text).is_nothing
