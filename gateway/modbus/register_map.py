"""A register map: where a type of device keeps which value. One YAML file a type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.config_file import BadConfig, Item, Problem, Section, parse_config, read_config
from gateway.decoders.mapped.units import UNITS, canonical, conversion
from gateway.modbus.registers import (
    BIT_FUNCTIONS,
    FUNCTIONS,
    TYPES,
    Decode,
    Function,
    Order,
    Type,
    decoder,
    size_of,
)

VERSION = 1
SHIPPED = Path(__file__).parent / "maps"
"""The maps that come with the product."""
LAST_ADDRESS = 65_535
MOST_REGISTERS = 125
"""In one answer, by the protocol; many devices allow fewer."""
MOST_BITS = 2000
_SHORTEST_POLL_S, _LONGEST_POLL_S = 0.1, 86_400.0
_DEFAULTS = ("function", "type", "word_order", "byte_order", "poll_s")
_POINT = ("source", "address", "bit", "scale", "offset", "unit", "invalid")


@dataclass(frozen=True, slots=True)
class Point:
    """One value in a map."""

    source: str
    function: Function
    address: int
    """As on the wire: 0 is the first register, which manuals call 30001 or 40001."""
    size: int
    """Registers (or bits of coils and discrete inputs) it takes."""
    decode: Decode
    poll_s: float
    factor: float = 1.0
    offset: float = 0.0
    unit: str | None = None

    def value(self, raw: Sequence[int]) -> float | int | None:
        """The value that is published, in ``unit``."""
        found = self.decode(raw)
        if found is None or (self.factor, self.offset) == (1.0, 0.0):
            return found
        return float(f"{found * self.factor + self.offset:.12g}")  # 231 * 0.1 is 23.1


@dataclass(frozen=True, slots=True)
class RegisterMap:
    """All values of a type of device, and how it likes to be asked."""

    key: str
    name: str
    points: tuple[Point, ...]
    max_registers: int
    max_gap: int
    """Unused registers that are read along rather than asking once more."""


def load_map(key: str, folders: Sequence[Path]) -> RegisterMap:
    """The map of that name from the first folder that has it; raises BadConfig."""
    for folder in folders:
        path = folder / f"{key}.yaml"
        if path.is_file():
            return read_config(path, _read_map)
    known = sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})
    places = ", ".join(str(folder) for folder in folders)
    problem = Problem(
        f"{key}.yaml", 1, f"no such register map in {places}", f"maps there: {', '.join(known)}"
    )
    raise BadConfig([problem])


def parse_map(data: bytes, name: str = "map.yaml") -> RegisterMap:
    """As ``load_map``, from bytes."""
    return parse_config(data, _read_map, name=name)


def _read_map(item: Item) -> RegisterMap:
    section = item.section(("map", "version", "name", "max_registers", "max_gap", "points", *_DEFAULTS))
    version = section.need("version", f"write version: {VERSION}")
    if version.text() != str(VERSION):
        raise version.refuse(f"version {version.text()} is not known", f"write version: {VERSION}")
    key = section.need("map", "write map: the name of this file without .yaml").text()
    points: list[Point] = []
    lines: dict[str, int] = {}
    for entry in section.need("points", "write points: and below it one '- source: ...' a value").items():
        with section.gathering():
            point = _read_point(entry, section)
            if point.source in lines:
                what = f"{point.source!r} stands here twice (first in line {lines[point.source]})"
                raise entry.refuse(what, "give each value a source of its own")
            lines[point.source] = entry.line
            points.append(point)
    max_registers = section.get("max_registers", lambda item: item.whole(1, MOST_REGISTERS), MOST_REGISTERS)
    return RegisterMap(
        key=key,
        name=section.get("name", Item.text, key),
        points=tuple(points),
        max_registers=max_registers,
        max_gap=section.get("max_gap", lambda item: item.whole(0, MOST_REGISTERS), 8),
    )


def _read_point(item: Item, defaults: Section) -> Point:
    section = item.section((*_POINT, *_DEFAULTS))
    section.fields = {
        **{name: defaults.fields[name] for name in _DEFAULTS if defaults.has(name)},
        **section.fields,
    }
    functions: dict[str, Function] = {name: name for name in FUNCTIONS}
    function = functions[
        section.need("function", f"write function: {', '.join(functions)}").choice(functions)
    ]
    size, decode = _read_type(section, function)
    factor, offset, unit = _read_scale(section)
    address = section.need("address", "write address: as on the wire, 0 for the first register")
    return Point(
        source=section.need("source", "write source: the key the point is looked up by").text(),
        function=function,
        address=address.whole(0, LAST_ADDRESS + 1 - size),
        size=size,
        decode=decode,
        poll_s=section.get("poll_s", read_poll_s, 10.0),
        factor=factor,
        offset=offset,
        unit=unit,
    )


def _read_type(section: Section, function: Function) -> tuple[int, Decode]:
    if function in BIT_FUNCTIONS:
        return 1, lambda raw: int(raw[0])
    types: dict[str, Type] = {name: name for name in TYPES}
    kind = types[section.need("type", f"write type: one of {', '.join(types)}").choice(types)]
    if (kind == "bit") != section.has("bit"):
        raise section.refuse(
            "'type: bit' and 'bit: 0 to 15' belong together", "write both, or type: bits for all 16"
        )
    decode = decoder(
        kind,
        word_order=section.get("word_order", _read_order, "big"),
        byte_order=section.get("byte_order", _read_order, "big"),
        bit=section.get("bit", lambda item: item.whole(0, 15), 0),
        invalid=[each.whole(-(2**63), 2**64) for each in section.each("invalid")],
    )
    return size_of(kind), decode


def _read_order(item: Item) -> Order:
    orders: dict[str, Order] = {"big": "big", "little": "little"}
    return orders[item.choice(orders)]


def read_poll_s(item: Item) -> float:
    """How often a value is read, seconds."""
    poll_s = item.number()
    if not _SHORTEST_POLL_S <= poll_s <= _LONGEST_POLL_S:
        raise item.refuse(
            f"{item.text()} s is not allowed", f"write {_SHORTEST_POLL_S} to {_LONGEST_POLL_S:.0f}"
        )
    return poll_s


def _read_scale(section: Section) -> tuple[float, float, str | None]:
    """(factor, offset, unit): first the device's scale, then the conversion of ``unit: W -> kW``."""
    factor, offset = section.get("scale", Item.number, 1.0), section.get("offset", Item.number, 0.0)
    given, _arrow, wanted = (part.strip() for part in section.get("unit", Item.text, "").partition("->"))
    if wanted:
        try:
            unit_factor, unit_offset = conversion(given, wanted)
        except ValueError as error:
            raise section.fields["unit"].refuse(str(error), f"known units: {', '.join(UNITS)}") from None
        factor, offset = factor * unit_factor, offset * unit_factor + unit_offset
    return factor, offset, canonical(wanted or given) or None
