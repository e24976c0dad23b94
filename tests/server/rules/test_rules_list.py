from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, event, insert, select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.assets.models import Asset
from server.assets.profiles import shipped_profiles
from server.db import reading, transaction
from server.errors import Label
from server.identity.roles import Role
from server.rules.models import Rule
from tests.server.alarms.scenes import Plant

AsRole = Callable[[Role], TestClient]
URL = "/api/v1/rules"
MANY = 2_100


@contextmanager
def statements(db: sessionmaker[Session]) -> Iterator[list[str]]:
    """The SELECTs that the database is asked meanwhile."""
    with reading(db) as session:
        engine = session.get_bind().engine
    asked: list[str] = []

    def note(_connection: Connection, _cursor: object, text: str, *_: object) -> None:
        asked.extend([text] if text.startswith("SELECT") else [])

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def own_rules(plant: Plant, count: int) -> None:
    """So many rules of the elevator's own besides those of the profiles."""
    with transaction(plant.db) as session:
        rule = session.get_one(Rule, plant.rule)
        names = [c.name for c in Rule.__table__.columns if c.name not in ("id", "asset_id", "key")]
        like = {name: getattr(rule, name) for name in names}
        rows = [{**like, "key": f"own_{number:04}", "asset_id": plant.asset} for number in range(count)]
        session.execute(insert(Rule), rows)


def test_a_site_with_thousands_of_rules_reads_them_page_by_page(
    plant: Plant, as_role: AsRole, client: TestClient
) -> None:
    own_rules(plant, MANY)
    viewer = as_role(Role.VIEWER)
    with statements(plant.db) as few:
        first = viewer.get(f"{URL}?limit=10").json()
    with statements(plant.db) as many:
        page = viewer.get(f"{URL}?limit=1000").json()
    assert len(many) == len(few), "as many questions for a thousand as for ten"
    shipped = sum(len(profile.rules) for profile in shipped_profiles().values())
    assert (len(page["items"]), page["total"], page["next"]) == (1000, MANY + shipped, "1000")
    assert (len(first["items"]), first["next"]) == (10, "10")
    seen = [rule["id"] for rule in page["items"]]
    for offset in (1000, 2000):
        page = viewer.get(f"{URL}?limit=1000&offset={offset}").json()
        seen += [rule["id"] for rule in page["items"]]
    assert page["next"] is None
    assert client.get(URL).status_code == 401
    assert len(set(seen)) == len(seen) == MANY + shipped


def test_rules_are_found(plant: Plant, as_role: AsRole) -> None:
    own_rules(plant, 2)
    with transaction(plant.db) as session:
        session.scalars(select(Rule).where(Rule.key == "own_0001")).one().enabled = False
        session.get_one(Rule, plant.rule).problem = Label(en="no point motor_temp", zh="没有测点 motor_temp")
    viewer = as_role(Role.VIEWER)

    def found(question: str) -> set[str]:
        page = viewer.get(f"{URL}?{question}").json()
        assert page["total"] == len(page["items"])
        return {rule["key"] for rule in page["items"]}

    own = {"own_0000", "own_0001"}
    assert found("q=Own_00&profile=elevator") == own
    assert found("q=elevator+a1") == own, "by the name of the asset that they are on"
    assert found("q=电机") == own | {"motor_hot"}
    assert found("q=%25") == set()
    assert found("standing=off") == {"own_0001"}
    assert found("standing=broken") == {"motor_hot"}


def test_the_rules_that_watch_an_asset(plant: Plant, as_role: AsRole) -> None:
    own_rules(plant, 1)
    with transaction(plant.db) as session:
        own = session.scalars(select(Rule).where(Rule.key == "own_0000")).one()
        own.key = "motor_hot"
        others = session.scalars(select(Asset.id).where(Asset.profile == "elevator", Asset.id != plant.asset))
        other = others.first()
    viewer = as_role(Role.VIEWER)
    here = {rule["key"]: rule for rule in viewer.get(f"{URL}?asset={plant.asset}").json()["items"]}
    assert len(here) == len(shipped_profiles()["elevator"].rules)
    assert here["motor_hot"]["asset"]["key"] == "elevator-a1", "its own stands in for the profile's"
    there = {rule["key"]: rule for rule in viewer.get(f"{URL}?asset={other}").json()["items"]}
    assert there.keys() == here.keys()
    assert there["motor_hot"]["asset"] is None


def test_a_rule_that_nobody_can_read_hides_no_other(plant: Plant, as_role: AsRole) -> None:
    with transaction(plant.db) as session:
        session.get_one(Rule, plant.rule).condition = {"type": "of a later version", "point": "motor_temp"}
    page = as_role(Role.VIEWER).get(f"{URL}?profile=elevator").json()
    assert len(page["items"]) == len(shipped_profiles()["elevator"].rules)
    broken = as_role(Role.VIEWER).get(f"{URL}/{plant.rule}").json()
    assert broken["condition"]["type"] == "of a later version"
