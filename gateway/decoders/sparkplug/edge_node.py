"""What one edge node has announced: its birth number, its metrics by alias, its devices."""

from __future__ import annotations

from typing import Final, NamedTuple

from gateway.decoders.sparkplug.sequence import Sequence

FIRST_WAIT_MS: Final = 10_000
LONGEST_WAIT_MS: Final = 600_000
"""A node that does not answer is asked again after 10 s, 20 s, ... at most every 10 min."""


class Definition(NamedTuple):
    """A metric as a birth announced it."""

    name: str
    datatype: int
    unit: str | None
    is_point: bool


class EdgeNode:
    """The state of one node between its messages. A device of ``""`` is the node itself."""

    def __init__(self) -> None:
        self.is_born = False
        self.bd_seq: int | None = None
        self.sequence = Sequence()
        self.by_alias: dict[str, dict[int, Definition]] = {}
        self.by_name: dict[str, dict[str, Definition]] = {}
        self._asked_ms: int | None = None
        self._wait_ms = FIRST_WAIT_MS

    @property
    def devices(self) -> list[str]:
        """The devices that are born."""
        return [device for device in self.by_name if device]

    @property
    def size(self) -> int:
        """How many metrics are kept."""
        return sum(len(definitions) for definitions in self.by_name.values())

    def begin(self, bd_seq: int | None, number: int | None) -> None:
        """The node's birth: everything it announced before is void, devices announce themselves again."""
        self.is_born = True
        self.bd_seq = bd_seq
        self.by_alias.clear()
        self.by_name.clear()
        self.sequence.begin(number)
        self._asked_ms = None
        self._wait_ms = FIRST_WAIT_MS

    def announce(self, device: str, definitions: dict[int | str, Definition]) -> None:
        """A birth's metrics; aliases are kept by device, since some nodes number each device anew."""
        self.by_name[device] = {item.name: item for item in definitions.values()}
        self.by_alias[device] = {key: item for key, item in definitions.items() if isinstance(key, int)}

    def end_device(self, device: str) -> None:
        self.by_name.pop(device, None)
        self.by_alias.pop(device, None)

    def end(self) -> None:
        """The node's death: until its next birth nothing it sends can be understood."""
        self.is_born = False
        self.by_alias.clear()
        self.by_name.clear()

    def may_ask(self, now_ms: int) -> bool:
        """Whether it is time to ask for a rebirth; asking too often only adds to a node's trouble."""
        if self._asked_ms is not None and now_ms - self._asked_ms < self._wait_ms:
            return False
        if self._asked_ms is not None:
            self._wait_ms = min(self._wait_ms * 2, LONGEST_WAIT_MS)
        self._asked_ms = now_ms
        return True
