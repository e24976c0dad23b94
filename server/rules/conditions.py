"""What a condition is. Data, written by people: every message names the path of what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

from server.errors import Explained, Label
from server.rules.kinds.count import Count
from server.rules.kinds.deviation import Deviation, Gauge
from server.rules.kinds.drift import Drift
from server.rules.kinds.expected import Expected
from server.rules.kinds.flat import Flat
from server.rules.kinds.formula import Formula
from server.rules.kinds.limit import Band, Flags, Limit, State
from server.rules.kinds.no_data import NoData
from server.rules.kinds.rate import Rate
from server.rules.kinds.rule_fault import RuleFault
from server.rules.kinds.schedule import Schedule
from server.rules.learned.specs import Baseline, Ewma, Multivariate
from server.rules.parts import Part
from server.rules.problems import at, together
from server.web.validation import sentence

MOST_LEAVES = 64
MOST_DEPTH = 6

Leafy = (
    Limit
    | Band
    | State
    | Flags
    | NoData
    | Rate
    | Deviation
    | Gauge
    | Count
    | Flat
    | Drift
    | Expected
    | Schedule
    | Formula
    | RuleFault
    | Baseline
    | Ewma
    | Multivariate
)
"""Every comparison; ``table.COMPILERS`` has an entry for each."""


class All(Part):
    type: Literal["all"]
    of: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=MOST_LEAVES)]


class AnyOf(Part):
    type: Literal["any"]
    of: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=MOST_LEAVES)]


Condition = Annotated[Leafy | All | AnyOf, Field(discriminator="type")]

All.model_rebuild()
AnyOf.model_rebuild()

_ADAPTER: TypeAdapter[Leafy | All | AnyOf] = TypeAdapter(Condition)
_TYPES = frozenset(
    name for part in (*get_args(Leafy), All, AnyOf) for name in get_args(part.model_fields["type"].annotation)
)


class InvalidCondition(Explained):
    """A condition that cannot be used; ``problems`` are sentences, each beginning with a path."""

    def __init__(self, problems: list[Label]) -> None:
        super().__init__(**together(problems))
        self.problems = problems


def parse(data: object, path: str = "when") -> Condition:
    """The condition written in ``data``; raises InvalidCondition with the path of everything wrong."""
    if _depth(data) > MOST_DEPTH:
        deep = Label(en=f"nested more than {MOST_DEPTH} levels deep", zh=f"嵌套超过 {MOST_DEPTH} 层")
        raise InvalidCondition([at(path, deep)])
    try:
        condition = _ADAPTER.validate_python(data)
    except ValidationError as error:
        raise InvalidCondition(_sentences(error, path)) from None
    if sum(1 for _ in leaves(condition)) > MOST_LEAVES:
        many = Label(
            en=f"more than {MOST_LEAVES} comparisons in one condition",
            zh=f"一个条件中的比较超过 {MOST_LEAVES} 个",
        )
        raise InvalidCondition([at(path, many)])
    return condition


def check_points(condition: Condition, kinds: Mapping[str, str], path: str = "when") -> None:
    """Raises InvalidCondition where a point does not exist or has a kind this comparison cannot read.

    ``kinds``: kind (analog, state, flags, counter) by point key.
    """
    problems = [
        at(f"{path}.{where}", problem)
        for path, leaf in leaves(condition, path)
        for where, problem in leaf.misfits(kinds)
    ]
    if problems:
        raise InvalidCondition(problems)


def leaves(condition: Condition, path: str = "when") -> Iterator[tuple[str, Leafy]]:
    """Every comparison with its path, in the order written."""
    if isinstance(condition, All | AnyOf):
        for index, child in enumerate(condition.of):
            yield from leaves(child, f"{path}.of[{index}]")
    else:
        yield path, condition


def point_keys(condition: Condition) -> set[str]:
    """The points a condition needs; no_data of the whole asset needs none."""
    return {need.key for _, leaf in leaves(condition) for need in leaf.needs()}


def mentioned(condition: Condition) -> frozenset[str]:
    """Names in its expressions that may be points, as they are written there."""
    return frozenset().union(*(leaf.mentions() for _, leaf in leaves(condition)))


def _sentences(error: ValidationError, root: str) -> list[Label]:
    """One sentence a mistake; a list whose items are wrong is also reported as too short, which helps nobody."""
    found = [(_path(one["loc"], root), one["type"], sentence(one)) for one in error.errors()]
    return [
        at(path, problem)
        for path, kind, problem in found
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


def _path(location: tuple[int | str, ...], root: str) -> str:
    """``("any", "of", 1, "limit", "high")`` becomes ``when.of[1].high``: pydantic names the types too."""
    path = root
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part not in _TYPES:
            path += f".{part}"
    return path
