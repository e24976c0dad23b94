"""Device ids for devices that were named by somebody else."""

from __future__ import annotations

import re
from hashlib import blake2b

from telemetry.topics import is_device_id

_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_.:-]+")
LONGEST = 64
_MARK = 11
"""A dash and ten hex digits."""


def foreign_device_id(name: str) -> str:
    """A device id for any name: the name itself where it can be one.

    Otherwise what is allowed of it, and a mark computed from the whole name, so that two names
    that look alike when cleaned (泵房 1 and 泵房 2) stay two devices, on every machine the same.
    """
    if is_device_id(name):
        return name
    mark = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
    kept = _NOT_ALLOWED.sub("_", name).lstrip("_.:-")[: LONGEST - _MARK]
    return f"{kept or 'device'}-{mark}"
