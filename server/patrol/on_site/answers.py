"""Filled-in forms: kept whatever is wrong with them; typed values become readings to be."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db import insert_ignoring
from server.errors import Label
from server.forms.check import Defect, Refused, check, defects, number_of
from server.forms.items import ITEMS, Item, NumberItem
from server.forms.models import FormVersion
from server.patrol.checkpoints.models import Checkpoint
from server.patrol.evidence.events import Answered, PhoneEvent
from server.patrol.on_site.models import Finding, FormAnswers, TypedReading


def keep(
    session: Session, event: PhoneEvent, given: Answered, *, at: datetime, checkpoint: Checkpoint | None
) -> list[Refused]:
    """Keep the answers and make their defects findings; gives what is wrong with them."""
    kept = session.scalar(
        select(FormVersion.items).where(
            FormVersion.form_id == given.form_id, FormVersion.version == given.form_version
        )
    )
    items: list[Item] = [] if kept is None else ITEMS.validate_python(kept)
    refused = check(items, given.answers) if kept is not None else [_NO_FORM]
    values = {
        "event_id": event.id,
        "round_id": given.round_id,
        "checkpoint_id": given.checkpoint_id,
        "user_id": event.user_id,
        "form_id": given.form_id,
        "form_version": given.form_version,
        "at": at,
        "answers": given.answers,
        "problems": [{"item": one.item, "code": one.code, "text": one.text} for one in refused],
    }
    insert_ignoring(session, FormAnswers, [values])
    wrong = {one.item for one in refused}
    for defect in defects(items, given.answers):
        if defect.item not in wrong:
            session.add(_finding(event, given, defect, at=at, checkpoint=checkpoint))
    for item in items:
        answer = given.answers.get(item.key)
        if isinstance(item, NumberItem) and item.key not in wrong and type(answer) is int:
            session.add(_reading(event, item, number_of(item, answer), at=at))
    return refused


def _finding(
    event: PhoneEvent, given: Answered, defect: Defect, *, at: datetime, checkpoint: Checkpoint | None
) -> Finding:
    """What the form says is not in order; its id follows from the event, so that it is made once."""
    photos = given.answers.get(f"{defect.item}.photos")
    return Finding(
        id=str(uuid5(UUID(event.id), defect.item)),
        event_id=event.id,
        site_id=checkpoint.site_id if checkpoint else None,
        round_id=given.round_id,
        checkpoint_id=given.checkpoint_id,
        asset_id=checkpoint.asset_id if checkpoint else None,
        user_id=event.user_id,
        at=at,
        text=f"{defect.text['zh']} / {defect.text['en']}",
        severity=defect.severity,
        photo_ids=[str(photo) for photo in photos] if isinstance(photos, list) else [],
        rechecks=[],
    )


def _reading(event: PhoneEvent, item: NumberItem, value: float, *, at: datetime) -> TypedReading:
    return TypedReading(
        event_id=event.id,
        item=item.key,
        user_id=event.user_id,
        point_id=item.point_id,
        at=at,
        value=value,
        unit=item.unit,
        live_point_id=item.compare_point_id,
        tolerance=item.compare_tolerance,
    )


_NO_FORM = Refused(
    "",
    "unknown_form",
    Label(en="There is no such form; the answers are kept.", zh="没有此表单，答案已保留。"),
)
