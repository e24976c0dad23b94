"""Where the processes that ``up`` started can be found, for commands given in another terminal."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from server.settings import ServerSettings
from telemetry.settings import PREFIX, ProcessSettings, load

_FILE = "running.json"


def note_running(data: Path, environment: Mapping[str, str]) -> None:
    """Keep the addresses this run uses: variables of the environment, none of them a secret."""
    new = data / f"{_FILE}.new"
    new.write_text(json.dumps(dict(environment), indent=1) + "\n")
    new.replace(data / _FILE)


def settings_of_running() -> ServerSettings:
    """The settings of the environment; what it leaves open is as the last ``up`` on the data folder had it."""
    try:
        noted = json.loads((load(ProcessSettings).data / _FILE).read_text())
    except (OSError, ValueError):
        noted = {}
    for name, value in noted.items():
        if name.startswith(PREFIX):
            os.environ.setdefault(name, str(value))
    return load(ServerSettings)
