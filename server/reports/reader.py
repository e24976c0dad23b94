"""What all parts of a printed report need to say something in the reader's language and the site's zone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import Label
from server.patrol.checkpoints.models import Checkpoint
from server.reports.words import Language, word
from server.shifts.queries import zone_of


class Reader:
    """Words, times and names as one reader wants them."""

    def __init__(
        self, session: Session, *, site_id: int, checkpoints: Collection[int], language: Language
    ) -> None:
        """``checkpoints``: ids of those whose names will be asked for."""
        self.language = language
        self.zone: ZoneInfo = zone_of(session, site_id)
        rows = session.scalars(select(Checkpoint).where(Checkpoint.id.in_(sorted(checkpoints))))
        self.checkpoints = {row.id: row for row in rows}

    def word(self, key: str) -> str:
        return word(key, self.language)

    def label(self, label: Mapping[str, str] | Label | None) -> str:
        return "" if label is None else str(label["zh" if self.language == "zh" else "en"])

    def time(self, at: datetime | None) -> str:
        return "–" if at is None else f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"

    def name(self, checkpoint_id: int | None) -> str:
        found = self.checkpoints.get(checkpoint_id or 0)
        return "–" if found is None else self.label(found.name)
