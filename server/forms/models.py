"""Tables of forms, of every version they ever had, and of the pictures that explain what is meant."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime
from server.errors import Label


class Form(Base):
    """A form as it is now. Answers name the version they were given to."""

    __tablename__ = "forms"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Label] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    items: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    """As server.forms.items.Item describes them."""
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FormVersion(Base):
    """One version of a form. Rows are added and never changed."""

    __tablename__ = "form_versions"

    form_id: Mapped[int] = mapped_column(ForeignKey("forms.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Label] = mapped_column(JSON)
    items: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(120))


class Picture(Base):
    """A picture that planners show: what an item of a form means, what a checkpoint looks like. Never changed."""

    __tablename__ = "pictures"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    image: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(120))
