"""Work calendars that come with the product, as YAML files below ``calendars``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.assets.profiles import Name
from server.assets.yaml_file import read
from server.errors import Label, NotFound
from server.shifts.calendar import DayKind

FOLDER = Path(__file__).parent / "calendars"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DaysEntry(_Entry):
    first: Annotated[date, Field(alias="from")]
    to: date | None = None
    kind: Literal["work", "off"]
    name: Name

    def days(self) -> Iterator[date]:
        """Each day of it."""
        count = ((self.to or self.first) - self.first).days + 1
        return (self.first + timedelta(days=number) for number in range(count))


class ShippedCalendar(_Entry):
    name: Name
    days: list[DaysEntry]

    def entries(self) -> Iterator[tuple[date, DayKind, Label]]:
        """(day, what it is, its name), in the order of the file."""
        return ((day, entry.kind, entry.name) for entry in self.days for day in entry.days())


@cache
def shipped_calendars() -> dict[str, ShippedCalendar]:
    """Each by its key, the name of its file."""
    return {path.stem: read(path, ShippedCalendar) for path in sorted(FOLDER.glob("*.yaml"))}


def shipped_calendar(key: str) -> ShippedCalendar:
    """Raises NotFound."""
    found = shipped_calendars().get(key)
    if found is None:
        raise NotFound(f"There is no calendar {key}.", f"没有日历 {key}。")
    return found
