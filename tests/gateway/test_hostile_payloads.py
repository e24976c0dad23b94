"""100,000 payloads that nobody should send: each becomes values or refusals, none an exception."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from math import isfinite
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.catalogue import PointCatalogue
from gateway.dead_letters import letters_of
from gateway.decoders.native import NativeDecoder
from gateway.pipeline import Batch, Pipeline
from gateway.receipts import Receipts
from gateway.stages import Counters
from telemetry.messages import PointEntry
from telemetry.reading import Quality
from tests.gateway.support import NOW_MS, catalogues, incoming

PER_EXAMPLE = 100
EXAMPLES = 1000
DAY_MS = 86_400_000

KINDS = ("analog", "state", "flags", "counter")
ENTRIES = [
    PointEntry(id=number, asset="pump-a", key=kind, device="pump-a", source=kind, kind=kind, scale=1.5)
    for number, kind in enumerate(KINDS, start=1)
]
SEEDS = [
    b'{"values":{"analog":41.5,"state":"E1","flags":3,"counter":7},"at":"2026-02-02T02:40:00Z"}',
    b'{"values":{"analog":null,"state":-2,"flags":true},"at":1770000000,"quality":"suspect"}',
    b'[{"point":"analog","value":1e3},{"values":{"counter":12},"at":1769999999999}]',
    b'{"point":"state","value":"\\u6c34\\u6cf5","at":1769999999.25}',
]
TOKENS = [
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"9" * 30, b"9" * 400, b"9" * 5000, b"0.1" + b"0" * 400,
    b"null", b"true", b"{}", b"[]", b'""', b'"\\ud800"', b'"\\u0000"', b'"' + b"x" * 70 + b'"', b"\xff\xfe", b"\xc3",
    b"\xed\xa0\x80", b"[" * 2000, b'{"a":' * 2000, b"\0", b"\\", b'"', b"{", b"}", b",", b":", b"-", b"1e-400", b"-0",
    b'"values":', b'"at":', b'"point":', b'"value":', b'"quality":', b'"9999-12-31T23:59:59Z"', b'"0001-01-01T00:00:00+14:00"',
    b'"2026-02-02T02:40:60Z"', b'"2026-W05-1T00:00:00Z"', b"1e11", b"-1e11", b"253402300800000", b'"analog"', b'"state"',
]  # fmt: skip

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80) | st.sampled_from(KINDS),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(
            st.sampled_from([*KINDS, "values", "value", "point", "at", "quality"]) | st.text(max_size=8),
            children,
            max_size=6,
        )
    ),
    max_leaves=20,
)


def mutate(payload: bytes, chance: random.Random) -> bytes:
    """A few random cuts, swaps and insertions."""
    data = bytearray(payload)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                data[at:at] = chance.choice(TOKENS)
            case 1:
                del data[at : at + chance.randint(1, 12)]
            case 2:
                data[at : at + chance.randint(1, 8)] = chance.choice(TOKENS)
            case 3:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                data[at:at] = data[: chance.randint(0, 40)]
    return bytes(data)


def hostile(content: object, seed: int) -> Iterator[bytes]:
    """PER_EXAMPLE payloads from one drawn value and one seed."""
    text = json.dumps(content).encode()
    chance = random.Random(seed)
    yield text
    for _ in range(PER_EXAMPLE - 1):
        yield mutate(chance.choice([*SEEDS, text]), chance)


def make_pipeline(folder: Path) -> Pipeline:
    catalogue = PointCatalogue()
    catalogue.learn(catalogues(ENTRIES))
    return Pipeline(
        [NativeDecoder()],
        catalogue,
        Receipts(folder / "receipts.db"),
        Counters(),
        raw_retention_ms=30 * DAY_MS,
    )


def check(batch: Batch) -> None:
    """What comes out can be stored, sent and shown, whatever went in."""
    for reading in batch.readings:
        value = reading.value
        assert NOW_MS - 30 * DAY_MS <= reading.at_ms <= NOW_MS + 300_000
        assert value is not None or reading.quality is Quality.BAD
        assert not isinstance(value, bool)
        assert not isinstance(value, float) or isfinite(value)
        assert not isinstance(value, int) or -(2**63) <= value < 2**63
        assert not isinstance(value, str) or (len(value) <= 64 and "\0" not in value)
        assert isinstance(value, float | None) or reading.point in {2, 3}
    for letter in letters_of("gateway-1", batch.refused):
        assert letter.reason != "gateway_failed", letter.detail
        assert letter.detail.endswith(".")
        assert "\0" not in letter.payload + letter.detail + letter.topic
        msgspec.json.encode(letter)
    msgspec.json.encode(batch.readings)


def test_the_decoder_survives_100_000_hostile_payloads(tmp_path: Path) -> None:
    pipeline = make_pipeline(tmp_path)
    seen = kept = refused = 0

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(json_values, st.integers(0, 2**32))
    def feed(content: object, seed: int) -> None:
        nonlocal seen, kept, refused
        payloads = list(hostile(content, seed))
        seen += len(payloads)
        batch = pipeline.run([incoming(payload, mid=mid) for mid, payload in enumerate(payloads, start=1)])
        check(batch)
        kept += len(batch.readings)
        refused += len(batch.refused)

    feed()
    assert seen >= EXAMPLES * PER_EXAMPLE * 0.99
    assert kept > 1000, "hardly anything good was among it: the mutations are too wild"
    assert refused > seen / 2


def test_every_topic_is_survived(tmp_path: Path) -> None:
    pipeline = make_pipeline(tmp_path)

    @settings(max_examples=300, deadline=None, database=None)
    @given(st.text(max_size=60), st.binary(max_size=40))
    def feed(topic: str, payload: bytes) -> None:
        for full in (topic, f"plantroom/v1/devices/{topic}", f"plantroom/v1/devices/{topic}/telemetry"):
            check(pipeline.run([incoming(payload, topic=full)]))

    feed()
