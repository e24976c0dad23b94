"""The verbs on forms, and the only writer of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.service import Actor
from server.errors import Conflict, Label, NotFound
from server.forms.items import Item
from server.forms.models import Form, FormVersion
from server.forms.pictures import get_picture
from server.forms.typed_points import with_points


def create(
    session: Session, *, now: datetime, by: Actor, key: str, name: Label, items: Sequence[Item]
) -> Form:
    """A new form, version 1. Raises Conflict for a taken key, NotFound for a picture or asset that does not exist."""
    if session.scalar(select(Form.id).where(Form.key == key)) is not None:
        raise Conflict(f"There is already a form {key}.", f"表单 {key} 已存在。", code="key_taken")
    _require_pictures(session, items)
    form = Form(key=key, name=name, version=1, items=as_stored(with_points(session, key, items)))
    session.add(form)
    session.flush()
    _keep_version(session, form, now=now, by=by)
    _record(session, form, "form.created", now=now, by=by)
    return form


def change(
    session: Session, form: Form, *, now: datetime, by: Actor, name: Label, items: Sequence[Item]
) -> Form:
    """A new version, if anything differs; answers to the ones before stay readable. Raises NotFound as create."""
    _require_pictures(session, items)
    stored = as_stored(with_points(session, form.key, items))
    if form.name == name and form.items == stored:
        return form
    form.name, form.items, form.version = name, stored, form.version + 1
    session.flush()
    _keep_version(session, form, now=now, by=by)
    _record(session, form, "form.changed", now=now, by=by)
    return form


def retire(session: Session, form: Form, *, now: datetime, by: Actor) -> Form:
    """It is not offered any more."""
    if form.retired_at is None:
        form.retired_at = now
        _record(session, form, "form.retired", now=now, by=by)
    return form


def get_form(session: Session, form_id: int) -> Form:
    """Raises NotFound."""
    form = session.get(Form, form_id)
    if form is None:
        raise NotFound(f"There is no form number {form_id}.", f"没有编号为 {form_id} 的表单。")
    return form


def all_forms(session: Session) -> Sequence[Form]:
    """All that are offered, by key."""
    return session.scalars(select(Form).where(Form.retired_at.is_(None)).order_by(Form.key)).all()


def as_stored(items: Sequence[Item]) -> list[dict[str, object]]:
    """As they lie in the database."""
    return [item.model_dump(mode="json") for item in items]


def _require_pictures(session: Session, items: Sequence[Item]) -> None:
    for item in items:
        if item.picture_id is not None:
            get_picture(session, item.picture_id)


def _keep_version(session: Session, form: Form, *, now: datetime, by: Actor) -> None:
    session.add(
        FormVersion(
            form_id=form.id, version=form.version, name=form.name, items=form.items, at=now, by=by.name
        )
    )
    session.flush()


def _record(session: Session, form: Form, action: str, *, now: datetime, by: Actor) -> None:
    detail = {"key": form.key, "version": form.version}
    audit.record(session, now=now, actor=by, action=action, subject=("form", form.id), detail=detail)
