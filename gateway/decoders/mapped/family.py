"""A mapping file: the messages of one family of devices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.config_file import BadConfig, Item, Problem, Section, parse_config, read_config
from gateway.decoders.mapped.messages import Message, read_messages

VERSION = 1
SHIPPED = Path(__file__).parents[2] / "mappings"
"""The families that come with the product."""
_PREFIX = re.compile(r"[a-z][a-z0-9]{1,7}")


@dataclass(frozen=True, slots=True)
class Family:
    """A compiled mapping file."""

    key: str
    name: str
    messages: tuple[Message, ...]

    @property
    def units(self) -> dict[str, str]:
        """Units by source key, where the file states them: a hint for the onboarding inbox."""
        return {
            point.source: point.unit
            for message in self.messages
            for point in message.points
            if point.unit and "{" not in point.source
        }


def load_family(path: Path) -> Family:
    """Read and compile one file; raises BadConfig with every problem found."""
    family = read_config(path, _read_family)
    if family.key != path.stem:  # a copied file that was meant to become another family
        what = f"family: {family.key} stands in a file of another name"
        raise BadConfig([Problem(str(path), 0, what, f"write family: {path.stem}, or rename the file")])
    return family


def parse_family(data: bytes, name: str = "mapping.yaml") -> Family:
    """As ``load_family``, from bytes."""
    return parse_config(data, _read_family, name=name)


def load_families(keys: Sequence[str], folders: Sequence[Path]) -> list[Family]:
    """The families asked for, each from the first folder that has it; raises BadConfig.

    The site's own folder comes first, so a site can replace a shipped file by its own.
    """
    families, problems = [], []
    for key in keys:
        try:
            families.append(load_family(find_file(key, folders)))
        except BadConfig as refusal:
            problems += refusal.problems
    if problems:
        raise BadConfig(problems)
    return families


def find_file(key: str, folders: Sequence[Path]) -> Path:
    """The file of a family; raises BadConfig naming the families there are."""
    for folder in folders:
        path = folder / f"{key}.yaml"
        if re.fullmatch(r"[a-z0-9_]+", key) and path.is_file():
            return path
    known = sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})
    places = ", ".join(str(folder) for folder in folders)
    problem = Problem(f"{key}.yaml", 0, f"no such family in {places}", f"families there: {', '.join(known)}")
    raise BadConfig([problem])


def _read_family(item: Item) -> Family:
    section = item.section(("family", "version", "name", "prefix", "messages"))
    version = section.need("version", f"write version: {VERSION}")
    if version.text() != str(VERSION):
        raise version.refuse(f"version {version.text()} is not known", f"write version: {VERSION}")
    key = section.need("family", "write family: the name of this file without .yaml").text()
    prefix = _read_prefix(section)
    messages: list[Message] = []
    for entry in section.need("messages", "write messages: and below it one '- topic: ...' a kind").items():
        with section.gathering():
            messages += read_messages(entry, prefix)
    return Family(key, section.get("name", Item.text, key), tuple(messages))


def _read_prefix(section: Section) -> str:
    """Each family's device ids begin with its prefix, so that no foreign device can speak as a native one."""
    prefix = section.need("prefix", "write prefix: the beginning of its device ids, such as z2m")
    if not _PREFIX.fullmatch(prefix.text()):
        raise prefix.refuse(f"{prefix.text()!r} is no prefix", "write 2 to 8 small letters or digits")
    return prefix.text()
