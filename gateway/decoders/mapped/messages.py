"""One entry of ``messages``: which topics it reads, whose values they are, from when, and which."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from gateway.config_file import Item, Section
from gateway.decoders.decoded import Decoded, Presence, Refusal
from gateway.decoders.foreign_ids import foreign_device_id
from gateway.decoders.mapped.conditions import Condition, read_condition
from gateway.decoders.mapped.items import (
    Lookup,
    read_any_path,
    read_lookup,
    read_path,
    read_template,
    read_topic,
    read_words,
)
from gateway.decoders.mapped.paths import MISSING, Path, find_all
from gateway.decoders.mapped.points import Point, emits_of, read_point
from gateway.decoders.mapped.rest import rest_of
from gateway.decoders.mapped.target import MOST_PARTS, Emit, Target
from gateway.decoders.mapped.templates import Scope, Template
from gateway.decoders.mapped.times import FORMS, TimeForm, TimeReader, either, time_reader
from gateway.decoders.mapped.topic_pattern import TopicPattern
from gateway.decoders.mapped.values import word

PayloadKind = Literal["json", "plain", "auto"]
FIELDS = (
    "topic", "payload", "device", "each", "time", "when", "points", "rest", "ignore", "presence", "skip"
)  # fmt: skip
_IDS_KEPT = 50_000

ReadTime = Callable[[Scope, int], int]
"""From the element and the time of receipt to the time of its values; raises ValueError."""
ReadPresence = Callable[[Scope], bool | None]
"""Online, offline, or None where the payload does not say; raises ValueError for a word not known."""


@dataclass(frozen=True, slots=True)
class Message:
    """A compiled entry. Where ``skip`` is set and there is no ``when``, the payload is never read."""

    topic: TopicPattern
    payload: PayloadKind
    skip: bool
    condition: Condition | None
    each: Path | None
    device: Callable[[Scope], str]
    read_time: ReadTime
    emits: tuple[Emit, ...]
    read_presence: ReadPresence | None
    points: tuple[Point, ...]

    def run(self, names: Mapping[str, str], tree: object, received_ms: int, decoded: Decoded) -> bool:
        """Read one payload into ``decoded``; False where ``when`` says that it is another kind of message."""
        scope = Scope(tree, tree, names)
        if self.condition and not self.condition(scope):
            return False
        if self.skip:
            return True
        if self.each is None:
            self._run_element(scope, received_ms, decoded)
            return True
        for inner in _elements(self.each, scope):
            if len(decoded.parts) + len(decoded.refusals) >= MOST_PARTS:
                Target("", received_ms, decoded).refuse_rest()
                break
            # elements without a time follow each other, or the last would replace the others
            self._run_element(inner, received_ms + inner.position, decoded)
        return True

    def _run_element(self, scope: Scope, received_ms: int, decoded: Decoded) -> None:
        try:
            device = self.device(scope)
        except ValueError as error:
            decoded.refusals.append(Refusal("unknown_device", f"the message names no device: {error}"))
            return
        try:
            at_ms = self.read_time(scope, received_ms)
        except ValueError as error:
            decoded.refusals.append(Refusal("bad_timestamp", f"{device}: {error}"))
            return
        if at_ms == received_ms:
            decoded.receipt_ms = max(decoded.receipt_ms, at_ms)
        target = Target(device, at_ms, decoded)
        if self.read_presence:
            self._take_presence(scope, target)
        for emit in self.emits:
            try:
                emit(scope, target)
            except ValueError as error:
                target.refuse("wrong_type", str(error))

    def _take_presence(self, scope: Scope, target: Target) -> None:
        try:
            online = self.read_presence(scope) if self.read_presence else None
        except ValueError as error:
            target.refuse("wrong_type", str(error))
            return
        if online is not None:
            target.decoded.presences.append(Presence(target.device, online, target.at_ms))


def _elements(each: Path, scope: Scope) -> Iterator[Scope]:
    for found in find_all(each, scope.root):
        yield Scope(scope.root, found.value, scope.names, found.key, found.position)


def read_messages(item: Item, prefix: str) -> list[Message]:
    """Compile one entry: one message for each of its topics. Raises BadConfig."""
    section = item.section(FIELDS)
    topics = section.need("topic", "write topic: tele/{device}/SENSOR, or a list of topics").items()
    return [_read_message(section, read_topic(topic), prefix) for topic in topics]


def _read_message(section: Section, topic: TopicPattern, prefix: str) -> Message:
    each = section.get("each", read_any_path, None)
    skip = section.get("skip", Item.boolean, default=False)
    points = _read_points(section, topic.names, in_each=each is not None)
    emits = emits_of(points)
    if section.has("rest"):
        emits.append(_read_rest(section, points))
    if not (emits or skip or section.has("presence")):
        raise section.refuse("this message gives nothing", "add points, rest, presence, or skip: true")
    return Message(
        topic=topic,
        payload=_payload_kind(section),
        skip=skip,
        condition=section.get("when", read_condition, None),
        each=each,
        device=_device_ids(prefix, _read_device(section, topic, skip=skip, in_each=each is not None)),
        read_time=_read_time(section.fields["time"]) if section.has("time") else _received,
        emits=tuple(emits),
        read_presence=section.get("presence", _read_presence, None),
        points=tuple(points),
    )


def _payload_kind(section: Section) -> PayloadKind:
    kinds: dict[str, PayloadKind] = {"json": "json", "plain": "plain", "auto": "auto"}
    return kinds[section.get("payload", lambda item: item.choice(kinds), "json")]


def _read_points(section: Section, topic_names: Collection[str], *, in_each: bool) -> list[Point]:
    points = []
    for item in section.each("points"):
        with section.gathering():
            points.append(read_point(item, topic_names, in_each=in_each))
    return points


def _read_rest(section: Section, points: list[Point]) -> Emit:
    base = read_path(section.fields["rest"])
    skipped = [point.path for point in points]
    skipped += [read_any_path(item) for item in section.each("ignore")]
    if section.has("time") and not section.fields["time"].is_text:
        time = section.fields["time"].section(("path", *_TIME_FIELDS))
        skipped += [read_path(item) for item in time.each("path")]
    return rest_of(base, [path for path in skipped if path.from_root == base.from_root])


def _read_device(section: Section, topic: TopicPattern, *, skip: bool, in_each: bool) -> Template:
    if section.has("device"):
        return read_template(section.fields["device"], topic.names, wildcards=in_each)
    if "device" in topic.names or skip:
        return lambda scope: scope.names["device"]
    raise section.refuse(
        f"the topic {topic.text!r} names no device",
        "put {device} into the topic, or write device: '{$.field}' for a field of the payload",
    )


def _device_ids(prefix: str, template: Template) -> Callable[[Scope], str]:
    """The device's id from its name, remembered: cleaning a name costs more than all else."""
    known: dict[str, str] = {}

    def device_id(scope: Scope) -> str:
        name = template(scope)
        found = known.get(name)
        if found is None:
            if len(known) >= _IDS_KEPT:  # a sender that invents names must not fill the memory
                known.clear()
            found = known[name] = foreign_device_id(f"{prefix}:{name}")
        return found

    return device_id


_TIME_FIELDS = ("form", "zone", "missing")


def _read_time(item: Item) -> ReadTime:
    if item.is_text:
        item.choice({"receipt"})
        return _received
    section = item.section(("path", *_TIME_FIELDS))
    find: Lookup = read_lookup(section.need("path", "write path: the field that holds the time"))
    read = _read_forms(section.need("form", f"write form: one of {', '.join(FORMS)}"), section)
    must = section.get("missing", lambda given: given.choice({"receipt", "refuse"}), "receipt") == "refuse"

    def read_time(scope: Scope, received_ms: int) -> int:
        value = find(scope)
        if value is MISSING or value is None:
            if must:
                raise ValueError("the time is missing")
            return received_ms
        return read(value)

    return read_time


def _read_forms(item: Item, section: Section) -> TimeReader:
    """One form, or ``[iso, epoch_ms]`` for devices that can be set to either."""
    zone = section.get("zone", _read_zone, None)
    forms: dict[str, TimeForm] = {form: form for form in FORMS}
    chosen = [forms[each.choice(forms)] for each in item.items()]
    if len(chosen) == 1:
        return time_reader(chosen[0], zone)
    if len(chosen) != 2 or chosen[0] != "iso" or chosen[1] == "iso":
        raise item.refuse("these forms cannot be told apart", "write one form, or [iso, epoch_ms]")
    return either(time_reader("iso", zone), time_reader(chosen[1], zone))


def _received(_scope: Scope, received_ms: int) -> int:
    return received_ms


def _read_zone(item: Item) -> ZoneInfo:
    try:
        return ZoneInfo(item.text())
    except (ValueError, OSError, KeyError):
        raise item.refuse(
            f"{item.text()!r} is no time zone", "write for example Asia/Shanghai or UTC"
        ) from None


def _read_presence(item: Item) -> ReadPresence:
    if item.is_text:
        online = item.choice({"online", "offline"}) == "online"
        return lambda _scope: online
    section = item.section(("path", "online", "offline"))
    find = read_lookup(section.need("path", "write path: the field, or '.' for the whole payload"))
    words = {
        True: section.get("online", read_words, frozenset({"online"})),
        False: section.get("offline", read_words, frozenset({"offline"})),
    }

    def presence(scope: Scope) -> bool | None:
        value = find(scope)
        if value is MISSING:
            return None
        said = word(value)
        for state, known in words.items():
            if said in known:
                return state
        raise ValueError(f"{value!r:.80} says neither online nor offline")

    return presence
