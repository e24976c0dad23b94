"""``rest``: every other single value of a payload under its own path, so that nothing stays unseen.

An engineer finds the points of a new device in the onboarding inbox without writing a mapping first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
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

    Their source keys are their paths below ``base``. Texts longer than 64 characters, paths longer
    than 128 and what stands deeper than 8 are no measurements and left out.
    """
    get = getter(base)
    below = [path.steps[len(base.steps) :] for path in skipped if path.steps[: len(base.steps)] == base.steps]
    rest = _Rest(["".join(_pattern(step) for step in steps) for steps in below if steps])

    def emit(scope: Scope, target: Target) -> None:
        tree = get(scope.root if base.from_root else scope.element)
        if tree is not MISSING:
            rest.take(tree, target)

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


class _Branch:
    """A place in the payloads met so far: its path, its source key, and the places below it."""

    __slots__ = ("below", "path", "source")

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        """With its leading dot, as the patterns have it."""
        self.source = source
        """Empty: skipped with all below it."""
        self.below: dict[str | int, _Branch] = {}


class _Rest:
    """Takes values along branches it has met before, so that no path is put together twice."""

    def __init__(self, skipped: list[str]) -> None:
        self._regex = re.compile("|".join(skipped), re.DOTALL) if skipped else None
        self._root = _Branch("", "value")
        self._met = 0

    def take(self, tree: object, target: Target) -> None:
        if self._met > _CACHE:  # a sender that invents names must not fill the memory
            self._root, self._met = _Branch("", "value"), 0
        if isinstance(tree, dict | list):
            self._take_members(tree, self._root, 0, target)
        else:
            _take_value(tree, self._root.source, target)

    def _take_members(
        self, tree: dict[str, object] | list[object], branch: _Branch, depth: int, target: Target
    ) -> None:
        members: Iterable[tuple[str | int, object]] = (
            tree.items() if isinstance(tree, dict) else enumerate(tree)
        )
        device, at_ms, parts, below = target.device, target.at_ms, target.decoded.parts, branch.below
        if len(parts) + len(tree) > MOST_PARTS:
            target.refuse_rest()
            members = islice(members, max(0, MOST_PARTS - len(parts)))
        for name, value in members:
            found = below.get(name) or self._meet(branch, name)
            if not found.source:
                continue
            if isinstance(value, float):  # the commonest, and finite in JSON
                parts.append(Part(device, found.source, at_ms, value))
            elif isinstance(value, dict | list):
                if depth < DEEPEST:
                    self._take_members(value, found, depth + 1, target)
            else:
                _take_value(value, found.source, target)

    def _meet(self, branch: _Branch, name: str | int) -> _Branch:
        path = f"{branch.path}[{name}]" if isinstance(name, int) else f"{branch.path}.{name}"
        is_skipped = len(path) > LONGEST_SOURCE or (self._regex is not None and self._regex.fullmatch(path))
        found = branch.below[name] = _Branch(path, "" if is_skipped else path.removeprefix(".") or "value")
        self._met += 1
        return found


def _take_value(value: object, source: str, target: Target) -> None:
    if not isinstance(value, str) or len(value) <= LONGEST_TEXT:
        target.take(source, value, plain)
