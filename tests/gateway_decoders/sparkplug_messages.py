"""Sparkplug messages for tests, built from plain dictionaries."""

from __future__ import annotations

from gateway.decoders.decoded import Decoded, Publish
from gateway.decoders.sparkplug.decoder import SparkplugDecoder
from gateway.decoders.sparkplug.payload import new_payload, parse_payload

INT32, INT64, DOUBLE, BOOLEAN, STRING = 3, 4, 10, 11, 12
NOW = 1_769_846_400_000

Fields = dict[str, object]


def message(*metrics: Fields, seq: int | None = 0, at_ms: int = NOW) -> bytes:
    payload = new_payload()
    payload.timestamp = at_ms
    if seq is not None:
        payload.seq = seq
    for fields in metrics:
        metric = payload.metrics.add()
        for name, value in fields.items():
            setattr(metric, name, value)
    return payload.SerializeToString()


def bd_seq(number: int) -> Fields:
    return {"name": "bdSeq", "datatype": INT64, "long_value": number}


class Line:
    """One edge node ``plant/chiller`` as a decoder sees it."""

    def __init__(self) -> None:
        self.decoder = SparkplugDecoder()
        self.now_ms = NOW

    def send(self, kind: str, *metrics: Fields, seq: int | None = 0, device: str = "") -> Decoded:
        topic = f"spBv1.0/plant/{kind}/chiller" + (f"/{device}" if device else "")
        return self.decoder.decode(topic, message(*metrics, seq=seq), self.now_ms)

    def begin(self, *, number: int = 1, seq: int = 0) -> Decoded:
        supply = {"name": "supply", "alias": 7, "datatype": DOUBLE, "double_value": 6.5}
        return self.send("NBIRTH", bd_seq(number), supply, seq=seq)

    def begin_device(self, *, seq: int = 1) -> Decoded:
        flow = {"name": "flow", "alias": 8, "datatype": DOUBLE, "double_value": 12.0}
        level = {"name": "level", "alias": 9, "datatype": INT32, "int_value": 3}
        return self.send("DBIRTH", flow, level, seq=seq, device="pump")


def values(decoded: Decoded) -> list[tuple[str, str, object]]:
    return [(part.device, part.source, part.value) for part in decoded.parts]


def presences(decoded: Decoded) -> list[tuple[str, bool]]:
    return [(item.device, item.online) for item in decoded.presences]


def asks_for_rebirth(decoded: Decoded) -> bool:
    """Whether a rebirth is requested; what is requested must be well formed."""
    for request in decoded.requests:
        assert isinstance(request, Publish)
        assert request.topic == "spBv1.0/plant/NCMD/chiller"
        (metric,) = parse_payload(request.payload).metrics
        assert (metric.name, metric.boolean_value, metric.datatype) == ("Node Control/Rebirth", True, BOOLEAN)
    return bool(decoded.requests)
