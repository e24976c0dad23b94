"""Where a value stands in a payload: ``ENERGY.Power``, ``channels[0].state``, ``sensors[*].value``.

Names are separated by dots; ``[2]`` is the third item of a list, ``[*]`` every item, ``*`` every
member of an object, ``switch:*`` every member whose name begins so. A name with a dot in it is
quoted: ``params."a.b"``. ``.`` alone is the whole payload; a leading ``$.`` counts from the root
of the payload where the path otherwise counts from one element of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

_STEP = re.compile(r'"(?P<quoted>[^"]+)"|\[(?P<index>\d{1,6}|\*)\]|(?P<name>[^.\[\]"]+)')


class Missing:
    """The type of MISSING: no value at that path, which is not the same as null."""


MISSING: Final = Missing()

Getter = Callable[[object], object]


class Each(NamedTuple):
    """A step that stands for several: every item of a list, or every member with such a name."""

    in_list: bool
    before: str = ""
    after: str = ""

    def key_of(self, name: str) -> str | None:
        """What the ``*`` stands for in a member's name, or None where the name is another."""
        if not name.startswith(self.before) or not name.endswith(self.after):
            return None
        return name[len(self.before) : len(name) - len(self.after)] or None


Step = str | int | Each


class Path(NamedTuple):
    """A parsed path; ``from_root`` where it began with ``$.``."""

    steps: tuple[Step, ...]
    from_root: bool
    text: str

    @property
    def has_wildcard(self) -> bool:
        return any(isinstance(step, Each) for step in self.steps)


class Found(NamedTuple):
    """One value found by a path with wildcards."""

    value: object
    key: str
    """What the last ``*`` stood for."""
    position: int
    """What the last ``[*]`` stood for."""
    element: object
    """The member or item of the last wildcard."""


def parse_path(text: str) -> Path:
    """Parse a path; raises ValueError with a sentence that says what is wrong."""
    from_root = text.startswith("$.") or text == "$"
    rest = text[2:] if from_root else text
    if rest in {".", ""}:
        if not text:
            raise ValueError("a path must not be empty")
        return Path((), from_root, text)
    steps: list[Step] = []
    at = 0
    while at < len(rest):
        if steps and rest[at] == ".":
            at += 1
        elif steps and rest[at] != "[":
            raise ValueError(f"{text!r}: a dot is missing before {rest[at:]!r}")
        match = _STEP.match(rest, at)
        if not match:
            raise ValueError(f"{text!r}: cannot read {rest[at:]!r} as a name or [number]")
        steps.append(_step(match))
        at = match.end()
    return Path(tuple(steps), from_root, text)


def _step(match: re.Match[str]) -> Step:
    if match["quoted"]:
        return match["quoted"]
    if match["index"]:
        return Each(in_list=True) if match["index"] == "*" else int(match["index"])
    name = match["name"]
    if "*" not in name:
        return name
    before, _, after = name.partition("*")
    if "*" in after:
        raise ValueError(f"{name!r}: only one * in a name")
    return Each(in_list=False, before=before, after=after)


def getter(path: Path) -> Getter:
    """A function from the tree to the value at a path without wildcards, or MISSING."""
    steps = path.steps
    if not steps:
        return lambda tree: tree
    if len(steps) == 1:
        return _one(steps[0])
    first, second = _one(steps[0]), _one(steps[1])
    if len(steps) == 2:
        return lambda tree: second(first(tree))
    rest = tuple(_one(step) for step in steps)

    def several(tree: object) -> object:
        for step in rest:
            tree = step(tree)
        return tree

    return several


def _one(step: Step) -> Getter:
    if isinstance(step, str):
        return lambda tree: tree.get(step, MISSING) if type(tree) is dict else MISSING
    if isinstance(step, int):
        return lambda tree: tree[step] if type(tree) is list and len(tree) > step else MISSING
    raise TypeError("a path with a wildcard has no single value")


def find_all(path: Path, tree: object) -> Iterator[Found]:
    """Every value a path with wildcards leads to, in the payload's order; MISSING ones are left out."""
    return _walk(path.steps, 0, Found(tree, "", 0, tree))


def finder(path: Path) -> Callable[[object], Iterator[Found]]:
    """``find_all`` compiled: the commonest form, the items of one list, without the general walk."""
    wild = [number for number, step in enumerate(path.steps) if isinstance(step, Each)]
    step = path.steps[wild[0]]
    if len(wild) > 1 or not isinstance(step, Each) or not step.in_list:
        return lambda tree: find_all(path, tree)
    get_list = getter(path._replace(steps=path.steps[: wild[0]]))
    get = getter(path._replace(steps=path.steps[wild[0] + 1 :]))

    def find(tree: object) -> Iterator[Found]:
        items = get_list(tree)
        if type(items) is list:
            for position, item in enumerate(items):
                value = get(item)
                if value is not MISSING:
                    yield Found(value, "", position, item)

    return find


def _walk(steps: tuple[Step, ...], depth: int, found: Found) -> Iterator[Found]:
    tree = found.value
    if depth == len(steps):
        yield found
        return
    step = steps[depth]
    if isinstance(step, Each):
        members = _items(tree, found) if step.in_list else _members(tree, step, found)
        for member in members:
            yield from _walk(steps, depth + 1, member)
        return
    value = _one(step)(tree)
    if value is not MISSING:
        yield from _walk(steps, depth + 1, found._replace(value=value))


def _items(tree: object, found: Found) -> Iterator[Found]:
    if type(tree) is list:
        for index, item in enumerate(tree):
            yield Found(item, found.key, index, item)


def _members(tree: object, step: Each, found: Found) -> Iterator[Found]:
    if type(tree) is dict:
        for name, item in tree.items():
            key = step.key_of(name)
            if key is not None:
                yield Found(item, key, found.position, item)
