"""CPU microseconds a message, by foreign format, on the recorded messages of the tests.

    python -m tests.bench.bench_decoders

The least of many rounds: other work on the machine only adds. The first line says how quick the
machine is, so that two runs can be compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from gateway.decoders.sparkplug.decoder import SparkplugDecoder
from tests.gateway_decoders.recorded_cases import FAMILIES, RECEIVED_MS, decoder_of, read_cases
from tests.gateway_decoders.sparkplug_messages import DOUBLE, message

ROUNDS = 60
MESSAGES = 100


class Cost(NamedTuple):
    """Of one recorded message."""

    cost_us: float
    values: int
    size: int
    note: str


def least_us(run: Callable[[], object]) -> float:
    """CPU microseconds of one call."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.thread_time()
        for _ in range(MESSAGES):
            run()
        best = min(best, time.thread_time() - began)
    return best / MESSAGES * 1e6


def costs(family: str) -> list[Cost]:
    """Each recorded message of a family that holds values."""
    decoder = decoder_of(family)
    found = []
    for case in read_cases(family):
        decode = partial(decoder.decode, case.topic, case.data, RECEIVED_MS)
        decode()
        if case.values:
            found.append(Cost(least_us(decode), len(case.values), len(case.data), case.note))
    return found


def sparkplug_us() -> float:
    """A message of five values by alias."""
    decoder = SparkplugDecoder()
    births = [{"name": f"m{n}", "alias": n, "datatype": DOUBLE, "double_value": 1.5} for n in range(5)]
    decoder.decode("spBv1.0/g/NBIRTH/n", message(*births), RECEIVED_MS)
    data = [{"alias": n, "double_value": 1.5, "timestamp": RECEIVED_MS} for n in range(5)]
    messages = [message(*data, seq=(seq + 1) % 256) for seq in range(256)]
    numbers = iter(range(10**9))
    return least_us(lambda: decoder.decode("spBv1.0/g/NDATA/n", messages[next(numbers) % 256], RECEIVED_MS))


def main() -> None:
    machine_us = least_us(lambda: sum(range(1000)))
    print(f"{'this machine: sum(range(1000))':32} {machine_us:6.1f} us")
    for family in FAMILIES:
        found = costs(family)
        mean_us = sum(cost.cost_us for cost in found) / len(found)
        worst = max(found)
        print(
            f"{family:32} {mean_us:6.1f} us a message; most {worst.cost_us:.1f} us "
            f"({worst.values} values, {worst.size} bytes: {worst.note})"
        )
    print(f"{'sparkplug':32} {sparkplug_us():6.1f} us a message of 5 values by alias")


if __name__ == "__main__":
    main()
