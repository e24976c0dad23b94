"""What a simulator remembers across restarts: how far it has sent, and the counters of its machines."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Memory(msgspec.Struct):
    """The content of the state file."""

    site: str
    sent_until_s: float
    """Everything up to this moment has been sent, epoch seconds."""
    machines: dict[str, dict[str, float]]
    v: int = 1


class MemoryFile:
    """One small JSON file, replaced as a whole, so that a kill leaves the old or the new one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, site: str) -> Memory | None:
        """What was remembered of this site; None when there is nothing.

        A broken file is put aside under ``.broken``: a simulator's past is not worth refusing to start.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            memory = msgspec.json.decode(content, type=Memory)
        except msgspec.DecodeError:
            self.path.replace(self.path.with_suffix(".broken"))
            return None
        return memory if memory.site == site else None

    def write(self, memory: Memory) -> None:
        """Replace the file. Raises OSError, e.g. on a full disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(memory))
        fresh.replace(self.path)
