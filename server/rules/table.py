"""The table from condition type to what judges it. A new type is one model and one entry here.

To add a type: write its model (a ``Part`` with a literal ``type`` and ``needs``) and its ``Leaf`` in
one file; add the model to ``conditions.Leafy``; add ``Model: compile_model`` to ``COMPILERS``. Nothing
else names the types. ``Leaf`` says when each of its methods is called; a leaf has event time only, and
what it remembers goes through ``memory`` and ``recall`` so that a restart changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.rules.compiled import Every, Leaf, Node, One, Scope, Some
from server.rules.conditions import All, AnyOf, Condition
from server.rules.kinds.count import Count, compile_count
from server.rules.kinds.deviation import Deviation, Gauge, compile_deviation, compile_gauge
from server.rules.kinds.drift import Drift, compile_drift
from server.rules.kinds.expected import Expected, compile_expected
from server.rules.kinds.flat import Flat, compile_flat
from server.rules.kinds.formula import Formula, compile_formula
from server.rules.kinds.limit import (
    Band,
    Flags,
    Limit,
    State,
    compile_band,
    compile_flags,
    compile_limit,
    compile_state,
)
from server.rules.kinds.no_data import NoData, compile_no_data
from server.rules.kinds.rate import Rate, compile_rate
from server.rules.kinds.rule_fault import RuleFault, compile_rule_fault
from server.rules.kinds.schedule import Schedule, compile_schedule
from server.rules.learned.leaf import compile_baseline, compile_ewma, compile_multivariate
from server.rules.learned.specs import Baseline, Ewma, Multivariate
from server.rules.parts import Part
from server.rules.problems import why

Compiler = Callable[[Any, Scope], Leaf]
"""Its first argument is the model under which it stands in the table."""

COMPILERS: dict[type[Part], Compiler] = {
    Limit: compile_limit,
    Band: compile_band,
    State: compile_state,
    Flags: compile_flags,
    NoData: compile_no_data,
    Rate: compile_rate,
    Deviation: compile_deviation,
    Gauge: compile_gauge,
    Count: compile_count,
    Flat: compile_flat,
    Drift: compile_drift,
    Expected: compile_expected,
    Schedule: compile_schedule,
    Formula: compile_formula,
    RuleFault: compile_rule_fault,
    Baseline: compile_baseline,
    Ewma: compile_ewma,
    Multivariate: compile_multivariate,
}


class Unusable(Leaf):
    """Stands where a comparison could not be made, and says why when it is asked."""

    __slots__ = ()

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.problem = why(error)


def build(condition: Condition, scope: Scope) -> tuple[Node, list[Leaf]]:
    """The condition as nodes, and its leaves in the order written."""
    if isinstance(condition, All | AnyOf):
        built = [build(child, scope) for child in condition.of]
        children = [node for node, _ in built]
        found = [leaf for _, leaves in built for leaf in leaves]
        return (Every(children) if isinstance(condition, All) else Some(children)), found
    try:
        leaf = COMPILERS[type(condition)](condition, scope)
    except Exception as error:  # noqa: BLE001 - a rule that does not fit one asset must not stop the others
        leaf = Unusable(error)
    return One(leaf), [leaf]
