"""YAML files people write, read into typed models; what is wrong is said with file and line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from server.errors import Invalid

M = TypeVar("M", bound=BaseModel)

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Plain values only; the C one where PyYAML has it, ten times as fast."""

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes; a site of 50,000 points of its own has about 10 MB."""


class BrokenFile(Invalid):
    """A file that cannot be used. The text begins with file and line."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        where = f"{path.name}:{line}: "
        super().__init__(where + message, where + message, code="broken_file", file=path.name, line=line)


def read(path: Path, kind: type[M]) -> M:
    """The file as a ``kind``. Raises BrokenFile for anything wrong in it or with it."""
    root = _parse(path)
    for node, fault in _faults(root, set()):
        raise BrokenFile(path, _line(node), fault)
    try:
        return kind.model_validate(_Loader("").construct_document(root))
    except yaml.YAMLError as error:
        raise BrokenFile(path, _error_line(error), _error_text(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        node = _find(root, first["loc"])
        where = ".".join(str(part) for part in first["loc"])
        raise BrokenFile(path, _line(node), f"{where}: {first['msg']}" if where else first["msg"]) from error


def _parse(path: Path) -> yaml.Node:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BrokenFile(path, 1, f"larger than {LARGEST_FILE // 1024 // 1024} MiB")
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=_Loader)
    except OSError as error:
        raise BrokenFile(path, 1, error.strerror or "cannot be read") from error
    except UnicodeDecodeError as error:
        raise BrokenFile(path, 1, "is not UTF-8 text") from error
    except yaml.YAMLError as error:
        raise BrokenFile(path, _error_line(error), _error_text(error)) from error
    except RecursionError as error:
        raise BrokenFile(path, 1, "is nested too deeply") from error
    if root is None:
        raise BrokenFile(path, 1, "is empty")
    return root


def _faults(node: yaml.Node, seen: set[int]) -> Iterator[tuple[yaml.Node, str]]:
    """What YAML lets pass and we do not: aliases (a small file of nested ones fills the memory), and
    a key twice in one mapping (the last silently wins, which is seldom what was meant)."""
    if isinstance(node, yaml.ScalarNode):
        return
    if id(node) in seen:
        yield node, "aliases (*name) are not allowed; this is used in two places"
        return
    seen.add(id(node))
    keys: set[str] = set()
    children = node.value if isinstance(node, yaml.MappingNode) else [(None, child) for child in node.value]
    for key, value in children:
        if isinstance(key, yaml.ScalarNode):
            if key.value in keys:
                yield key, f"{key.value} stands here for the second time"
            keys.add(key.value)
        yield from _faults(value, seen)


def _find(node: yaml.Node, location: Sequence[int | str]) -> yaml.Node:
    """The deepest node on the way to ``location`` that is there."""
    for part in location:
        child = _child(node, part)
        if child is None:
            break
        node = child
    return node


def _child(node: yaml.Node, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]  # type: ignore[no-any-return]  # the stubs leave value untyped
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == str(part):
                return value  # type: ignore[no-any-return]
    return None


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _error_line(error: yaml.YAMLError) -> int:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return int(mark.line) + 1 if mark else 1


def _error_text(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem:
        return str(error.problem)
    return str(error).splitlines()[0]
