"""Pictures that planners show to whoever walks: of a checkpoint, or of what an item of a form means.

They are part of the plan, not of what people recorded: everybody who may see forms sees them, and no
retention removes them.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from io import BytesIO
from uuid import uuid4

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.service import Actor
from server.errors import Invalid, NotFound
from server.forms.models import Picture

LARGEST = 1024 * 1024
TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
MOST_PIXELS = 50_000_000


def add_picture(session: Session, *, now: datetime, by: Actor, image: bytes) -> Picture:
    """Keep a picture; the same bytes again are the same picture. Raises Invalid for what is none, or too large."""
    if len(image) > LARGEST:
        raise Invalid("A picture has 1 MB at most.", "图片不能超过 1 MB。", code="too_large")
    media_type, width, height = read_image(image)
    sha256 = hashlib.sha256(image).hexdigest()
    known = session.scalar(select(Picture).where(Picture.sha256 == sha256))
    if known is not None:
        return known
    row = Picture(
        id=str(uuid4()),
        sha256=sha256,
        media_type=media_type,
        width=width,
        height=height,
        image=image,
        created_at=now,
        created_by=by.name,
    )
    session.add(row)
    session.flush()
    detail: dict[str, object] = {"bytes": len(image), "sha256": sha256}
    audit.record(
        session, now=now, actor=by, action="picture.added", subject=("picture", row.id), detail=detail
    )
    return row


def get_picture(session: Session, picture_id: str) -> Picture:
    """Raises NotFound."""
    row = session.get(Picture, picture_id)
    if row is None:
        raise NotFound("There is no such picture.", "没有此图片。")
    return row


def address_of(picture_id: str | None) -> str | None:
    """Where a picture is to be had."""
    return None if picture_id is None else f"/api/v1/forms/pictures/{picture_id}"


def read_image(data: bytes) -> tuple[str, int, int]:
    """(media type, width, height) of a picture. Raises Invalid for what is none, or has too many pixels."""
    try:
        with Image.open(BytesIO(data), formats=tuple(TYPES.values())) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise Invalid("The picture has too many pixels.", "图片像素过多。", code="too_large")
            image.verify()
            media_type = next(key for key, value in TYPES.items() if value == image.format)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise Invalid(
            "This is no JPEG, PNG or WebP picture.", "不是 JPEG、PNG 或 WebP 图片。", code="not_a_picture"
        ) from error
    return media_type, width, height
