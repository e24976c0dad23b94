"""From registers to a value: types, and the orders that makers put words and bytes in."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from typing import Final, Literal, get_args

Function = Literal["coil", "discrete", "holding", "input"]
FUNCTIONS: Final[tuple[Function, ...]] = get_args(Function)
BIT_FUNCTIONS: Final = frozenset({"coil", "discrete"})
Order = Literal["big", "little"]
Type = Literal[
    "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "bits", "bit"
]  # fmt: skip

_CODES: Final[dict[Type, str]] = {
    "int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q", "uint64": ">Q",
    "float32": ">f", "float64": ">d", "bits": ">H", "bit": ">H",
}  # fmt: skip
TYPES: Final = tuple(_CODES)

Decode = Callable[[Sequence[int]], float | int | None]
"""From as many registers as the type needs to a number; None where the device says "no value"."""


def size_of(kind: Type) -> int:
    """Registers of 16 bits that a value of this type takes."""
    return struct.calcsize(_CODES[kind]) // 2


def decoder(
    kind: Type,
    *,
    word_order: Order = "big",
    byte_order: Order = "big",
    bit: int = 0,
    invalid: Sequence[int] = (),
) -> Decode:
    """How to read one type. ``word_order`` big: the first register is the most significant.

    ``byte_order`` little: the two bytes of each register are swapped (rare). ``invalid``: raw
    whole numbers by which a device says that it has no value; a float that is no number says so too.
    """
    code = _CODES[kind]
    none = frozenset(invalid)

    def decode(registers: Sequence[int]) -> float | int | None:
        words = registers if word_order == "big" else registers[::-1]
        data = b"".join(word.to_bytes(2, byte_order) for word in words)
        value: float | int = struct.unpack(code, data)[0]
        if value in none or (isinstance(value, float) and not math.isfinite(value)):
            return None
        return (int(value) >> bit) & 1 if kind == "bit" else value

    return decode
