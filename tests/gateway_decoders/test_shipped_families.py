from __future__ import annotations

import pytest

from gateway.decoders.foreign import SPARKPLUG, shipped_formats
from tests.gateway_decoders.recorded_cases import (
    FAMILIES,
    RECEIVED_MS,
    Case,
    decoder_of,
    read_cases,
    without_mark,
)


def test_every_shipped_family_has_recorded_messages() -> None:
    assert sorted([*FAMILIES, SPARKPLUG]) == shipped_formats()


@pytest.mark.parametrize("family", FAMILIES)
def test_recorded_messages_become_the_expected_values(family: str) -> None:
    decoder = decoder_of(family)
    for case in read_cases(family):
        decoded = decoder.decode(case.topic, case.data, RECEIVED_MS)
        got = [
            (without_mark(part.device), part.source, _near(part.value, case), part.at_ms, part.quality)
            for part in decoded.parts
        ]
        assert sorted(got, key=str) == sorted(case.expected_values, key=str), f"{family}: {case.note}"
        presences = [(item.device, item.online, item.at_ms) for item in decoded.presences]
        assert presences == case.expected_presences, f"{family}: {case.note}"
        assert [refusal.reason for refusal in decoded.refusals] == case.refusals, f"{family}: {case.note}"


@pytest.mark.parametrize("family", FAMILIES)
def test_recorded_messages_decoded_twice_give_the_same(family: str) -> None:
    decoder = decoder_of(family)
    cases = [case for case in read_cases(family) if "config" not in case.topic]
    once = [decoder.decode(case.topic, case.data, RECEIVED_MS).parts for case in cases]
    twice = [decoder.decode(case.topic, case.data, RECEIVED_MS).parts for case in cases]
    assert [[(p.device, p.source, p.at_ms, p.value) for p in parts] for parts in once] == [
        [(p.device, p.source, p.at_ms, p.value) for p in parts] for parts in twice
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_recorded_topic_is_subscribed_and_claimed(family: str) -> None:
    decoder = decoder_of(family)
    for case in read_cases(family):
        decoder.decode(case.topic, case.data, RECEIVED_MS)
        assert decoder.claims(case.topic), case.topic


def _near(value: object, case: Case) -> object:
    """A converted number as it is written in the recording, to nine digits."""
    if isinstance(value, float):
        for expected in case.expected_values:
            if isinstance(expected[2], float) and value == pytest.approx(expected[2], rel=1e-7, abs=1e-9):
                return expected[2]
    return value
