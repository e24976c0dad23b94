"""Writes src/api/schema.ts from the server's own OpenAPI; with ``--check`` it only says whether it is current.

Run with the project's interpreter: ``python dashboards/web/tools/api.py``. openapi-typescript needs
the JavaScript API of TypeScript 5, which the app's own TypeScript no longer has, so it lives here apart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from server.db import open_engine
from server.main import create_app
from server.settings import ServerSettings

TOOLS = Path(__file__).resolve().parent
SCHEMA = TOOLS.parent / "src" / "api" / "schema.ts"
GENERATOR = TOOLS / "node_modules" / "openapi-typescript" / "bin" / "cli.js"


def openapi(folder: Path) -> Path:
    """The document as /openapi.json gives it, without starting anything."""
    app = create_app(ServerSettings(data=folder), engine=open_engine("sqlite://"))
    document = folder / "openapi.json"
    document.write_text(json.dumps(app.openapi()), encoding="utf-8")
    return document


def run(*command: str) -> None:
    scripts = sysconfig.get_path("scripts")
    environment = {**os.environ, "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")])}
    subprocess.run(command, cwd=TOOLS, env=environment, check=True, stdout=subprocess.DEVNULL)


def generate(target: Path) -> None:
    """Fields with a default may be left out of a request; answers have no defaults in this API."""
    with tempfile.TemporaryDirectory() as folder:
        document = openapi(Path(folder))
        if not GENERATOR.is_file():
            run("npm", "ci", "--no-audit", "--no-fund")
        run("node", str(GENERATOR), str(document), "--default-non-nullable=false", "-o", str(target))


def main() -> int:
    if "--check" not in sys.argv:
        generate(SCHEMA)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "schema.ts"
        generate(fresh)
        is_current = fresh.read_bytes() == SCHEMA.read_bytes()
    if not is_current:
        print(
            "src/api/schema.ts is older than the API: run python dashboards/web/tools/api.py", file=sys.stderr
        )
    return 0 if is_current else 1


if __name__ == "__main__":
    sys.exit(main())
