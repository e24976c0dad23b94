"""Connected devices on one node: so many MQTT connections to mosquitto, a gateway attached, and all are heard.

``python -m tests.bench.bench_connections [--most N]``: connects more and more devices, each of which then sends
one message, until the machine or the broker says no; which of them did is said.
"""

from __future__ import annotations

import argparse
import resource
import socket
import time

import psutil

from telemetry import topics
from telemetry.messages import PointEntry
from tests.bench.bench_gateway_cpu import bench_of
from tests.bench.raw_sender import connect, publish_packet

STEPS = (1000, 2500, 5000, 10_000, 15_000, 20_000, 25_000, 40_000, 60_000)
PORTS_OF_AN_ADDRESS = 20_000
"""Connections from one loopback address: an address has some 28,000 ports to connect from."""


def run(most: int) -> list[dict[str, float | str]]:
    """Each step with what it took; the last one says what the limit was."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # the broker inherits it
    points = [
        PointEntry(id=number + 1, asset=f"d{number}", key="p", device=f"d{number}", source="p", kind="analog")
        for number in range(min(most, STEPS[-1]))
    ]
    found: list[dict[str, float | str]] = []
    wires: list[socket.socket] = []
    with bench_of("", points=points) as bench:
        bench.start_gateway()
        told = 0
        broker = psutil.Process(bench.broker.pid)
        idle_mb = broker.memory_info().rss / 1e6
        for step in (each for each in STEPS if each <= most):
            began = time.monotonic()
            try:
                while len(wires) < step:
                    source = f"127.0.0.{1 + len(wires) // PORTS_OF_AN_ADDRESS}"
                    wires.append(connect(bench.broker.url, f"d{len(wires)}", source=source))
            except OSError as error:
                found.append(
                    {"connections": len(wires), "limit": f"{error} (open files allowed: {hard}, was {soft})"}
                )
                print(found[-1], flush=True)
                break
            connected_s = time.monotonic() - began
            began = time.monotonic()
            for number, wire in enumerate(wires):
                at_ms = time.time_ns() // 1_000_000
                payload = b'{"values":{"p":1.5},"at":%d}' % at_ms
                wire.sendall(publish_packet(topics.telemetry(f"d{number}"), payload, 1))
            for wire in wires:
                wire.recv(4)  # its PUBACK
            told += len(wires)
            while bench.stored_messages() < told and time.monotonic() < began + 60:
                time.sleep(0.1)
            found.append(
                {
                    "connections": len(wires),
                    "connected_in_s": round(connected_s, 1),
                    "all_heard_and_stored_in_s": round(time.monotonic() - began, 1),
                    "lost": told - bench.stored_messages(),
                    "broker_kb_a_connection": round(
                        (broker.memory_info().rss / 1e6 - idle_mb) * 1000 / len(wires), 1
                    ),
                    "gateway_mb": round(psutil.Process(bench.pid).memory_info().rss / 1e6),
                }
            )
            print(found[-1], flush=True)
        for wire in wires:
            wire.close()
    return found


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=STEPS[-1])
    arguments = parser.parse_args()
    print("load before:", psutil.getloadavg())
    run(arguments.most)
    print("load after:", psutil.getloadavg())


if __name__ == "__main__":
    main()
