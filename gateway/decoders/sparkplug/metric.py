"""One metric's value by its datatype, its quality and its unit (specification 3.0, 6.4.16)."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Final

from gateway.decoders.mapped.values import plain, short_text
from gateway.decoders.sparkplug.payload import Metric
from telemetry.reading import Quality, Value


class Datatype(IntEnum):
    """The datatypes that hold a single value; 15 to 34 but these are refused."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15


_BITS: Final = {1: 8, 2: 16, 3: 32, 4: 64}
"""Signed whole numbers stand as two's complement in unsigned fields."""
_TEXTS: Final = frozenset({Datatype.STRING, Datatype.TEXT, Datatype.UUID})
_FLOATS: Final = frozenset({Datatype.FLOAT, Datatype.DOUBLE})
_NAMES: Final = {
    16: "a data set", 17: "bytes", 18: "a file", 19: "a template", 20: "a property set", 21: "a property set list"
}  # fmt: skip
_BAD, _STALE = 0, 500
"""Values of the property ``Quality``; 192 is good."""


def read_value(metric: Metric, datatype: int) -> Value:
    """The value, None for null; raises ValueError with a sentence for what is no single value."""
    field = metric.WhichOneof("value")
    if metric.is_null or field is None:
        return None
    bits = _BITS.get(datatype)
    if bits:
        return _signed(_whole(metric, field), bits)
    if datatype in _FLOATS:
        return _finite(_number(metric, field))
    if datatype == Datatype.BOOLEAN:
        return int(metric.boolean_value if field == "boolean_value" else bool(_whole(metric, field)))
    if datatype in _TEXTS:
        if field != "string_value":
            raise ValueError(f"a text is announced, {field} sent")
        return short_text(metric.string_value)
    if datatype in {Datatype.UINT8, Datatype.UINT16, Datatype.UINT32, Datatype.UINT64, Datatype.DATETIME}:
        return plain(_whole(metric, field))
    raise ValueError(f"{_NAMES.get(datatype, f'datatype {datatype}')} holds no single value")


def _whole(metric: Metric, field: str) -> int:
    if field == "int_value":
        return metric.int_value
    if field == "long_value":
        return metric.long_value
    raise ValueError(f"a whole number is announced, {field} sent")


def _number(metric: Metric, field: str) -> float:
    if field == "double_value":
        return metric.double_value
    return metric.float_value if field == "float_value" else float(_whole(metric, field))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{value} is no measured value")
    return value


def _signed(raw: int, bits: int) -> int:
    """Two's complement; nodes fill the upper bits of small numbers with ones or leave them zero."""
    raw &= (1 << bits) - 1
    return raw - (1 << bits) if raw >> (bits - 1) else raw


def read_quality(metric: Metric, value: Value) -> Quality:
    """BAD and SUSPECT as the node says, BACKFILLED for history, which must not move live values."""
    quality = Quality.GOOD
    if metric.HasField("properties"):
        said = _property(metric, "Quality")
        quality = (
            {_BAD: Quality.BAD, _STALE: Quality.SUSPECT}.get(said, quality) if type(said) is int else quality
        )
    if value is None:
        return Quality.BAD
    if metric.is_historical and quality != Quality.BAD:
        return Quality.BACKFILLED
    return quality


def read_unit(metric: Metric) -> str | None:
    """The property ``engUnit``, which most gateways send: a hint for the onboarding inbox."""
    unit = _property(metric, "engUnit") if metric.HasField("properties") else None
    return unit if isinstance(unit, str) and 0 < len(unit) <= 32 else None


def _property(metric: Metric, name: str) -> int | str | None:
    properties = metric.properties
    for index, key in enumerate(properties.keys):
        if key == name and index < len(properties.values):
            found = properties.values[index]
            match found.WhichOneof("value"):
                case "int_value":
                    return found.int_value
                case "long_value":
                    return found.long_value
                case "string_value":
                    return found.string_value
    return None
