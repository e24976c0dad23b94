"""What people read about a trained model."""

from __future__ import annotations

import msgspec

from server.rules.learned import baseline, ewma, multivariate_training
from server.rules.learned.verdict import UnknownModel


class _Head(msgspec.Struct):
    kind: str


def describe(data: bytes) -> dict[str, object]:
    """Plain facts for a screen: what was learned from how much. Raises UnknownModel."""
    try:
        kind = msgspec.msgpack.decode(data, type=_Head).kind
    except msgspec.DecodeError as error:
        raise UnknownModel(str(error)) from None
    if kind == "baseline":
        week = baseline.decode(data)
        return {
            "kind": kind,
            "rows": week.rows,
            "zone": week.zone,
            "weeks": min(week.weeks),
            "usual": [round(value, 4) for value in week.usual],
            "deviation": [round(value, 4) for value in week.deviation],
        }
    if kind == "ewma":
        one = ewma.decode(data)
        return {
            "kind": kind,
            "rows": one.rows,
            "usual": round(one.usual, 4),
            "deviation": round(one.single, 4),
            "smooth_s": one.smooth_ms / 1000,
            "memory_s": one.memory_ms / 1000,
        }
    several = multivariate_training.decode(data)
    return {
        "kind": kind,
        "rows": several.rows,
        "set_aside": several.set_aside,
        "step_s": several.step_ms / 1000,
        "points": several.points,
        "constant": several.constant,
        "usual": [round(value, 4) for value in several.usual],
        "deviation": [round(scale, 4) for scale in several.scale],
    }
