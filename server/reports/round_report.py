"""One round as a document: what was planned, what happened, how far it is believed and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Space
from server.patrol.checkpoints.models import FloorPlan
from server.patrol.control import queries as control
from server.patrol.control.schemas import RoundDetail, ScanRead
from server.patrol.on_site import photos
from server.patrol.on_site.models import Finding, Photo
from server.patrol.rounds.alarms import LATE
from server.patrol.rounds.models import Route
from server.patrol.rounds.walks import Walk
from server.reports import filled_in
from server.reports.kpi import RoundFacts, rates
from server.reports.reader import Reader
from server.reports.words import WORDS, Language, word

MOST_PHOTOS = 60
PLAN_MM = 84
"""Half of the text of an A4 page: two plans stand side by side."""
PLAN_HEIGHT_MM = 100
_SUFFIX = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


class RoundReport(NamedTuple):
    """Values are texts in the reader's language and the site's zone, ready to be shown."""

    title: str
    head: list[tuple[str, str]]
    figures: list[tuple[str, str]]
    legs: list[dict[str, str]]
    answers: list[tuple[str, ...]]
    gauges: list[tuple[str, ...]]
    findings: list[tuple[str, ...]]
    exceptions: list[tuple[str, ...]]
    plans: list[dict[str, object]]
    photos: list[dict[str, str]]
    signature: str | None
    digest: str | None
    pictures: dict[str, Path]
    """Files that ``plans``, ``photos`` and ``signature`` name."""


def round_report(
    session: Session, walk: Walk, *, language: Language, folder: Path, scratch: Path, now: datetime
) -> RoundReport:
    """All of one round. ``folder`` holds the photos; pictures kept in the database are written to ``scratch``."""
    reader = Reader(
        session, site_id=walk.round.site_id, checkpoints={leg.checkpoint_id for leg in walk.legs},
        language=language,
    )  # fmt: skip
    detail = control.detail(session, walk)
    pictures: dict[str, Path] = {}
    shown = _photos(session, reader, detail, folder, pictures)
    signature = _signature(session, detail, folder, pictures)
    return RoundReport(
        title=f"{reader.word('round_report')}  {reader.label(walk.round.name)}",
        head=_head(session, reader, walk, detail, now),
        figures=_figures(reader, detail),
        legs=_legs(reader, detail),
        answers=filled_in.answers(session, reader, detail),
        gauges=filled_in.gauges(session, reader, detail),
        findings=_findings(session, reader, walk.round.id),
        exceptions=[
            (
                reader.time(row.at),
                f"{reader.name(row.checkpoint_id)}  {reader.label(row.detail)}",
                " ".join(filter(None, (reader.word(row.settled_as or "open"), row.settled_by, row.comment))),
            )
            for row in detail.shown_exceptions
        ],
        plans=_plans(session, reader, detail, scratch, pictures),
        photos=shown,
        signature=signature,
        digest=detail.digest,
        pictures=pictures,
    )


def as_data(report: RoundReport, *, language: Language, footer: str) -> dict[str, object]:
    """For the template ``round.typ``."""
    fields = report._asdict()
    fields.pop("pictures")
    fields["legs"] = report.legs
    return {
        **fields,
        "subtitle": report.head[0][1],
        "language": language,
        "footer": footer,
        "words": {key: word(key, language) for key in WORDS},
    }


def digest_of(report: RoundReport) -> str:
    """SHA-256 of what the report says, so that a print and a later one can be compared."""
    said = {key: value for key, value in report._asdict().items() if key != "pictures"}
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _head(
    session: Session, reader: Reader, walk: Walk, detail: RoundDetail, now: datetime
) -> list[tuple[str, str]]:
    site = session.get(Space, walk.round.site_id)
    route = session.get(Route, walk.round.route_id) if walk.round.route_id else None
    rows = [
        ("site", reader.label(site.name if site else None)),
        ("route", reader.label(route.name if route else walk.round.name)),
        ("window", f"{reader.time(detail.starts_at)} – {reader.time(detail.window_ends_at)}"),
        ("walked", f"{reader.time(detail.started_at)} – {reader.time(detail.finished_at)}"),
        ("person", detail.person.display_name if detail.person else reader.word("nobody")),
        ("state", reader.word(detail.state) + (f" ({reader.word('late')})" if detail.is_late else "")),
        ("zone", str(reader.zone)),
        ("made", reader.time(now)),
    ]
    if detail.cause:
        text = detail.cause.get("text")
        rows.insert(6, ("cause", reader.label(_as_label(text)) if isinstance(text, dict) else str(text)))
    return [(reader.word(key), value) for key, value in rows]


def _figures(reader: Reader, detail: RoundDetail) -> list[tuple[str, str]]:
    states = [leg.state for leg in detail.legs]
    found = rates(
        [
            RoundFacts(
                site=detail.site_id,
                route=detail.route_id,
                person=None,
                month="",
                due=len(states) - states.count("excused"),
                on_time=states.count("done"),
                late=states.count("late"),
                missed=states.count("missed") + states.count("pending"),
                scans=len(detail.scans),
                exceptions=sum(
                    row.settled_as != "innocent" and row.code != LATE for row in detail.shown_exceptions
                ),
            )
        ]
    )
    return [
        (reader.word("completion"), percent(found.completion)),
        (reader.word("on_time"), percent(found.on_time)),
        (reader.word("missed_rate"), percent(found.missed)),
        (reader.word("exceptions"), str(len(detail.shown_exceptions))),
    ]


def percent(share: float | None) -> str:
    """A share as people write it."""
    return "–" if share is None else f"{share * 100:.1f} %"


def _legs(reader: Reader, detail: RoundDetail) -> list[dict[str, str]]:
    by_id = {scan.id: scan for scan in detail.scans}
    rows = []
    for number, leg in enumerate(detail.legs, 1):
        scan = by_id.get(leg.scan_id or "")
        rows.append(
            {
                "number": str(number),
                "name": reader.name(leg.checkpoint_id),
                "due": reader.time(leg.due_at),
                "at": reader.time(leg.done_at),
                "state": reader.word(leg.state),
                "proof": reader.word(leg.strength) if leg.strength else "–",
                "why": _why(reader, scan),
            }
        )
    return rows


def _why(reader: Reader, scan: ScanRead | None) -> str:
    if scan is None:
        return "–"
    said = [reader.label(reason.text) for reason in scan.reasons]
    if scan.uncertain_s:
        said.append(f"±{scan.uncertain_s} s")
    return " · ".join(said)


def _as_label(value: object) -> Mapping[str, str]:
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, Mapping) else {}


def _findings(session: Session, reader: Reader, round_id: int) -> list[tuple[str, ...]]:
    rows = session.scalars(select(Finding).where(Finding.round_id == round_id).order_by(Finding.at))
    return [
        (
            reader.time(row.at),
            row.text + (f"\n{reader.word('standard')}: {row.standard}" if row.standard else ""),
            reader.word(row.severity),
            reader.time(row.deadline),
            f"#{row.ticket_id}" if row.ticket_id else "–",
        )
        for row in rows
    ]


def _plans(
    session: Session, reader: Reader, detail: RoundDetail, scratch: Path, pictures: dict[str, Path]
) -> list[dict[str, object]]:
    marks: dict[int, list[dict[str, object]]] = {}
    for number, leg in enumerate(detail.legs, 1):
        spot = reader.checkpoints.get(leg.checkpoint_id)
        if spot is not None and spot.plan_id is not None and spot.x is not None:
            is_missed = leg.state in {"missed", "pending"}
            marks.setdefault(spot.plan_id, []).append(
                {"x": spot.x, "y": spot.y, "label": str(number), "missed": is_missed}
            )
    shown: list[dict[str, object]] = []
    for plan_id, found in sorted(marks.items()):
        plan = session.get(FloorPlan, plan_id)
        if plan is None:
            continue
        picture = f"plan-{plan_id}.{_SUFFIX[plan.media_type]}"
        (scratch / picture).write_bytes(plan.image)
        pictures[picture] = scratch / picture
        width_mm = min(PLAN_MM, PLAN_HEIGHT_MM * plan.width / plan.height)
        shown.append(
            {
                "name": reader.label(plan.name),
                "picture": picture,
                "width": plan.width,
                "height": plan.height,
                "shown_mm": width_mm,
                "marks": found,
            }
        )
    return shown


def _photos(
    session: Session, reader: Reader, detail: RoundDetail, folder: Path, pictures: dict[str, Path]
) -> list[dict[str, str]]:
    told = [
        (photo, f"{reader.name(scan.checkpoint_id)}  {reader.time(scan.at)}  {scan.person.display_name}")
        for scan in detail.scans
        for photo in scan.photo_ids
    ]
    found = session.scalars(select(Finding).where(Finding.round_id == detail.id).order_by(Finding.at))
    told += [(photo, f"{reader.time(row.at)}  {row.text}") for row in found for photo in row.photo_ids]
    shown: list[dict[str, str]] = []
    for photo_id, text in told[:MOST_PHOTOS]:
        picture = _take(session, photo_id, folder, pictures)
        if picture is not None:
            shown.append({"picture": picture, "text": text})
    return shown


def _signature(session: Session, detail: RoundDetail, folder: Path, pictures: dict[str, Path]) -> str | None:
    return _take(session, detail.signature_id, folder, pictures) if detail.signature_id else None


def _take(session: Session, photo_id: str, folder: Path, pictures: dict[str, Path]) -> str | None:
    """The name under which the document has the photo; None where it has not arrived or was removed."""
    photo = session.get(Photo, photo_id)
    path = photos.file_of(photo, folder) if photo is not None else None
    if photo is None or path is None:
        return None
    name = f"{photo_id}.{_SUFFIX[photo.media_type]}"
    pictures[name] = path
    return name


def window_of_month(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """[start, end) of a month YYYY-MM in the site's zone. Raises ValueError."""
    start = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
    return start, (start + timedelta(days=32)).replace(day=1)


def rows_of(report: RoundReport) -> Sequence[tuple[str, Sequence[tuple[str, ...]]]]:
    """The tables of a report with the keys of their titles, for a workbook."""
    legs = [tuple(leg.values()) for leg in report.legs]
    return (
        ("checkpoints", legs),
        ("answers", report.answers),
        ("gauges", report.gauges),
        ("findings", report.findings),
        ("exceptions", report.exceptions),
    )
