"""``when``: a message or point counts only where fields of the payload have such values."""

from __future__ import annotations

from collections.abc import Callable

from gateway.config_file import Item
from gateway.decoders.mapped.items import Lookup, lookup, read_path, read_words
from gateway.decoders.mapped.paths import MISSING
from gateway.decoders.mapped.templates import Scope
from gateway.decoders.mapped.values import word

Condition = Callable[[Scope], bool]


def read_condition(item: Item) -> Condition:
    """``{path: word}``, ``{path: [words]}``, ``{path: {not: words}}``, ``{path: {present: true}}``; all must hold."""
    tests = []
    for name, wanted in item.pairs():
        find = lookup(read_path(name))
        if wanted.is_text or wanted.is_list:
            tests.append(_one_of(find, read_words(wanted)))
        else:
            tests.append(_read_test(find, wanted))
    if not tests:
        raise item.refuse("'when' names no field", "write 'field: value', or leave 'when' out")
    if len(tests) == 1:
        return tests[0]
    return lambda scope: all(test(scope) for test in tests)


def _read_test(find: Lookup, item: Item) -> Condition:
    section = item.section({"present", "not"})
    if section.has("not"):
        excluded = _one_of(find, read_words(section.fields["not"]))
        return lambda scope: not excluded(scope)
    present = section.need("present", "write {present: true}, {present: false} or {not: word}").boolean()
    return _present(find, present=present)


def _one_of(find: Lookup, words: frozenset[str]) -> Condition:
    def test(scope: Scope) -> bool:
        value = find(scope)
        return (value if type(value) is str else word(value)) in words

    return test


def _present(find: Lookup, *, present: bool) -> Condition:
    return lambda scope: (find(scope) is not MISSING) is present
