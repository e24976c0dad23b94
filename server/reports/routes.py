"""HTTP of reports: figures, and documents to take away."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from fastapi import Path as PathParameter
from pydantic import AwareDatetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Space
from server.db import RowId
from server.errors import Forbidden, Invalid, Label, NotFound
from server.identity.access import Engineer, Guard, Viewer
from server.identity.models import User
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.patrol.planning.rows import find
from server.patrol.requests import House
from server.patrol.rounds.models import Round, Route
from server.patrol.rounds.walks import walk_of
from server.patrol.safety.models import FireWatch
from server.reports import facts
from server.reports.documents import make_pdf
from server.reports.fire_watch_report import fire_watch_log
from server.reports.kpi import RoundFacts, rates, rates_by
from server.reports.month_report import month_sheets
from server.reports.my_data import my_sheets
from server.reports.round_report import as_data, digest_of, round_report, rows_of, window_of_month
from server.reports.schemas import GroupRead, KpiRead, RatesRead, VisitsRead
from server.reports.sheets import MEDIA_TYPE, Sheet, make_workbook
from server.reports.words import Language, word
from server.shifts.queries import zone_of
from server.web.requests import Now, ReadSession

router = APIRouter(tags=["reports"])

LONGEST_DAYS = 400
Id = Annotated[RowId, PathParameter()]
Speech = Annotated[Language, Query(alias="language", description="Language of the document")]
Grouping = Literal["site", "route", "person", "month"]
Month = Annotated[str, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="YYYY-MM of the site")]
_HEADERS = {
    "checkpoints": ("number", "checkpoint", "planned", "visited", "state", "proof", "why"),
    "answers": ("checkpoint", "item", "value"),
    "gauges": ("item", "at", "read", "sensor", "difference"),
    "findings": ("at", "what", "severity", "deadline", "ticket"),
    "exceptions": ("at", "what", "settled"),
}


@router.get("/reports/patrol", response_model=KpiRead)
def read_patrol_figures(
    *,
    user: Viewer,
    session: ReadSession,
    by: Grouping,
    since: Annotated[AwareDatetime, Query(alias="from")],
    to: Annotated[AwareDatetime, Query()],
    site: Annotated[RowId | None, Query()] = None,
    person: Annotated[RowId | None, Query()] = None,
) -> KpiRead:
    """Completion, on-time, missed and exception rates of the rounds that began in a time and are over.

    Guards see their own; viewers see no figures of single persons.
    """
    if not 0 < (to - since).total_seconds() <= LONGEST_DAYS * 86_400:
        raise Invalid("Ask for 400 days at most.", "一次最多查询 400 天。", code="bad_range")
    found = facts.round_facts(
        session, start=since, end=to, site_id=site, person_id=_person(user, by=by, wanted=person)
    )
    names = _names(session, by)
    groups = rates_by(found, lambda fact: _key(fact, by))
    return KpiRead(
        together=RatesRead.model_validate(rates(found)),
        groups=[
            GroupRead(key=key, name=names.get(key), rates=RatesRead.model_validate(of))
            for key, of in sorted(groups.items())
        ],
    )


@router.get("/reports/patrol/visits", response_model=list[VisitsRead])
def read_patrol_visits(
    *,
    _user: Viewer,
    session: ReadSession,
    site: Annotated[RowId, Query()],
    since: Annotated[AwareDatetime, Query(alias="from")],
    to: Annotated[AwareDatetime, Query()],
) -> list[VisitsRead]:
    """How often each checkpoint was visited and missed."""
    found = facts.visits(session, start=since, end=to, site_id=site)
    return [VisitsRead.model_validate(row) for row in found]


@router.get("/reports/rounds/{row_id}.pdf", response_class=Response)
def read_round_pdf(
    *, user: Guard, session: ReadSession, house: House, now: Now, row_id: Id, language: Speech = "zh"
) -> Response:
    """The report of a round as a PDF."""
    with tempfile.TemporaryDirectory(prefix="plantroom-report-") as scratch:
        walk = walk_of(session, _round(session, row_id, user))
        report = round_report(
            session, walk, language=language, folder=house.photos, scratch=Path(scratch), now=now
        )
        footer = f"Plantroom · {report.title} · {digest_of(report)[:16]}"
        data = as_data(report, language=language, footer=footer)
        document = make_pdf("round.typ", data, report.pictures, now=now)
    return _attachment(document, f"round-{row_id}.pdf", "application/pdf")


@router.get("/reports/rounds/{row_id}.xlsx", response_class=Response)
def read_round_workbook(
    *, user: Guard, session: ReadSession, house: House, now: Now, row_id: Id, language: Speech = "zh"
) -> Response:
    """The report of a round as an Excel workbook."""
    with tempfile.TemporaryDirectory(prefix="plantroom-report-") as scratch:
        walk = walk_of(session, _round(session, row_id, user))
        report = round_report(
            session, walk, language=language, folder=house.photos, scratch=Path(scratch), now=now
        )
    sheets = [Sheet(word("round_report", language), ["", ""], [*report.head, *report.figures])]
    sheets += [
        Sheet(word(title, language), [word(name, language) for name in _HEADERS[title]], rows)
        for title, rows in rows_of(report)
    ]
    return _attachment(make_workbook(sheets, now=now), f"round-{row_id}.xlsx", MEDIA_TYPE)


@router.get("/reports/fire-watches/{row_id}.pdf", response_class=Response)
def read_fire_watch_pdf(
    _user: Engineer, session: ReadSession, now: Now, row_id: Id, language: Speech = "zh"
) -> Response:
    """The log of a fire watch as a PDF: all its rounds and every scan of them."""
    data = fire_watch_log(session, find(session, FireWatch, row_id), language=language, now=now)
    document = make_pdf("fire_watch.typ", data, {}, now=now)
    return _attachment(document, f"fire-watch-{row_id}.pdf", "application/pdf")


@router.get("/reports/patrol/month.xlsx", response_class=Response)
def read_month_workbook(
    _user: Engineer,
    session: ReadSession,
    now: Now,
    site: Annotated[RowId, Query()],
    month: Month,
    language: Speech = "zh",
) -> Response:
    """A month of a site as an Excel workbook."""
    found = session.get(Space, site)
    if found is None or found.kind != "site":
        raise NotFound("There is no such site.", "没有该项目。")
    start, end = window_of_month(month, zone_of(session, site))
    sheets = month_sheets(session, site_id=site, month=month, start=start, end=end, language=language)
    return _attachment(make_workbook(sheets, now=now), f"patrol-{month}.xlsx", MEDIA_TYPE)


@router.get("/reports/mine.xlsx", response_class=Response)
def read_my_workbook(user: Guard, session: ReadSession, now: Now, language: Speech = "zh") -> Response:
    """All that is recorded about whoever asks, as an Excel workbook. Nobody can ask for another's."""
    sheets = my_sheets(session, user=user, language=language, now=now)
    return _attachment(make_workbook(sheets, now=now), "my-data.xlsx", MEDIA_TYPE)


def _round(session: Session, row_id: int, user: CurrentUser) -> Round:
    found = find(session, Round, row_id)
    if not user.role.includes(Role.ENGINEER) and found.user_id != user.id:
        raise Forbidden("This round is somebody else's.", "这是他人的巡更任务。", code="not_yours")
    return found


def _person(user: CurrentUser, *, by: Grouping, wanted: int | None) -> int | None:
    """Whose rounds may be counted; None: everybody's."""
    if user.role.includes(Role.ENGINEER):
        return wanted
    if user.role is Role.GUARD:
        return user.id
    if by == "person" or wanted is not None:
        raise Forbidden(
            "Figures of single persons are for engineers.", "个人指标仅供工程师查看。", code="role_needed"
        )
    return None


def _key(fact: RoundFacts, by: Grouping) -> str | None:
    value = {"site": fact.site, "route": fact.route, "person": fact.person, "month": fact.month}[by]
    return None if value is None else str(value)


def _names(session: Session, by: Grouping) -> dict[str, Label]:
    if by == "person":
        people = session.execute(select(User.id, User.display_name))
        return {str(row.id): Label(en=row.display_name, zh=row.display_name) for row in people}
    if by == "route":
        return {str(row.id): row.name for row in session.scalars(select(Route))}
    if by == "site":
        return {str(row.id): row.name for row in session.scalars(select(Space).where(Space.kind == "site"))}
    return {}


def _attachment(content: bytes, name: str, media_type: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=media_type, headers={"content-disposition": disposition})
