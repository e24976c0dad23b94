"""What was filled in on a round, as a person reads it: answers of forms, and gauges against their sensors."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.forms.items import ITEMS, CheckItem, ChoiceItem, Item, NumberItem, PhotoItem, SignatureItem
from server.forms.models import FormVersion
from server.patrol.control.schemas import GaugeRead, RoundDetail
from server.reports.reader import Reader


def answers(session: Session, reader: Reader, detail: RoundDetail) -> list[tuple[str, ...]]:
    """(checkpoint, item, answer) of each item that has words; photos and signatures are shown elsewhere."""
    rows: list[tuple[str, ...]] = []
    for filled in detail.answers:
        items = _items(session, filled.form_id, filled.form_version)
        for key, value in filled.answers.items():
            item = items.get(key)
            if key.endswith(".photos") or isinstance(item, PhotoItem | SignatureItem):
                continue
            name = reader.label(item.name) if item is not None else key
            rows.append((reader.name(filled.checkpoint_id), name, _answer(reader, item, value)))
    return rows


def gauges(session: Session, reader: Reader, detail: RoundDetail) -> list[tuple[str, ...]]:
    """(item, time, what was read, what the sensor said at that minute, the difference)."""
    forms = {row.event_id: _items(session, row.form_id, row.form_version) for row in detail.answers}
    return [_gauge(reader, gauge, forms.get(gauge.event_id, {}).get(gauge.item)) for gauge in detail.gauges]


def _items(session: Session, form_id: int, version: int) -> dict[str, Item]:
    found = session.scalar(
        select(FormVersion).where(FormVersion.form_id == form_id, FormVersion.version == version)
    )
    return {} if found is None else {item.key: item for item in ITEMS.validate_python(found.items)}


def _answer(reader: Reader, item: Item | None, value: object) -> str:
    """As a person reads it. What does not fit its item is shown as it was sent: it is kept all the same."""
    if isinstance(item, NumberItem) and isinstance(value, int) and not isinstance(value, bool):
        return f"{value / 10**item.decimals:.{item.decimals}f} {item.unit or ''}".strip()
    if isinstance(item, ChoiceItem):
        names = {option.key: option.name for option in item.options}
        return reader.label(names[str(value)]) if str(value) in names else str(value)
    return reader.word(str(value)) if isinstance(item, CheckItem) else str(value)


def _gauge(reader: Reader, gauge: GaugeRead, item: Item | None) -> tuple[str, ...]:
    unit = gauge.unit or ""
    live, difference = reader.word("no_sensor"), "–"
    if gauge.live_value is not None:
        live = f"{gauge.live_value:g} {unit}".strip()
        difference = f"{gauge.value - gauge.live_value:+.3g} {unit}".strip()
    name = reader.label(item.name) if item is not None else gauge.item
    return name, reader.time(gauge.at), f"{gauge.value:g} {unit}".strip(), live, difference
