"""What every condition model is made of, whatever its type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from server.errors import Label

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0)]
NotNegative = Annotated[Number, Field(ge=0)]
PointKey = Annotated[StrictStr, Field(min_length=1, max_length=64)]
Code = StrictInt | Annotated[StrictStr, Field(min_length=1, max_length=64)]
"""A state: the number or the short text the device sends."""
Codes = Annotated[tuple[Code, ...], Field(max_length=64)]
Bit = Annotated[StrictInt, Field(ge=0, le=63)]

NUMERIC = ("analog", "counter")
ANY_KIND = ("analog", "counter", "state", "flags")
KIND_ZH: Mapping[str, str] = {"analog": "模拟量", "counter": "累计量", "state": "状态", "flags": "标志位"}

LONGEST_WINDOW_S = 31 * 86_400
WindowSeconds = Annotated[Number, Field(gt=0, le=LONGEST_WINDOW_S)]


class Need(NamedTuple):
    """A point that a condition reads."""

    where: str
    """The field that names it, as in ``point``."""
    key: str
    kinds: tuple[str, ...]
    """Kinds it can read."""


class Part(BaseModel):
    """A condition or a part of one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def needs(self) -> Iterator[Need]:
        """The points of the asset that it names itself, not those of its children."""
        yield from ()

    def mentions(self) -> frozenset[str]:
        """Names that may be points, of the asset or of its neighbours, where only the points there are tell."""
        return frozenset()

    def misfits(self, kinds: Mapping[str, str]) -> Iterator[tuple[str, Label]]:
        """(field, sentence) of what is wrong on an asset with points of these kinds, by key."""
        for need in self.needs():
            kind = kinds.get(need.key)
            if kind is None:
                yield need.where, _unknown(need.key, sorted(kinds))
            elif kind not in need.kinds:
                yield need.where, _unfit(need, kind, getattr(self, "type", "it"))


def _unknown(key: str, there: Sequence[str]) -> Label:
    return Label(
        en=f"there is no point {key!r} (there are: {', '.join(there)})",
        zh=f"没有测点 {key!r}（现有：{'、'.join(there)}）",
    )


def _unfit(need: Need, kind: str, name: str) -> Label:
    zh = "或".join(KIND_ZH.get(one, one) for one in need.kinds)
    return Label(
        en=f"{need.key!r} is of kind {kind}; {name} needs {' or '.join(need.kinds)}",
        zh=f"{need.key!r} 是{KIND_ZH.get(kind, kind)}测点；该条件需要{zh}测点",
    )
