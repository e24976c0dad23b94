"""From a value in a payload to a value of a reading: units, scale, code tables, text that means a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from telemetry.reading import Value

LONGEST_TEXT: Final = 64
"""A state's text; anything longer is a message, not a measurement."""
_LARGEST: Final = 2**63

Convert = Callable[[object], Value]
"""Raises ValueError with a sentence; null becomes None (the device sent no value)."""


def plain(value: object) -> Value:
    """Numbers as they are, true and false as 1 and 0, short texts as they are."""
    if isinstance(value, float):
        return value if math.isfinite(value) else _not_finite(value)
    if isinstance(value, int):
        return _whole(int(value))
    if value is None:
        return None
    if isinstance(value, str):
        return short_text(value)
    raise ValueError(f"a single value is needed, not {_name(value)}")


def short_text(value: str) -> str:
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"a text of {len(value)} characters is no value (at most {LONGEST_TEXT})")
    return value


def number(value: object) -> float | None:
    """A number, also written as text (``"23.5"``); true and false are not numbers."""
    if isinstance(value, float):
        return value if math.isfinite(value) else _not_finite(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _whole(value)
    if value is None:
        return None
    if isinstance(value, str):
        return read_number(value)
    raise ValueError(f"a number is needed, not {_name(value)}")


def read_number(text: str) -> float:
    """A number from its text; raises ValueError with a sentence."""
    try:
        found = float(text) if "_" not in text and len(text) <= LONGEST_TEXT else math.nan
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ValueError(f"{text!r:.80} is no number")
    return found


def linear(factor: float, offset: float) -> Convert:
    """value * factor + offset."""

    def convert(value: object) -> Value:
        found = number(value)
        if found is None:
            return None
        result = found * factor + offset
        return result if math.isfinite(result) else _not_finite(result)

    return convert


def coded(codes: Mapping[str, Value], otherwise: Convert | None) -> Convert:
    """By a table from the device's words to codes; ``otherwise`` reads words that are not in it."""
    known = ", ".join(codes)

    def convert(value: object) -> Value:
        if value is None:
            return None
        code = codes.get(value if type(value) is str else word(value))
        if code is not None:
            return code
        if otherwise is None:
            raise ValueError(f"{value!r:.80} is none of {known}")
        return otherwise(value)

    return convert


def word(value: object) -> str:
    """A value as a mapping file spells it: true, 3, 2.5, text; anything else as the empty word."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) and -_LARGEST < value < _LARGEST else ""


def _whole(value: int) -> float:
    if -_LARGEST <= value < _LARGEST:
        return value
    try:
        return float(value)
    except OverflowError:
        raise ValueError("a number with more than 300 digits is no value") from None


def _not_finite(value: float) -> float:
    raise ValueError(f"{value} is no measured value")


def _name(value: object) -> str:
    return {dict: "an object", list: "a list", bool: "true or false"}.get(type(value), type(value).__name__)
