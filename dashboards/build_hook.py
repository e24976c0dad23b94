"""Builds the web app into the wheel, so that an installed Plantroom serves its screens with no Node on the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path(__file__).parent / "web"


class WebBuildHook(BuildHookInterface[Any]):
    """A wheel carries the built app as ``server/web_app``; an editable install serves ``dashboards/web/dist``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        if not (WEB / "dist" / "index.html").is_file():
            subprocess.run([sys.executable, str(WEB / "build.py")], check=True)
        build_data["force_include"][str(WEB / "dist")] = "server/web_app"
