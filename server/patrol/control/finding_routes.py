"""HTTP of findings: the list of defects, and the way to a ticket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy import select

from server.db import RowId
from server.errors import Conflict, NotFound
from server.identity.access import Engineer
from server.patrol.on_site import findings
from server.patrol.on_site.models import Finding
from server.patrol.on_site.schemas import FindingRead
from server.web.paging import Page
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["patrol control room"])

SiteQuery = Annotated[RowId | None, Query(description="Only of this site")]


@router.get("/patrol/findings", response_model=Page[FindingRead])
def list_findings(
    *,
    _user: Engineer,
    session: ReadSession,
    state: Annotated[str, Query(pattern="^(open|all)$")] = "open",
    site: SiteQuery = None,
) -> Page[FindingRead]:
    """Defects that were found, newest first."""
    wanted = select(Finding).order_by(Finding.at.desc()).limit(500)
    if state == "open":
        wanted = wanted.where(Finding.fixed_at.is_(None))
    if site is not None:
        wanted = wanted.where(Finding.site_id == site)
    items = [FindingRead.model_validate(row) for row in session.scalars(wanted)]
    return Page(items=items, total=len(items), next=None)


@router.post("/patrol/findings/{finding_id}/ticket", response_model=FindingRead)
def make_finding_ticket(
    user: Engineer,
    session: WriteSession,
    now: Now,
    finding_id: Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")],
    asset_id: Annotated[RowId | None, Query()] = None,
) -> FindingRead:
    """Make it a ticket; the one it has, if it has one."""
    row = session.get(Finding, finding_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such finding.", "没有此隐患记录。")
    row.asset_id = row.asset_id or asset_id
    if row.asset_id is None:
        raise Conflict("Say which equipment it is about.", "请选择相关设备。", code="asset_needed")
    findings.make_ticket(session, row, now=now, actor=user.actor)
    return FindingRead.model_validate(row)
