"""The poller as a process of its own, and on a serial line."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import subprocess
import sys
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymodbus import FramerType
from pymodbus.server import ModbusSerialServer

from gateway.modbus.blocks import Block
from gateway.modbus.config import Port
from gateway.modbus.connection import ModbusConnection, NoAnswer, RefusedRequest
from tests.gateway_modbus.modbus_peer import Slave
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually


def run_poller(file: Path, url: str = "mqtt://127.0.0.1:1") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "server.commands.cli", "modbus", "--config", str(file)]
    environment = {**os.environ, "PLANTROOM_MQTT_URL": url, "PLANTROOM_DATA": str(file.parent)}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def test_a_wrong_file_ends_it_with_file_line_and_remedy(tmp_path: Path) -> None:
    file = tmp_path / "modbus.yaml"
    file.write_text("version: 1\nname: p\nlines:\n  - {tcp: 'h', devices: [{device: a, map: sdm63}]}\n")
    _, said = run_poller(file).communicate(timeout=60)
    assert f"plantroom: {file}:4: 'h' is no host:port; write for example 10.0.0.5:502" in said


def test_it_ends_in_order_when_told_to(tmp_path: Path, mosquitto: Mosquitto) -> None:
    file = tmp_path / "modbus.yaml"
    file.write_text(
        "version: 1\nname: p\nlines:\n  - {tcp: '127.0.0.1:1', devices: [{device: a, map: sdm630}]}\n"
    )
    process = run_poller(file, mosquitto.url)
    eventually(lambda: "plantroom-modbus-p" in mosquitto.log, what="the poller at the broker")
    process.terminate()
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert '"event": "stopped"' in said


class SerialCable:
    """Two pseudo terminals whose ends are joined: what is written into one comes out of the other."""

    def __init__(self) -> None:
        pairs = [pty.openpty(), pty.openpty()]
        for _, end in pairs:
            tty.setraw(end)
        self._ends = [end for _, end in pairs]
        self._middles = [middle for middle, _ in pairs]
        self.paths = [os.ttyname(end) for end in self._ends]
        self._closing, self._close = os.pipe()
        self._thread = threading.Thread(target=self._carry)
        self._thread.start()

    def _carry(self) -> None:
        other = {self._middles[0]: self._middles[1], self._middles[1]: self._middles[0]}
        while True:
            ready, _, _ = select.select([*self._middles, self._closing], [], [])
            if self._closing in ready:
                return
            for middle in ready:
                os.write(other[middle], os.read(middle, 4096))

    def close(self) -> None:
        os.write(self._close, b"x")
        self._thread.join(10)
        for number in (*self._ends, *self._middles, self._closing, self._close):
            os.close(number)


@pytest.fixture
def cable() -> Iterator[SerialCable]:
    cable = SerialCable()
    yield cable
    cable.close()


def test_a_serial_line_is_read_by_rtu(cable: SerialCable) -> None:
    slave, silent = Slave(7, {0: 230, 1: 231}), Slave(8, {0: 1})
    silent.is_silent = True

    async def talk() -> list[list[int] | str]:
        server = ModbusSerialServer(
            [slave.as_device(), silent.as_device()],
            framer=FramerType.RTU,
            port=cable.paths[0],
            baudrate=9600,
        )
        await server.serve_forever(background=True)
        connection = ModbusConnection(Port("serial", cable.paths[1]), timeout_s=0.5)
        said: list[list[int] | str] = []
        await connection.open()
        said.append(list(await connection.read(7, Block("holding", 0, 2, ()))))
        slave.refused = {1}
        for unit in (7, 8):
            try:
                await connection.read(unit, Block("holding", 0, 2, ()))
            except (NoAnswer, RefusedRequest) as error:
                said.append(type(error).__name__)
        slave.refused = set()
        said.append(list(await connection.read(7, Block("holding", 1, 1, ()))))
        connection.close()
        await server.shutdown()
        return said

    assert asyncio.run(asyncio.wait_for(talk(), 60)) == [[230, 231], "RefusedRequest", "NoAnswer", [231]]
