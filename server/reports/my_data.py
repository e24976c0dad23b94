"""What is recorded about one person, as a workbook: the right to see it, in a form to take away."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Asset, Space
from server.errors import Label
from server.identity.models import User
from server.identity.person import CurrentUser
from server.patrol.checkpoints.models import Checkpoint
from server.patrol.on_site.schemas import FindingRead
from server.patrol.phone import mine
from server.patrol.phone.schemas import MineRead, MyContest, MyException, MyScan
from server.patrol.proof.reasons import REASONS
from server.patrol.rounds.models import Round
from server.patrol.safety.schemas import SosRead
from server.patrol.safety.whereabouts import site_of
from server.reports.sheets import Cell, Sheet
from server.reports.words import Language, word
from server.shifts.queries import zone_of

_DEGREES = "0.0000000"
_HEADERS = {
    "my_phones": ("phone", "app", "first_seen", "last_seen"),
    "my_scans": (
        "at", "received", "round", "checkpoint", "how", "proof", "why", "latitude", "longitude", "accuracy_m",
    ),
    "exceptions": ("at", "what", "round", "checkpoint", "settled"),
    "my_contests": ("at", "round", "checkpoint", "what", "decided", "decision", "comment"),
    "findings": (
        "at", "what", "standard", "severity", "round", "checkpoint", "asset", "owner", "deadline", "ticket",
        "fixed", "photos", "rechecks",
    ),
    "my_calls": (
        "at", "received", "kind", "what", "checkpoint", "latitude", "longitude", "accuracy_m", "acknowledged",
        "acknowledged_by", "cancelled", "closed",
    ),
}  # fmt: skip
_FORMATS = {"my_scans": {7: _DEGREES, 8: _DEGREES}, "my_calls": {5: _DEGREES, 6: _DEGREES}}


class _Names(NamedTuple):
    """What ids are called, in the reader's language and the site's zone."""

    language: Language
    zone: ZoneInfo
    rounds: Mapping[int, Label]
    checkpoints: Mapping[int, Label]
    assets: Mapping[int, Label]
    people: Mapping[int, str]

    def word(self, key: str | None) -> str | None:
        return None if key is None else word(key, self.language)

    def label(self, label: Label) -> str:
        return label["zh"] if self.language == "zh" else label["en"]

    def of(self, known: Mapping[int, Label], row_id: int | None) -> str | None:
        """Its name; its number where the row is gone."""
        if row_id is None:
            return None
        return self.label(known[row_id]) if row_id in known else f"#{row_id}"

    def time(self, at: datetime | None) -> datetime | None:
        return None if at is None else at.astimezone(self.zone)


def my_sheets(session: Session, *, user: CurrentUser, language: Language, now: datetime) -> list[Sheet]:
    """Sheets: a summary with how long things are kept, then one a kind, each complete and newest first."""
    found = mine.read(session, user=user, now=now, most=None)
    names = _names(session, found, user_id=user.id, language=language, now=now)
    phones: list[list[Cell]] = [
        [row.id, row.app, names.time(row.first_seen), names.time(row.last_seen)] for row in found.phones
    ]
    tables = {
        "my_phones": phones,
        "my_scans": [_scan(row, names) for row in found.scans],
        "exceptions": [_exception(row, names) for row in found.exceptions],
        "my_contests": [_contest(row, names) for row in found.contests],
        "findings": [_finding(row, names) for row in found.findings],
        "my_calls": [_call(row, names) for row in found.sos],
    }
    return [_summary(found, names, user=user, now=now)] + [
        Sheet(
            word(title, language),
            [word(name, language) for name in _HEADERS[title]],
            rows,
            _FORMATS.get(title, {}),
        )
        for title, rows in tables.items()
    ]


def _names(session: Session, found: MineRead, *, user_id: int, language: Language, now: datetime) -> _Names:
    first = select(Space.id).where(Space.kind == "site").order_by(Space.id).limit(1)
    site = site_of(session, user_id, at=now) or session.scalar(first)
    rounds = {
        *(row.round_id for row in found.scans),
        *(row.round_id for row in found.exceptions),
        *(row.round_id for row in found.contests),
        *(row.round_id for row in found.findings),
    }
    chosen = select(Round.id, Round.name).where(Round.id.in_(rounds))
    return _Names(
        language=language,
        zone=ZoneInfo("UTC") if site is None else zone_of(session, site),
        rounds={row.id: row.name for row in session.execute(chosen)},
        checkpoints={row.id: row.name for row in session.execute(select(Checkpoint.id, Checkpoint.name))},
        assets={row.id: row.name for row in session.execute(select(Asset.id, Asset.name))},
        people={row.id: row.display_name for row in session.execute(select(User.id, User.display_name))},
    )


def _summary(found: MineRead, names: _Names, *, user: CurrentUser, now: datetime) -> Sheet:
    facts: list[tuple[str, Cell]] = [
        ("name", names.people.get(user.id, user.name)),
        ("made", names.time(now)),
        ("zone", names.zone.key),
        ("my_events", found.events),
        ("photos", found.photos),
        ("places_kept_days", found.places_kept_days),
        ("photos_kept_days", found.photos_kept_days),
    ]
    rows = [(names.word(key), value) for key, value in facts]
    return Sheet(word("my_data", names.language), ["", ""], rows)


def _scan(row: MyScan, names: _Names) -> list[Cell]:
    return [
        names.time(row.at),
        names.time(row.received_at),
        names.of(names.rounds, row.round_id),
        names.of(names.checkpoints, row.checkpoint_id),
        names.word(f"how_{row.how}"),
        names.word(row.strength.value),
        "\n".join(names.label(REASONS[code].text) if code in REASONS else code for code in row.reasons),
        _degrees(row.lat_e7),
        _degrees(row.lng_e7),
        row.accuracy_m,
    ]


def _exception(row: MyException, names: _Names) -> list[Cell]:
    return [
        names.time(row.at),
        names.label(row.detail),
        names.of(names.rounds, row.round_id),
        names.of(names.checkpoints, row.checkpoint_id),
        names.word(row.settled_as or "open"),
    ]


def _contest(row: MyContest, names: _Names) -> list[Cell]:
    decision = {None: "open", True: "granted", False: "denied"}[row.is_granted]
    return [
        names.time(row.at),
        names.of(names.rounds, row.round_id),
        names.of(names.checkpoints, row.checkpoint_id),
        row.reason,
        names.time(row.decided_at),
        names.word(decision),
        row.comment,
    ]


def _finding(row: FindingRead, names: _Names) -> list[Cell]:
    return [
        names.time(row.at),
        row.text,
        row.standard,
        names.word(row.severity),
        names.of(names.rounds, row.round_id),
        names.of(names.checkpoints, row.checkpoint_id),
        names.of(names.assets, row.asset_id),
        None if row.owner_id is None else names.people.get(row.owner_id, f"#{row.owner_id}"),
        names.time(row.deadline),
        row.ticket_id,
        names.time(row.fixed_at),
        "\n".join(row.photo_ids),
        "\n".join(json.dumps(one, ensure_ascii=False, sort_keys=True) for one in row.rechecks),
    ]


def _call(row: SosRead, names: _Names) -> list[Cell]:
    place = row.place or {}
    return [
        names.time(row.at),
        names.time(row.received_at),
        names.word(f"call_{row.kind}"),
        row.message,
        names.of(names.checkpoints, row.checkpoint_id),
        _degrees(place.get("lat_e7")),
        _degrees(place.get("lng_e7")),
        _whole(place.get("accuracy_m")),
        names.time(row.acknowledged_at),
        row.acknowledged_by,
        names.time(row.cancelled_at),
        names.time(row.closed_at),
    ]


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _degrees(value: object) -> float | None:
    """From 1e-7 degrees, as phones send them."""
    found = _whole(value)
    return None if found is None else found / 1e7
