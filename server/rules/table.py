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
from server.rules.kinds.limit import Flags, Limit, State, compile_flags, compile_limit, compile_state
from server.rules.kinds.no_data import NoData, compile_no_data
from server.rules.parts import Part

Compiler = Callable[[Any, Scope], Leaf]
"""Its first argument is the model under which it stands in the table."""

COMPILERS: dict[type[Part], Compiler] = {
    Limit: compile_limit,
    State: compile_state,
    Flags: compile_flags,
    NoData: compile_no_data,
}


def build(condition: Condition, scope: Scope) -> tuple[Node, list[Leaf]]:
    """The condition as nodes, and its leaves in the order written."""
    if isinstance(condition, All | AnyOf):
        built = [build(child, scope) for child in condition.of]
        children = [node for node, _ in built]
        found = [leaf for _, leaves in built for leaf in leaves]
        return (Every(children) if isinstance(condition, All) else Some(children)), found
    leaf = COMPILERS[type(condition)](condition, scope)
    return One(leaf), [leaf]
