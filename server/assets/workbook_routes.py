"""HTTP of the site as an Excel workbook."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Body, Query, status
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict
from starlette.background import BackgroundTask

from server.assets.routes import Profiles
from server.assets.workbook import MEDIA_TYPE, TooManyRows, export_site
from server.assets.workbook_file import read_workbook
from server.assets.workbook_import import import_workbook
from server.assets.workbook_plan import Plan, plan_import
from server.db import changes_of, reading, transaction
from server.errors import Conflict, Label
from server.identity.access import Admin, Engineer
from server.web.requests import AppContext, Now, ReadSession

router = APIRouter(tags=["assets"])

MOST_REPORTED = 1000
"""Refused rows that are sent; their number is said in any case."""


class CountRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    created: int
    changed: int
    unchanged: int


class RefusedRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    sheet: str
    row: int
    """As the spreadsheet numbers it; the header is 1."""
    column: str
    value: str
    what: Label
    """What is wrong with it."""
    kept: Label
    """What became of the row, and of what was there."""


class WorkbookReport(BaseModel):
    applied: bool
    """False: this is what would happen."""
    counts: dict[str, CountRead]
    """By spaces, assets, points and feeds."""
    refused: list[RefusedRead]
    refused_total: int


@router.get(
    "/workbook",
    response_class=FileResponse,
    responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
def export_workbook(_user: Engineer, session: ReadSession, now: Now) -> FileResponse:
    """All sites, assets and points as an Excel workbook, which can be changed and imported again."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx", delete=False) as file:
        path = Path(file.name)
    try:
        export_site(session, path)
    except TooManyRows as error:
        path.unlink()
        raise Conflict(
            f"The sheet {error} would have more rows than a workbook may carry back. Use plantroom import with YAML.",
            f"工作表 {error} 的行数超过可导回的上限，请改用 YAML 导入。",
            code="too_many_rows",
        ) from error
    return FileResponse(
        path, media_type=MEDIA_TYPE, filename=_file_name(now), background=BackgroundTask(path.unlink)
    )


@router.post("/workbook", response_model=WorkbookReport, status_code=status.HTTP_200_OK)
def import_from_workbook(
    *,
    user: Admin,
    context: AppContext,
    profiles: Profiles,
    now: Now,
    body: Annotated[bytes, Body(media_type=MEDIA_TYPE)],
    apply: Annotated[bool, Query(description="False: only say what would happen")] = False,
) -> WorkbookReport:
    """Import the good rows of a workbook and report the others; by default nothing is written yet."""
    sheets = read_workbook(body)  # seconds for a large one, before any transaction is open
    if not apply:
        with reading(context.sessions) as session:
            return _report(plan_import(session, sheets, profiles), applied=False)
    with transaction(context.sessions) as session:
        plan = import_workbook(session, sheets, profiles, now=now, actor=user.actor)
    for noun in sorted(changes_of(session)):
        context.announce(noun)
    return _report(plan, applied=True)


def _file_name(now: datetime) -> str:
    return f"plantroom-{now:%Y-%m-%d}.xlsx"


def _report(plan: Plan, *, applied: bool) -> WorkbookReport:
    return WorkbookReport(
        applied=applied,
        counts={name: CountRead.model_validate(count) for name, count in plan.counts.items()},
        refused=[RefusedRead.model_validate(each) for each in plan.refused[:MOST_REPORTED]],
        refused_total=len(plan.refused),
    )
