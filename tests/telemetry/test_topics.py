from __future__ import annotations

import inspect
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry import topics

PER_DEVICE = [topics.telemetry, topics.status]


@pytest.mark.parametrize("device", ["a", "elevator-a1", "0", "A.b_c:d-e", "x" * 64])
def test_a_device_finds_its_own_topics(device: str) -> None:
    assert topics.is_device_id(device)
    assert topics.parse_device(topics.telemetry(device)) == (device, "telemetry")
    assert topics.parse_device(topics.status(device)) == (device, "status")


@pytest.mark.parametrize(
    "text", ["", "a/b", "+", "#", "a b", "-a", ".a", "x" * 65, "泵", "a\n", "a\x00", "$SYS"]
)
def test_it_refuses_what_cannot_be_a_device(text: str) -> None:
    assert not topics.is_device_id(text)
    assert topics.parse_device(topics.telemetry(text)) is None


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "/",
        "telemetry",
        "plantroom/v1/devices",
        "plantroom/v1/devices/",
        "plantroom/v1/devices/a",
        "plantroom/v1/devices/a/b/telemetry",
        "plantroom/v2/devices/a/telemetry",
        "x/plantroom/v1/devices/a/telemetry",
        "devices/a/telemetry",
        "a/telemetry",
    ],
)
def test_it_refuses_topics_of_another_form(topic: str) -> None:
    assert topics.parse_device(topic) is None


@given(st.text())
def test_no_topic_breaks_the_parser(topic: str) -> None:
    for text in (topic, topics.telemetry(topic)):
        parsed = topics.parse_device(text)
        assert parsed is None or topics.is_device_id(parsed[0])


def test_shards_stay_where_they_are() -> None:
    """Retained messages and sessions of other versions depend on it."""
    assert [topics.shard_of(key) for key in ("elevator-a1", "pump-a", "泵房", "")] == [6, 2, 12, 0]
    assert topics.SHARDS == 16


def test_shards_are_evenly_filled() -> None:
    sizes = Counter(topics.shard_of(f"asset-{i}") for i in range(16_000))
    assert set(sizes) == set(range(topics.SHARDS))
    assert max(sizes.values()) < 1.2 * min(sizes.values())


def test_no_two_topics_are_the_same() -> None:
    made = [topics.readings(1), topics.readings(2), topics.catalogue(1), topics.dead_letters("g")]
    made += [topics.gateway_health("g"), topics.changed("alarms"), topics.SIMULATOR_FAULTS]
    made += [make("d") for make in PER_DEVICE]
    assert len(set(made)) == len(made)
    assert all(topic.startswith(topics.ROOT + "/") for topic in made)


def test_a_filter_matches_its_topics_and_no_others() -> None:
    made = {
        topics.ALL_READINGS: topics.readings(3),
        topics.ALL_CATALOGUE: topics.catalogue(3),
        topics.ALL_DEAD_LETTERS: topics.dead_letters("g"),
        topics.ALL_UNKNOWN: topics.unknown("g"),
        topics.ALL_GATEWAY_HEALTH: topics.gateway_health("g"),
        topics.ALL_PRESENCES: topics.presence("g"),
        topics.ALL_CHANGED: topics.changed("tickets"),
        topics.ALL_DEVICES: topics.telemetry("d"),
    }
    for pattern, wanted in made.items():
        assert [topic for topic in made.values() if _matches(pattern, topic)] == [wanted]


def test_every_filter_of_the_module_is_tested() -> None:
    filters = {name for name, _ in inspect.getmembers(topics) if name.startswith("ALL_")}
    source = inspect.getsource(test_a_filter_matches_its_topics_and_no_others)
    assert all(f"topics.{name}" in source for name in filters)


def _matches(pattern: str, topic: str) -> bool:
    wanted, given_ = pattern.split("/"), topic.split("/")
    if wanted[-1] == "#":
        return given_[: len(wanted) - 1] == wanted[:-1]
    return len(wanted) == len(given_) and all(a in ("+", b) for a, b in zip(wanted, given_, strict=True))


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("plantroom/v1/devices/#", True),
        ("plantroom/v1/devices/+/telemetry", True),
        ("plantroom/v1/devices/pump-a/#", True),
        ("plantroom/v1/devices/pump-a/telemetry", True),
        ("#", False),
        ("plantroom/v1/#", False),
        ("plantroom/v1/devices/", False),
        ("plantroom/v1/devices/pump-#", False),
        ("plantroom/v1/devices/#/telemetry", False),
        ("plantroom/v1/devices/pump+/telemetry", False),
        ("$share/a/plantroom/v1/devices/#", False),
    ],
)
def test_a_filter_of_devices(text: str, fits: bool) -> None:
    assert topics.is_device_filter(text) is fits
