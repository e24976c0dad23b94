"""HTTP of dead letters and gateways."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query

from server.clock import from_ms
from server.identity.access import Admin, Engineer
from server.intake import service
from server.intake.models import Gateway
from server.intake.schemas import DeadLetterRead, GatewayRead
from server.web.paging import Cursor, Limit, Page, cut
from server.web.requests import ReadSession
from telemetry.messages import GatewayHealth

router = APIRouter(tags=["intake"])


@router.get("/dead-letters", response_model=Page[DeadLetterRead])
def list_dead_letters(
    _user: Admin,
    session: ReadSession,
    reason: Annotated[str | None, Query(max_length=64)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[DeadLetterRead]:
    """Messages that could not become readings, newest first."""
    found, total = service.dead_letters(session, reason=reason, before_id=cursor, limit=limit + 1)
    shown, more = cut(found, limit)
    items = [DeadLetterRead.model_validate(row) for row in shown]
    return Page(items=items, total=total, next=str(items[-1].id) if more else None)


@router.get("/gateways", response_model=Page[GatewayRead])
def list_gateways(_user: Engineer, session: ReadSession) -> Page[GatewayRead]:
    """The gateways and what they count."""
    items = [_gateway_read(row) for row in service.gateways(session)]
    return Page(items=items, total=len(items), next=None)


def _gateway_read(row: Gateway) -> GatewayRead:
    health = msgspec.convert(row.health, GatewayHealth)
    return GatewayRead(
        name=row.name,
        at=row.at,
        online=row.online,
        started_at=row.started_at,
        messages=health.messages,
        readings=health.readings,
        duplicates=health.duplicates,
        dead_letters=health.dead_letters,
        backfilled=health.backfilled,
        suspect=health.suspect,
        in_flight=health.in_flight,
        store_ok=health.store_ok,
        store_error=health.store_error,
        last_message_at=_moment(health.last_message_ms),
        spooled_readings=health.spooled_readings,
        spool_bytes=health.spool_bytes,
        spool_limit_bytes=health.spool_limit_bytes,
        spool_oldest_at=_moment(health.spool_oldest_ms),
        spool_full=health.spool_full,
        broker_waiting=health.broker_waiting,
        broker_dropped=health.broker_dropped,
    )


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else from_ms(at_ms)
