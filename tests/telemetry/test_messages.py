"""What crosses the bus comes out as it went in, and what is not of its form is refused."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry import messages
from telemetry.messages import Catalogue, DeadLetter, FaultCommand, GatewayHealth, PointEntry, ReadingBatch
from telemetry.reading import Quality, Reading

readings = st.builds(
    Reading,
    st.integers(0, 2**31),
    st.integers(-(2**53), 2**53),
    st.one_of(
        st.none(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(codec="utf-8")),
    ),
    st.sampled_from(Quality),
)


@given(st.lists(readings, max_size=5))
def test_readings_cross_the_bus_unchanged(batch: list[Reading]) -> None:
    sent = ReadingBatch(batch, 1)
    received = msgspec.json.decode(msgspec.json.encode(sent), type=ReadingBatch)
    assert received == sent
    assert [type(reading.value) for reading in received.readings] == [type(r.value) for r in batch]
    assert all(isinstance(reading.quality, Quality) for reading in received.readings)


def test_a_reading_is_short_on_the_wire() -> None:
    assert msgspec.json.encode(Reading(7, 1_767_225_600_000, 21.5)) == b"[7,1767225600000,21.5,0]"


def test_a_reading_without_quality_is_good() -> None:
    assert msgspec.json.decode(b"[7,1767225600000,21.5]", type=Reading) == Reading(7, 1_767_225_600_000, 21.5)


@pytest.mark.parametrize(
    "text",
    "[] [1] [1,2] ['1',2,3.0] [1,2.5,3.0] [1,2,[]] [1,2,{}] [1,2,true] [1,2,3,5] [1,2,3,-1] [1,2,NaN]"
    " {} null [1,2,3".replace("'", '"').split(),
)
def test_it_refuses_what_is_no_reading(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(text, type=Reading)


def test_only_what_a_device_says_of_now_is_measured_and_what_a_person_typed_is_live() -> None:
    live = [quality for quality in Quality if Reading(1, 0, 1.0, quality).is_live]
    assert live == [Quality.GOOD, Quality.SUSPECT, Quality.MANUAL]
    measured = [quality for quality in Quality if Reading(1, 0, 1.0, quality).is_measured]
    assert measured == [Quality.GOOD, Quality.SUSPECT]


def test_a_reading_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Reading(1, 0, 1.0).value = 2.0  # type: ignore[misc]


@pytest.mark.parametrize(
    "message",
    [
        ReadingBatch([], 5),
        Catalogue(3, 1, [PointEntry(1, "pump-a", "flow", "pump-a", "flow", "analog", "m³/h", scale=0.1)]),
        DeadLetter("g-1", 5, "plantroom/v1/devices/x/telemetry", "\\xff{", 2, "not_json", "no JSON"),
        GatewayHealth("g", 5, True, 1, 2, 3, 4, 5, 6, 7, 8, False, "no space left"),
        FaultCommand("start", "elevator-a1", "belt_slip", severity=0.5),
    ],
    ids=lambda message: type(message).__name__,
)
def test_every_message_carries_its_version_and_comes_back(message: msgspec.Struct) -> None:
    sent = msgspec.json.encode(message)
    assert msgspec.json.decode(sent, type=type(message)) == message
    assert msgspec.json.decode(sent)["v"] == messages.VERSION


def test_a_field_of_a_later_version_is_passed_over() -> None:
    sent = b'{"readings":[],"stored_ms":5,"v":1,"trace":"abc"}'
    assert msgspec.json.decode(sent, type=ReadingBatch) == ReadingBatch([], 5)


def test_a_point_of_no_known_kind_is_refused() -> None:
    sent = b'{"id":1,"asset":"a","key":"k","device":"d","source":"s","kind":"magic"}'
    with pytest.raises(msgspec.ValidationError, match="kind"):
        msgspec.json.decode(sent, type=PointEntry)
