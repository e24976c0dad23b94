"""What the gateway tells of itself: a retained message, and metrics for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.condition import Condition
from gateway.spool import SpoolState
from gateway.stages import Counters
from telemetry.messages import GatewayHealth

EVERY_S = 5.0

_WORDS = {
    "messages": "Device messages taken from the broker",
    "readings": "Readings stored and published",
    "duplicates": "Values that were delivered again and passed over",
    "dead_letters": "Messages or parts of them that could not become readings",
    "backfilled": "Readings older than ten minutes",
    "suspect": "Readings outside of their physical range",
}


def health_message(
    gateway: str,
    counters: Counters,
    condition: Condition,
    spool: SpoolState,
    *,
    now_ms: int,
    online: bool,
    expects_devices: bool,
) -> GatewayHealth:
    """All of it, as it is told."""
    return GatewayHealth(
        gateway=gateway,
        at_ms=now_ms,
        online=online,
        started_ms=condition.started_ms,
        messages=counters.messages,
        readings=counters.readings,
        duplicates=counters.duplicates,
        dead_letters=counters.dead_letters,
        backfilled=counters.backfilled,
        suspect=counters.suspect,
        in_flight=condition.in_flight,
        store_ok=condition.error is None,
        store_error=condition.error,
        last_message_ms=condition.last_message_ms,
        spooled_readings=spool.readings,
        spool_bytes=spool.size,
        spool_limit_bytes=spool.limit,
        spool_oldest_ms=spool.oldest_ms,
        spool_full=spool.why_full is not None,
        expects_devices=expects_devices,
        broker_waiting=condition.broker.waiting,
        broker_dropped=condition.broker.dropped,
    )


class GatewayMetrics(Collector):
    """Reads the counters only when somebody asks: the hot path pays nothing."""

    def __init__(
        self,
        counters: Counters,
        condition: Condition,
        dropped: Callable[[], int],
        spool: Callable[[], SpoolState],
    ) -> None:
        self._counters = counters
        self._condition = condition
        self._dropped = dropped
        self._spool = spool

    def collect(self) -> Iterator[Metric]:
        """One metric for each counter, and the state of the moment."""
        for name, words in _WORDS.items():
            yield CounterMetricFamily(f"plantroom_gateway_{name}", words, value=getattr(self._counters, name))
        yield CounterMetricFamily(
            "plantroom_gateway_dead_letters_dropped",
            "Oldest dead letters deleted because their file was full",
            value=self._dropped(),
        )
        yield GaugeMetricFamily(
            "plantroom_gateway_in_flight", "Messages not acknowledged yet", value=self._condition.in_flight
        )
        yield GaugeMetricFamily(
            "plantroom_gateway_store_ok",
            "1 while readings can be stored",
            value=self._condition.store_error is None,
        )
        broker = self._condition.broker
        if broker.waiting is not None:
            yield GaugeMetricFamily(
                "plantroom_gateway_broker_waiting", "Messages that the broker keeps", value=broker.waiting
            )
        if broker.dropped is not None:
            yield CounterMetricFamily(
                "plantroom_gateway_broker_dropped",
                "Messages that the broker threw away because a queue was full",
                value=broker.dropped,
            )
        spool = self._spool()
        yield GaugeMetricFamily(
            "plantroom_gateway_spooled_readings", "Readings that wait for the store", value=spool.readings
        )
        yield GaugeMetricFamily(
            "plantroom_gateway_spool_bytes", "Disk they use, of the limit", value=spool.size
        )
        yield GaugeMetricFamily(
            "plantroom_gateway_spool_full",
            "1 while nothing more is spooled or acknowledged",
            value=spool.why_full is not None,
        )


def serve_metrics(metrics: GatewayMetrics, port: int) -> None:
    """On the loopback interface, in a thread that ends with the process. Raises OSError if the port is taken."""
    registry = CollectorRegistry()
    registry.register(metrics)
    start_http_server(port, addr="127.0.0.1", registry=registry)
