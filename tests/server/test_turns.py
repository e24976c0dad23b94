"""Writers of several processes take turns on one SQLite file."""

from __future__ import annotations

from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

from sqlalchemy import text

from server.db import open_engine, session_factory, transaction


def hold(url: str, began: Event, may_end: Event) -> None:
    """Write, and keep the others waiting."""
    with transaction(session_factory(open_engine(url))) as session:
        session.execute(text("INSERT INTO marks VALUES ('first')"))
        began.set()
        may_end.wait(20)


def test_who_comes_second_waits_and_writes_after_the_first(tmp_path: Path) -> None:
    assert marks_after(tmp_path, is_killed=False) == ["first", "second"]


def test_a_writer_that_is_killed_lets_the_next_one_write(tmp_path: Path) -> None:
    assert marks_after(tmp_path, is_killed=True) == ["second"]


def marks_after(folder: Path, *, is_killed: bool) -> list[str]:
    """What is written when this process comes second, after one that ends or is killed."""
    url = f"sqlite:///{folder / 'turns.db'}"
    sessions = session_factory(open_engine(url))
    with transaction(sessions) as session:
        session.execute(text("CREATE TABLE marks (name TEXT)"))
    context = get_context("spawn")
    began, may_end = context.Event(), context.Event()
    first = context.Process(target=hold, args=(url, began, may_end))
    first.start()
    assert began.wait(20)
    if is_killed:
        first.kill()
    else:
        may_end.set()  # it commits while we wait already
    with transaction(sessions) as session:
        session.execute(text("INSERT INTO marks VALUES ('second')"))
    first.join(20)
    with transaction(sessions) as session:
        return [row.name for row in session.execute(text("SELECT name FROM marks"))]
