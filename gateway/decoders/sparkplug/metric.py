"""One metric's value by its datatype, its quality and its unit (specification 3.0, 6.4.16)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from gateway.decoders.mapped.values import plain, short_text
from gateway.decoders.sparkplug.payload import BOOLEAN, Metric
from telemetry.reading import Quality, Value

Reader = Callable[[Metric, str], Value]
"""From a metric and the name of its value's field to the value; raises ValueError."""


def read_value(metric: Metric, datatype: int) -> Value:
    """The value, None for null; raises ValueError with a sentence for what is no single value."""
    field = metric.WhichOneof("value")
    if field is None or metric.is_null:
        return None
    reader = _READERS.get(datatype)
    if reader is None:
        raise ValueError(f"{_NO_VALUES.get(datatype, f'datatype {datatype}')} holds no single value")
    return reader(metric, field)


def _signed(bits: int) -> Reader:
    """Two's complement in an unsigned field; nodes fill the upper bits of small numbers with ones or zeros."""
    mask, top = (1 << bits) - 1, 1 << (bits - 1)

    def read(metric: Metric, field: str) -> Value:
        raw = _whole(metric, field) & mask
        return raw - mask - 1 if raw & top else raw

    return read


def _unsigned(metric: Metric, field: str) -> Value:
    return plain(_whole(metric, field))


def _whole(metric: Metric, field: str) -> int:
    if field == "int_value":
        return metric.int_value
    if field == "long_value":
        return metric.long_value
    raise ValueError(f"a whole number is announced, {field} sent")


def _number(metric: Metric, field: str) -> Value:
    if field == "double_value":
        value = metric.double_value
    else:
        value = metric.float_value if field == "float_value" else float(_whole(metric, field))
    if not math.isfinite(value):
        raise ValueError(f"{value} is no measured value")
    return value


def _boolean(metric: Metric, field: str) -> Value:
    return int(metric.boolean_value if field == "boolean_value" else bool(_whole(metric, field)))


def _text(metric: Metric, field: str) -> Value:
    if field != "string_value":
        raise ValueError(f"a text is announced, {field} sent")
    return short_text(metric.string_value)


_READERS: Final[dict[int, Reader]] = {
    1: _signed(8), 2: _signed(16), 3: _signed(32), 4: _signed(64),
    5: _unsigned, 6: _unsigned, 7: _unsigned, 8: _unsigned,
    9: _number, 10: _number,
    BOOLEAN: _boolean,
    12: _text, 13: _unsigned, 14: _text, 15: _text,
}  # fmt: skip
"""By datatype: Int8 to Int64, UInt8 to UInt64, Float, Double, Boolean, String, DateTime (ms), Text, UUID."""
_NO_VALUES: Final = {
    16: "a data set", 17: "bytes", 18: "a file", 19: "a template", 20: "a property set", 21: "a property set list"
}  # fmt: skip
_BAD, _STALE = 0, 500
"""Values of the property ``Quality``; 192 is good."""


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
