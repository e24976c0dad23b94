"""Which registers are asked for together: a request costs more time than some unused registers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from gateway.modbus.register_map import MOST_BITS, Point, RegisterMap
from gateway.modbus.registers import BIT_FUNCTIONS, Function


@dataclass(frozen=True, slots=True)
class Block:
    """One request and the points that its answer holds."""

    function: Function
    address: int
    count: int
    points: tuple[Point, ...]

    def values(self, answer: Sequence[int]) -> dict[str, float | int | None]:
        """The values of its points by source key; ``answer`` has ``count`` registers or bits."""
        starts = ((point, point.address - self.address) for point in self.points)
        return {point.source: point.value(answer[start : start + point.size]) for point, start in starts}

    def split(self) -> list[Block]:
        """A block for each point: for devices that refuse registers which lie between two values."""
        return [Block(self.function, point.address, point.size, (point,)) for point in self.points]


def plan_blocks(register_map: RegisterMap, points: Sequence[Point]) -> list[Block]:
    """The fewest requests for these points. Values are never cut in two."""
    blocks: list[Block] = []
    ordered = sorted(points, key=lambda point: (point.function, point.address, point.size))
    for function, group in groupby(ordered, key=lambda point: point.function):
        is_bits = function in BIT_FUNCTIONS
        most = MOST_BITS if is_bits else register_map.max_registers
        blocks += _plan_function(list(group), most=most, max_gap=register_map.max_gap)
    return blocks


def _plan_function(points: list[Point], *, most: int, max_gap: int) -> list[Block]:
    blocks: list[Block] = []
    first, end, held = points[0].address, 0, list[Point]()
    for point in points:
        new_end = max(end, point.address + point.size)
        if held and (point.address - end > max_gap or new_end - first > most):
            blocks.append(Block(held[0].function, first, end - first, tuple(held)))
            held, first, new_end = [], point.address, point.address + point.size
        held.append(point)
        end = new_end
    blocks.append(Block(held[0].function, first, end - first, tuple(held)))
    return blocks
