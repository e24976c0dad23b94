"""A fire watch as a document: each of its rounds, every scan of them, and how far it is believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Asset, Space
from server.patrol.control import queries as control
from server.patrol.control.schemas import RoundRead
from server.patrol.evidence.models import PatrolEvent, Scan
from server.patrol.people import PersonRead, people_of
from server.patrol.proof.reasons import REASONS, text_of
from server.patrol.rounds.models import Round
from server.patrol.safety.models import FireWatch
from server.reports.reader import Reader
from server.reports.words import WORDS, Language, word


def fire_watch_log(
    session: Session, watch: FireWatch, *, language: Language, now: datetime
) -> dict[str, object]:
    """For the template ``fire_watch.typ``: texts in the reader's language and the site's zone."""
    found = session.scalars(
        select(Round).where(Round.fire_watch_id == watch.id).order_by(Round.starts_at, Round.id)
    ).all()
    rounds = control.read_rounds(session, found)
    scans = _scans(session, [row.id for row in rounds])
    everything = [scan for several in scans.values() for scan in several]
    places = {leg.checkpoint_id for row in rounds for leg in row.legs}
    places |= {scan.checkpoint_id for scan in everything if scan.checkpoint_id is not None}
    reader = Reader(session, site_id=watch.site_id, checkpoints=places, language=language)
    people = people_of(session, {scan.user_id for scan in everything})
    title = f"{reader.word('fire_watch_log')} {watch.id}"
    return {
        "title": title,
        "subtitle": reader.label(watch.reason),
        "language": language,
        "footer": f"Plantroom · {title} · {reader.time(now)}",
        "words": {key: word(key, language) for key in WORDS},
        "head": _head(session, reader, watch, now),
        "figures": _figures(reader, rounds, len(everything)),
        "rounds": [_round(reader, row, scans.get(row.id, []), people) for row in rounds],
        "digest": session.scalar(
            select(PatrolEvent.hash)
            .where(PatrolEvent.round_id.in_([row.id for row in rounds]))
            .order_by(PatrolEvent.number.desc())
            .limit(1)
        ),
    }


def _scans(session: Session, round_ids: Sequence[int]) -> dict[int, list[Scan]]:
    scans: dict[int, list[Scan]] = {}
    for scan in session.scalars(select(Scan).where(Scan.round_id.in_(round_ids)).order_by(Scan.at, Scan.id)):
        scans.setdefault(scan.round_id or 0, []).append(scan)
    return scans


def _head(session: Session, reader: Reader, watch: FireWatch, now: datetime) -> list[tuple[str, str]]:
    site, asset = session.get(Space, watch.site_id), session.get(Asset, watch.asset_id)
    ended = reader.word("started")
    if watch.ended_at is not None:
        ended = f"{reader.time(watch.ended_at)}  {watch.ended_by}"
    rows = [
        ("site", reader.label(site.name if site else None)),
        ("asset", reader.label(asset.name if asset else None)),
        ("cause", reader.label(watch.reason)),
        ("began", f"{reader.time(watch.began_at)}  {watch.began_by}"),
        ("ended", ended),
        ("interval", f"{watch.every_s // 60} {reader.word('minutes')}"),
        ("zone", str(reader.zone)),
        ("made", reader.time(now)),
    ]
    return [(reader.word(key), value) for key, value in rows]


def _figures(reader: Reader, rounds: Sequence[RoundRead], scans: int) -> list[tuple[str, str]]:
    figures = [
        ("rounds", len(rounds)),
        ("my_scans", scans),
        ("missed", sum(row.missed for row in rounds)),
        ("exceptions", sum(row.exceptions for row in rounds)),
    ]
    return [(reader.word(key), str(count)) for key, count in figures]


def _round(
    reader: Reader, row: RoundRead, scans: Sequence[Scan], people: Mapping[int, PersonRead]
) -> dict[str, object]:
    """Its checkpoints with the scans that did them, then the scans that did none."""
    by_id = {scan.id: scan for scan in scans}
    rows = []
    for leg in row.legs:
        scan = by_id.pop(leg.scan_id or "", None)
        rows.append(
            _row(reader, leg.checkpoint_id, leg.done_at, reader.word(leg.state), scan=scan, people=people)
        )
    rows += [
        _row(reader, scan.checkpoint_id, scan.at, reader.word("other_scan"), scan=scan, people=people)
        for scan in by_id.values()
    ]
    return {
        "time": f"{reader.time(row.starts_at)} – {reader.time(row.window_ends_at)}",
        "person": row.person.display_name if row.person else reader.word("nobody"),
        "state": reader.word(row.state),
        "rows": rows,
    }


def _row(
    reader: Reader,
    checkpoint_id: int | None,
    at: datetime | None,
    state: str,
    *,
    scan: Scan | None,
    people: Mapping[int, PersonRead],
) -> tuple[str, ...]:
    """(checkpoint, when, by whom, result, proof, why)."""
    if scan is None:
        return reader.name(checkpoint_id), reader.time(at), "–", state, "–", "–"
    person = people.get(scan.user_id)
    why = " · ".join(reader.label(text_of(code)) for code in scan.reasons if code in REASONS)
    return (
        reader.name(checkpoint_id),
        reader.time(at),
        person.display_name if person else "–",
        state,
        reader.word(scan.strength),
        why or "–",
    )
