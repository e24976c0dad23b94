"""Points whose values people type: made with the form that asks for them.

They come from the device ``patrol``, which only the server may speak for, and their readings have the
quality MANUAL; a point that has a sensor is never written over.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.devices import connect_point
from server.assets.models import Point
from server.assets.profiles import PointSpec
from server.assets.service import bump_catalogue, get_asset
from server.forms.items import Item, NumberItem

TYPED_DEVICE = "patrol"
SELDOM_S = 86_400.0 * 31
"""How often such a value is expected, at least; people read gauges when a plan says so."""


def with_points(session: Session, form_key: str, items: Sequence[Item]) -> list[Item]:
    """The items, each number that is a reading of an asset with its point. Raises NotFound for the asset."""
    found = [
        _with_point(session, form_key, item)
        if isinstance(item, NumberItem) and item.reading_of is not None
        else item
        for item in items
    ]
    if found != list(items):
        bump_catalogue(session)
    return found


def _with_point(session: Session, form_key: str, item: NumberItem) -> NumberItem:
    assert item.reading_of is not None
    asset = get_asset(session, item.reading_of)
    source = f"{form_key}.{item.key}"[:64]
    known = session.scalar(select(Point).where(Point.device_id == TYPED_DEVICE, Point.source == source))
    if known is not None and known.asset_id == asset.id:
        return item.model_copy(update={"point_id": known.id})
    if known is not None:  # it is read at another machine now: what was read there stays there
        source = f"{source[:50]}.{asset.id}"
    spec = PointSpec(
        key=f"{form_key}-{item.key}"[:64],
        name=item.name,
        kind="analog",
        quantity="reading",
        unit=item.unit,
        interval_s=SELDOM_S,
        physical=item.possible,
        decimals=item.decimals,
    )
    point = connect_point(session, asset, spec, device=TYPED_DEVICE, source=source, take_over=True)
    return item.model_copy(update={"point_id": point.id})
