"""The short way and the stages give the same readings, refusals and counts, whatever comes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.catalogue import PointCatalogue
from gateway.decoders.native import NativeDecoder
from gateway.pipeline import Batch, Pipeline
from gateway.receipts import Receipts
from gateway.stages import Counters
from telemetry import topics
from telemetry.inbox import Incoming
from telemetry.messages import PointEntry
from telemetry.reading import Reading
from tests.gateway.support import DAY_MS, NOW_MS, catalogues, incoming

POINTS = [
    PointEntry(id=1, asset="a", key="flow", device="d", source="flow", kind="analog"),
    PointEntry(id=2, asset="a", key="head", device="d", source="head", kind="analog", scale=2.0, offset=1.0),
    PointEntry(id=3, asset="b", key="mode", device="d", source="mode", kind="state"),
    PointEntry(id=4, asset="b", key="bits", device="d", source="bits", kind="flags"),
    PointEntry(
        id=5,
        asset="a",
        key="temp",
        device="d",
        source="temp",
        kind="analog",
        physical_low=-40,
        physical_high=90,
    ),
    PointEntry(id=6, asset="c", key="energy", device="e", source="energy", kind="counter"),
]

_scalars = st.one_of(
    st.floats(-100, 100).map(lambda value: round(value, 2)),
    st.integers(-3, 300),
    st.sampled_from([None, True, "auto", "x" * 70, 1e308, 2**70]),
)
_times = st.one_of(
    st.none(),
    st.integers(-4, 4).map(lambda offset: NOW_MS + offset),
    st.sampled_from([NOW_MS - 3_600_000, NOW_MS + 3_600_000, NOW_MS / 1000, "2026-02-02T02:40:00Z", "noon"]),
)
_items = st.fixed_dictionaries(
    {
        "values": st.dictionaries(
            st.sampled_from(["flow", "head", "mode", "bits", "temp", "energy", "other"]), _scalars, max_size=4
        )
    },
    optional={"at": _times, "quality": st.sampled_from(["good", "suspect", "manual", "bad", "odd"])},
)
_payloads = st.one_of(
    _items.map(msgspec.json.encode),
    st.lists(_items, max_size=2).map(msgspec.json.encode),
    st.sampled_from([b"", b"{}", b'{"values":{"flow":1e999}}', b'{"point":"flow","value":3}']),
)
_messages = st.lists(
    st.tuples(
        st.sampled_from(["d", "e", "unknown"]), _payloads, st.integers(0, 3), st.booleans(), st.booleans()
    ),
    max_size=12,
)


class Forgetful(NativeDecoder):
    """Remembers no device, so that everything goes through the stages."""

    def _remember(self, topic: str, device: str) -> None:
        pass


def _pipeline(decoder: NativeDecoder, folder: Path) -> tuple[Pipeline, Counters]:
    catalogue, counters, receipts = PointCatalogue(), Counters(), Receipts(folder / f"{id(decoder)}.db")
    catalogue.learn(catalogues(POINTS))
    return Pipeline([decoder], catalogue, receipts, counters, raw_retention_ms=30 * DAY_MS), counters


def _per_point(batch: Batch) -> dict[int, list[tuple[int, Reading]]]:
    """Readings in order, with their shard."""
    found: dict[int, list[tuple[int, Reading]]] = {}
    for shard, readings in batch.by_shard.items():
        for reading in readings:
            found.setdefault(reading.point, []).append((shard, reading))
    return found


def _refusals(batch: Batch) -> list[tuple[bytes, list[str], int]]:
    return [
        (refused.message.payload, [f"{each.reason} {each.detail}" for each in refused.refusals], refused.kept)
        for refused in sorted(batch.refused, key=lambda refused: refused.message.mid)
    ]


@settings(max_examples=150, deadline=None)
@given(_messages, st.integers(1, 12))
def test_both_ways_give_the_same(drawn: list[tuple[str, bytes, int, bool, bool]], size: int) -> None:
    messages: list[Incoming] = [
        incoming(
            payload,
            topic=topics.telemetry(device),
            mid=mid + 1,
            received_ms=NOW_MS + later,
            again=again and retain,
            retain=retain and not again,
        )
        for mid, (device, payload, later, again, retain) in enumerate(drawn)
    ]
    with TemporaryDirectory() as name:
        (quick, counted), (slow, expected) = (
            _pipeline(NativeDecoder(), Path(name)),
            _pipeline(Forgetful(), Path(name)),
        )
        for start in range(0, len(messages), size):
            batches = [pipeline.run(messages[start : start + size]) for pipeline in (quick, slow)]
            ours, theirs = batches
            assert _per_point(ours) == _per_point(theirs)
            assert sorted(ours.readings, key=repr) == sorted(theirs.readings, key=repr)
            assert _refusals(ours) == _refusals(theirs)
            assert sorted(map(repr, ours.presences)) == sorted(map(repr, theirs.presences))
        assert counted == expected


def test_an_ordinary_message_takes_the_short_way(tmp_path: Path) -> None:
    pipeline, _ = _pipeline(NativeDecoder(), tmp_path)
    payload = b'{"values":{"flow":1.5,"head":2,"mode":"auto"},"at":%d}'
    message = [incoming(payload % (NOW_MS - 9 + n), topic=topics.telemetry("d"), mid=n) for n in range(3)]
    pipeline.run(message[:1])  # the first of a device goes through the stages
    batch = pipeline.run(message[1:])
    assert [len(readings) for _, readings in batch.made] == [3, 3]  # the stages make them one by one
    assert [reading.value for reading in batch.readings] == [1.5, 5.0, "auto"] * 2
