from __future__ import annotations

import pytest

from gateway.decoders.sparkplug.decoder import SparkplugDecoder
from gateway.decoders.sparkplug.payload import new_payload
from telemetry.reading import Quality
from tests.gateway_decoders.sparkplug_messages import (
    BOOLEAN,
    DOUBLE,
    INT32,
    NOW,
    STRING,
    Line,
    asks_for_rebirth,
    bd_seq,
    message,
    presences,
    values,
)


def test_births_give_values_and_presence_and_data_comes_by_alias() -> None:
    line = Line()
    born = line.begin()
    assert values(born) == [("plant:chiller", "supply", 6.5)]
    assert presences(born) == [("plant:chiller", True)]
    assert presences(line.begin_device()) == [("plant:chiller:pump", True)]
    data = line.send("DDATA", {"alias": 8, "double_value": 13.5}, seq=2, device="pump")
    assert values(data) == [("plant:chiller:pump", "flow", 13.5)]
    data = line.send("NDATA", {"alias": 7, "double_value": 6.25, "timestamp": NOW - 5}, seq=3)
    assert [(part.source, part.at_ms) for part in data.parts] == [("supply", NOW - 5)]
    assert not asks_for_rebirth(data)


@pytest.mark.parametrize(
    ("datatype", "field", "sent", "expected"),
    [
        (1, "int_value", 0xFF, -1),
        (1, "int_value", 0xFFFFFFFF, -1),
        (2, "int_value", 0x8000, -32768),
        (3, "int_value", 0xFFFFFFFE, -2),
        (3, "long_value", 0xFFFFFFFFFFFFFFFE, -2),
        (4, "long_value", 2**64 - 3, -3),
        (5, "int_value", 255, 255),
        (8, "long_value", 2**40, 2**40),
        (9, "float_value", 1.5, 1.5),
        (10, "int_value", 4, 4.0),
        (11, "boolean_value", True, 1),
        (12, "string_value", "auto", "auto"),
        (13, "long_value", NOW, NOW),
    ],
)
def test_every_datatype_of_a_single_value(datatype: int, field: str, sent: object, expected: object) -> None:
    decoded = Line().send("NBIRTH", {"name": "x", "datatype": datatype, field: sent})
    assert values(decoded) == [("plant:chiller", "x", expected)]


@pytest.mark.parametrize(
    "metric",
    [
        {"datatype": 16, "dataset_value": b"\x08\x01"},
        {"datatype": 19, "template_value": b"\x08\x01"},
        {"datatype": 17, "bytes_value": b"1"},
        {"datatype": 10, "double_value": float("nan")},
        {"datatype": 12, "string_value": "x" * 65},
        {"datatype": 3, "string_value": "seven"},
    ],
)
def test_it_refuses_what_is_no_single_value_and_keeps_the_rest(metric: dict[str, object]) -> None:
    good = {"name": "ok", "datatype": BOOLEAN, "boolean_value": False}
    decoded = Line().send("NBIRTH", {"name": "odd", **metric}, good)
    assert values(decoded) == [("plant:chiller", "ok", 0)]
    assert [refusal.reason for refusal in decoded.refusals] == ["wrong_type"]


def test_null_is_a_bad_reading_and_history_is_backfilled() -> None:
    decoded = Line().send(
        "NBIRTH",
        {"name": "gone", "datatype": DOUBLE, "is_null": True},
        {"name": "old", "datatype": DOUBLE, "double_value": 1.0, "is_historical": True},
    )
    assert [(part.value, part.quality) for part in decoded.parts] == [
        (None, Quality.BAD),
        (1.0, Quality.BACKFILLED),
    ]


def test_commands_of_a_node_and_its_birth_number_are_no_points() -> None:
    rebirth = {"name": "Node Control/Rebirth", "datatype": BOOLEAN, "boolean_value": False}
    assert values(Line().send("NBIRTH", bd_seq(3), rebirth)) == []


def test_data_before_any_birth_asks_for_one_and_is_refused() -> None:
    decoded = Line().send("NDATA", {"alias": 7, "double_value": 1.0}, seq=100)
    assert [refusal.reason for refusal in decoded.refusals] == ["unknown_point"]
    assert asks_for_rebirth(decoded)


def test_data_that_says_its_name_and_type_is_taken_before_any_birth() -> None:
    decoded = Line().send("NDATA", {"name": "mode", "datatype": STRING, "string_value": "cool"}, seq=9)
    assert values(decoded) == [("plant:chiller", "mode", "cool")]
    assert asks_for_rebirth(decoded)


def test_an_alias_nobody_announced_asks_for_a_rebirth_but_not_again_at_once() -> None:
    line = Line()
    line.begin()
    assert asks_for_rebirth(line.send("NDATA", {"alias": 99, "double_value": 1.0}, seq=1))
    assert not asks_for_rebirth(line.send("NDATA", {"alias": 99, "double_value": 1.0}, seq=2))
    line.now_ms += 10_000
    assert asks_for_rebirth(line.send("NDATA", {"alias": 99, "double_value": 1.0}, seq=3))
    line.now_ms += 10_000
    assert not asks_for_rebirth(line.send("NDATA", {"alias": 99, "double_value": 1.0}, seq=4))
    line.begin(number=2)
    assert asks_for_rebirth(line.send("NDATA", {"alias": 99, "double_value": 1.0}, seq=1))


@pytest.mark.parametrize("first", [0, 7, 255])
def test_numbers_may_begin_anywhere_and_wrap(first: int) -> None:
    line = Line()
    line.begin(seq=first)
    for step in range(1, 600):
        assert not asks_for_rebirth(line.send("NDATA", seq=(first + step) % 256))


def test_a_number_that_comes_late_is_no_gap() -> None:
    line = Line()
    line.begin()
    assert not asks_for_rebirth(line.send("NDATA", seq=2))
    line.now_ms += 4_000
    assert not asks_for_rebirth(line.send("NDATA", seq=1))
    line.now_ms += 60_000
    assert not asks_for_rebirth(line.send("NDATA", seq=3))


def test_a_number_that_never_comes_asks_for_a_rebirth_and_loses_no_value() -> None:
    line = Line()
    line.begin()
    assert not asks_for_rebirth(line.send("NDATA", {"alias": 7, "double_value": 1.0}, seq=2))
    line.now_ms += 5_000
    after = line.send("NDATA", {"alias": 7, "double_value": 2.0}, seq=3)
    assert asks_for_rebirth(after)
    assert values(after) == [("plant:chiller", "supply", 2.0)]


def test_a_large_gap_asks_at_once() -> None:
    line = Line()
    line.begin()
    assert asks_for_rebirth(line.send("NDATA", seq=40))


def test_a_message_delivered_twice_is_no_gap() -> None:
    line = Line()
    line.begin()
    line.send("NDATA", seq=1)
    assert not asks_for_rebirth(line.send("NDATA", seq=1))
    assert not asks_for_rebirth(line.send("NDATA", seq=2))


def test_a_death_takes_the_node_and_its_devices_offline() -> None:
    line = Line()
    line.begin(number=4)
    line.begin_device()
    dead = line.send("NDEATH", bd_seq(4), seq=None)
    assert presences(dead) == [("plant:chiller", False), ("plant:chiller:pump", False)]
    assert asks_for_rebirth(line.send("NDATA", {"alias": 7, "double_value": 1.0}, seq=2))


def test_the_death_of_an_earlier_birth_is_ignored() -> None:
    line = Line()
    line.begin(number=4)
    assert presences(line.send("NDEATH", bd_seq(3), seq=None)) == []
    assert values(line.send("NDATA", {"alias": 7, "double_value": 1.0}, seq=1))


def test_a_device_dies_alone() -> None:
    line = Line()
    line.begin()
    line.begin_device()
    assert presences(line.send("DDEATH", seq=2, device="pump")) == [("plant:chiller:pump", False)]
    assert asks_for_rebirth(line.send("DDATA", {"alias": 8, "double_value": 1.0}, seq=3, device="pump"))
    assert values(line.send("NDATA", {"alias": 7, "double_value": 1.0}, seq=4))


def test_two_devices_may_use_the_same_alias() -> None:
    line = Line()
    line.begin()
    for seq, device in ((1, "a"), (2, "b")):
        line.send(
            "DBIRTH", {"name": device, "alias": 1, "datatype": INT32, "int_value": 0}, seq=seq, device=device
        )
    decoded = line.send("DDATA", {"alias": 1, "int_value": 5}, seq=3, device="a")
    assert values(decoded) == [("plant:chiller:a", "a", 5)]


def test_names_with_a_colon_cannot_be_mixed_up() -> None:
    decoder = SparkplugDecoder()
    metric = {"name": "x", "datatype": INT32, "int_value": 1}
    devices = {
        decoder.decode(topic, message(metric), NOW).parts[0].device
        for topic in ("spBv1.0/a:b/NBIRTH/c", "spBv1.0/a/NBIRTH/b:c", "spBv1.0/a/DBIRTH/b/c")
    }
    assert len(devices) == 3


def test_quality_and_unit_come_from_properties() -> None:
    line = Line()
    payload = line.decoder.decode("spBv1.0/plant/NBIRTH/chiller", _with_properties(), NOW)
    assert [(part.source, part.quality) for part in payload.parts] == [
        ("stale", Quality.SUSPECT),
        ("bad", Quality.BAD),
        ("good", Quality.GOOD),
    ]
    assert line.decoder.units("plant:chiller") == {"good": "kPa"}


def _with_properties() -> bytes:
    payload = new_payload()
    for name, code in (("stale", 500), ("bad", 0), ("good", 192)):
        metric = payload.metrics.add()
        metric.name, metric.datatype, metric.double_value = name, DOUBLE, 1.0
        metric.properties.keys.append("Quality")
        metric.properties.values.add().int_value = code
        if name == "good":
            metric.properties.keys.append("engUnit")
            metric.properties.values.add().string_value = "kPa"
    return payload.SerializeToString()
