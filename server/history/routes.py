"""HTTP of series."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AwareDatetime

from server.assets.service import get_point
from server.clock import to_ms
from server.db import RowId
from server.errors import Invalid
from server.history.schemas import HistoryRead
from server.history.stores import Stores
from server.identity.access import Viewer
from server.web.requests import Now, ReadSession

router = APIRouter(tags=["history"])

LONGEST = timedelta(days=366 * 20)


def stores_of(request: Request) -> Stores:
    return cast("Stores", request.app.state.stores)


StoresHere = Annotated[Stores, Depends(stores_of)]


@router.get("/points/{point_id}/history", response_model=HistoryRead)
def read_history(
    *,
    _user: Viewer,
    session: ReadSession,
    stores: StoresHere,
    now: Now,
    point_id: Annotated[RowId, Path()],
    since: Annotated[
        AwareDatetime | None, Query(alias="from", description="Default: a day before ``to``")
    ] = None,
    to: Annotated[AwareDatetime | None, Query(description="Default: now")] = None,
    max_samples: Annotated[int, Query(ge=10, le=10_000)] = 2000,
) -> HistoryRead:
    """One point over [from, to), in the finest resolution that fits ``max_samples``."""
    point = get_point(session, point_id)
    end = to or now
    try:
        start = since or end - timedelta(days=1)
        length = end - start
    except OverflowError:
        length = timedelta(0)
    if not timedelta(0) < length <= LONGEST:
        raise Invalid(
            "``from`` must lie before ``to``, by 20 years at most.",
            "开始时间须早于结束时间，且跨度不超过 20 年。",
            code="bad_range",
        )
    series = stores.get().series(point.id, to_ms(start), to_ms(end), max_samples=max_samples)
    samples = [
        (sample.at_ms, sample.min, sample.max, sample.mean, sample.last, sample.count, sample.quality)
        for sample in series.samples
    ]
    return HistoryRead(point=series.point, resolution=series.resolution, samples=samples)
