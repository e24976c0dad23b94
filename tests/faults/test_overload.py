"""More than one machine can take: the senders wait, nothing acknowledged is lost, the gateway lives."""

from __future__ import annotations

import pytest

from tests.bench.bench_overload import overload


@pytest.mark.timeout(400)
@pytest.mark.parametrize("factor", [3, 10])
def test_it_survives_sheds_and_drains(factor: int) -> None:
    found = overload(factor, seconds=3.0)
    assert found["gateway_alive"]
    assert found["acknowledged_messages"] > 1000
    assert found["lost_untold"] == 0, found
