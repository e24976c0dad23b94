"""What happened to a rule on an asset, as the engine tells it."""

from __future__ import annotations

from typing import Literal

import msgspec

from server.rules.compiled import Fact

MARKS_PER_MS = 16
"""Room for what can happen to one instance within one millisecond."""

Kind = Literal["left_band", "entered_band", "raised", "severity", "reminded", "returned", "withdrawn"]


class Transition(msgspec.Struct, frozen=True):
    """Something that happened to one rule on one asset. Evaluating again gives the same, mark included."""

    kind: Kind
    rule: int
    asset: int
    at_ms: int
    since_ms: int
    """raised: the first crossing; returned, entered_band: back in band since."""
    mark: int
    """Grows with every transition of the instance: what was applied once is known by it."""
    facts: tuple[Fact, ...] = ()
    severity: str = ""
    """raised, severity: how severe it is from now on."""
