"""``rest``: every other single value of a payload under its own path, so that nothing stays unseen.

An engineer finds the points of a new device in the onboarding inbox without writing a mapping first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from gateway.decoders.decoded import Part
from gateway.decoders.mapped.paths import MISSING, Each, Path, getter
from gateway.decoders.mapped.target import LONGEST_SOURCE, MOST_PARTS, Emit, Target
from gateway.decoders.mapped.templates import Scope
from gateway.decoders.mapped.values import LONGEST_TEXT, plain

DEEPEST: Final = 8
_CACHE: Final = 20_000


def rest_of(base: Path, skipped: Iterable[Path]) -> Emit:
    """Takes all single values below ``base`` except those at the paths ``skipped``.

    Their source keys are their paths below ``base``. Texts longer than 64 characters and lists in
    lists in lists ... deeper than 8 are no measurements and left out.
    """
    get = getter(base)
    below = [path.steps[len(base.steps) :] for path in skipped if path.steps[: len(base.steps)] == base.steps]
    names = _Names(["".join(_pattern(step) for step in steps) for steps in below if steps])

    def emit(scope: Scope, target: Target) -> None:
        tree = get(scope.root if base.from_root else scope.element)
        if tree is not MISSING:
            _take(tree, "", 0, names, target)

    return emit


def _pattern(step: str | int | Each) -> str:
    """A step as a regular expression over paths as ``_take`` writes them."""
    if isinstance(step, int):
        return rf"\[{step}\]"
    if isinstance(step, str):
        return r"\." + re.escape(step)
    if step.in_list:
        return r"\[\d+\]"
    return rf"\.{re.escape(step.before)}[^.\[]+{re.escape(step.after)}"


class _Names:
    """The source key of each path met so far; the empty one for paths that are skipped."""

    def __init__(self, skipped: list[str]) -> None:
        self._regex = re.compile("|".join(skipped), re.DOTALL) if skipped else None
        self._known: dict[str, str] = {}

    def __getitem__(self, path: str) -> str:
        name = self._known.get(path)
        if name is None:
            if len(self._known) > _CACHE:  # a sender that invents names must not fill the memory
                self._known.clear()
            skipped = self._regex is not None and self._regex.fullmatch(path)
            name = self._known[path] = "" if skipped else path.removeprefix(".") or "value"
        return name


def _take(tree: object, path: str, depth: int, names: _Names, target: Target) -> None:
    """``path`` with its leading dot, as the patterns have it."""
    if isinstance(tree, dict):
        branches: list[tuple[str, object]] = [(f"{path}.{name}", value) for name, value in tree.items()]
    elif isinstance(tree, list):
        branches = [(f"{path}[{index}]", value) for index, value in enumerate(tree[:MOST_PARTS])]
    else:
        branches = [(path, tree)]
    device, at_ms, decoded = target
    parts = decoded.parts
    if len(branches) > MOST_PARTS - len(parts):
        target.refuse_rest()
        branches = branches[: max(0, MOST_PARTS - len(parts))]
    for inner, value in branches:
        name = names[inner]
        if not name:
            continue
        if isinstance(value, float) and len(name) <= LONGEST_SOURCE:  # the commonest, and finite in JSON
            parts.append(Part(device, name, at_ms, value))
        elif isinstance(value, dict | list):
            if depth < DEEPEST:
                _take(value, inner, depth + 1, names, target)
        elif not isinstance(value, str) or len(value) <= LONGEST_TEXT:
            target.take(name, value, plain)
