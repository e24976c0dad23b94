"""A native message as it should be, and the patient reading of those that are not."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from gateway.decoders.decoded import Refusal
from gateway.decoders.instants import shorten

LONGEST_WHOLE_NUMBER = 19
"""Digits; longer ones are read as floating point, as everywhere outside Python."""

Scalar: TypeAlias = float | int | str | bool | None
Absent: TypeAlias = msgspec.UnsetType
QualityWord: TypeAlias = Literal["good", "suspect", "manual", "bad"]


class Item(msgspec.Struct, gc=False):
    """A message, or one item of an array."""

    values: dict[str, Scalar] | Absent = msgspec.UNSET
    point: str | Absent = msgspec.UNSET
    value: Scalar | Absent = msgspec.UNSET
    at: int | float | str | None = None
    quality: QualityWord = "good"


class NotUsable(Exception):
    """This message, item or value cannot be used."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.refusal = Refusal(reason, detail)


class Found(NamedTuple):
    """What is good of one item, and what is not. ``place`` begins a sentence about it."""

    place: str
    item: Item | None
    refusals: list[Refusal]


def read_carefully(payload: bytes) -> Iterator[Found]:
    """The items of a payload that is not as it should be. Raises NotUsable where nothing can be kept."""
    content = _parse(payload)
    if isinstance(content, list):
        for index, entry in enumerate(content):
            yield _read_item(entry, f"item {index}: ")
    else:
        yield _read_item(content, "")


def _parse(payload: bytes) -> object:
    """Any JSON, also with NaN and Infinity, which no JSON has but many devices send."""
    if not payload.strip():
        raise NotUsable("not_json", "the payload is empty")
    try:
        return json.loads(payload.decode("utf-8-sig"), parse_int=_read_whole_number)
    except UnicodeDecodeError as error:
        raise NotUsable("not_json", f"the payload is not UTF-8 text: byte {error.start} is wrong") from None
    except json.JSONDecodeError as error:
        raise NotUsable("not_json", f"the payload is not JSON: {error}") from None
    except RecursionError:
        raise NotUsable("too_deep", "objects or arrays stand too deep in each other") from None


def _read_whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_WHOLE_NUMBER else float(digits)


def _read_item(entry: object, place: str) -> Found:
    refusals: list[Refusal] = []
    try:
        item = _build_item(entry, place, refusals)
    except NotUsable as unusable:
        refusals.append(Refusal(unusable.refusal.reason, place + unusable.refusal.detail))
        item = None
    return Found(place, item, refusals)


def _build_item(entry: object, place: str, refusals: list[Refusal]) -> Item:
    if not isinstance(entry, dict):
        raise NotUsable("wrong_type", f"expected an object with values, found {shorten(entry)}")
    at = entry.get("at")
    if isinstance(at, bool | dict | list):
        raise NotUsable("bad_timestamp", f"the time is {shorten(at)}, neither a text nor a number")
    quality = _read_quality(entry.get("quality", "good"), place, refusals)
    if "values" in entry:
        values = entry["values"]
        if not isinstance(values, dict):
            raise NotUsable("wrong_type", f'"values" is {shorten(values)}, not an object')
    elif "value" in entry and isinstance(entry.get("point"), str):
        values = {entry["point"]: entry["value"]}
    else:
        raise NotUsable("wrong_type", 'there is neither "values" nor "point" with "value"')
    return Item(values=_keep_good(values, place, refusals), at=at, quality=quality)


def _read_quality(given: object, place: str, refusals: list[Refusal]) -> QualityWord:
    match given:
        case "good" | "suspect" | "manual" | "bad":
            return given
    detail = f"{place}the quality is {shorten(given)}, not good, suspect, manual or bad; taken as suspect"
    refusals.append(Refusal("wrong_type", detail))
    return "suspect"


def _keep_good(values: dict[str, object], place: str, refusals: list[Refusal]) -> dict[str, Scalar]:
    good: dict[str, Scalar] = {}
    for source, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            detail = f"{place}{shorten(source)} is {value}; send null for no value"
            refusals.append(Refusal("not_finite", detail))
        elif value is None or isinstance(value, float | int | str):
            good[source] = value
        else:
            detail = f"{place}{shorten(source)} is {shorten(value)}, not a number, text, true, false or null"
            refusals.append(Refusal("wrong_type", detail))
    return good
