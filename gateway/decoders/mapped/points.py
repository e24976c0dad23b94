"""One entry of ``points``: from a path in the payload to a value under a source key."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from gateway.config_file import Item, Section
from gateway.decoders.decoded import Decoded, Part, Refusal
from gateway.decoders.mapped import values
from gateway.decoders.mapped.conditions import Condition, read_condition
from gateway.decoders.mapped.items import Lookup, lookup, read_any_path, read_template
from gateway.decoders.mapped.paths import MISSING, Path, find_all
from gateway.decoders.mapped.templates import Scope, Template
from gateway.decoders.mapped.units import UNITS, canonical, conversion
from telemetry.reading import Quality, Value

FIELDS = ("source", "path", "unit", "scale", "offset", "codes", "otherwise", "as", "when")
LONGEST_SOURCE = 128
MOST_PARTS = 1000
"""Values in one message; more is no telemetry but an attempt to fill the disk."""


class Target(NamedTuple):
    """Where the values of one element go."""

    device: str
    at_ms: int
    decoded: Decoded

    def take(self, source: str, value: object, convert: values.Convert) -> None:
        """Add one value, or the refusal of it."""
        try:
            converted = convert(value)
        except ValueError as error:
            self.refuse("wrong_type", f"{source:.128}: {error}")
            return
        if not 0 < len(source) <= LONGEST_SOURCE:
            self.refuse("wrong_type", f"a source key has 1 to {LONGEST_SOURCE} characters, not {len(source)}")
            return
        quality = Quality.GOOD if converted is not None else Quality.BAD
        self.decoded.parts.append(Part(self.device, source, self.at_ms, converted, quality))

    def refuse(self, reason: str, detail: str) -> None:
        self.decoded.refusals.append(Refusal(reason, f"{self.device}, {detail}"))

    @property
    def is_full(self) -> bool:
        return len(self.decoded.parts) + len(self.decoded.refusals) >= MOST_PARTS


Emit = Callable[[Scope, Target], None]


class Point(NamedTuple):
    """A compiled entry."""

    emit: Emit
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
    emit = _each_value(path, template, convert) if path.has_wildcard else _single(path, template, convert)
    if "when" in section.fields:
        emit = _only_when(read_condition(section.fields["when"]), emit)
    return Point(emit, path, source.text(), unit)


def _single(path: Path, template: Template, convert: values.Convert) -> Emit:
    find: Lookup = lookup(path)

    def emit(scope: Scope, target: Target) -> None:
        value = find(scope)
        if value is not MISSING:
            target.take(template(scope), value, convert)

    return emit


def _each_value(path: Path, template: Template, convert: values.Convert) -> Emit:
    def emit(scope: Scope, target: Target) -> None:
        for found in find_all(path, scope.root if path.from_root else scope.element):
            if target.is_full:
                target.refuse("too_large", f"more than {MOST_PARTS} values in one message")
                return
            inner = scope._replace(element=found.element, key=found.key, position=found.position)
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
