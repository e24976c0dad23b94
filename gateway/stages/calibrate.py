"""The value in the point's own unit and type."""

from __future__ import annotations

from math import isfinite

from gateway.catalogue import Point
from gateway.decoders.decoded import Part
from gateway.decoders.instants import shorten
from gateway.stages import Surroundings
from telemetry.reading import Quality, Value

LONGEST_TEXT = 64
LARGEST_CODE = 2**63 - 1
"""State codes and flags are stored in 64 bits with a sign."""


class NotOfThisKind(Exception):
    """The value cannot be one of this point. Carries the reason and a part of a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Calibrate:
    """Numbers become scaled floats, flags whole numbers, states codes or short texts; no value is BAD."""

    def __init__(self, around: Surroundings) -> None:
        self._refuse = around.refuse

    def __call__(self, parts: list[Part]) -> list[Part]:
        good = []
        for part in parts:
            point, value = part.point, part.value
            if type(value) is float and point.is_plain and isfinite(value):
                good.append(part)  # nine of ten values
                continue
            try:
                part.value = calibrated(value, point)
            except NotOfThisKind as error:
                self._refuse(part, error.reason, f"{shorten(part.source)} {error.detail}")
                continue
            if value is None:
                part.quality = Quality.BAD
            good.append(part)
        return good


def calibrated(value: Value, point: Point) -> Value:
    """The value as it is stored; raises NotOfThisKind."""
    if value is None:
        return None
    if point.is_number:
        return _number(value, point)
    if isinstance(value, str):
        return _text(value, point)
    return _code(value, point)


def _number(value: float | str, point: Point) -> float:
    if isinstance(value, str):
        raise NotOfThisKind(
            "wrong_type", f"is the text {shorten(value)}; the point is {point.kind}: a number"
        )
    try:
        number = float(value) * point.scale + point.offset
    except OverflowError:  # a whole number beyond 1e308
        number = float("inf")
    if not isfinite(number):
        raise NotOfThisKind("not_finite", f"is {shorten(value)}, too large to be stored")
    return number


def _text(value: str, point: Point) -> str:
    if point.kind == "flags":
        raise NotOfThisKind("wrong_type", f"is the text {shorten(value)}; the point holds flags: a number")
    if len(value) > LONGEST_TEXT:
        raise NotOfThisKind("wrong_type", f"is a text of {len(value)} characters; at most {LONGEST_TEXT} fit")
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise NotOfThisKind("wrong_type", f"is the text {shorten(value)}, which is no valid Unicode text")
    return value


def _code(value: float, point: Point) -> int:
    lowest = 0 if point.kind == "flags" else -LARGEST_CODE
    if not lowest <= value <= LARGEST_CODE:
        raise NotOfThisKind("wrong_type", f"is {shorten(value)}, not between {lowest} and 2^63")
    if value != int(value):
        raise NotOfThisKind("wrong_type", f"is {shorten(value)}; the point is {point.kind}: a whole number")
    return int(value)
