"""One Modbus connection: asks for registers, and says in one of two ways that it got none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.client.base import ModbusBaseClient
from pymodbus.pdu import ModbusPDU

from gateway.modbus.blocks import Block
from gateway.modbus.config import Port
from gateway.modbus.registers import BIT_FUNCTIONS

_REASONS = {
    1: "illegal function", 2: "illegal address", 3: "illegal value", 4: "device failure", 5: "acknowledge, busy",
    6: "device busy", 8: "memory parity error", 10: "gateway path unavailable", 11: "gateway: no response",
}  # fmt: skip
_GATEWAY_CODES = {10, 11}
_NOT_THERE = {1, 2, 3}


class NoAnswer(Exception):
    """The device, or what is on the way to it, did not answer in time."""


class RefusedRequest(Exception):
    """The device answered that it cannot give this."""

    def __init__(self, code: int) -> None:
        super().__init__(f"it says: {_REASONS.get(code, f'code {code}')}")
        self.is_for_good = code in _NOT_THERE
        """Whether asking the same again is of no use."""


class Connection(Protocol):
    """What a line needs of a connection."""

    async def open(self) -> None:
        """Connect if it is not; raises NoAnswer."""
        ...

    async def read(self, unit: int, block: Block) -> Sequence[int]:
        """As many registers or bits as the block counts; raises NoAnswer or RefusedRequest."""
        ...

    def close(self) -> None: ...


class ModbusConnection:
    """A connection by pymodbus. Its own reconnecting is off: the line decides when to try again."""

    def __init__(self, port: Port, *, timeout_s: float) -> None:
        self._port = port
        self._timeout_s = timeout_s
        self._client: ModbusBaseClient | None = None

    async def open(self) -> None:
        """Connect if it is not; raises NoAnswer."""
        if self._client is not None and self._client.connected:
            return
        self.close()
        client = self._client = self._make_client()
        try:
            connected = await client.connect()
        except (OSError, ModbusException) as error:
            raise NoAnswer(f"cannot connect to {self._port}: {error}") from None
        if not connected:
            raise NoAnswer(f"cannot connect to {self._port}")

    async def read(self, unit: int, block: Block) -> Sequence[int]:
        """As many registers or bits as the block counts; raises NoAnswer or RefusedRequest."""
        if self._client is None:
            raise NoAnswer("not connected")
        try:
            answer = await self._ask(self._client, unit, block)
        except (ModbusException, OSError, TimeoutError) as error:
            await self._let_late_answers_pass()
            raise NoAnswer(str(error)) from None
        if answer.isError():
            code = answer.exception_code
            if code in _GATEWAY_CODES:
                raise NoAnswer(f"the gateway on the way says: {_REASONS[code]}")
            raise RefusedRequest(code)
        found = answer.bits[: block.count] if block.function in BIT_FUNCTIONS else answer.registers
        if len(found) != block.count:
            await self._let_late_answers_pass()
            raise NoAnswer(
                f"{len(found)} registers came instead of {block.count}: the answer to another request"
            )
        return found

    async def _ask(self, client: ModbusBaseClient, unit: int, block: Block) -> ModbusPDU:
        ask = {
            "coil": client.read_coils,
            "discrete": client.read_discrete_inputs,
            "holding": client.read_holding_registers,
            "input": client.read_input_registers,
        }[block.function]
        return await ask(block.address, count=block.count, device_id=unit)

    async def _let_late_answers_pass(self) -> None:
        """Outside of Modbus/TCP answers carry no number: a late one would be taken for the next."""
        if self._port.transport != "tcp":
            await asyncio.sleep(self._timeout_s / 2)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _make_client(self) -> ModbusBaseClient:
        port = self._port
        if port.transport == "serial":
            return AsyncModbusSerialClient(
                port.host,
                baudrate=port.baud,
                parity=port.parity,
                stopbits=port.stop_bits,
                bytesize=port.data_bits,
                timeout=self._timeout_s,
                retries=1,
                reconnect_delay=0,
            )
        framer = FramerType.SOCKET if port.transport == "tcp" else FramerType.RTU
        return AsyncModbusTcpClient(
            port.host, port=port.port, framer=framer, timeout=self._timeout_s, retries=1, reconnect_delay=0
        )
