"""What a condition is. Data, written by people: every message names the path of what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

MOST_LEAVES = 64
MOST_DEPTH = 6

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]

Code = StrictInt | Annotated[StrictStr, Field(min_length=1, max_length=64)]
"""A state: the number or the short text the device sends."""

_NUMERIC = ("analog", "counter")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limit(_Part):
    """True at value > high, false again at value <= high - deadband; mirrored for low."""

    type: Literal["limit"]
    point: str
    high: Number | None = None
    low: Number | None = None
    deadband: Annotated[Number, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.high is None) == (self.low is None):
            raise ValueError("give exactly one of high and low; for both sides use any of two limits")
        return self


class State(_Part):
    """True while the value is one of ``any_of``, or none of ``none_of``."""

    type: Literal["state"]
    point: str
    any_of: Annotated[tuple[Code, ...], Field(max_length=64)] = ()
    none_of: Annotated[tuple[Code, ...], Field(max_length=64)] = ()

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if bool(self.any_of) == bool(self.none_of):
            raise ValueError("give exactly one of any_of and none_of, with at least one code")
        return self


class Flags(_Part):
    """True while any of these bits is set; bit 0 is the least significant."""

    type: Literal["flags"]
    point: str
    any_of: Annotated[tuple[Annotated[StrictInt, Field(ge=0, le=63)], ...], Field(min_length=1)]


class NoData(_Part):
    """True while any point of the asset is silent: no live reading for max(3 x its interval, 60 s)."""

    type: Literal["no_data"]


class All(_Part):
    type: Literal["all"]
    of: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=MOST_LEAVES)]


class AnyOf(_Part):
    type: Literal["any"]
    of: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=MOST_LEAVES)]


Condition = Annotated[Limit | State | Flags | NoData | All | AnyOf, Field(discriminator="type")]
Leaf = Limit | State | Flags | NoData

All.model_rebuild()
AnyOf.model_rebuild()

_ADAPTER: TypeAdapter[Limit | State | Flags | NoData | All | AnyOf] = TypeAdapter(Condition)


class InvalidCondition(ValueError):
    """A condition that cannot be used; ``problems`` are sentences, each beginning with a path."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def parse(data: object) -> Condition:
    """The condition written in ``data``; raises InvalidCondition with the path of everything wrong."""
    if _depth(data) > MOST_DEPTH:
        raise InvalidCondition([f"when: nested more than {MOST_DEPTH} levels deep"])
    try:
        condition = _ADAPTER.validate_python(data)
    except ValidationError as error:
        raise InvalidCondition(_sentences(error)) from None
    if sum(1 for _ in leaves(condition)) > MOST_LEAVES:
        raise InvalidCondition([f"when: more than {MOST_LEAVES} comparisons in one condition"])
    return condition


def check_points(condition: Condition, kinds: Mapping[str, str]) -> None:
    """Raises InvalidCondition where a point does not exist or has a kind this comparison cannot read.

    ``kinds``: kind (analog, state, flags, counter) by point key.
    """
    problems = [
        problem for path, leaf in leaves(condition) if (problem := _misfit(path, leaf, kinds)) is not None
    ]
    if problems:
        raise InvalidCondition(problems)


def leaves(condition: Condition, path: str = "when") -> Iterator[tuple[str, Leaf]]:
    """Every comparison with its path, in the order written."""
    if isinstance(condition, All | AnyOf):
        for index, child in enumerate(condition.of):
            yield from leaves(child, f"{path}.of[{index}]")
    else:
        yield path, condition


def point_keys(condition: Condition) -> set[str]:
    """The points a condition names; no_data names none and looks at all of the asset."""
    return {leaf.point for _, leaf in leaves(condition) if not isinstance(leaf, NoData)}


def _misfit(path: str, leaf: Leaf, kinds: Mapping[str, str]) -> str | None:
    if isinstance(leaf, NoData):
        return None
    kind = kinds.get(leaf.point)
    if kind is None:
        return f"{path}.point: there is no point {leaf.point!r} (there are: {', '.join(sorted(kinds))})"
    fits = {"limit": _NUMERIC, "state": ("state",), "flags": ("flags",)}[leaf.type]
    if kind not in fits:
        return f"{path}.point: {leaf.point!r} is of kind {kind}; {leaf.type} needs {' or '.join(fits)}"
    return None


def _sentences(error: ValidationError) -> list[str]:
    """One sentence a mistake; a list whose items are wrong is also reported as too short, which helps nobody."""
    found = [(_path(problem["loc"]), problem["type"], problem["msg"]) for problem in error.errors()]
    return [
        f"{path}: {message.removeprefix('Value error, ')}"
        for path, kind, message in found
        if kind != "too_short" or not any(other.startswith(f"{path}[") for other, _, _ in found)
    ]


def _depth(data: object) -> int:
    """Nesting of lists below ``of``; stops counting past the limit, so hostile depth costs nothing."""
    depth, level = 0, [data]
    while level and depth <= MOST_DEPTH:
        depth += 1
        lists = [part.get("of") for part in level if isinstance(part, dict)]
        level = [child for children in lists if isinstance(children, list | tuple) for child in children]
    return depth


def _path(location: tuple[int | str, ...]) -> str:
    """``("any", "of", 1, "limit", "high")`` becomes ``when.of[1].high``: pydantic names the types too."""
    path = "when"
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part not in ("any", "all", "limit", "state", "flags", "no_data"):
            path += f".{part}"
    return path
