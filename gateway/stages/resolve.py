"""Which point is meant: (device, source) to a catalogue entry."""

from __future__ import annotations

from gateway.decoders.decoded import Part
from gateway.decoders.instants import shorten
from gateway.stages import Surroundings


class Resolve:
    """Sets ``point``. Refuses values of devices and points that the catalogue does not have."""

    def __init__(self, around: Surroundings) -> None:
        self._catalogue = around.catalogue
        self._refuse = around.refuse

    def __call__(self, parts: list[Part]) -> list[Part]:
        points = self._catalogue.points
        known = []
        for part in parts:
            point = points.get((part.device, part.source))
            if point is None:
                self._say_unknown(part)
            else:
                part.point = point
                known.append(part)
        return known

    def _say_unknown(self, part: Part) -> None:
        if part.device in self._catalogue.devices:
            detail = f"device {part.device} has no point with the source {shorten(part.source)}"
            self._refuse(part, "unknown_point", detail)
        else:
            self._refuse(part, "unknown_device", f"no device {shorten(part.device)} is set up")
