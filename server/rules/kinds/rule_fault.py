"""A rule that cannot do its work is a fault of its own: somebody believes to be watched and is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from server.rules.compiled import Fact, Leaf, Scope
from server.rules.parts import Part


class RuleFault(Part):
    """True while another rule cannot be judged on this asset."""

    type: Literal["rule_fault"]


class RuleFaultLeaf(Leaf):
    """The engine looks after it."""

    __slots__ = ("faults", "of_asset")

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.faults = scope.faults
        self.of_asset = scope.of_asset

    def judge(self, at_ms: int) -> bool:
        return bool(self.faults)

    def facts(self, at_ms: int) -> Iterable[Fact]:
        point = self.of_asset[0].point if self.of_asset else 0
        for rule, why in self.faults.items():
            yield Fact(point, "cannot_judge", None, float(rule), words=why)


def compile_rule_fault(_spec: RuleFault, scope: Scope) -> Leaf:
    return RuleFaultLeaf(scope)
