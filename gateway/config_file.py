"""YAML files written by people: each value knows its line, each refusal names file, line and remedy.

A mapping of a device family or a register map is read once, at start, and refused as a whole when
anything in it is wrong: half a configuration is worse than none. So all problems of a file are
gathered and told together.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

LARGEST_BYTES = 1024 * 1024
"""A mapping written by a person is some kilobytes; anything larger is the wrong file."""

T = TypeVar("T")


class Problem(NamedTuple):
    """One thing wrong in a file. ``remedy`` says what to write instead; ``line`` 0: of the file as a whole."""

    file: str
    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}; {self.remedy}"


class BadConfig(Exception):
    """A configuration file is refused. ``problems`` in the order of their lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = list(problems)


class Item:
    """One value of the file, whatever its kind, with its place."""

    def __init__(self, node: Node, file: str, problems: list[Problem]) -> None:
        self.node = node
        self.file = file
        self.problems = problems

    @property
    def line(self) -> int:
        return self.node.start_mark.line + 1

    def refuse(self, what: str, remedy: str) -> BadConfig:
        """The refusal of this value, to be raised by the caller."""
        return BadConfig([Problem(self.file, self.line, what, remedy)])

    def _same_file(self, node: Node) -> Item:
        return Item(node, self.file, self.problems)

    @property
    def is_text(self) -> bool:
        """Whether this is a plain value: a word, a number, true or false."""
        return isinstance(self.node, ScalarNode)

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, SequenceNode)

    def text(self) -> str:
        """A plain value as it was written; ``on`` and ``0x10`` stay what they are."""
        if not isinstance(self.node, ScalarNode) or not self.node.value:
            raise self.refuse("a single value is needed here", "write one word or number")
        return str(self.node.value)

    def value(self) -> str | float | bool | None:
        """A plain value as YAML 1.2 reads it: number, true/false, null or text (``on`` stays text)."""
        text = self.text()
        if not isinstance(self.node, ScalarNode) or self.node.style in {"'", '"'}:
            return text
        if text in {"true", "false", "null"}:
            return {"true": True, "false": False, "null": None}[text]
        try:
            return _number(text)
        except ValueError:
            return text

    def number(self) -> float:
        text = self.text()
        try:
            return _number(text)
        except ValueError:
            raise self.refuse(f"{text!r} is not a number", "write a number such as 0.1") from None

    def whole(self, low: int, high: int) -> int:
        number = self.number()
        if number != int(number) or not low <= number <= high:
            raise self.refuse(f"{self.text()} is not allowed", f"write a whole number from {low} to {high}")
        return int(number)

    def boolean(self) -> bool:
        text = self.text()
        if text not in {"true", "false"}:
            raise self.refuse(f"{text!r} is neither true nor false", "write true or false")
        return text == "true"

    def choice(self, allowed: Collection[str]) -> str:
        """One of the words; the refusal names the nearest."""
        text = self.text()
        if text not in allowed:
            raise self.refuse(f"{text!r} is not known here", _one_of(text, allowed))
        return text

    def items(self) -> list[Item]:
        """A list; a single value stands for a list of one."""
        if isinstance(self.node, SequenceNode):
            return [self._same_file(node) for node in self.node.value]
        return [self]

    def pairs(self) -> list[tuple[Item, Item]]:
        """(name, value) of a mapping, in order; a name that occurs twice is refused."""
        if not isinstance(self.node, MappingNode):
            raise self.refuse("names with values are needed here", "write 'name: value' lines")
        seen: dict[str, int] = {}
        result = []
        for key, value in self.node.value:
            name = self._same_file(key)
            if name.text() in seen:
                raise name.refuse(
                    f"{name.text()!r} stands here twice (first in line {seen[name.text()]})", "remove one"
                )
            seen[name.text()] = name.line
            result.append((name, self._same_file(value)))
        return result

    def section(self, allowed: Collection[str]) -> Section:
        """A mapping whose names are known; unknown names are gathered as problems."""
        section = Section(self.node, self.file, self.problems)
        section.fields = {}
        for name, value in self.pairs():
            if name.text() in allowed:
                section.fields[name.text()] = value
            else:
                what = f"{name.text()!r} is not a setting"
                self.problems.append(Problem(self.file, name.line, what, _one_of(name.text(), allowed)))
        return section

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Goes on after a refusal inside, so that the next item is checked as well."""
        try:
            yield
        except BadConfig as refusal:
            self.problems.extend(refusal.problems)


class Section(Item):
    """A mapping with known names."""

    fields: dict[str, Item]

    def has(self, name: str) -> bool:
        return name in self.fields

    def need(self, name: str, remedy: str) -> Item:
        """The value of a name that must be there."""
        if name not in self.fields:
            raise self.refuse(f"{name!r} is missing", remedy)
        return self.fields[name]

    def get(self, name: str, read: Callable[[Item], T], default: T) -> T:
        """The value of a name that may be left out."""
        return read(self.fields[name]) if name in self.fields else default

    def each(self, name: str) -> list[Item]:
        """The items of a list that may be left out."""
        return self.fields[name].items() if name in self.fields else []


def read_config(path: Path, build: Callable[[Item], T], *, root: Path | None = None) -> T:
    """Read one file and build from it; raises BadConfig with all problems found.

    ``root``: the folder that the file is named relative to in messages.
    """
    name = str(path.relative_to(root)) if root else str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise BadConfig([Problem(name, 1, what, "check the path and the rights")]) from None
    if len(data) > LARGEST_BYTES:
        raise BadConfig([Problem(name, 1, f"has {len(data)} bytes", f"at most {LARGEST_BYTES} are read")])
    return parse_config(data, build, name=name)


def parse_config(data: bytes, build: Callable[[Item], T], *, name: str) -> T:
    """As ``read_config``, from bytes; ``name`` stands for the file in messages."""
    problems: list[Problem] = []
    node = _compose(data, name)
    try:
        result = build(Item(node, name, problems))
    except BadConfig as refusal:
        problems.extend(refusal.problems)
    if problems:
        raise BadConfig(sorted(problems, key=lambda problem: problem.line))
    return result


def _compose(data: bytes, name: str) -> Node:
    try:
        node = yaml.compose(data, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"this is not YAML: {error.problem or error.context}"
        remedy = "check indentation and colons; inside [ ] and { } put texts with braces into quotes"
        raise BadConfig([Problem(name, mark.line + 1 if mark else 1, what, remedy)]) from None
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        what = f"this is not a YAML text: {type(error).__name__}"
        raise BadConfig([Problem(name, 1, what, "save it as UTF-8 text")]) from None
    if node is None:
        raise BadConfig([Problem(name, 1, "the file is empty", "see docs/guides/add-a-device-family.md")])
    _refuse_aliases(node, name)
    return node


def _refuse_aliases(root: Node, name: str) -> None:
    """A few lines of aliases (``*name``) can stand for gigabytes; a person's file needs none."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            what = "this part is used again by an alias (*name)"
            raise BadConfig(
                [Problem(name, node.start_mark.line + 1, what, "write it out where it is needed")]
            )
        seen.add(id(node))
        if isinstance(node, MappingNode):
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, SequenceNode):
            waiting += node.value


def _number(text: str) -> float:
    """0x10, 10, 1_000 refused, 0.5: a whole number stays one."""
    if "_" in text:
        raise ValueError(text)
    if text.lower().startswith("0x"):
        return int(text, 16)
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return int(text) if text.lstrip("+-").isdigit() else number


def _one_of(text: str, allowed: Collection[str]) -> str:
    near = difflib.get_close_matches(text, allowed, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}allowed: {', '.join(sorted(allowed))}"
