"""Messages to a batch: what a single stage cannot show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from gateway.catalogue import PointCatalogue
from gateway.decoders.decoded import Decoded
from gateway.decoders.native import NativeDecoder
from gateway.pipeline import Pipeline
from gateway.receipts import Receipts
from gateway.stages import Counters
from telemetry import topics
from telemetry.reading import Quality, Reading
from tests.gateway.support import DAY_MS, NOW_MS, PUMP, catalogues, incoming


class Brittle:
    """A decoder with a mistake of ours in it."""

    subscriptions: Sequence[str] = ()

    def claims(self, topic: str) -> bool:
        return topic.startswith("brittle")

    def decode(self, topic: str, payload: bytes, received_ms: int) -> Decoded:
        raise ZeroDivisionError("ours")


@pytest.fixture
def counters() -> Counters:
    return Counters()


@pytest.fixture
def pipeline(tmp_path: Path, counters: Counters) -> Pipeline:
    catalogue = PointCatalogue()
    catalogue.learn(catalogues([PUMP, msgspec.structs.replace(PUMP, id=2, source="head", scale=2.0)]))
    receipts = Receipts(tmp_path / "receipts.db")
    receipts.open()
    decoders = [Brittle(), NativeDecoder()]
    return Pipeline(decoders, catalogue, receipts, counters, raw_retention_ms=30 * DAY_MS)


def test_readings_go_to_the_shard_of_their_asset_in_order(pipeline: Pipeline) -> None:
    batch = pipeline.run([incoming(b'{"values":{"head":1,"flow":2}}'), incoming(b'{"values":{"flow":3}}')])
    assert batch.by_shard == {topics.shard_of("pump-a"): batch.readings}
    assert batch.readings == [
        Reading(2, NOW_MS, 2.0, Quality.GOOD),
        Reading(1, NOW_MS, 2.0, Quality.GOOD),
        Reading(1, NOW_MS + 1, 3.0, Quality.GOOD),
    ]


def test_what_failed_in_a_stage_tells_what_was_kept(pipeline: Pipeline) -> None:
    (refused,) = pipeline.run([incoming(b'{"values":{"flow":2,"x":1,"y":1}}')]).refused
    assert [refusal.reason for refusal in refused.refusals] == ["unknown_point", "unknown_point"]
    assert refused.kept == 1


def test_a_mistake_of_ours_about_one_message_does_not_stop_the_others(
    pipeline: Pipeline, counters: Counters
) -> None:
    good = [incoming(b'{"values":{"head":%d},"at":%d}' % (number, NOW_MS - number)) for number in range(3)]
    batch = pipeline.run([good[0], incoming(b"x", topic="brittle/1"), *good[1:]])
    assert [reading.value for reading in batch.readings] == [0.0, 2.0, 4.0]
    assert [refused.refusals[0].reason for refused in batch.refused] == ["gateway_failed"]
    assert (counters.messages, counters.readings, counters.duplicates) == (4, 3, 0)


def test_a_topic_that_nothing_reads_is_refused(pipeline: Pipeline) -> None:
    (refused,) = pipeline.run([incoming(b"x", topic="elsewhere")]).refused
    assert refused.refusals[0].reason == "wrong_topic"


def test_a_retained_message_needs_a_time(pipeline: Pipeline) -> None:
    without = pipeline.run([incoming(b'{"values":{"flow":1}}', retain=True)])
    assert (without.readings, without.refused[0].refusals[0].reason) == ([], "bad_timestamp")
    payload = b'{"values":{"flow":1},"at":%d}' % (NOW_MS - 1)
    assert len(pipeline.run([incoming(payload, retain=True)]).readings) == 1


def test_a_message_delivered_again_gives_no_second_reading(pipeline: Pipeline, counters: Counters) -> None:
    pipeline.run([incoming(b'{"values":{"flow":1}}', mid=5)])
    again = incoming(b'{"values":{"flow":1}}', mid=5, received_ms=NOW_MS + 900, again=True)
    batch = pipeline.run([again])
    assert (batch.readings, batch.refused, counters.duplicates) == ([], [], 1)


def test_a_clock_that_runs_ahead_does_not_move_the_times_of_receipt(pipeline: Pipeline) -> None:
    pipeline.run([incoming(b'{"values":{"flow":1},"at":"2999-01-01T00:00:00Z"}')])
    (reading,) = pipeline.run([incoming(b'{"values":{"flow":1}}', mid=2)]).readings
    assert reading.at_ms == NOW_MS


def test_values_without_a_time_in_an_array_follow_each_other(pipeline: Pipeline) -> None:
    item = b'{"values":{"flow":1}}'
    batch = pipeline.run([incoming(b"[%s,%s]" % (item, item)), incoming(item, mid=2)])
    assert [reading.at_ms - NOW_MS for reading in batch.readings] == [0, 1, 2]


def test_a_device_that_goes_away_is_heard(pipeline: Pipeline) -> None:
    (presence,) = pipeline.run([incoming(b"offline", topic=topics.status("pump-a"))]).presences
    assert not presence.online


def test_a_presence_that_no_point_can_hold_is_told_of_known_devices_only(pipeline: Pipeline) -> None:
    gone = [incoming(b"offline", topic=topics.status(device)) for device in ("pump-a", "stranger")]
    (told,) = pipeline.run(gone).unsaid
    assert (told.device, told.online, told.at_ms) == ("pump-a", False, NOW_MS)
