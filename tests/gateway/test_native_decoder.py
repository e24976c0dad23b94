"""What the native decoder makes of good, odd and bad payloads."""

from __future__ import annotations

import pytest

from gateway.decoders.decoded import Decoded
from gateway.decoders.native import LARGEST_BYTES, NativeDecoder
from telemetry.reading import Quality, Value

TOPIC = "plantroom/v1/devices/pump-a/telemetry"
RECEIVED_MS = 1_770_000_000_000


def decode(payload: bytes, topic: str = TOPIC) -> Decoded:
    return NativeDecoder().decode(topic, payload, RECEIVED_MS)


def values(payload: bytes) -> dict[str, Value]:
    return {part.source: part.value for part in decode(payload).parts}


def reasons(decoded: Decoded) -> list[str]:
    return [refusal.reason for refusal in decoded.refusals]


def test_it_reads_several_values_of_one_moment() -> None:
    decoded = decode(
        b'{"values":{"flow":12.5,"mode":1,"on":true,"code":"E1","gone":null},"at":1770000000500}'
    )
    assert {part.source: part.value for part in decoded.parts} == {
        "flow": 12.5,
        "mode": 1,
        "on": True,
        "code": "E1",
        "gone": None,
    }
    assert {(part.device, part.at_ms, part.quality) for part in decoded.parts} == {
        ("pump-a", 1_770_000_000_500, Quality.GOOD)
    }
    assert decoded.refusals == []


def test_it_reads_a_single_value_without_a_time() -> None:
    (part,) = decode(b'{"point":"flow","value":3}').parts
    assert (part.source, part.value, part.at_ms) == ("flow", 3, RECEIVED_MS)


def test_it_reads_an_array_and_gives_each_item_its_own_time() -> None:
    parts = decode(b'[{"point":"a","value":1},{"values":{"a":2}},{"point":"a","value":3,"at":5}]').parts
    assert [(part.value, part.at_ms - RECEIVED_MS) for part in parts[:2]] == [(1, 0), (2, 1)]
    assert parts[2].at_ms == 5000


def test_it_passes_on_the_quality() -> None:
    assert decode(b'{"values":{"a":1},"quality":"bad"}').parts[0].quality is Quality.BAD
    assert decode(b'[{"point":"a","value":1,"quality":"manual"}]').parts[0].quality is Quality.MANUAL


@pytest.mark.parametrize(
    ("at", "expected_ms"),
    [
        ('"2026-01-31T08:00:00Z"', 1_769_846_400_000),
        ('"2026-01-31T16:00:00.250+08:00"', 1_769_846_400_250),
        ("1769846400", 1_769_846_400_000),
        ("1769846400.5", 1_769_846_400_500),
        ("1769846400500", 1_769_846_400_500),
        ("-1", -1000),
        ("null", RECEIVED_MS),
    ],
)
def test_it_reads_times_of_all_styles(at: str, expected_ms: int) -> None:
    assert decode(b'{"values":{"a":1},"at":%s}' % at.encode()).parts[0].at_ms == expected_ms


@pytest.mark.parametrize(
    "at",
    [
        '"2026-01-31T08:00:00"',
        '"2026-01-31"',
        '"yesterday"',
        '""',
        "true",
        "[]",
        "{}",
        "1e300",
        "NaN",
        "Infinity",
        "1e999",
        '"0001-01-01T00:00:00+14:00x"',
        '"\\ud800"',
        "9" * 400,
        "9" * 5000,
    ],
)
def test_it_refuses_what_names_no_instant(at: str) -> None:
    decoded = decode(b'{"values":{"a":1},"at":%s}' % at.encode())
    assert (reasons(decoded), decoded.parts) == (["bad_timestamp"], [])
    assert "time" in decoded.refusals[0].detail


@pytest.mark.parametrize(
    ("payload", "reason", "kept"),
    [
        (b'{"values":{"a":NaN,"b":2}}', "not_finite", {"b": 2}),
        (b'{"values":{"a":-Infinity,"b":2}}', "not_finite", {"b": 2}),
        (b'{"values":{"a":1e999,"b":2}}', "not_finite", {"b": 2}),
        (b'{"values":{"a":' + b"9" * 5000 + b',"b":2}}', "not_finite", {"b": 2}),
        (b'{"values":{"a":[1],"b":2}}', "wrong_type", {"b": 2}),
        (b'{"values":{"a":{"x":1},"b":2}}', "wrong_type", {"b": 2}),
        (b'{"values":{"b":2},"quality":"excellent"}', "wrong_type", {"b": 2}),
        (b'{"values":{"b":2},"quality":[]}', "wrong_type", {"b": 2}),
        (b'[1,{"values":{"b":2}}]', "wrong_type", {"b": 2}),
        (b'[{"values":{"a":1},"at":"x"},{"values":{"b":2}}]', "bad_timestamp", {"b": 2}),
    ],
)
def test_it_keeps_the_good_part(payload: bytes, reason: str, kept: dict[str, Value]) -> None:
    assert (reasons(decode(payload)), values(payload)) == ([reason], kept)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not_json"),
        (b" \n", "not_json"),
        (b"hello", "not_json"),
        (b'{"values":{"a":1}', "not_json"),
        (b'{"values":{"a":1}}\0', "not_json"),
        (b'{"values":{"a":"\xff"}}', "not_json"),
        (b"\x80\x81", "not_json"),
        (b"null", "wrong_type"),
        (b"41.5", "wrong_type"),
        (b'"text"', "wrong_type"),
        (b"{}", "wrong_type"),
        (b'{"values":[1,2]}', "wrong_type"),
        (b'{"point":"a"}', "wrong_type"),
        (b'{"point":5,"value":1}', "wrong_type"),
        (b'{"x":' + b"[" * 50_000, "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b" " * (LARGEST_BYTES + 1), "too_large"),
    ],
)
def test_it_says_why_nothing_can_be_kept(payload: bytes, reason: str) -> None:
    decoded = decode(payload)
    assert (reasons(decoded), decoded.parts) == ([reason], [])


def test_of_a_key_that_occurs_twice_the_last_counts() -> None:
    assert values(b'{"values":{"a":1,"a":2}}') == {"a": 2}


def test_a_byte_order_mark_does_no_harm() -> None:
    assert values(b'\xef\xbb\xbf{"values":{"a":1}}') == {"a": 1}


def test_no_values_is_no_fault() -> None:
    for payload in (b'{"values":{}}', b"[]"):
        decoded = decode(payload)
        assert (decoded.parts, decoded.refusals) == ([], [])


@pytest.mark.parametrize(
    "topic",
    [
        "plantroom/v1/devices/pump-a",
        "plantroom/v1/devices//telemetry",
        "plantroom/v1/devices/pump a/telemetry",
        "plantroom/v1/devices/pump-a/telemetry/x",
        "plantroom/v1/devices/pump-a/Telemetry",
        "plantroom/v1/devices/" + "x" * 65 + "/telemetry",
        "plantroom/v1/devices/水泵/telemetry",
    ],
)
def test_it_refuses_a_wrong_topic(topic: str) -> None:
    decoded = decode(b'{"values":{"a":1}}', topic)
    assert (reasons(decoded), decoded.parts) == (["wrong_topic"], [])


def test_it_hears_that_a_device_went_away() -> None:
    (presence,) = decode(b"offline", "plantroom/v1/devices/pump-a/status").presences
    assert (presence.device, presence.online) == ("pump-a", False)
    assert reasons(decode(b"maybe", "plantroom/v1/devices/pump-a/status")) == ["wrong_type"]
