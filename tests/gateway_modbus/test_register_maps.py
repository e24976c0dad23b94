"""Register maps and the poller's file: what they mean, and how they are refused."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from gateway.config_file import BadConfig
from gateway.modbus.blocks import plan_blocks
from gateway.modbus.config import load_poller_config, parse_poller_config
from gateway.modbus.register_map import SHIPPED, load_map, parse_map
from gateway.modbus.registers import Order, Type, decoder

HEAD = "map: m\nversion: 1\nfunction: input\ntype: uint16\npoints:\n"


@pytest.mark.parametrize(
    ("kind", "code", "value"),
    [
        ("int16", ">h", -5), ("uint16", ">H", 65535), ("int32", ">i", -70000), ("uint32", ">I", 4_000_000_000),
        ("int64", ">q", -(2**40)), ("uint64", ">Q", 2**63 + 1), ("float32", ">f", 230.5), ("float64", ">d", 1e-9),
    ],
)  # fmt: skip
@pytest.mark.parametrize("word_order", ["big", "little"])
@pytest.mark.parametrize("byte_order", ["big", "little"])
def test_every_type_in_every_order(
    kind: Type, code: str, value: float, word_order: Order, byte_order: Order
) -> None:
    words = [int.from_bytes(pair, byte_order) for pair in _pairs(struct.pack(code, value))]
    registers = words if word_order == "big" else words[::-1]
    assert decoder(kind, word_order=word_order, byte_order=byte_order)(registers) == value


def test_what_stands_for_no_value_is_none() -> None:
    assert decoder("uint16", invalid=[0x8000])([0x8000]) is None
    assert decoder("float32")([0x7FC0, 0]) is None
    assert decoder("uint16", invalid=[0x8000])([0]) == 0


def test_bits_come_whole_or_one_by_one() -> None:
    assert decoder("bits")([0b1010]) == 10
    assert [decoder("bit", bit=bit)([0b1010]) for bit in range(4)] == [0, 1, 0, 1]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_maps_load_and_ask_within_their_limits(path: Path) -> None:
    shipped = load_map(path.stem, [SHIPPED])
    assert shipped.key == path.stem
    for block in plan_blocks(shipped, shipped.points):
        assert block.count <= shipped.max_registers


def test_the_sdm630_is_read_in_few_requests_of_even_length() -> None:
    sdm630 = load_map("sdm630", [SHIPPED])
    fast = [point for point in sdm630.points if point.poll_s == 10]
    blocks = plan_blocks(sdm630, fast)
    assert [(block.address, block.count) for block in blocks] == [(0, 18), (52, 26)]
    assert {point.source for block in blocks for point in block.points} == {point.source for point in fast}


@pytest.mark.parametrize(
    ("addresses", "max_gap", "max_registers", "expected"),
    [
        ([0, 1, 2], 0, 125, [(0, 3)]),
        ([0, 5], 4, 125, [(0, 6)]),
        ([0, 5], 3, 125, [(0, 1), (5, 1)]),
        ([0, 1, 2, 3], 0, 2, [(0, 2), (2, 2)]),
        ([7, 7], 0, 125, [(7, 1)]),
    ],
)
def test_blocks_bridge_gaps_and_keep_limits(
    addresses: list[int], max_gap: int, max_registers: int, expected: list[tuple[int, int]]
) -> None:
    points = "".join(f"  - {{source: s{number}, address: {at}}}\n" for number, at in enumerate(addresses))
    found = parse_map(f"max_gap: {max_gap}\nmax_registers: {max_registers}\n{HEAD}{points}".encode())
    assert [(block.address, block.count) for block in plan_blocks(found, found.points)] == expected


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        (HEAD + "  - {address: 1}", 6, "'source' is missing", "source"),
        (HEAD + "  - {source: a}", 6, "'address' is missing", "wire"),
        (HEAD + "  - {source: a, address: 70000}", 6, "70000", "0 to 65535"),
        (HEAD + "  - {source: a, address: 65535, type: float32}", 6, "65535", "0 to 65534"),
        (HEAD + "  - {source: a, address: 1, type: float}", 6, "'float' is not known", "did you mean 'float"),
        (HEAD + "  - {source: a, address: 1, function: 4}", 6, "'4' is not known", "holding"),
        (HEAD + "  - {source: a, address: 1, type: bit}", 6, "belong together", "bits"),
        (HEAD + "  - {source: a, address: 1, word_order: middle}", 6, "'middle'", "big, little"),
        (HEAD + "  - {source: a, address: 1, unit: W -> V}", 6, "is a power", "known units"),
        (HEAD + "  - {source: a, address: 1, poll_s: 0}", 6, "0 s", "0.1"),
        (
            HEAD + "  - {source: a, address: 1}\n  - {source: a, address: 2}",
            7,
            "twice (first in line 6)",
            "own",
        ),
        ("max_registers: 126\n" + HEAD + "  - {source: a, address: 1}", 1, "126", "1 to 125"),
    ],
)
def test_it_refuses_a_map_with_line_and_remedy(text: str, line: int, what: str, remedy: str) -> None:
    with pytest.raises(BadConfig) as caught:
        parse_map(text.encode())
    found = [(problem.line, problem.what, problem.remedy) for problem in caught.value.problems]
    assert any(at == line and what in said and remedy in told for at, said, told in found), found


POLLER = "version: 1\nname: p\nlines:\n"
GOOD = "  - {tcp: '127.0.0.1:502', devices: [{device: meter-main, map: sdm630}]}\n"


@pytest.mark.parametrize(
    ("text", "line", "what", "remedy"),
    [
        (POLLER + "  - {devices: []}", 4, "0 of them", "tcp: 10.0.0.5:502"),
        (POLLER + "  - {tcp: '127.0.0.1', devices: []}", 4, "no host:port", "10.0.0.5:502"),
        (POLLER + "  - {tcp: 'h:1', baud: 9600, devices: []}", 4, "serial", "remove"),
        (POLLER + "  - {serial: /dev/ttyUSB0, parity: X, devices: []}", 4, "'X'", "E, N, O"),
        (POLLER + "  - {tcp: 'h:1', devices: [{device: 'a b', map: sdm630}]}", 4, "no device id", "letters"),
        (
            POLLER + "  - {tcp: 'h:1', devices: [{device: a, map: sdm63}]}",
            4,
            "no such register map",
            "sdm630",
        ),
        (
            POLLER + "  - {tcp: 'h:1', devices: [{device: a, map: ../x}]}",
            4,
            "no name of a map",
            "without folder",
        ),
        (POLLER + "  - {tcp: 'h:1', devices: [{device: a, unit: 300, map: sdm630}]}", 4, "300", "0 to 255"),
        (POLLER + "  - {tcp: 'h:1', timeout_s: 0, devices: []}", 4, "0 s", "0.05 to 60"),
        (POLLER + GOOD + GOOD, 5, "'meter-main' stands here twice (first in line 4)", "own id"),
        ("version: 1\nname: 'a b'\nlines: []", 2, "no name", "letters"),
    ],
)
def test_it_refuses_a_pollers_file_with_line_and_remedy(
    text: str, line: int, what: str, remedy: str, tmp_path: Path
) -> None:
    with pytest.raises(BadConfig) as caught:
        parse_poller_config(text.encode(), folder=tmp_path)
    found = [(problem.line, problem.what, problem.remedy) for problem in caught.value.problems]
    assert any(at == line and what in said and remedy in told for at, said, told in found), found


def test_a_mistake_in_a_map_of_the_site_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "mine.yaml").write_text(HEAD + "  - {source: a}")
    (tmp_path / "poller.yaml").write_text(POLLER + "  - {tcp: 'h:1', devices: [{device: a, map: mine}]}")
    with pytest.raises(BadConfig, match=r"maps/mine\.yaml:6: 'address' is missing"):
        load_poller_config(tmp_path / "poller.yaml")


def _pairs(data: bytes) -> list[bytes]:
    return [data[at : at + 2] for at in range(0, len(data), 2)]
