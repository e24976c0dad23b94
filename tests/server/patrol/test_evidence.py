"""The log holds, shows every change, and can be checked by somebody who has only the file."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from threading import Thread

import zxingcpp
from PIL import Image
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from server.db import reading, transaction
from server.identity.roles import Role
from server.patrol.evidence import export, log
from server.patrol.planning import labels
from tests.server.conftest import Clock
from tests.server.patrol.conftest import Estate, Phones


def test_a_changed_and_a_removed_row_are_found(
    db: sessionmaker[Session], estate: Estate, phone: Phones
) -> None:
    hand = phone()
    for _ in range(3):
        hand.scan(estate.qr("gate"))
    hand.sync()
    with transaction(db) as session:
        session.execute(
            text("UPDATE patrol_events SET body = replace(body, 'camera', 'nfc') WHERE number = 2")
        )
        assert log.verify(session) == log.Break(2, "wrong_hash")
        session.execute(text("DELETE FROM patrol_events WHERE number = 2"))
        assert log.verify(session) == log.Break(2, "missing_row")


def test_an_export_is_checked_without_the_database(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand = phone()
    hand.scan(estate.qr("gate"))
    hand.scan(estate.tap())
    hand.sync()
    out = StringIO()
    with reading(db) as session:
        summary = export.write(session, out, now=clock.now)
    lines = out.getvalue().splitlines()
    assert export.check(iter(lines)) == (2, summary["last_hash"])
    row = json.loads(lines[0])
    row["body"] = row["body"].replace("fair", "strong")
    try:
        export.check(iter([json.dumps(row), lines[1]]))
    except ValueError as error:
        assert "line 1" in str(error)
    else:
        raise AssertionError("a changed line passed")


def test_one_counter_used_by_many_at_once_counts_once(estate: Estate, phone: Phones) -> None:
    tap = estate.tap()
    hands = [phone(role) for role in (Role.GUARD, Role.ENGINEER, Role.ADMIN) * 2]
    results: list[str] = []

    def use(hand) -> None:  # type: ignore[no-untyped-def]
        results.append(str(hand.sync()[0]["status"]))

    for hand in hands:
        hand.scan(tap)
    threads = [Thread(target=use, args=(hand,)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["accepted", *["refused"] * 5]


def test_printed_labels_are_read_back(estate: Estate, db: sessionmaker[Session], tmp_path: Path) -> None:
    with reading(db) as session:
        found = labels.stickers(session, estate.house)
    assert {one.address for one in found} == {estate.qr("gate"), estate.qr("store")}
    assert labels.pdf(found).startswith(b"%PDF")
    picture = tmp_path / "page.png"
    picture.write_bytes(labels.png(found))
    with Image.open(picture) as image:
        read = {code.text for code in zxingcpp.read_barcodes(image)}
    assert read == {one.address for one in found}
