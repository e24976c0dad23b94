"""What the gateway knows of points."""

from __future__ import annotations

import msgspec
import pytest

from gateway.catalogue import PointCatalogue, compile_point, read_catalogue
from telemetry import topics
from telemetry.messages import Catalogue
from tests.gateway.support import PUMP, catalogues


def test_it_is_complete_when_every_shard_has_come() -> None:
    catalogue = PointCatalogue()
    *first, last = catalogues([PUMP])
    catalogue.learn(first)
    assert (catalogue.is_complete, catalogue.missing) == (False, 1)
    catalogue.learn([last])
    assert catalogue.is_complete


def test_a_new_snapshot_of_a_shard_replaces_the_old_one() -> None:
    catalogue = PointCatalogue()
    catalogue.learn(catalogues([PUMP]))
    renamed = msgspec.structs.replace(PUMP, source="flow_2")
    before = catalogue.points
    assert catalogue.learn(catalogues([renamed], revision=2))
    assert set(catalogue.points) == {("pump-a", "flow_2")}
    assert set(before) == {("pump-a", "flow")}  # whoever is looking things up sees one whole catalogue
    assert catalogue.devices == {"pump-a"}


def test_the_same_snapshot_again_changes_nothing() -> None:
    catalogue = PointCatalogue()
    catalogue.learn(catalogues([PUMP]))
    assert not catalogue.learn(catalogues([PUMP]))


def test_a_point_knows_the_shard_of_its_asset() -> None:
    entry = msgspec.structs.replace(PUMP, asset="pump-b", physical_high=80.0, kind="flags")
    point = compile_point(entry)
    assert (point.shard, point.high, point.is_number) == (topics.shard_of("pump-b"), 80.0, False)


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", msgspec.json.encode(Catalogue(16, 1, []))])
def test_it_refuses_what_is_no_catalogue(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_catalogue(payload)
