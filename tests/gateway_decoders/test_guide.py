"""The pages an engineer writes a file after are right: their examples are compiled and run."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.decoders.mapped.decoder import MappedDecoder
from gateway.decoders.mapped.family import parse_family
from gateway.modbus.config import parse_poller_config
from gateway.modbus.register_map import parse_map

GUIDES = Path(__file__).parents[2] / "docs" / "guides"


def blocks(page: str, language: str) -> list[str]:
    text = (GUIDES / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_example_family_gives_the_table_of_its_page() -> None:
    (family,), (payload,) = blocks("add-a-device-family.md", "yaml"), blocks("add-a-device-family.md", "json")
    decoder = MappedDecoder([parse_family(family.encode())])
    decoded = decoder.decode("acme/hq/boiler-2/state", payload.encode(), 0)
    page = (GUIDES / "add-a-device-family.md").read_text(encoding="utf-8")
    table = re.search(r"\| source \| value \|\n\|---\|---\|\n(.*?)\n\n", page, re.DOTALL)
    assert table
    expected = dict(re.findall(r"\| `(.+?)` \| (.+?) \|", table[1]))
    assert {part.source: f"{part.value:g}" for part in decoded.parts} == expected
    assert {(part.device, part.at_ms) for part in decoded.parts} == {("acme:hq.boiler-2", 1_769_846_400_000)}
    assert not decoded.refusals


def test_the_example_family_knows_presence_and_what_to_skip() -> None:
    (family,) = blocks("add-a-device-family.md", "yaml")
    decoder = MappedDecoder([parse_family(family.encode())])
    (presence,) = decoder.decode("acme/hq/boiler-2/lwt", b"0", 5).presences
    assert (presence.device, presence.online) == ("acme:hq.boiler-2", False)
    assert not decoder.decode("acme/hq/other", b"?", 5).refusals


def test_the_examples_of_the_modbus_page_load(tmp_path: Path) -> None:
    poller, register_map = blocks("read-modbus-devices.md", "yaml")
    config = parse_poller_config(poller.encode(), folder=tmp_path)
    assert [device.device for line in config.lines for device in line.devices] == [
        "meter-main",
        "booster-drive",
    ]
    assert len(parse_map(register_map.encode()).points) == 6
