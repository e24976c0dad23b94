"""A month of a site: its rates by route and person, and every round with its result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import Label
from server.identity.models import User
from server.patrol.rounds.models import Route
from server.reports.facts import round_facts
from server.reports.kpi import Rates, RoundFacts, rates, rates_by
from server.reports.sheets import Sheet
from server.reports.words import Language, word

_RATES = ("rounds", "count", "completion", "on_time", "missed_rate", "exception_rate")
_FORMATS = {3: "0.0%", 4: "0.0%", 5: "0.0%", 6: "0.00"}


def month_sheets(
    session: Session, *, site_id: int, month: str, start: datetime, end: datetime, language: Language
) -> list[Sheet]:
    """Sheets: by route, by person."""
    facts = round_facts(session, start=start, end=end, site_id=site_id)
    together = f"{word('site', language)} {month}"
    routes = {row.id: _label(row.name, language) for row in session.scalars(select(Route))}
    people = {row.id: row.display_name for row in session.execute(select(User.id, User.display_name))}
    return [
        _sheet(["by_route", "route", together], facts, lambda fact: fact.route, routes, language),
        _sheet(["by_person", "person", together], facts, lambda fact: fact.person, people, language),
    ]


def _sheet(
    titles: list[str],
    facts: list[RoundFacts],
    key: Callable[[RoundFacts], int | None],
    names: dict[int, str],
    language: Language,
) -> Sheet:
    """``titles``: of the sheet, of its first column, of its last row."""
    title, first, together = titles
    found = rates_by(facts, key)
    rows: list[list[str | float | int | datetime | None]] = [
        [names.get(item, str(item)), *_cells(of)] for item, of in sorted(found.items())
    ]
    rows.append([together, *_cells(rates(facts))])
    return Sheet(word(title, language), [word(name, language) for name in (first, *_RATES)], rows, _FORMATS)


def _cells(of: Rates) -> list[float | int | None]:
    return [of.rounds, of.due, of.completion, of.on_time, of.missed, of.exceptions]


def _label(label: Label, language: Language) -> str:
    return label["zh"] if language == "zh" else label["en"]
