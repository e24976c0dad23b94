"""Whether a job would write anything, found out without the turn of those who write.

On SQLite one transaction writes at a time: what looks every few seconds and mostly finds nothing would keep rules
and phones waiting. So a job is rehearsed first, and done only if there is something to do.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, sessionmaker

from server.db import reading


class _Writes(Exception):
    """The job came to its first write."""


def would_write(sessions: sessionmaker[Session], job: Callable[[Session], object]) -> bool:
    """Do the job up to its first write, which is not made.

    The job asks everything anew when it is done in earnest: another server may have done it meanwhile. It may do
    nothing but read and write the database. On PostgreSQL rows that it locks are locked until this returns.
    """
    with reading(sessions) as session:
        event.listen(session, "before_flush", _stop_flush)
        event.listen(session, "do_orm_execute", _stop_statement)
        try:
            job(session)
            session.flush()
        except _Writes:
            return True
    return False


def _stop_flush(session: Session, _flush: UOWTransaction, _instances: object) -> None:
    """Attributes that were set to what they were already are no change."""
    if session.new or session.deleted or any(session.is_modified(row) for row in session.dirty):
        raise _Writes


def _stop_statement(state: ORMExecuteState) -> None:
    if not state.is_select:
        raise _Writes
