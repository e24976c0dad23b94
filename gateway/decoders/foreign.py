"""Which foreign formats a gateway reads: named in its settings, built here, refused here when wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gateway.config_file import BadConfig, Problem
from gateway.decoders import Decoder
from gateway.decoders.home_assistant.decoder import HomeAssistantDecoder
from gateway.decoders.mapped.decoder import MappedDecoder
from gateway.decoders.mapped.family import SHIPPED, load_families
from gateway.decoders.sparkplug.decoder import SparkplugDecoder

SPARKPLUG: Final = "sparkplug"
HOME_ASSISTANT: Final = "home_assistant"


def shipped_formats() -> list[str]:
    """The names that may stand in the settings without a file of one's own."""
    return sorted([SPARKPLUG, HOME_ASSISTANT, *(path.stem for path in SHIPPED.glob("*.yaml"))])


def foreign_decoders(
    formats: Sequence[str], *, folder: Path | None = None, sparkplug_groups: Sequence[str] = ()
) -> list[Decoder]:
    """The decoders of these formats; raises BadConfig with file, line and remedy of every problem.

    ``folder``: the site's own mapping files, which replace shipped ones of the same name.
    """
    if folder and not folder.is_dir():
        remedy = "give the folder with your mapping files"
        raise BadConfig([Problem("PLANTROOM_MAPPINGS", 0, f"{folder} is no folder", remedy)])
    folders = [folder, SHIPPED] if folder else [SHIPPED]
    _refuse_unknown(formats, {*shipped_formats(), *(path.stem for path in folders[0].glob("*.yaml"))})
    families = load_families([name for name in formats if name not in {SPARKPLUG, HOME_ASSISTANT}], folders)
    decoders: list[Decoder] = []
    if SPARKPLUG in formats:
        decoders.append(SparkplugDecoder(groups=sparkplug_groups))
    if HOME_ASSISTANT in formats:
        decoders.append(HomeAssistantDecoder())
    if families:
        decoders.append(MappedDecoder(families))
    return decoders


def _refuse_unknown(formats: Sequence[str], known: set[str]) -> None:
    unknown = [name for name in formats if name not in known]
    remedy = f"the formats there are: {', '.join(sorted(known))}"
    if unknown:
        raise BadConfig(
            [Problem("PLANTROOM_FORMATS", 0, f"{name!r} is no format", remedy) for name in unknown]
        )
