"""Many points below members of one object (``params.switch:*.apower``), read in one pass.

A family has a dozen such points and a message a few members, so each member's name is looked up
once in a table instead of being tried against every point.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from gateway.decoders.mapped.conditions import Condition
from gateway.decoders.mapped.items import lookup
from gateway.decoders.mapped.paths import MISSING, Each, Getter, Path
from gateway.decoders.mapped.target import Emit, Target
from gateway.decoders.mapped.templates import Scope, Template
from gateway.decoders.mapped.values import Convert

_NAMES_KEPT: Final = 20_000


class MemberPoint(NamedTuple):
    """A point whose path has exactly one wildcard, and that over the members of an object."""

    base: Path
    """To the object."""
    step: Each
    below: Path
    get: Getter
    """From the member to the value, along ``below``."""
    template: Template
    convert: Convert
    condition: Condition | None
    by_key_only: bool
    """Whether the source key depends on nothing but the member's name."""


class Wanted(NamedTuple):
    """A value of one member that a point wants."""

    point: MemberPoint
    key: str
    source: str | None
    """None: it has to be put together for each message."""


def split(path: Path) -> tuple[Path, Each, Path] | None:
    """(path to the object, the wildcard, path below its members), or None for paths of another shape."""
    wild = [index for index, step in enumerate(path.steps) if isinstance(step, Each)]
    if len(wild) != 1:
        return None
    step = path.steps[wild[0]]
    if not isinstance(step, Each) or step.in_list:
        return None
    base = Path(path.steps[: wild[0]], path.from_root, path.text)
    return base, step, Path(path.steps[wild[0] + 1 :], from_root=False, text=path.text)


def member_passes(points: Iterable[MemberPoint]) -> list[Emit]:
    """One pass for each object that points are read from."""
    by_object: dict[tuple[object, bool], list[MemberPoint]] = {}
    for point in points:
        by_object.setdefault((point.base.steps, point.base.from_root), []).append(point)
    return [_one_pass(group) for group in by_object.values()]


class Found(NamedTuple):
    """What is wanted of members of one name."""

    whole: tuple[Wanted, ...]
    """The member's own value, or one at a place of a list in it."""
    fields: dict[str, tuple[Wanted, ...]]
    """By the first field of the path below the member."""


_NOTHING: Final = Found((), {})


def _one_pass(points: Sequence[MemberPoint]) -> Emit:
    find = lookup(points[0].base)
    known: dict[str, Found] = {}

    def emit(scope: Scope, target: Target) -> None:
        members = find(scope)
        if type(members) is not dict:
            return
        for name, member in members.items():
            found = known.get(name)
            if found is None:
                if len(known) >= _NAMES_KEPT:  # a sender that invents names must not fill the memory
                    known.clear()
                found = known[name] = _find(name, points)
            if found is _NOTHING:
                continue
            _take_found(found, member, scope, target)

    return emit


def _take_found(found: Found, member: object, scope: Scope, target: Target) -> None:
    if found.whole:
        _take_member(found.whole, member, scope, target)
    if type(member) is dict:
        for field, wanted in found.fields.items():
            if field in member:
                _take_member(wanted, member, scope, target)


def _find(name: str, points: Iterable[MemberPoint]) -> Found:
    whole: list[Wanted] = []
    fields: dict[str, tuple[Wanted, ...]] = {}
    for wanted in _wanted(name, points):
        first = wanted.point.below.steps[0] if wanted.point.below.steps else None
        if isinstance(first, str):
            fields[first] = (*fields.get(first, ()), wanted)
        else:
            whole.append(wanted)
    return Found(tuple(whole), fields) if whole or fields else _NOTHING


def _wanted(name: str, points: Iterable[MemberPoint]) -> Iterator[Wanted]:
    for point in points:
        key = point.step.key_of(name)
        if key is not None:
            source = point.template(Scope(None, None, {}, key)) if point.by_key_only else None
            yield Wanted(point, key, source)


def _take_member(wanted: Iterable[Wanted], member: object, scope: Scope, target: Target) -> None:
    for point, key, known_source in wanted:
        value = point.get(member)
        if value is MISSING or (point.condition and not point.condition(scope)):
            continue
        if target.is_full:
            target.refuse_rest()
            return
        source = known_source
        if source is None:
            inner = Scope(scope.root, member, scope.names, key, scope.position)
            try:
                source = point.template(inner)
            except ValueError as error:
                target.refuse("wrong_type", f"{point.base.text}: {error}")
                continue
        target.take(source, value, point.convert)
