"""HTTP of calls for help."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from server.db import RowId
from server.identity.access import Engineer, Guard
from server.patrol.safety import calls, queries
from server.patrol.safety.schemas import SosRead
from server.web.paging import Page
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["patrol"])


SosId = Annotated[RowId, Path()]


@router.get("/patrol/sos", response_model=Page[SosRead])
def list_sos(
    _user: Guard, session: ReadSession, state: Annotated[str, Query(pattern="^(open|all)$")] = "open"
) -> Page[SosRead]:
    """Calls for help that are not closed; guards see all open ones, so that the nearest can go."""
    items = queries.calls(session, is_open=state == "open")
    return Page(items=items, total=len(items), next=None)


@router.post("/patrol/sos/{sos_id}/acknowledge", response_model=SosRead)
def acknowledge_sos(user: Guard, session: WriteSession, now: Now, sos_id: SosId) -> SosRead:
    """Somebody sees to it."""
    return queries.call_read(session, calls.acknowledge(session, sos_id, now=now, by=user.actor))


@router.post("/patrol/sos/{sos_id}/close", response_model=SosRead)
def close_sos(user: Engineer, session: WriteSession, now: Now, sos_id: SosId) -> SosRead:
    """It is over."""
    return queries.call_read(session, calls.close(session, sos_id, now=now, by=user.actor))
