"""Canonical JSON and the two hash chains: the one a phone keeps, and the one of the server's log.

Canonical JSON: keys sorted by code point, no spaces, no fractions (integers up to 2^53 - 1, strings,
true, false, null, lists, objects), escapes as JSON.stringify writes them, everything else as UTF-8.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

FIRST_HASH = "0" * 64
LARGEST_INTEGER = 2**53 - 1
"""What a number of a browser holds exactly."""
_DEEPEST = 12
_encode = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
).encode

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]


class NotCanonical(ValueError):
    """The value has no canonical form; the text says why."""


def canonical(value: object) -> bytes:
    """The one spelling of a value. Raises NotCanonical for fractions, huge integers, broken text."""
    _require_plain(value, 0)
    return spelled(value)


def spelled(value: object) -> bytes:
    """The same, of what is known to be made of integers and texts. Raises NotCanonical for broken text."""
    try:
        return _encode(value).encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("a text holds half a character") from error


def event_hash(event: Mapping[str, object]) -> str:
    """SHA-256, hex, of an event as a phone sends it, its own ``hash`` left out. Raises NotCanonical."""
    return hashlib.sha256(
        canonical({key: value for key, value in event.items() if key != "hash"})
    ).hexdigest()


def log_hash(previous: str, body: bytes) -> str:
    """The hash of a row of the server's log: SHA-256 over the hash before it, a line feed, and the row."""
    return hashlib.sha256(previous.encode() + b"\n" + body).hexdigest()


def _require_plain(value: object, depth: int) -> None:
    if depth > _DEEPEST:
        raise NotCanonical("it is nested too deeply")
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise NotCanonical("an integer is beyond 2^53 - 1")
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            if type(item) is not str:  # most are, and a call for each is most of the cost
                _require_plain(item, depth + 1)
    else:
        raise NotCanonical(f"{type(value).__name__} has no canonical form; use integers and texts")
