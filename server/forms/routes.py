"""HTTP of forms."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response
from pydantic import ValidationError

from server.assets.service import get_point
from server.db import RowId
from server.errors import Invalid
from server.forms import pictures, service
from server.forms.items import Item
from server.forms.models import Form
from server.forms.schemas import FormIn, FormPoint, FormRead, PictureRead
from server.identity.access import Engineer, Guard
from server.web.paging import Page
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["forms"])

FormId = Annotated[RowId, Path()]
PictureId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


@router.get("/forms", response_model=Page[FormRead])
def list_forms(_user: Guard, session: ReadSession) -> Page[FormRead]:
    """The forms in use."""
    items = [read(form) for form in service.all_forms(session)]
    return Page(items=items, total=len(items), next=None)


@router.get("/forms/{form_id}", response_model=FormRead)
def read_form(_user: Guard, session: ReadSession, form_id: FormId) -> FormRead:
    """One form as it is now."""
    return read(service.get_form(session, form_id))


@router.post("/forms", response_model=FormRead, status_code=201)
def create_form(user: Engineer, session: WriteSession, now: Now, wanted: FormIn) -> FormRead:
    """A new form."""
    items = _checked(wanted)
    return read(
        service.create(session, now=now, by=user.actor, key=wanted.key, name=wanted.name, items=items)
    )


@router.put("/forms/{form_id}", response_model=FormRead)
def change_form(user: Engineer, session: WriteSession, now: Now, form_id: FormId, wanted: FormIn) -> FormRead:
    """A new version of it; its key stays."""
    form = service.get_form(session, form_id)
    return read(
        service.change(session, form, now=now, by=user.actor, name=wanted.name, items=_checked(wanted))
    )


@router.delete("/forms/{form_id}", response_model=FormRead)
def retire_form(user: Engineer, session: WriteSession, now: Now, form_id: FormId) -> FormRead:
    """It is not offered any more; answers to it stay."""
    return read(service.retire(session, service.get_form(session, form_id), now=now, by=user.actor))


@router.get("/forms/points/{point_id}", response_model=FormPoint)
def read_form_point(_user: Engineer, session: ReadSession, point_id: Annotated[RowId, Path()]) -> FormPoint:
    """What a form compares with: the point with its asset."""
    return FormPoint.model_validate(get_point(session, point_id))


@router.post("/forms/pictures", response_model=PictureRead, status_code=201)
def add_picture(
    *,
    user: Engineer,
    session: WriteSession,
    now: Now,
    image: Annotated[bytes, Body(media_type="application/octet-stream")],
) -> PictureRead:
    """A picture for a checkpoint or an item of a form: JPEG, PNG or WebP, 1 MB at most, as the raw body."""
    return PictureRead.model_validate(pictures.add_picture(session, now=now, by=user.actor, image=image))


@router.get("/forms/pictures/{picture_id}", response_class=Response)
def read_picture(_user: Guard, session: ReadSession, picture_id: PictureId) -> Response:
    """The picture itself; it never changes."""
    row = pictures.get_picture(session, picture_id)
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    return Response(row.image, media_type=row.media_type, headers=headers)


def read(form: Form) -> FormRead:
    """A form as it crosses HTTP."""
    return FormRead.model_validate(
        {"id": form.id, "key": form.key, "name": form.name, "version": form.version, "items": form.items}
    )


def _checked(wanted: FormIn) -> list[Item]:
    try:
        return wanted.checked()
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise Invalid(f"The form does not fit together: {reason}.", f"表单前后不一致：{reason}。") from error
