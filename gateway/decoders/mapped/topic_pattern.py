"""Topics with named parts: ``zigbee2mqtt/{device...}/availability``, ``v3/{app}@{tenant}/devices/{device}/up``.

``{name}`` is (a part of) one level, ``{name...}`` one level or more; ``+`` is a level nobody needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_PART = re.compile(r"\{(?P<name>[a-z][a-z0-9_]*)(?P<many>\.\.\.)?\}|\+")


class TopicPattern(NamedTuple):
    """A parsed pattern; ``names`` in the order they stand in it."""

    text: str
    regex: re.Pattern[str]
    names: tuple[str, ...]
    subscription: str
    """The MQTT filter that brings every topic of this pattern (and maybe more)."""

    def match(self, topic: str) -> dict[str, str] | None:
        """The named parts of a topic, or None where it is another topic."""
        match = self.regex.fullmatch(topic)
        return match.groupdict() if match else None


def parse_topic(text: str) -> TopicPattern:
    """Parse a pattern; raises ValueError with a sentence that says what is wrong."""
    if not text or text.startswith("/") or "#" in text or "\0" in text:
        raise ValueError(f"{text!r}: a topic begins with a name, and instead of # write {{name...}}")
    names: list[str] = []
    pattern = "/".join(_level(level, text, names) for level in text.split("/"))
    if len(set(names)) != len(names):
        raise ValueError(f"{text!r}: a name stands in it twice")
    return TopicPattern(text, re.compile(pattern, re.DOTALL), tuple(names), _subscription(text))


def _level(level: str, text: str, names: list[str]) -> str:
    regex, at = "", 0
    for part in _PART.finditer(level):
        regex += _literal(level[at : part.start()], text)
        if part["name"]:
            names.append(part["name"])
            regex += f"(?P<{part['name']}>{'.+' if part['many'] else '[^/]+'})"
        elif level != "+":
            raise ValueError(f"{text!r}: + must be a level of its own")
        else:
            regex += "[^/]*"
        at = part.end()
    return regex + _literal(level[at:], text)


def _literal(part: str, text: str) -> str:
    if any(sign in part for sign in "{}+"):
        raise ValueError(
            f"{text!r}: write named parts as {{name}} in lower case, or {{name...}} for several levels"
        )
    return re.escape(part)


def _subscription(text: str) -> str:
    levels: list[str] = []
    for level in text.split("/"):
        if "...}" in level:
            return "/".join([*levels, "#"])
        levels.append("+" if _PART.search(level) else level)
    return "/".join(levels)


def covers(wide: str, narrow: str) -> bool:
    """Whether every topic of the filter ``narrow`` is one of the filter ``wide`` as well."""
    wide_levels, narrow_levels = wide.split("/"), narrow.split("/")
    for number, level in enumerate(wide_levels):
        if level == "#":
            return True
        if number >= len(narrow_levels) or narrow_levels[number] == "#":
            return False
        if level not in {"+", narrow_levels[number]}:
            return False
    return len(wide_levels) == len(narrow_levels)


def fewest(subscriptions: Iterable[str]) -> list[str]:
    """The filters without those another one covers: overlapping ones may bring a message twice."""
    kept: list[str] = []
    for one in sorted(set(subscriptions), key=lambda text: (text.count("/"), text)):
        if not any(covers(wide, one) for wide in kept):
            kept = [narrow for narrow in kept if not covers(one, narrow)] + [one]
    return kept
