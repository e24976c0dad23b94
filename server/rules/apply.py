"""From transitions to alarms and tickets. Telling the same twice changes nothing, so a crash may repeat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from server.alarms import from_rules as alarms
from server.alarms.lifecycle import AlarmState, Severity
from server.alarms.models import Alarm, StoredFact
from server.alarms.service import latest
from server.clock import from_ms
from server.db import changes_of, note_change, steady, transaction
from server.errors import Label
from server.incidents import service as incidents
from server.rules.compiled import Fact
from server.rules.queries import Watchlist
from server.rules.transition import Transition
from server.tickets.lifecycle import TicketStatus
from server.tickets.models import Ticket

log = structlog.get_logger("rules")

_BAND = ("left_band", "entered_band")


def apply_all(
    sessions: sessionmaker[Session], found: Sequence[Transition], known: Watchlist, *, now: datetime
) -> frozenset[str]:
    """Apply in one transaction; gives the nouns that changed. Raises OperationalError while the database is away.

    Where the database refuses one of them, each gets a transaction of its own and that one is
    reported and left out: it must not stop the others.
    """
    wanted = coalesce(found)
    try:
        return _apply_together(sessions, wanted, known, now)
    except (OperationalError, InterfaceError):
        raise
    except (SQLAlchemyError, ValueError, LookupError, TypeError) as error:
        if len(wanted) == 1:
            log.exception("a transition could not be applied", transition=msgspec.to_builtins(wanted[0]))
            return frozenset()
        log.warning("applying one by one", transitions=len(wanted), error=str(error))
        return frozenset().union(*(apply_all(sessions, [one], known, now=now) for one in wanted))


def coalesce(found: Iterable[Transition]) -> list[Transition]:
    """Without crossings that the same rule and asset left behind within these transitions."""
    kept: list[Transition] = []
    seen: set[tuple[int, int]] = set()
    for transition in reversed(list(found)):
        key = (transition.rule, transition.asset)
        if transition.kind not in _BAND or key not in seen:
            kept.append(transition)
        seen.add(key)
    return kept[::-1]


def _apply_together(
    sessions: sessionmaker[Session], wanted: Iterable[Transition], known: Watchlist, now: datetime
) -> frozenset[str]:
    with transaction(sessions) as session, steady(session):
        for transition in wanted:
            _apply_one(session, transition, known, now)
            session.flush()
    return changes_of(session)


def _apply_one(session: Session, found: Transition, known: Watchlist, now: datetime) -> None:
    key = (found.rule, found.asset)
    if found.kind in _BAND:
        since = from_ms(found.at_ms) if found.kind == "entered_band" else None
        if _is_followed(session, latest(session, *key)):
            alarm = alarms.note_band(session, key=key, in_band_since=since, mark=found.mark)
            _hint_ticket(session, alarm)
    elif found.kind == "severity":
        alarm = alarms.change_severity(
            session,
            now=now,
            key=key,
            severity=Severity(found.severity),
            at=from_ms(found.at_ms),
            mark=found.mark,
        )
        if alarm is not None:
            incidents.handle_severity(session, now=now, alarm=alarm)
    elif found.kind == "reminded":
        alarm = alarms.remind(session, now=now, key=key, at=from_ms(found.at_ms), mark=found.mark)
        if alarm is not None:
            incidents.handle_reminded(session, now=now, alarm=alarm)
    elif found.kind == "raised":
        _raise(session, found, known, now)
    else:
        alarm = alarms.return_alarm(
            session,
            now=now,
            key=key,
            at=from_ms(found.at_ms),
            since=from_ms(found.since_ms),
            mark=found.mark,
            kind=found.kind,
        )
        if alarm is not None:
            incidents.handle_returned(session, now=now, alarm=alarm)
        _hint_ticket(session, alarm)


def _raise(session: Session, found: Transition, known: Watchlist, now: datetime) -> None:
    info = known.rules[found.rule]
    at = from_ms(found.at_ms)
    alarm = alarms.raise_alarm(
        session,
        now=now,
        rule=info.label._replace(severity=Severity(found.severity or info.label.severity)),
        asset_id=found.asset,
        at=at,
        since=from_ms(found.since_ms),
        mark=found.mark,
        facts=[_stored(fact, known) for fact in found.facts],
    )
    if alarm is not None:
        incidents.handle_raised(
            session, now=now, alarm=alarm, verify_s=info.verify_s, opens_ticket=info.opens_ticket
        )


def _is_followed(session: Session, alarm: Alarm | None) -> bool:
    """Whether anyone wants to know when this one crosses: it is open, or its ticket waits for proof."""
    if alarm is None:
        return False
    if alarm.state != AlarmState.NORMAL:
        return True
    ticket = session.get(Ticket, alarm.ticket_id) if alarm.ticket_id is not None else None
    return ticket is not None and ticket.status != TicketStatus.CLOSED


def _hint_ticket(session: Session, alarm: Alarm | None) -> None:
    if alarm is not None and alarm.ticket_id is not None:
        note_change(session, "tickets")


def _of_rule(name: Label, words: Label) -> Label:
    return Label(en=f"{name['en']}: {words['en']}", zh=f"{name['zh']}：{words['zh']}")


def _stored(fact: Fact, known: Watchlist) -> StoredFact:
    if fact.relation == "cannot_judge" and isinstance(fact.limit, float):  # it says which rule
        rule = known.rules.get(int(fact.limit))
        stored = StoredFact(point=fact.point, relation=fact.relation, value=None, limit=None, deadband=0.0)
        if fact.words is not None:
            stored["words"] = fact.words if rule is None else _of_rule(rule.label.name, fact.words)
        return stored
    return StoredFact(
        point=fact.point,
        relation=fact.relation,
        value=fact.value,
        limit=fact.limit,
        deadband=fact.deadband,
    )
