"""What crosses HTTP about forms."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from server.assets.profiles import Key, Name
from server.errors import Label
from server.forms.items import MOST_ITEMS, Item, Items


class FormRead(BaseModel):
    id: int
    key: str
    name: Label
    version: int
    items: list[Item]


class FormIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: Key
    name: Name
    items: Annotated[list[Item], Field(min_length=1, max_length=MOST_ITEMS)]

    def checked(self) -> list[Item]:
        """The items, if they fit together. Raises ValueError."""
        return Items(items=self.items).items


class FormPoint(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    asset_id: int
    name: Label
    unit: str | None


class PictureRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    media_type: str
    width: int
    height: int
