"""HTTP of live values: the latest ones, and a stream of Server-Sent Events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Annotated, cast

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from server.assets.queries import point_ids
from server.clock import to_ms
from server.db import RowId, reading
from server.errors import TooMany
from server.identity.access import Viewer, is_still_valid
from server.live.hub import NOUNS, PERSONAL, Hub
from server.live.schemas import LatestRead
from server.web.requests import AppContext, Context, Now, ReadSession
from telemetry.reading import Reading

router = APIRouter(tags=["live"])

PING_S = 15.0
READY = b"retry: 2000\n\nevent: ready\ndata: {}\n\n"
"""From here on nothing is missed; what a page read before may be old already, so it looks again."""
PING = b"event: ping\ndata: {}\n\n"
"""An event and not a comment: browsers hide comments, and a page could not tell a quiet stream from a dead one."""
FLUSH_S = 0.25
"""At most four flushes a second to each browser."""
MOST_STREAMS = 1000
_EVENT_STREAM = {"content": {"text/event-stream": {"schema": {"type": "string"}}}}

AssetIds = Annotated[list[RowId] | None, Query(alias="asset", max_length=500, description="Ids; none: all")]
Nouns = Annotated[
    list[str] | None,
    Query(
        alias="noun", max_length=20, description="Of which changes only, without any readings; none: of all"
    ),
]


def hub_of(request: Request) -> Hub:
    return cast("Hub", request.app.state.hub)


HubHere = Annotated[Hub, Depends(hub_of)]


@router.get("/readings/latest", response_model=LatestRead)
def read_latest(
    _user: Viewer, hub: HubHere, session: ReadSession, now: Now, assets: AssetIds = None
) -> LatestRead:
    """The latest value of each point of some assets, or of all."""
    points = None if assets is None else point_ids(session, assets)
    rows = [(found.point, found.at_ms, found.value, int(found.quality)) for found in hub.latest(points)]
    return LatestRead(readings=rows, now_ms=to_ms(now))


@router.get("/live", response_class=StreamingResponse, responses={200: _EVENT_STREAM})
async def stream_live(
    *,
    user: Viewer,
    hub: HubHere,
    context: AppContext,
    request: Request,
    assets: AssetIds = None,
    nouns: Nouns = None,
) -> StreamingResponse:
    """Events ``ready`` (all later changes are told), ``readings`` ([[point, at_ms, value, quality], ...], at most
    4 a second), ``changed`` ({noun}), ``ping``."""
    if hub.watchers >= MOST_STREAMS:
        raise TooMany("Too many screens watch at once.", "同时观看的屏幕过多。", retry_after_s=30)
    points: frozenset[int] | None = frozenset()
    if nouns is None:
        points = None if assets is None else await run_in_threadpool(_points, context, assets)
    return StreamingResponse(
        _events(request, hub, context, points=points, nouns=_heard(nouns, user.id)),
        media_type="text/event-stream",
        # a proxy that collects the answer first would show nothing at all
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


def _points(context: Context, assets: Collection[int]) -> frozenset[int]:
    with reading(context.sessions) as session:
        return point_ids(session, assets)


def _heard(nouns: Collection[str] | None, user_id: int) -> frozenset[str]:
    """What a stream hears of; of what is personal, its own person's part."""
    wanted = NOUNS if nouns is None else frozenset(nouns)
    return (wanted & NOUNS) | {f"{noun}-{user_id}" for noun in wanted & PERSONAL}


async def _events(
    request: Request,
    hub: Hub,
    context: Context,
    *,
    points: frozenset[int] | None,
    nouns: frozenset[str],
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    watcher = hub.watch(points, loop, nouns)
    checked = loop.time()
    try:
        yield READY
        while not hub.is_closed:
            readings, changed = await watcher.take(timeout_s=PING_S)
            if loop.time() - checked >= PING_S:
                checked = loop.time()
                if not await run_in_threadpool(is_still_valid, request, context):
                    return
                yield PING
            if readings or changed:
                yield encode(readings, changed)
                await asyncio.sleep(FLUSH_S)
    finally:
        hub.leave(watcher)


def encode(readings: Collection[Reading], nouns: Collection[str]) -> bytes:
    """The events of one flush."""
    parts: list[bytes] = []
    if readings:
        parts.append(b"event: readings\ndata: " + msgspec.json.encode(list(readings)) + b"\n\n")
    parts += [
        b"event: changed\ndata: " + msgspec.json.encode({"noun": noun.partition("-")[0]}) + b"\n\n"
        for noun in sorted(nouns)
    ]
    return b"".join(parts)
