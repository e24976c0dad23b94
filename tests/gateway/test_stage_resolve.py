"""Which point is meant."""

from __future__ import annotations

from gateway.catalogue import compile_point
from gateway.decoders.decoded import Part
from gateway.stages.resolve import Resolve
from tests.gateway.support import NOW_MS, PUMP, Around


def test_it_finds_the_point_of_a_device() -> None:
    around = Around(PUMP)
    (found,) = Resolve(around.surroundings)([Part("pump-a", "flow", NOW_MS, 1.0)])
    assert found.point == compile_point(PUMP)


def test_it_refuses_an_unknown_point_and_keeps_the_rest() -> None:
    around = Around(PUMP)
    parts = [Part("pump-a", "fl\ud800w", NOW_MS, 1.0), Part("pump-a", "flow", NOW_MS, 2.0)]
    assert [part.value for part in Resolve(around.surroundings)(parts)] == [2.0]
    assert around.refused == [("unknown_point", "device pump-a has no point with the source 'fl\\ud800w'")]


def test_it_refuses_an_unknown_device() -> None:
    around = Around(PUMP)
    assert Resolve(around.surroundings)([Part("pump-x", "flow", NOW_MS, 1.0)]) == []
    assert around.reasons == ["unknown_device"]


def test_it_sees_a_changed_catalogue_at_once() -> None:
    around = Around(PUMP)
    resolve = Resolve(around.surroundings)
    around.learn()
    assert resolve([Part("pump-a", "flow", NOW_MS, 1.0)]) == []
    assert around.reasons == ["unknown_device"]
