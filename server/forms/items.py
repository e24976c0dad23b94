"""What a form may ask for."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from server.assets.profiles import Finite, Key, Name

MOST_ITEMS = 200
Severity = Literal["critical", "high", "medium", "low"]


class Condition(BaseModel):
    """The item is asked only where an earlier one was answered with one of these."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: Key
    any_of: Annotated[list[str | int | bool], Field(min_length=1, max_length=50)]


class _Item(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    name: Name
    help: Name | None = None
    picture_id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")] | None = None
    """A picture that shows what is meant."""
    required: bool = True
    when: Condition | None = None


class CheckItem(_Item):
    """Pass, fail, or not applicable."""

    type: Literal["check"]
    photo_on_fail: bool = False
    severity: Severity = "medium"
    """Of the finding that a fail makes."""


class NumberItem(_Item):
    """A number in a unit. Outside of its limits it is a finding; outside of what is possible it is refused."""

    type: Literal["number"]
    unit: Annotated[str, Field(max_length=24)] | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] = 0
    """The answer is an integer: the number times ten to the power of this."""
    low: Finite | None = None
    high: Finite | None = None
    possible: tuple[Finite, Finite] | None = None
    reading_of: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    """Asset whose reading the typed value is; the point for it is made when the form is kept."""
    point_id: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    """Point that the typed value is a reading of."""
    compare_point_id: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    """Point whose live sensor it is compared with."""
    compare_tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Difference, in the unit, above which the comparison is a finding."""
    severity: Severity = "medium"

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("the lower limit stands above the upper one")
        if self.possible is not None and self.possible[0] > self.possible[1]:
            raise ValueError("the low end stands first")
        return self


class Option(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    name: Name
    finding: bool = False
    """Whether this choice is a defect."""


class ChoiceItem(_Item):
    type: Literal["choice"]
    options: Annotated[list[Option], Field(min_length=2, max_length=50)]
    severity: Severity = "medium"

    @model_validator(mode="after")
    def _options_once(self) -> Self:
        if len({option.key for option in self.options}) != len(self.options):
            raise ValueError("an option stands here twice")
        return self


class TextItem(_Item):
    type: Literal["text"]
    most: Annotated[int, Field(ge=1, le=4000)] = 1000


class PhotoItem(_Item):
    type: Literal["photo"]
    least: Annotated[int, Field(ge=1, le=20)] = 1
    most: Annotated[int, Field(ge=1, le=20)] = 5


class SignatureItem(_Item):
    """Drawn with a finger; kept as a photo."""

    type: Literal["signature"]


Item = Annotated[
    CheckItem | NumberItem | ChoiceItem | TextItem | PhotoItem | SignatureItem, Field(discriminator="type")
]


class Items(BaseModel):
    """The items of one form, in the order they are asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    items: Annotated[list[Item], Field(min_length=1, max_length=MOST_ITEMS)]

    @model_validator(mode="after")
    def _conditions_look_back(self) -> Self:
        seen: set[str] = set()
        for item in self.items:
            if item.key in seen:
                raise ValueError(f"the item {item.key} stands here twice")
            if item.when is not None and item.when.item not in seen:
                raise ValueError(
                    f"the item {item.key} depends on {item.when.item}, which is not asked before it"
                )
            seen.add(item.key)
        return self


ITEMS: TypeAdapter[list[Item]] = TypeAdapter(list[Item])
