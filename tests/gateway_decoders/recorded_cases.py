"""Recorded messages of every shipped family, with what they must become.

Written after the public documentation of each format. A value is [device, source, value, time or
null for the time of receipt, quality]; MARK stands for the mark that a cleaned name gets.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import msgspec

from gateway.decoders import Decoder
from gateway.decoders.foreign import HOME_ASSISTANT, foreign_decoders
from telemetry.reading import Quality

RECORDED = Path(__file__).parent / "recorded"
FAMILIES = sorted(path.name for path in RECORDED.iterdir())
RECEIVED_MS = 1_769_846_405_000

Row = tuple[str, str, object, int, Quality]


class Case(msgspec.Struct):
    note: str
    topic: str
    payload: object = None
    text: str | None = None
    values: list[list[object]] = []
    presences: list[list[object]] = []
    refusals: list[str] = []

    @property
    def data(self) -> bytes:
        return self.text.encode() if self.text is not None else json.dumps(self.payload).encode()

    @property
    def expected_values(self) -> list[Row]:
        return [_row(*value) for value in self.values]

    @property
    def expected_presences(self) -> list[tuple[str, object, int]]:
        return [(str(device), online, _at(*rest)) for device, online, *rest in self.presences]


def _row(device: object, source: object, value: object, at: object = None, quality: object = "GOOD") -> Row:
    return str(device), str(source), value, _at(at), Quality[str(quality)]


def _at(at: object = None) -> int:
    return RECEIVED_MS if at is None else round(datetime.fromisoformat(str(at)).timestamp() * 1000)


def read_cases(family: str) -> list[Case]:
    """All recorded messages of a family, in the order they are to be decoded."""
    files = sorted((RECORDED / family).glob("*.json"))
    return [case for file in files for case in msgspec.json.decode(file.read_bytes(), type=list[Case])]


def decoder_of(family: str) -> Decoder:
    (decoder,) = foreign_decoders([family])
    return decoder


def without_mark(device: str) -> str:
    return re.sub(r"-[0-9a-f]{10}$", "-MARK", device)


__all__ = ["FAMILIES", "HOME_ASSISTANT", "RECEIVED_MS", "Case", "decoder_of", "read_cases", "without_mark"]
