from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from server.audit import service
from server.audit.models import AuditEvent
from server.audit.service import Actor
from server.db import reading, transaction
from tests.server.conftest import START

DETAIL = {"名": "值", "number": 0.1, "none": None, "list": [1, {"b": 2, "a": 1}]}


def record(db: sessionmaker[Session], number: int) -> None:
    with transaction(db) as session:
        service.record(
            session,
            now=START + timedelta(microseconds=number),
            actor=Actor(number, "ada"),
            action="test.done",
            subject=("test", number),
            detail=DETAIL,
        )


def test_the_chain_holds_also_when_many_write_at_once(db: sessionmaker[Session]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: record(db, number), range(24)))
    with reading(db) as session:
        assert service.verify(session) is None
        assert len(session.scalars(select(AuditEvent)).all()) == 24


@pytest.mark.parametrize("tampering", ["changed", "removed"])
def test_it_names_the_row_where_it_breaks(db: sessionmaker[Session], tampering: str) -> None:
    for number in range(5):
        record(db, number)
    with transaction(db) as session:
        ids = session.scalars(select(AuditEvent.id).order_by(AuditEvent.id)).all()
        if tampering == "changed":
            session.execute(update(AuditEvent).where(AuditEvent.id == ids[2]).values(actor="someone else"))
        else:
            session.execute(delete(AuditEvent).where(AuditEvent.id == ids[1]))
    with reading(db) as session:
        assert service.verify(session) == ids[2]
