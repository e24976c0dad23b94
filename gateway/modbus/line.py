"""One connection and the devices on it, asked one after the other, whoever is due first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from gateway.modbus.config import LineConfig
from gateway.modbus.connection import Connection, NoAnswer
from gateway.modbus.device import PolledDevice, PollGroup, Values

FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0
AFTER_MISTAKE_S: Final = 5.0

OnValues = Callable[[str, Values], None]
OnPresence = Callable[[str, bool], None]

_log = structlog.get_logger()


class Line:
    """Polls until it is cancelled. A device that fails, fails alone; nothing is ever published twice."""

    def __init__(
        self,
        config: LineConfig,
        connection: Connection,
        *,
        clock: Callable[[], float],
        on_values: OnValues,
        on_presence: OnPresence,
    ) -> None:
        """``clock``: seconds that only go forward; the loop's own in production."""
        self._config = config
        self._connection = connection
        self._clock = clock
        self._on_values = on_values
        self._on_presence = on_presence
        self._devices = [PolledDevice(device, clock()) for device in config.devices]
        self._wait_s = FIRST_WAIT_S
        self._trouble: str | None = None

    async def run(self) -> None:
        try:
            while True:
                try:
                    await self._step()
                except Exception:  # noqa: BLE001 (a mistake of ours about one line must not stop the others)
                    _log.exception("a line failed; going on", line=self._config.name)
                    await asyncio.sleep(AFTER_MISTAKE_S)
        finally:
            self._connection.close()

    async def _step(self) -> None:
        """Wait for the next group that is due, and read it."""
        device, group = min(
            ((device, group) for device in self._devices for group in device.groups),
            key=lambda pair: pair[1].due_s,
        )
        await asyncio.sleep(max(0.0, group.due_s - self._clock()))
        if await self._connect():
            await self._poll(device, group)
            await asyncio.sleep(self._config.pause_s)

    async def _connect(self) -> bool:
        try:
            await self._connection.open()
        except NoAnswer as error:
            self._tell(str(error))
            for device in self._devices:
                self._take_failure(device)
            await asyncio.sleep(self._wait_s)
            self._wait_s = min(self._wait_s * 2, LONGEST_WAIT_S)
            return False
        self._wait_s = FIRST_WAIT_S
        self._tell(None)
        return True

    async def _poll(self, device: PolledDevice, group: PollGroup) -> None:
        before_s = group.due_s
        try:
            values = await device.poll(self._connection, group)
        except NoAnswer as error:
            if self._take_failure(device):
                _log.warning("a device does not answer", device=device.config.device, reason=str(error))
            for each in device.groups:
                each.schedule(self._clock(), device.failures)
            return
        if device.succeed():
            _log.info("a device answers", device=device.config.device, line=self._config.name)
            self._on_presence(device.config.device, True)
        if values:
            self._on_values(device.config.device, values)
        if group.due_s == before_s:  # a refusal may have asked for another poll at once
            group.schedule(self._clock(), 0)

    def _take_failure(self, device: PolledDevice) -> bool:
        went = device.fail()
        if went:
            self._on_presence(device.config.device, False)
        return went

    def _tell(self, trouble: str | None) -> None:
        """Say once what is wrong with the line, and once that it is over."""
        if trouble != self._trouble:
            if trouble:
                _log.warning("a line is down; trying again", line=self._config.name, reason=trouble)
            else:
                _log.info("a line is up again", line=self._config.name)
            self._trouble = trouble
