"""The simple forms of value templates: ``{{ value_json.temperature }}``, ``{{ value | float / 10 }}``.

A template may name one value (``value``, ``value_json.a['b'][0]``), pass it through filters that
only change its form, and calculate with numbers. Anything with conditions is refused: a mapping
file says the same and can be tested.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.decoders.mapped.paths import MISSING, Path, getter
from gateway.decoders.mapped.values import number

Render = Callable[[str, object], object]
"""From the payload as text and as JSON tree (MISSING where it is no JSON) to a value or MISSING.

Raises ValueError with a sentence."""
Change = Callable[[object], object]

_TOKEN = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_]\w*)|(?P<number>\d+(?:\.\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")|(?P<sign>[|()\[\].*/+\-,]))"
)
_DEEPEST = 20
_LONGEST = 500
"""Characters; also bounds how deep the compiled functions call each other."""
_MOST_DIGITS = 12


class UnsupportedTemplate(ValueError):
    """The template does more than name a value."""


def parse_value_template(text: str) -> Render:
    """Compile one template; raises UnsupportedTemplate."""
    if len(text) > _LONGEST:
        raise UnsupportedTemplate(f"a template of {len(text)} characters is not read")
    match = re.fullmatch(r"\s*\{\{-?(.*?)-?\}\}\s*", text, re.DOTALL)
    if not match or "{{" in match[1] or "{%" in text:
        raise UnsupportedTemplate(f"{text!r:.120} is more than one {{{{ value }}}}")
    tokens = _tokens(match[1], text)
    parser = _Parser(tokens, text)
    render = parser.sum(0)
    if parser.peek():
        raise UnsupportedTemplate(f"{text!r:.120}: {parser.peek()!r} is not supported")
    return render


def _tokens(inside: str, text: str) -> list[str]:
    tokens, at = [], 0
    while inside[at:].strip():
        match = _TOKEN.match(inside, at)
        if not match:
            raise UnsupportedTemplate(f"{text!r:.120}: {inside[at:].strip()!r:.40} is not supported")
        tokens.append(match[0].strip())
        at = match.end()
    return tokens


class _Parser:
    """Reads tokens by the rules of Jinja's precedence: a filter binds closer than an operator."""

    def __init__(self, tokens: list[str], text: str) -> None:
        self._tokens = tokens
        self._at = 0
        self._text = text

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            wanted = f"{expected!r} is missing" if expected else "it ends too early"
            raise UnsupportedTemplate(f"{self._text!r:.120}: {wanted}")
        self._at += 1
        return token

    def sum(self, depth: int) -> Render:
        render = self.product(depth)
        while self.peek() in {"+", "-"}:
            render = _changed(render, _arithmetic(self.take(), self._number()))
        return render

    def product(self, depth: int) -> Render:
        render = self.filtered(depth)
        while self.peek() in {"*", "/"}:
            render = _changed(render, _arithmetic(self.take(), self._number()))
        return render

    def filtered(self, depth: int) -> Render:
        render = self._operand(depth)
        while self.peek() == "|":
            self.take()
            render = _changed(render, self._filter())
        return render

    def _operand(self, depth: int) -> Render:
        if self.peek() == "(" and depth < _DEEPEST:
            self.take()
            render = self.sum(depth + 1)
            self.take(")")
            return render
        name = self.take()
        if name not in {"value", "value_json"}:
            raise UnsupportedTemplate(
                f"{self._text!r:.120}: only value and value_json can be read, not {name!r}"
            )
        get = getter(Path(tuple(self._steps()), from_root=False, text=""))
        if name == "value":
            return lambda text, _tree: get(text)
        return lambda _text, tree: get(tree)

    def _steps(self) -> list[str | int]:
        steps: list[str | int] = []
        while self.peek() in {".", "["}:
            if self.take() == "[":
                steps.append(self._key())
                self.take("]")
            elif self.peek() == "get":
                self.take()
                self.take("(")
                steps.append(self._key())
                self.take(")")
            else:
                steps.append(self.take())
        return steps

    def _key(self) -> str | int:
        token = self.take()
        return int(token) if token.isdigit() else self._unquoted(token)

    def _unquoted(self, token: str) -> str:
        if token[0] not in "'\"":
            raise UnsupportedTemplate(f"{self._text!r:.120}: {token!r} is no name or number")
        return token[1:-1]

    def _number(self) -> float:
        token = self.take()
        try:
            return float(token)
        except ValueError:
            raise UnsupportedTemplate(f"{self._text!r:.120}: {token!r} is no number") from None

    def _filter(self) -> Change:
        name = self.take()
        arguments: list[str] = []
        if self.peek() == "(":
            self.take()
            while self.peek() != ")":
                arguments.append(self.take())
            self.take(")")
        if name == "round":
            digits = int(arguments[0]) if arguments and arguments[0].isdigit() else 0
            if digits > _MOST_DIGITS:
                raise UnsupportedTemplate(f"{self._text!r:.120}: rounds to {digits} digits")
            return lambda value: round(_needed(value), digits)
        if name not in _FILTERS:
            raise UnsupportedTemplate(f"{self._text!r:.120}: the filter {name!r} is not supported")
        return _FILTERS[name]


def _changed(render: Render, change: Change) -> Render:
    def rendered(text: str, tree: object) -> object:
        value = render(text, tree)
        return value if value is MISSING or value is None else change(value)

    return rendered


def _arithmetic(sign: str, right: float) -> Change:
    if sign == "/" and right == 0:
        raise UnsupportedTemplate("a template divides by zero")
    operations: dict[str, Callable[[float], float]] = {
        "+": lambda left: left + right,
        "-": lambda left: left - right,
        "*": lambda left: left * right,
        "/": lambda left: left / right,
    }
    operate = operations[sign]
    return lambda value: operate(_needed(value))


def _needed(value: object) -> float:
    found = number(value)
    if found is None:
        raise ValueError("there is no number")
    return found


def _same(value: object) -> object:
    return value


_FILTERS: dict[str, Change] = {
    "float": _needed,
    "int": lambda value: int(_needed(value)),
    "abs": lambda value: abs(_needed(value)),
    # a default would be a value that nobody measured: what is missing stays missing
    "default": _same,
    "is_defined": _same,
    "string": _same,
    "trim": lambda value: value.strip() if isinstance(value, str) else value,
    "lower": lambda value: value.lower() if isinstance(value, str) else value,
    "upper": lambda value: value.upper() if isinstance(value, str) else value,
}
