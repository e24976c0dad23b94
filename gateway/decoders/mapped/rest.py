"""``rest``: every other single value of a payload under its own path, so that nothing stays unseen.

An engineer finds the points of a new device in the onboarding inbox without writing a mapping first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from gateway.decoders.mapped import values
from gateway.decoders.mapped.paths import MISSING, Each, Path, getter
from gateway.decoders.mapped.points import MOST_PARTS, Emit, Target
from gateway.decoders.mapped.templates import Scope

DEEPEST: Final = 8
_CACHE: Final = 20_000

Skip = Callable[[str], bool]


def rest_of(base: Path, skipped: Iterable[Path]) -> Emit:
    """Takes all single values below ``base`` except those at the paths ``skipped``.

    Their source keys are their paths below ``base``. Texts longer than 64 characters and lists in
    lists in lists ... deeper than 8 are no measurements and left out.
    """
    get = getter(base)
    below = [path.steps[len(base.steps) :] for path in skipped if path.steps[: len(base.steps)] == base.steps]
    skip = _skipper(["".join(_pattern(step) for step in steps) for steps in below if steps])

    def emit(scope: Scope, target: Target) -> None:
        tree = get(scope.root if base.from_root else scope.element)
        if tree is not MISSING:
            _take(tree, "", 0, skip, target)

    return emit


def _pattern(step: str | int | Each) -> str:
    """A step as a regular expression over paths as ``_take`` writes them."""
    if isinstance(step, int):
        return rf"\[{step}\]"
    if isinstance(step, str):
        return r"\." + re.escape(step)
    if step.in_list:
        return r"\[\d+\]"
    return r"\." + (step.pattern.pattern if step.pattern else r"[^.\[]+")


def _skipper(patterns: list[str]) -> Skip:
    if not patterns:
        return lambda _path: False
    regex = re.compile("|".join(patterns), re.DOTALL)
    known: dict[str, bool] = {}

    def skip(path: str) -> bool:
        answer = known.get(path)
        if answer is None:
            if len(known) > _CACHE:  # a sender that invents names must not fill the memory
                known.clear()
            answer = known[path] = regex.fullmatch(path) is not None
        return answer

    return skip


def _take(tree: object, path: str, depth: int, skip: Skip, target: Target) -> None:
    """``path`` with its leading dot, as the patterns have it."""
    if isinstance(tree, dict):
        branches: Iterable[tuple[str, object]] = ((f"{path}.{name}", value) for name, value in tree.items())
    elif isinstance(tree, list):
        branches = ((f"{path}[{index}]", value) for index, value in enumerate(tree))
    else:
        _take_value(tree, path, target)
        return
    if depth >= DEEPEST:
        return
    for inner, value in branches:
        if target.is_full:
            target.refuse("too_large", f"more than {MOST_PARTS} values in one message")
            return
        if not skip(inner):
            _take(value, inner, depth + 1, skip, target)


def _take_value(value: object, path: str, target: Target) -> None:
    if isinstance(value, str) and len(value) > values.LONGEST_TEXT:
        return
    target.take(path.removeprefix(".") or "value", value, values.plain)
