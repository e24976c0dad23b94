from __future__ import annotations

from sqlalchemy import func, select

from server.alarms.models import AlarmEvent
from server.clock import to_ms
from server.db import reading
from server.rules.apply import apply_all
from server.rules.evaluate import Engine
from server.tickets.models import TicketEvent
from telemetry.reading import Reading
from tests.server.alarms.scenes import Plant


def test_flapping_for_hours_is_one_alarm_and_one_ticket_with_a_short_history(plant: Plant) -> None:
    """The whole way from readings to rows: over the limit for 90 s, under it for 90 s, for eight hours."""
    engine = Engine()
    start_ms = to_ms(plant.now)
    engine.load(plant.known.plan, start_ms)
    for hour in range(8):
        at_ms = start_ms + hour * 3_600_000
        values = [(at_ms + step * 10_000, 95.0 if step % 18 < 9 else 60.0) for step in range(360)]
        found = engine.feed(Reading(plant.point, at, value) for at, value in values)
        apply_all(plant.db, [t for t in found if t.rule == plant.rule], plant.known, now=plant.now)
    [alarm], [ticket] = plant.alarms(), plant.tickets()
    assert alarm.occurrences == 160
    assert ticket.recurrences == 159
    with reading(plant.db) as session:
        assert (session.scalar(select(func.count(AlarmEvent.id))) or 0) <= 8 * 20 + 1
        assert (session.scalar(select(func.count(TicketEvent.id))) or 0) <= 9
