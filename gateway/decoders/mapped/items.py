"""Paths, templates, topics and tables as they stand in a mapping file, refused with their line."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from gateway.config_file import Item
from gateway.decoders.mapped.paths import MISSING, Getter, Path, getter, parse_path
from gateway.decoders.mapped.templates import Scope, Template, parse_template
from gateway.decoders.mapped.topic_pattern import TopicPattern, parse_topic

T = TypeVar("T")
PATH_REMEDY = "write a path such as temperature, ENERGY.Power or sensors[*].value"

Lookup = Callable[[Scope], object]
"""The value at a path, or MISSING."""


def read_any_path(item: Item) -> Path:
    """A path that may hold wildcards."""
    return _parsed(item, parse_path, PATH_REMEDY)


def read_path(item: Item) -> Path:
    """A path to one value."""
    path = read_any_path(item)
    if path.has_wildcard:
        raise item.refuse(f"{path.text!r} stands for several values", "write a path without * here")
    return path


def read_lookup(item: Item) -> Lookup:
    """One path, or a list of which the first that is there counts."""
    lookups = [lookup(read_path(each)) for each in item.items()]
    if not lookups:
        raise item.refuse("the list is empty", PATH_REMEDY)
    return lookups[0] if len(lookups) == 1 else first_of(lookups)


def lookup(path: Path) -> Lookup:
    get: Getter = getter(path)
    if path.from_root:
        return lambda scope: get(scope.root)
    return lambda scope: get(scope.element)


def first_of(lookups: list[Lookup]) -> Lookup:
    def find(scope: Scope) -> object:
        for one in lookups:
            value = one(scope)
            if value is not MISSING:
                return value
        return MISSING

    return find


def read_template(item: Item, topic_names: Collection[str], *, wildcards: bool) -> Template:
    """A name put together from topic and payload."""
    remedy = "take names from the topic pattern, or fields as {.name} and {$.name}"
    return _parsed(
        item, lambda text: parse_template(text, topic_names=topic_names, wildcards=wildcards), remedy
    )


def read_topic(item: Item) -> TopicPattern:
    return _parsed(item, parse_topic, "write a topic such as tele/{device}/SENSOR")


def read_words(item: Item) -> frozenset[str]:
    """A word or a list of words, as the payload spells them."""
    return frozenset(each.text() for each in item.items())


def _parsed(item: Item, parse: Callable[[str], T], remedy: str) -> T:
    try:
        return parse(item.text())
    except ValueError as error:
        raise item.refuse(str(error), remedy) from None
