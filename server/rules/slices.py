"""Which assets are kept together when the engine's memory is written a piece at a time."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Asset = TypeVar("Asset", bound=Hashable)


def sliced(
    sizes: Mapping[Asset, int], links: Iterable[tuple[Asset, Asset]], *, most: int
) -> list[list[Asset]]:
    """Assets (with their number of points) in slices of ``most`` points or little more, in the order given.

    ``links``: assets of which a rule looks at both. They stay in one slice, however large: each slice is
    remembered as of another moment, and a rule must not see one asset older than the other.
    """
    head = {asset: asset for asset in sizes}
    for one, other in links:
        head[_head(head, other)] = _head(head, one)
    together: dict[Asset, list[Asset]] = {}
    for asset in sizes:
        together.setdefault(_head(head, asset), []).append(asset)
    slices: list[list[Asset]] = []
    room = 0
    for assets in together.values():
        if room <= 0:
            slices.append([])
            room = most
        slices[-1] += assets
        room -= sum(sizes[asset] for asset in assets)
    return slices


def _head(head: dict[Asset, Asset], asset: Asset) -> Asset:
    """Who stands for all that are linked with this one."""
    while head[asset] != asset:
        head[asset] = asset = head[head[asset]]
    return asset
