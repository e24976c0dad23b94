"""Expressions that people write, behind a port of our own: the language is CEL.

Numbers are real numbers: an integer written in the text is one too, so ``temp > 26`` is what it looks
like. Points are named by key, other characters than letters, digits and _ written as _; state points
may be numbers or texts. ``feeds.KEY`` and ``fed_by.KEY`` are lists over the assets that this one feeds,
or is fed by; ``sum``, ``mean``, ``smallest``, ``largest`` and ``count`` work on lists, ``bit`` on flags.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Protocol

from cel_expr_python import cel

from server.errors import Explained
from server.rules.expression_words import said

LONGEST = 1000
MOST_MACROS = 3
"""Loops over lists; each inside another multiplies its cost."""

Input = float | int | str | list[float | int | str]

_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?")
_QUOTED = re.compile(
    r"""[rRbB]{0,2}(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")""", re.DOTALL
)
_NUMBER = re.compile(r"(?<![\w.])(\d+)(?![\w.]|\s*\])")
_MACRO = re.compile(r"\.\s*(?:exists|exists_one|all|map|filter)\s*\(")
_REAL, _LIST = cel.Type.DOUBLE, cel.Type.List(cel.Type.DOUBLE)

FEEDS, FED_BY = "feeds.", "fed_by."


class InvalidExpression(Explained):
    """What is wrong with the text."""


class Expression(Protocol):
    """A checked expression that answers yes or no."""

    def __call__(self, values: Mapping[str, Input]) -> bool:
        """The answer; raises Explained where there is none."""
        ...


def variable(key: str) -> str:
    """How a point is named in an expression."""
    name = re.sub(r"\W", "_", key, flags=re.ASCII)
    return f"_{name}" if name[0].isdigit() else name


def names(text: str) -> frozenset[str]:
    """All names in the text that may be points: plain ones, ``feeds.KEY`` and ``fed_by.KEY``."""
    return frozenset(_NAME.findall(_QUOTED.sub(" ", text)))


@lru_cache(maxsize=2048)
def compiled(text: str, kinds: tuple[tuple[str, str], ...]) -> Expression:
    """The expression over variables of these (name, kind); raises InvalidExpression naming the mistake.

    Kinds as of points; names that begin with ``feeds.`` or ``fed_by.`` are lists.
    """
    _check_size(text)
    environment = cel.NewEnv(
        variables={name: _type(name, kind) for name, kind in kinds}, functions=_FUNCTIONS
    )
    try:
        program = environment.compile(_reals(text))
    except RuntimeError as error:
        raise InvalidExpression(**said(str(error))) from None
    if program.return_type() != cel.Type.BOOL:
        kind = program.return_type().name().lower()
        raise InvalidExpression(f"it gives {kind}, not true or false", f"结果是 {kind}，应为“是”或“否”")
    program = environment.deserialize(_dividing_strictly(program.serialize()))

    def evaluate(values: Mapping[str, Input]) -> bool:
        answer = program.eval(data=values)
        value = answer.value()
        if isinstance(value, bool):
            return value
        raise Explained(**said(str(answer.plain_value())))

    return evaluate


def _check_size(text: str) -> None:
    if not text.strip():
        raise InvalidExpression("it is empty", "表达式为空")
    if len(text) > LONGEST:
        raise InvalidExpression(f"it is longer than {LONGEST} characters", f"超过 {LONGEST} 个字符")
    if len(_MACRO.findall(_QUOTED.sub(" ", text))) > MOST_MACROS:
        raise InvalidExpression(
            f"it goes over lists more than {MOST_MACROS} times", f"遍历列表超过 {MOST_MACROS} 次"
        )
    if "_/_" in text or "divide_double" in text:
        raise InvalidExpression(
            "_/_ and divide_double are names of the language itself", "_/_ 和 divide_double 是语言自身的名称"
        )


def _type(name: str, kind: str) -> cel.Type:
    element = cel.Type.DYN if kind == "state" else _REAL
    return cel.Type.List(element) if name.startswith((FEEDS, FED_BY)) else element


def _reals(text: str) -> str:
    """With every whole number written as a real one, outside of quotes and of list positions."""
    parts, end = [], 0
    for quoted in _QUOTED.finditer(text):
        parts += [_NUMBER.sub(r"\1.0", text[end : quoted.start()]), quoted.group()]
        end = quoted.end()
    return "".join([*parts, _NUMBER.sub(r"\1.0", text[end:])])


def _dividing_strictly(program: bytes) -> bytes:
    """CEL divides real numbers by zero without a word, and infinity is above every limit. In the checked
    program the division is exchanged for ours; the names are of equal length, as the encoding asks."""
    return program.replace(b"\x03_/_", b"\x03div").replace(b"\x0ddivide_double", b"\x0dquotient_real")


def _divide(dividend: float, divisor: float) -> float:
    if divisor == 0:
        raise ZeroDivisionError("division by zero")
    return dividend / divisor


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def _bit(flags: float, number: float) -> bool:
    return int(flags) >> int(number) & 1 == 1


def _over_list(name: str, work: Callable[[list[float]], float]) -> cel.FunctionDecl:
    overload = cel.Overload(f"{name}_of_list", return_type=_REAL, parameters=[_LIST], impl=work)
    return cel.FunctionDecl(name, [overload])


_FUNCTIONS = [
    _over_list("sum", math.fsum),
    _over_list("mean", _mean),
    _over_list("smallest", min),
    _over_list("largest", max),
    _over_list("count", lambda values: float(len(values))),
    cel.FunctionDecl(
        "bit", [cel.Overload("bit_of_flags", return_type=cel.Type.BOOL, parameters=[_REAL, _REAL], impl=_bit)]
    ),
    cel.FunctionDecl(
        "div", [cel.Overload("quotient_real", return_type=_REAL, parameters=[_REAL, _REAL], impl=_divide)]
    ),
    cel.FunctionDecl(
        "abs",
        [cel.Overload("abs_real", return_type=_REAL, parameters=[_REAL], impl=abs)],
    ),
]
