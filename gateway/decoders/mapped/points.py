"""One entry of ``points``: from a path in the payload to a value under a source key."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from gateway.config_file import Item, Section
from gateway.decoders.decoded import Part
from gateway.decoders.mapped import values
from gateway.decoders.mapped.conditions import Condition, read_condition
from gateway.decoders.mapped.items import Lookup, lookup, read_any_path, read_template
from gateway.decoders.mapped.members import MemberPoint, member_passes, split
from gateway.decoders.mapped.paths import MISSING, Path, finder, getter
from gateway.decoders.mapped.target import LONGEST_SOURCE, Emit, Target
from gateway.decoders.mapped.templates import Scope, Template
from gateway.decoders.mapped.units import UNITS, canonical, conversion
from telemetry.reading import Quality, Value

FIELDS = ("source", "path", "unit", "scale", "offset", "codes", "otherwise", "as", "when")


class Point(NamedTuple):
    """A compiled entry: read by itself, or by the pass over the members of an object."""

    emit: Emit | MemberPoint
    path: Path
    source: str
    unit: str | None
    """The unit of the value as it is handed on, for the guess in the onboarding inbox."""


def read_point(item: Item, topic_names: Collection[str], *, in_each: bool) -> Point:
    """Compile one entry; raises BadConfig."""
    section = item.section(FIELDS)
    source = section.need("source", "write source: the key the point is looked up by")
    path = read_any_path(section.need("path", "write path: where the value stands in the payload"))
    template = read_template(source, topic_names, wildcards=in_each or path.has_wildcard)
    convert, unit = _read_convert(section)
    condition = section.get("when", read_condition, None)
    emit: Emit | MemberPoint
    parts = split(path)
    if parts:
        base, step, below = parts
        by_key_only = set(re.findall(r"\{(.*?)\}", source.text())) <= {"key"}
        emit = MemberPoint(base, step, below, getter(below), template, convert, condition, by_key_only)
    else:
        emit = _alone(path, template, convert, source)
        emit = _only_when(condition, emit) if condition else emit
    return Point(emit, path, source.text(), unit)


def emits_of(points: Sequence[Point]) -> list[Emit]:
    """What is to be run for these points; points below members of the same object share one pass."""
    alone = [point.emit for point in points if not isinstance(point.emit, MemberPoint)]
    return alone + member_passes(point.emit for point in points if isinstance(point.emit, MemberPoint))


def _alone(path: Path, template: Template, convert: values.Convert, source: Item) -> Emit:
    if path.has_wildcard:
        return _each_value(path, template, convert)
    if "{" in source.text():
        return _single(path, template, convert)
    if len(source.text()) > LONGEST_SOURCE:
        raise source.refuse("this source key is too long", f"write at most {LONGEST_SOURCE} characters")
    return _constant(path, source.text(), convert)


def _constant(path: Path, source: str, convert: values.Convert) -> Emit:
    """The commonest point: one value under one key."""
    find = lookup(path)

    def emit(scope: Scope, target: Target) -> None:
        value = find(scope)
        if value is MISSING:
            return
        try:
            converted = convert(value)
        except ValueError as error:
            target.refuse("wrong_type", f"{source}: {error}")
            return
        quality = Quality.GOOD if converted is not None else Quality.BAD
        target.decoded.parts.append(Part(target.device, source, target.at_ms, converted, quality))

    return emit


def _single(path: Path, template: Template, convert: values.Convert) -> Emit:
    find: Lookup = lookup(path)

    def emit(scope: Scope, target: Target) -> None:
        value = find(scope)
        if value is not MISSING:
            target.take(template(scope), value, convert)

    return emit


def _each_value(path: Path, template: Template, convert: values.Convert) -> Emit:
    find = finder(path)

    def emit(scope: Scope, target: Target) -> None:
        for found in find(scope.root if path.from_root else scope.element):
            if target.is_full:
                target.refuse_rest()
                return
            inner = Scope(scope.root, found.element, scope.names, found.key or scope.key, found.position)
            try:
                source = template(inner)
            except ValueError as error:
                target.refuse("wrong_type", f"{path.text}: {error}")
                continue
            target.take(source, found.value, convert)

    return emit


def _only_when(condition: Condition, emit: Emit) -> Emit:
    def guarded(scope: Scope, target: Target) -> None:
        if condition(scope):
            emit(scope, target)

    return guarded


def _read_convert(section: Section) -> tuple[values.Convert, str | None]:
    """(conversion, unit of its result) of a point's settings."""
    given, wanted = _read_unit(section)
    if section.has("codes"):
        if given or section.has("scale") or section.has("offset"):
            raise section.fields["codes"].refuse("codes have no unit and no scale", "keep one of the two")
        return _read_codes(section), None
    factor, offset = section.get("scale", Item.number, 1.0), section.get("offset", Item.number, 0.0)
    if given and wanted and given != wanted:
        try:
            unit_factor, unit_offset = conversion(given, wanted)
        except ValueError as error:
            known = ", ".join(UNITS)
            raise section.fields["unit"].refuse(str(error), f"known units: {known}") from None
        factor, offset = factor * unit_factor, offset * unit_factor + unit_offset
    if (factor, offset) != (1.0, 0.0):
        return values.linear(factor, offset), wanted
    wish = section.get("as", lambda item: item.choice({"number", "value"}), "value")
    return (values.number if wish == "number" else values.plain), wanted


def _read_unit(section: Section) -> tuple[str | None, str | None]:
    """(what the device sends, what is handed on) of ``unit: W -> kW`` or ``unit: kW``."""
    text = section.get("unit", Item.text, "")
    given, arrow, wanted = (part.strip() for part in text.partition("->"))
    if arrow and not (given and wanted):
        raise section.fields["unit"].refuse(f"{text!r} lacks a unit", "write for example W -> kW")
    return canonical(given) or None, canonical(wanted or given) or None


def _read_codes(section: Section) -> values.Convert:
    codes: dict[str, Value] = {}
    for name, code in section.fields["codes"].pairs():
        codes[name.text()] = _code(code)
    return values.coded(codes, section.get("otherwise", _read_otherwise, None))


def _read_otherwise(item: Item) -> values.Convert:
    """``keep``: the device's own word; else one code for all words that the table lacks."""
    if item.text() == "keep":
        return values.plain
    code = _code(item)
    return lambda _value: code


def _code(item: Item) -> Value:
    value = item.value()
    if value is None or (isinstance(value, str) and len(value) > values.LONGEST_TEXT):
        raise item.refuse("a code is a number or a short text", "write for example 'ON: 1'")
    return int(value) if isinstance(value, bool) else value
