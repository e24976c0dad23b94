"""A mapping file is refused as a whole, with file, line, what is wrong and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config_file import BadConfig
from gateway.decoders.foreign import foreign_decoders
from gateway.decoders.mapped.decoder import MappedDecoder
from gateway.decoders.mapped.family import load_families, parse_family
from telemetry.reading import Quality

HEAD = "family: f\nversion: 1\nprefix: f0\nmessages:\n"
RECEIVED_MS = 1_769_846_405_000


def problems(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(BadConfig) as caught:
        parse_family(text.encode(), "f.yaml")
    assert all(problem.file == "f.yaml" for problem in caught.value.problems)
    return [(problem.line, problem.what, problem.remedy) for problem in caught.value.problems]


def entry(lines: str) -> str:
    return HEAD + "  - topic: a/{device}\n" + "\n".join(f"    {line}" for line in lines.splitlines())


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        ("", 1, "the file is empty", "add-a-device-family"),
        ("family: [", 1, "not YAML", "indentation"),
        ("family: f\n\tversion: 1", 2, "not YAML", "indentation"),
        (b"\xff\xfe\xff".decode("latin-1"), 1, "needed", "name: value"),
        ("- a", 1, "names with values", "name: value"),
        ("family: f\nversion: 2\nprefix: f0\nmessages: []", 2, "version 2", "version: 1"),
        ("family: f\nversion: 1\nprefix: F!\nmessages: []", 3, "no prefix", "small letters"),
        ("family: f\nversion: 1\nmessages: []", 1, "'prefix' is missing", "z2m"),
        ("family: f\nfamily: g", 2, "twice", "remove"),
        ("a: &x [1]\nb: *x", 1, "alias", "write it out"),
        (HEAD + "  - points: []", 5, "'topic' is missing", "tele/{device}"),
        (HEAD + "  - {topic: 'a/b', rest: .}", 5, "names no device", "{device}"),
        (HEAD + "  - {topic: 'a/#', rest: .}", 5, "instead of #", "topic"),
        (HEAD + "  - {topic: 'a/{x}/{x}', rest: .}", 5, "twice", "topic"),
        (HEAD + "  - {topic: 'a/{Device}', rest: .}", 5, "lower case", "topic"),
        (HEAD + "  - topic: a/{device}", 5, "gives nothing", "add points"),
        (entry("restt: ."), 6, "'restt' is not a setting", "did you mean 'rest'?"),
        (entry("rest: a..b"), 6, "cannot read", "ENERGY.Power"),
        (entry("rest: 'a[*]'"), 6, "several values", "without *"),
        (entry("points:\n  - {path: x}"), 7, "'source' is missing", "source"),
        (entry("points:\n  - {source: x}"), 7, "'path' is missing", "path"),
        (entry("points:\n  - {source: '{zone}', path: x}"), 7, "nothing gives {zone}", "topic"),
        (entry("points:\n  - {source: '{key}', path: x}"), 7, "nothing gives {key}", "topic"),
        (entry("points:\n  - {source: 'a}', path: x}"), 7, "each name as {name}", "names"),
        (entry("points:\n  - {source: x, path: 'a*b*'}"), 7, "only one *", "path"),
        (entry("points:\n  - {source: x, path: x, unit: W -> °C}"), 7, "is a power", "known units"),
        (
            entry("points:\n  - {source: x, path: x, unit: blah -> kW}"),
            7,
            "'blah' is not known",
            "known units",
        ),
        (entry("points:\n  - {source: x, path: x, unit: W ->}"), 7, "lacks a unit", "W -> kW"),
        (entry("points:\n  - {source: x, path: x, scale: ten}"), 7, "'ten' is not a number", "0.1"),
        (entry("points:\n  - {source: x, path: x, codes: {a: 1}, scale: 2}"), 7, "no scale", "keep one"),
        (entry("points:\n  - {source: x, path: x, codes: {a: null}}"), 7, "a code is", "ON: 1"),
        (entry("points:\n  - {source: x, path: x, as: text}"), 7, "'text' is not known", "number"),
        (entry("points:\n  - {source: x, path: x, when: {}}"), 7, "names no field", "field: value"),
        (
            entry("points:\n  - {source: x, path: x, when: {a: {be: 1}}}"),
            7,
            "'be' is not a setting",
            "present",
        ),
        (entry("rest: .\ntime: {path: t}"), 7, "'form' is missing", "epoch_ms"),
        (entry("rest: .\ntime: {path: t, form: epoch}"), 7, "'epoch' is not known", "epoch_s"),
        (entry("rest: .\ntime: {path: t, form: [epoch_s, epoch_ms]}"), 7, "told apart", "[iso, epoch_ms]"),
        (entry("rest: .\ntime: {path: t, form: iso, zone: Mars}"), 7, "no time zone", "Asia/Shanghai"),
        (entry("rest: .\ntime: now"), 7, "'now' is not known", "receipt"),
        (entry("presence: there"), 6, "'there' is not known", "online"),
        (entry("payload: xml\nrest: ."), 6, "'xml' is not known", "json"),
        (entry("skip: yes"), 6, "neither true nor false", "true or false"),
    ],
)
def test_it_names_line_and_remedy(text: str, line: int, what: str, remedy: str) -> None:
    found = problems(text)
    assert any(at == line and what in said and remedy in told for at, said, told in found), (
        f"not among {found}"
    )


def test_it_tells_all_problems_of_a_file_at_once() -> None:
    text = entry("rest: .\npoints:\n  - {source: a}\n  - {path: b}\nfoo: 1") + "\n  - topic: '#'\n"
    assert [line for line, _what, _remedy in problems(text)] == [8, 9, 10, 11]


def test_an_unknown_family_names_those_there_are(tmp_path: Path) -> None:
    (tmp_path / "boiler.yaml").write_text(HEAD + "  - {topic: 'b/{device}', rest: .}")
    with pytest.raises(BadConfig, match=r"'boilr' is no format; .*boiler.*sparkplug.*zigbee2mqtt"):
        foreign_decoders(["boilr"], folder=tmp_path)


def test_a_file_says_the_name_it_stands_under(tmp_path: Path) -> None:
    (tmp_path / "chiller.yaml").write_text(HEAD + "  - {topic: 'b/{device}', rest: .}")
    with pytest.raises(BadConfig, match=r"chiller.yaml: family: f .*; write family: chiller, or rename"):
        foreign_decoders(["chiller"], folder=tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"PLANTROOM_MAPPINGS: .*/nowhere is no folder"):
        foreign_decoders(["tasmota"], folder=tmp_path / "nowhere")


def test_a_file_of_the_site_replaces_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "tasmota.yaml").write_text(
        HEAD.replace("family: f", "family: tasmota") + "  - {topic: 'mine/{device}', rest: .}"
    )
    (family,) = load_families(["tasmota"], [tmp_path])
    assert [message.topic.text for message in family.messages] == ["mine/{device}"]


@pytest.mark.parametrize("key", ["../secrets", "a/b", ""])
def test_a_name_cannot_leave_the_folder(key: str, tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="no such family"):
        load_families([key], [tmp_path])


def decode(text: str, topic: str, payload: bytes) -> list[tuple[str, str, object, int]]:
    decoded = MappedDecoder([parse_family(text.encode())]).decode(topic, payload, RECEIVED_MS)
    assert all(
        part.quality == (Quality.BAD if part.value is None else Quality.GOOD) for part in decoded.parts
    )
    return [(part.device, part.source, part.value, part.at_ms) for part in decoded.parts]


@pytest.mark.parametrize(
    ("form", "given"),
    [
        ("form: iso", '"2026-01-31T08:00:00.5Z"'),
        ("form: iso", '"2026-01-31T16:00:00.500000+08:00"'),
        ("form: iso, zone: Asia/Shanghai", '"2026-01-31 16:00:00.500"'),
        ("form: epoch_s", "1769846400.5"),
        ("form: epoch_s", '"1769846400.5"'),
        ("form: epoch_ms", "1769846400500"),
        ("form: epoch_us", "1769846400500123"),
        ("form: epoch_ns", "1769846400500123456"),
        ("form: [iso, epoch_s]", "1769846400.5"),
    ],
)
def test_every_style_of_time(form: str, given: str) -> None:
    text = entry(f"rest: .\ntime: {{path: t, {form}}}")
    assert decode(text, "a/x", b'{"v": 1, "t": ' + given.encode() + b"}") == [("f0:x", "v", 1, 1769846400500)]


@pytest.mark.parametrize(
    ("point", "payload", "expected"),
    [
        ("{source: a, path: 'x[1].y'}", b'{"x":[{"y":1},{"y":2}]}', [("a", 2)]),
        ("{source: 'zone_{.id}', path: 'zones[*].t'}", b'{"zones":[{"id":"n","t":1},{"id":7,"t":2}]}', [("zone_n", 1), ("zone_7", 2)]),
        ("{source: '{index}', path: 'x[*]'}", b'{"x":[4,5]}', [("0", 4), ("1", 5)]),
        ("{source: '{key}', path: 'p.ch*_v'}", b'{"p":{"ch1_v":1,"ch22_v":2,"other":3,"ch_v":4}}', [("1", 1), ("22", 2)]),
        ("{source: '{$.id}.{key}', path: '*.t'}", b'{"id":"d9","s":{"t":3}}', [("d9.s", 3)]),
        ("{source: a, path: '\"x.y\".z'}", b'{"x.y":{"z":3}}', [("a", 3)]),
        ("{source: a, path: x, unit: °F -> °C}", b'{"x":212}', [("a", pytest.approx(100.0))]),
        ("{source: a, path: x, unit: bar -> kPa, scale: 0.1}", b'{"x":25}', [("a", pytest.approx(250.0))]),
        ("{source: a, path: x, scale: 2, offset: -1}", b'{"x":"3.5"}', [("a", 6.0)]),
        ("{source: a, path: x, codes: {on: 1, off: 0, 3: 7, true: 9}}", b'{"x":"on"}', [("a", 1)]),
        ("{source: a, path: x, codes: {on: 1, off: 0, 3: 7, true: 9}}", b'{"x":3}', [("a", 7)]),
        ("{source: a, path: x, codes: {on: 1, off: 0, 3: 7, true: 9}}", b'{"x":true}', [("a", 9)]),
        ("{source: a, path: x, codes: {on: 1}, otherwise: 5}", b'{"x":"huh"}', [("a", 5)]),
        ("{source: a, path: x, codes: {on: 1}, otherwise: keep}", b'{"x":"huh"}', [("a", "huh")]),
        ("{source: a, path: x, when: {kind: [p, q]}}", b'{"x":1,"kind":"q"}', [("a", 1)]),
        ("{source: a, path: x, when: {kind: [p, q]}}", b'{"x":1,"kind":"r"}', []),
        ("{source: a, path: x, when: {kind: {not: p}}}", b'{"x":1}', [("a", 1)]),
        ("{source: a, path: x, when: {y: {present: false}}}", b'{"x":1,"y":null}', []),
        ("{source: a, path: x, as: number}", b'{"x":"4.5"}', [("a", 4.5)]),
        ("{source: a, path: x}", b'{"x":null}', [("a", None)]),
        ("{source: a, path: x}", b'{}', []),
    ],
)  # fmt: skip
def test_the_language_reaches_every_value(
    point: str, payload: bytes, expected: list[tuple[str, object]]
) -> None:
    got = decode(entry(f"points:\n  - {point}"), "a/x", payload)
    assert [(source, value) for _device, source, value, _at in got] == expected
