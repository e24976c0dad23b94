"""A discovery message: what a device will publish, where, and how to read it.

Two forms: ``{prefix}/{component}/[{node}/]{object}/config`` announces one entity,
``{prefix}/device/{object}/config`` a device with its ``components``. Either may use the short
names (``stat_t`` for ``state_topic``) and ``~`` for a common beginning of its topics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gateway.decoders.foreign_ids import foreign_device_id
from gateway.decoders.home_assistant.value_template import Render, parse_value_template
from telemetry import topics

_LONG = {
    "stat_t": "state_topic", "val_tpl": "value_template", "unit_of_meas": "unit_of_measurement",
    "dev_cla": "device_class", "uniq_id": "unique_id", "obj_id": "object_id", "dev": "device", "cmps": "components",
    "ids": "identifiers", "p": "platform", "avty": "availability", "avty_t": "availability_topic",
    "avty_mode": "availability_mode", "avty_tpl": "availability_template", "pl_avail": "payload_available",
    "pl_not_avail": "payload_not_available", "pl_on": "payload_on", "pl_off": "payload_off",
    "stat_on": "state_on", "stat_off": "state_off", "t": "topic", "schema": "schema", "stat_val_tpl": "state_value_template",
    "curr_temp_t": "current_temperature_topic", "curr_temp_tpl": "current_temperature_template",
    "temp_stat_t": "temperature_state_topic", "temp_stat_tpl": "temperature_state_template",
    "mode_stat_t": "mode_state_topic", "mode_stat_tpl": "mode_state_template",
    "act_t": "action_topic", "act_tpl": "action_template",
    "curr_hum_t": "current_humidity_topic", "curr_hum_tpl": "current_humidity_template",
    "pos_t": "position_topic", "pos_tpl": "position_template",
}  # fmt: skip
_VALUES = (
    ("state_topic", ("value_template", "state_value_template"), ""),
    ("current_temperature_topic", ("current_temperature_template",), ".current_temperature"),
    ("current_humidity_topic", ("current_humidity_template",), ".current_humidity"),
    ("temperature_state_topic", ("temperature_state_template",), ".temperature"),
    ("mode_state_topic", ("mode_state_template",), ".mode"),
    ("action_topic", ("action_template",), ".action"),
    ("position_topic", ("position_template",), ".position"),
)
"""(topic field, template fields, end of the source key) of what an entity may publish."""
_SWITCHING = {"binary_sensor", "switch", "light", "fan", "siren"}
"""Components whose state is on or off: read as 1 and 0."""
MOST_COMPONENTS = 500


class Refused(ValueError):
    """A config message cannot be used; says why."""


class Announced(NamedTuple):
    """One value a device will publish."""

    device: str
    source: str
    topic: str
    render: Render | None
    """None: the payload as it is."""
    words: Mapping[str, int] | None
    """The words for on and off, where it is one of the two."""
    unit: str | None
    device_class: str | None


class Availability(NamedTuple):
    """A topic that says whether a device is there."""

    device: str
    topic: str
    render: Render | None
    words: Mapping[str, bool]
    mode: str
    """``all``, ``any`` or ``latest``, where a device has several."""


class Announcement(NamedTuple):
    """All that one config message says; ``problems`` are the parts of it that cannot be read."""

    values: list[Announced]
    availabilities: list[Availability]
    problems: list[str]


def read_announcement(
    component: str, node: str | None, object_id: str, config: object, *, prefix: str
) -> Announcement:
    """Read one config message; raises Refused where nothing of it can be used."""
    fields = _long_names(config)
    device = foreign_device_id(f"{prefix}:{_device_name(fields, node or object_id)}")
    result = Announcement([], [], [])
    parts = _components(fields) if component == "device" else [(component, object_id, fields)]
    for kind, key, entity in parts:
        try:
            result.values.extend(_values(device, kind, key, entity))
        except ValueError as error:
            result.problems.append(f"{key}: {error}")
        try:
            found = list(_availabilities(device, entity))
        except ValueError as error:
            result.problems.append(f"{key}: {error}")
            continue
        result.availabilities.extend(item for item in found if item not in result.availabilities)
    return result


def _long_names(config: object) -> dict[str, object]:
    if not isinstance(config, dict):
        raise Refused("a config message is an object")
    return {_LONG.get(str(name), str(name)): value for name, value in config.items()}


def _components(fields: dict[str, object]) -> Iterator[tuple[str, str, dict[str, object]]]:
    """(component, key, fields) of each component; what stands beside ``components`` holds for all."""
    components = fields.get("components")
    if not isinstance(components, dict) or len(components) > MOST_COMPONENTS:
        raise Refused(f"'components' is no object of at most {MOST_COMPONENTS} entries")
    for key, config in components.items():
        entity = {**fields, **_long_names(config)}
        yield str(entity.get("platform")), key, entity


def _device_name(fields: dict[str, object], otherwise: str) -> str:
    device = fields.get("device")
    identifiers = _long_names(device).get("identifiers") if isinstance(device, dict) else None
    first = identifiers[0] if isinstance(identifiers, list) and identifiers else identifiers
    return first if isinstance(first, str) and first else otherwise


def _values(device: str, component: str, key: str, fields: dict[str, object]) -> Iterator[Announced]:
    for topic_field, template_fields, end in _VALUES:
        if fields.get(topic_field) is None:
            continue
        template = next((fields[name] for name in template_fields if fields.get(name)), None)
        if template is None and component == "light" and fields.get("schema") == "json":
            template = "{{ value_json.state }}"
        yield Announced(
            device=device,
            source=f"{key}{end}",
            topic=_topic(fields, topic_field),
            render=_render(template),
            words=_on_off(fields) if component in _SWITCHING and not end else None,
            unit=_text(fields, "unit_of_measurement") if not end else None,
            device_class=_text(fields, "device_class") if not end else None,
        )


def _on_off(fields: dict[str, object]) -> dict[str, int]:
    on = fields.get("state_on", fields.get("payload_on", "ON"))
    off = fields.get("state_off", fields.get("payload_off", "OFF"))
    return {_word(on): 1, _word(off): 0}


def _word(value: object) -> str:
    """A value as a payload spells it; the templates of many devices give True for true."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _availabilities(device: str, fields: dict[str, object]) -> Iterator[Availability]:
    listed = fields.get("availability")
    entries = [_long_names(entry) for entry in listed] if isinstance(listed, list) else []
    if fields.get("availability_topic") is not None:
        entries.append({**fields, "topic": fields["availability_topic"],
                        "value_template": fields.get("availability_template")})  # fmt: skip
    for entry in entries:
        words = {
            _word(entry.get("payload_available", "online")): True,
            _word(entry.get("payload_not_available", "offline")): False,
        }
        topic = _topic({**entry, "~": fields.get("~")}, "topic")
        mode = _text(fields, "availability_mode") or "latest"
        yield Availability(device, topic, _render(entry.get("value_template")), words, mode)


def _topic(fields: dict[str, object], name: str) -> str:
    """A topic of the message, ``~`` filled in; raises Refused for what no device may have us read."""
    topic = fields.get(name)
    base = fields.get("~")
    if not isinstance(topic, str) or not topic:
        raise Refused(f"{name} is no text")
    if isinstance(base, str):
        topic = base + topic[1:] if topic.startswith("~") else topic
        topic = topic[:-1] + base if topic.endswith("~") else topic
    own = topic == topics.ROOT or topic.startswith((f"{topics.ROOT}/", "$", "spBv1.0/"))
    if own or any(sign in topic for sign in "+#\0") or len(topic) > 1000:
        raise Refused(f"{name} {topic!r:.100} is not a device's own topic")
    return topic


def _render(template: object) -> Render | None:
    if template is None:
        return None
    if not isinstance(template, str):
        raise Refused("a value template is no text")
    return parse_value_template(template)


def _text(fields: dict[str, object], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and len(value) <= 64 else None


def read_word(render: Render | None, text: str, tree: object) -> object:
    """What a payload says under a template, or without one the payload itself; MISSING if nothing."""
    if render is None:
        return text
    value = render(text, tree)
    return _word(value) if isinstance(value, bool) else value
