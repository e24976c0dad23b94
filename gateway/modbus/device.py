"""One device under a poller: what is due when, whether it answers, and what it last refused."""

from __future__ import annotations

from typing import Final

import structlog

from gateway.modbus.blocks import Block, plan_blocks
from gateway.modbus.config import DeviceConfig
from gateway.modbus.connection import Connection, NoAnswer, RefusedRequest

OFFLINE_AFTER: Final = 3
"""Polls without an answer, one after the other, until a device counts as offline."""
LONGEST_WAIT_S: Final = 60.0

Values = dict[str, float | int | None]

_log = structlog.get_logger()


class PollGroup:
    """The points of a device with the same interval."""

    def __init__(self, poll_s: float, blocks: list[Block], now_s: float) -> None:
        self.poll_s = poll_s
        self.blocks = blocks
        self.due_s = now_s

    def schedule(self, now_s: float, failures: int) -> None:
        """The next time: in step with the last, but what was missed is not made up for.

        A device that does not answer is asked more and more rarely: each time costs all other
        devices on the line a timeout.
        """
        wait_s = self.poll_s
        if failures:
            wait_s = max(self.poll_s, min(self.poll_s * 2.0 ** min(failures, 10), LONGEST_WAIT_S))
        in_step_s = self.due_s + wait_s
        self.due_s = in_step_s if in_step_s > now_s else now_s + wait_s


class PolledDevice:
    """Keeps what the last polls of a device showed."""

    def __init__(self, config: DeviceConfig, now_s: float) -> None:
        self.config = config
        self.failures = 0
        self.is_online: bool | None = None
        """None until it has answered or failed often enough."""
        intervals = sorted({config.poll_s or point.poll_s for point in config.map.points})
        self.groups = [
            PollGroup(poll_s, plan_blocks(config.map, points), now_s)
            for poll_s in intervals
            if (points := [point for point in config.map.points if (config.poll_s or point.poll_s) == poll_s])
        ]
        self._told: set[Block] = set()

    async def poll(self, connection: Connection, group: PollGroup) -> Values:
        """The values of a group, as far as the device gave them; raises NoAnswer if it gave none."""
        values: Values = {}
        for block in list(group.blocks):
            try:
                values |= block.values(await connection.read(self.config.unit, block))
            except RefusedRequest as refusal:
                self._handle_refusal(group, block, refusal)
            except NoAnswer:
                if not values:
                    raise
                break
        return values

    def _handle_refusal(self, group: PollGroup, block: Block, refusal: RefusedRequest) -> None:
        if refusal.is_for_good and len(block.points) > 1:
            at = group.blocks.index(block)
            group.blocks[at : at + 1] = block.split()
            group.due_s = 0.0  # ask again at once, value by value
        if block not in self._told:
            self._told.add(block)
            last = block.address + block.count - 1
            _log.warning(
                "a device refuses registers; its other values go on",
                device=self.config.device,
                registers=f"{block.function} {block.address} to {last}",
                points=", ".join(point.source for point in block.points),
                reason=str(refusal),
            )

    def succeed(self) -> bool:
        """It answered; whether that is news."""
        self.failures = 0
        was, self.is_online = self.is_online, True
        return was is not True

    def fail(self) -> bool:
        """It did not; whether it has just become offline."""
        self.failures += 1
        if self.failures < OFFLINE_AFTER or self.is_online is False:
            return False
        self.is_online = False
        return True
