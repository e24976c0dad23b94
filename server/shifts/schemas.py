"""What crosses HTTP about teams, shifts and the work calendar."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from server.db import RowId
from server.errors import Label
from server.identity.roles import Role

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["20:00"])]
Days = Literal["any", "work", "off"]
DayKind = Literal["work", "off"]
People = Annotated[list[RowId], Field(max_length=500)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Names(_Body):
    en: Text
    zh: Text

    def label(self) -> Label:
        return Label(en=self.en, zh=self.zh)


class PersonRead(BaseModel):
    id: int
    display_name: str
    role: Role
    disabled: bool


class ShiftRead(BaseModel):
    id: int
    team_id: int
    name: Label
    starts: str
    ends: str
    rrule: str
    days: Days
    valid_from: date
    valid_to: date | None
    members: list[PersonRead]


class TeamRead(BaseModel):
    id: int
    key: str
    name: Label
    site_id: int
    members: list[PersonRead]
    shifts: list[ShiftRead]


class TeamWrite(_Body):
    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    name: Names
    site_id: RowId
    members: People = []


class ShiftWrite(_Body):
    name: Names
    starts: TimeOfDay
    ends: TimeOfDay
    rrule: Annotated[str, Field(min_length=1, max_length=200)] = "FREQ=DAILY"
    days: Days = "any"
    valid_from: date
    valid_to: date | None = None
    members: People = []


class SubstitutionWrite(_Body):
    shift_id: RowId
    on: date
    user_id: RowId
    replaced_by: RowId | None = None
    """Null: away, and nobody stands in."""
    reason: Text | None = None


class SubstitutionRead(BaseModel):
    id: int
    shift_id: int
    on: date
    user: PersonRead
    replaced_by: PersonRead | None
    reason: str | None
    created_by: str
    created_at: datetime


class DutyRead(BaseModel):
    user: PersonRead
    replaces: PersonRead | None
    reason: str | None


class WorkingRead(BaseModel):
    """One working of a shift."""

    shift_id: int
    shift: Label
    team_id: int
    team: Label
    day: date
    starts_at: datetime
    ends_at: datetime
    people: list[DutyRead]
    absent: list[PersonRead]
    is_on: bool
    """Right now."""


class DayRead(BaseModel):
    day: date
    kind: DayKind
    name: Label | None
    """Why, where the calendar says something else than the weekday."""
    starts_at: datetime
    ends_at: datetime
    """Midnight to midnight on the site's clocks; 23 or 25 hours where they are changed."""


class WeekRead(BaseModel):
    site_id: int
    time_zone: str
    now: datetime
    days: list[DayRead]
    workings: list[WorkingRead]
    """All that touch the days, by time."""


class CalendarDayRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    day: date
    kind: DayKind
    name: Label


class CalendarDayWrite(_Body):
    kind: DayKind
    name: Names


class ShippedCalendarRead(BaseModel):
    key: str
    name: Label


class CalendarRead(BaseModel):
    days: list[CalendarDayRead]
    shipped: list[ShippedCalendarRead]
    """Lists that come with the product and can be taken over."""
