"""Conditions written as an expression over points of the asset and of its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictStr

from server.errors import Explained, Label
from server.rules.compiled import Fact, Leaf, Scope, Signal
from server.rules.expression import (
    FED_BY,
    FEEDS,
    LONGEST,
    Expression,
    Input,
    InvalidExpression,
    compiled,
    names,
    variable,
)
from server.rules.parts import Part
from telemetry.reading import Value

MOST_IN_LIST = 256


def _is_text(text: str) -> str:
    if not text.strip():
        raise Explained("the expression is empty", "表达式为空")
    return text


class Formula(Part):
    """True while the expression is; see ``server.rules.expression`` for what it may say.

    A division by zero, or a value that does not fit, is a problem of the rule and no crossing.
    """

    type: Literal["expression"]
    text: Annotated[StrictStr, Field(max_length=LONGEST), AfterValidator(_is_text)]

    def mentions(self) -> frozenset[str]:
        return names(self.text)

    def misfits(self, kinds: Mapping[str, str]) -> Iterator[tuple[str, Label]]:
        """Points of neighbours are of other profiles: their kind is known only when the rule is bound."""
        own = {variable(key): kind for key, kind in kinds.items()}
        near = {name: "analog" for name in self.mentions() if name.startswith((FEEDS, FED_BY))}
        try:
            compiled(self.text, tuple(sorted((own | near).items())))
        except InvalidExpression as error:
            yield "text", error.label


class FormulaLeaf(Leaf):
    __slots__ = ("ask", "lists", "names")

    def __init__(
        self, spec: Formula, own: Mapping[str, Signal], lists: Mapping[str, list[Signal]], ask: Expression
    ) -> None:
        near = [signal for signals in lists.values() for signal in signals]
        super().__init__(*dict.fromkeys([*own.values(), *near]))
        self.names = tuple(own.items())
        self.lists = tuple(lists.items())
        self.ask = ask

    def judge(self, at_ms: int) -> bool:
        data: dict[str, Input] = {}
        for name, signal in self.names:
            if signal.value is None:
                return self.true
            data[name] = _real(signal.value)
        for name, signals in self.lists:
            data[name] = [
                _real(signal.value)
                for signal in signals
                if signal.value is not None and signal.unknown_from() > at_ms
            ]
        return self.ask(data)

    def known(self, at_ms: int) -> bool | None:
        """Silent neighbours are left out of their lists; a silent point of its own makes it unknown."""
        if self.problem is not None:
            return None
        if self.involved and any(signal.unknown_from() <= at_ms for _, signal in self.names):
            return None
        return self.true

    def unknown_from(self) -> Iterable[int]:
        return (signal.unknown_from() for _, signal in self.names) if self.involved else ()

    def facts(self, at_ms: int) -> Iterable[Fact]:
        for _, signal in self.names:
            yield Fact(signal.point, "expression", signal.value, None)


class NeighbourFormulaLeaf(FormulaLeaf):
    """Who is silent changes the lists, so it looks again at every reading."""

    __slots__ = ()

    watches_all = True


def _real(value: Value) -> float | str:
    return value if isinstance(value, str) else float(value or 0)


def compile_formula(spec: Formula, scope: Scope) -> Leaf:
    wanted = spec.mentions()
    own = {variable(key): signal for key, signal in scope.signals.items() if variable(key) in wanted}
    lists = {FEEDS + variable(key): list(found)[:MOST_IN_LIST] for key, found in scope.fed.items()}
    lists |= {FED_BY + variable(key): list(found)[:MOST_IN_LIST] for key, found in scope.fed_by.items()}
    lists = {name: found for name, found in lists.items() if name in wanted}
    missing = [name for name in wanted if name.startswith((FEEDS, FED_BY)) and name not in lists]
    kinds = {name: signal.kind for name, signal in own.items()}
    kinds |= {name: found[0].kind if found else "analog" for name, found in lists.items()}
    kinds |= dict.fromkeys(missing, "analog")
    lists |= {name: [] for name in missing}
    kind = NeighbourFormulaLeaf if lists else FormulaLeaf
    return kind(spec, own, lists, compiled(spec.text, tuple(sorted(kinds.items()))))
