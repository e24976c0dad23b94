"""Names put together from topic and payload: ``{app}:{device}``, ``zone_{.id}_temp``, ``{$.devEui}``.

In braces: a named part of the topic; ``key`` or ``index``, what the last ``*`` or ``[*]`` of the
path stood for; ``.name``, a field of the element that the last wildcard (or ``each``) stood for;
``$.name``, a field of the whole payload.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

import msgspec

from gateway.decoders.mapped.paths import MISSING, Getter, getter, parse_path

_PART = re.compile(r"\{([^{}]*)\}")


class Scope(msgspec.Struct, gc=False):
    """What a template may refer to while one element of a message is read."""

    root: object
    element: object
    names: Mapping[str, str]
    key: str = ""
    position: int = 0


Template = Callable[[Scope], str]
"""Raises ValueError with a sentence where the payload lacks what the template needs."""


def parse_template(text: str, *, topic_names: Collection[str], wildcards: bool) -> Template:
    """Parse a template; raises ValueError for a name that nothing gives."""
    pieces: list[str | Template] = []
    at = 0
    for part in _PART.finditer(text):
        pieces.append(text[at : part.start()])
        pieces.append(_reference(part[1], text, topic_names, wildcards=wildcards))
        at = part.end()
    pieces.append(text[at:])
    pieces = [piece for piece in pieces if piece != ""]
    if any("{" in piece or "}" in piece for piece in pieces if isinstance(piece, str)) or not pieces:
        raise ValueError(f"{text!r}: write each name as {{name}}")
    return _joined(pieces)


def _joined(pieces: list[str | Template]) -> Template:
    if len(pieces) == 1:
        only = pieces[0]
        return _always(only) if isinstance(only, str) else only
    makers = [_always(piece) if isinstance(piece, str) else piece for piece in pieces]
    return lambda scope: "".join([make(scope) for make in makers])


def _always(text: str) -> Template:
    return lambda _scope: text


def _reference(name: str, text: str, topic_names: Collection[str], *, wildcards: bool) -> Template:
    if name.startswith(("$.", ".")):
        path = parse_path(name if name.startswith("$") else name[1:])
        if path.has_wildcard:
            raise ValueError(f"{text!r}: a wildcard cannot stand in a name")
        return _field(getter(path), name, from_root=path.from_root)
    if name in topic_names:
        return lambda scope: scope.names[name]
    if name in {"key", "index"} and wildcards:
        return (lambda scope: scope.key) if name == "key" else (lambda scope: str(scope.position))
    known = ", ".join([*topic_names, *(["key", "index"] if wildcards else [])])
    raise ValueError(
        f"{text!r}: nothing gives {{{name}}}; here are: {known or 'no names'}; a field is {{.name}}"
    )


def _field(get: Getter, name: str, *, from_root: bool) -> Template:
    def read(scope: Scope) -> str:
        value = get(scope.root if from_root else scope.element)
        if type(value) is str and value:
            return value
        if type(value) is int:
            return str(value)
        missing = value is MISSING or value is None
        raise ValueError(f"{name} is {'missing' if missing else 'no name'} in the payload")

    return read
