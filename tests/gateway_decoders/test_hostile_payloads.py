"""Nothing a sender can put into a payload or topic raises; the lists of a decoded message are sane."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.decoders.decoded import Decoded
from gateway.decoders.sparkplug.decoder import SparkplugDecoder
from gateway.decoders.sparkplug.payload import new_payload
from telemetry.topics import is_device_id
from tests.gateway_decoders.recorded_cases import FAMILIES, RECEIVED_MS, decoder_of, read_cases

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**300, max_value=10**320)
    | st.floats(allow_nan=False)
    | st.text(max_size=80)
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
HOSTILE = [
    b"", b" ", b"null", b"[]", b"{}", b"\x00", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b'"\\ud800"', b"NaN", b"-",
    b"1e400", b'{"":{"":{"":1}}}', b"9" * 5_000, b'{"values":' + b"9" * 400 + b"}", b"{}" * 3, b"\xef\xbb\xbf{}",
]  # fmt: skip


def check(decoded: Decoded) -> None:
    for part in decoded.parts:
        assert is_device_id(part.device), part.device
        assert 0 < len(part.source) <= 128
        assert -62_135_596_800_000 <= part.at_ms <= 253_402_300_799_999
        assert part.value is None or isinstance(part.value, float | int | str)
        assert not isinstance(part.value, bool)
        assert not isinstance(part.value, float) or math.isfinite(part.value)
    for refusal in decoded.refusals:
        assert refusal.reason
        assert refusal.detail


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_tree_on_any_recorded_topic(family: str, data: st.DataObject) -> None:
    decoder = decoder_of(family)
    case = data.draw(st.sampled_from(read_cases(family)))
    tree = _mutated(data, case.payload) if case.text is None else data.draw(TREES)
    try:
        payload = json.dumps(tree).encode("utf-8", "surrogatepass")
    except ValueError:  # json cannot write integers of more than 4300 digits
        return
    check(decoder.decode(case.topic, payload, RECEIVED_MS))


@pytest.mark.parametrize("family", FAMILIES)
def test_hostile_bytes_on_every_recorded_topic(family: str) -> None:
    decoder = decoder_of(family)
    for case in read_cases(family):
        for payload in HOSTILE:
            check(decoder.decode(case.topic, payload, RECEIVED_MS))


@pytest.mark.parametrize("family", FAMILIES)
@given(topic=st.text(max_size=60), payload=st.binary(max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_bytes_on_any_topic(family: str, topic: str, payload: bytes) -> None:
    decoder = decoder_of(family)
    decoder.claims(topic)
    check(decoder.decode(topic, payload, RECEIVED_MS))


def test_a_payload_with_many_values_is_cut_and_said_so() -> None:
    payload = json.dumps({f"v{number}": number for number in range(5_000)}).encode()
    decoded = decoder_of("zigbee2mqtt").decode("zigbee2mqtt/x", payload, RECEIVED_MS)
    assert len(decoded.parts) == 1000
    assert [refusal.reason for refusal in decoded.refusals] == ["too_large"]


@given(
    payload=st.binary(max_size=200),
    kind=st.sampled_from(["NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH"]),
)
@settings(max_examples=300, deadline=None)
def test_any_bytes_as_sparkplug(payload: bytes, kind: str) -> None:
    decoder = SparkplugDecoder()
    topic = f"spBv1.0/g/{kind}/n" + ("/d" if kind.startswith("D") else "")
    check(decoder.decode(topic, payload, RECEIVED_MS))


METRICS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(max_size=150),
        "alias": st.integers(0, 2**64 - 1),
        "timestamp": st.integers(0, 2**64 - 1),
        "datatype": st.integers(0, 40),
        "is_historical": st.booleans(),
        "is_null": st.booleans(),
        "int_value": st.integers(0, 2**32 - 1),
        "long_value": st.integers(0, 2**64 - 1),
        "float_value": st.floats(width=32),
        "double_value": st.floats(),
        "boolean_value": st.booleans(),
        "string_value": st.text(max_size=80),
    },
)


@given(
    messages=st.lists(
        st.tuples(
            st.sampled_from(["NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH"]),
            st.integers(0, 2**64 - 1),
            st.lists(METRICS, max_size=4),
        ),
        max_size=6,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_metrics_in_any_order_as_sparkplug(
    messages: list[tuple[str, int, list[dict[str, object]]]],
) -> None:
    decoder = SparkplugDecoder()
    for kind, seq, metrics in messages:
        payload = new_payload()
        payload.seq = seq
        for fields in metrics:
            metric = payload.metrics.add()
            for name, value in fields.items():
                setattr(metric, name, value)
        topic = f"spBv1.0/g/{kind}/n" + ("/d" if kind.startswith("D") else "")
        check(decoder.decode(topic, payload.SerializeToString(), RECEIVED_MS))


def _mutated(data: st.DataObject, tree: object, depth: int = 0) -> object:
    """A recorded payload with one of its parts replaced by anything."""
    if depth > 6 or not isinstance(tree, dict | list) or not tree or data.draw(st.integers(0, 3)) == 0:
        return data.draw(TREES)
    if isinstance(tree, dict):
        name = data.draw(st.sampled_from(sorted(tree)))
        return {**tree, name: _mutated(data, tree[name], depth + 1)}
    index = data.draw(st.integers(0, len(tree) - 1))
    return [*tree[:index], _mutated(data, tree[index], depth + 1), *tree[index + 1 :]]
