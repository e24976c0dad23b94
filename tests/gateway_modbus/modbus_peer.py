"""A real Modbus server on the loopback interface, in a thread of its own, that tests stop and start again."""

from __future__ import annotations

import asyncio
import struct
import threading

from pymodbus import FramerType
from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from tests.support.ports import free_port


class Slave:
    """One device: its registers may be changed, be refused or stay unanswered while it runs."""

    def __init__(self, unit: int, registers: dict[int, int]) -> None:
        self.unit = unit
        self.registers = dict(registers)
        self.refused: set[int] = set()
        self.is_silent = False
        self.requests: list[tuple[int, int, int]] = []
        """(function code, address, count) of each request."""

    def as_device(self) -> SimDevice:
        last = max(self.registers) + 1
        block = [
            SimData(
                0, values=[self.registers.get(at, 0) for at in range(last + 1)], datatype=DataType.REGISTERS
            )
        ]
        return SimDevice(self.unit, simdata=block, action=self._answer)

    async def _answer(  # noqa: PLR0917 (pymodbus calls it so)
        self,
        function_code: int,
        start_address: int,
        address: int,
        count: int,
        current_registers: list[int],
        set_values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        self.requests.append((function_code, address, count))
        if self.is_silent:
            await asyncio.sleep(3600)
        if self.refused & set(range(address, address + count)):
            return ExcCodes.ILLEGAL_ADDRESS
        for at, value in self.registers.items():
            if 0 <= at - start_address < len(current_registers):
                current_registers[at - start_address] = value
        return None


class ModbusPeer:
    """A server with its slaves."""

    def __init__(self, slaves: list[Slave], framer: FramerType = FramerType.SOCKET) -> None:
        self.slaves = slaves
        self.port = free_port()
        self._framer = framer
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: ModbusTcpServer | None = None

    def start(self) -> None:
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        self._server = ModbusTcpServer(
            [slave.as_device() for slave in self.slaves],
            framer=self._framer,
            address=("127.0.0.1", self.port),
            ignore_missing_devices=True,
        )
        await self._server.serve_forever(background=True)

    async def _stop(self) -> None:
        if self._server is not None:
            await self._server.shutdown()
            self._server = None
        mine = asyncio.current_task()
        for task in asyncio.all_tasks():
            if task is not mine:
                task.cancel()


def floats(values: dict[int, float]) -> dict[int, int]:
    """Registers of float values, high word first, by address."""
    registers: dict[int, int] = {}
    for address, value in values.items():
        registers[address], registers[address + 1] = struct.unpack(">HH", struct.pack(">f", value))
    return registers
