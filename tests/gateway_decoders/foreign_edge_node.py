"""An edge node made with pysparkplug. Runs in its own virtual environment: the library needs an old paho.

usage: foreign_edge_node.py PORT. Publishes its births and then data by alias only; each line on
standard input is a command: ``data``, ``lose`` (20 numbers are never sent), ``late`` (an old value
marked historical), ``stop_device``, ``die``. Says ``born`` for each birth.
"""

from __future__ import annotations

import os
import sys
import threading

import pysparkplug as psp

GROUP, NODE, DEVICE = "plant", "foreign", "pump"


class Node:
    def __init__(self) -> None:
        self.client = psp.Client(client_id="foreign-edge-node")
        self.seq = 0
        self.flow = 0.0
        self.lock = threading.RLock()
        self.bd_seq = metric("bdSeq", psp.DataType.INT64, 5)

    def start(self, port: int) -> None:
        death = psp.NDeath(timestamp=psp.get_current_timestamp(), bd_seq_metric=self.bd_seq)
        self.client.set_will(message(psp.MessageType.NDEATH, death))
        commands = topic(psp.MessageType.NCMD)
        self.client.subscribe(commands, psp.QoS.AT_LEAST_ONCE, self.take_command)
        self.client.connect("127.0.0.1", port=port, callback=lambda _client: self.birth())

    def take_command(self, _client: object, received: psp.Message) -> None:
        if any(item.name == "Node Control/Rebirth" and item.value for item in received.payload.metrics):
            self.birth()

    def birth(self) -> None:
        with self.lock:
            self.seq = 0
            of_node = (
                self.bd_seq,
                metric("supply", psp.DataType.DOUBLE, 6.5, alias=1),
                metric("outside", psp.DataType.INT16, -12, alias=2),
                metric("mode", psp.DataType.STRING, "auto", alias=3),
            )
            self.publish(psp.MessageType.NBIRTH, psp.NBirth(now(), self.count(), of_node), with_types=True)
            of_device = (
                metric("flow", psp.DataType.FLOAT, self.flow, alias=11),
                metric("starts", psp.DataType.UINT32, 7, alias=12),
            )
            birth = psp.DBirth(now(), self.count(), of_device)
            self.publish(psp.MessageType.DBIRTH, birth, device=DEVICE, with_types=True)
            print("born", flush=True)

    def data(self, *, historical: bool = False) -> None:
        with self.lock:
            self.flow += 1.0
            one = psp.Metric(
                timestamp=now() - (3_600_000 if historical else 0),
                name=None,
                datatype=psp.DataType.FLOAT,
                value=self.flow,
                alias=11,
                is_historical=historical,
            )
            self.publish(psp.MessageType.DDATA, psp.DData(now(), self.count(), (one,)), device=DEVICE)

    def stop_device(self) -> None:
        self.publish(psp.MessageType.DDEATH, psp.DDeath(now(), self.count()), device=DEVICE)

    def lose(self) -> None:
        self.seq = (self.seq + 20) % 256

    def count(self) -> int:
        number, self.seq = self.seq, (self.seq + 1) % 256
        return number

    def publish(
        self, kind: psp.MessageType, payload: object, *, device: str | None = None, with_types: bool = False
    ) -> None:
        self.client.publish(message(kind, payload, device), include_dtypes=with_types)


def now() -> int:
    return psp.get_current_timestamp()


def metric(name: str, datatype: psp.DataType, value: object, alias: int | None = None) -> psp.Metric:
    return psp.Metric(timestamp=now(), name=name, datatype=datatype, value=value, alias=alias)


def topic(kind: psp.MessageType, device: str | None = None) -> psp.Topic:
    return psp.Topic(message_type=kind, group_id=GROUP, edge_node_id=NODE, device_id=device)


def message(kind: psp.MessageType, payload: object, device: str | None = None) -> psp.Message:
    return psp.Message(topic=topic(kind, device), payload=payload, qos=psp.QoS.AT_MOST_ONCE, retain=False)


def main() -> None:
    node = Node()
    node.start(int(sys.argv[1]))
    for line in sys.stdin:
        match line.strip():
            case "data":
                node.data()
            case "late":
                node.data(historical=True)
            case "lose":
                node.lose()
            case "stop_device":
                node.stop_device()
            case "die":
                os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
