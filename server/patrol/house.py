"""What the patrol room needs from the installation: keys, the folder of photos, the base of addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from server.patrol.checkpoints.tags import TagKeys
from server.sealing import Sealer, server_key

PHOTO_FOLDER = "patrol_photos"


@dataclass(frozen=True)
class PatrolHouse:
    """Set once by the app factory."""

    read_key: Callable[[], str]
    """Gives the installation's one key; asked when it is needed first."""
    photos: Path
    public_url: str
    allow_zero_key: bool = False
    """Test mode: factory keys are taken. No setting of a server turns it on."""

    @cached_property
    def keys(self) -> TagKeys:
        return TagKeys(Sealer(self.read_key()))


def patrol_house(*, key: str | None, data: Path, public_url: str) -> PatrolHouse:
    """``key``: the installation's one key; None: the one in the data folder."""
    return PatrolHouse(lambda: server_key(key, data), data / PHOTO_FOLDER, public_url)
