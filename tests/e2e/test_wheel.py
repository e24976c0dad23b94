"""The wheel carries all that a machine without Node and without the sources needs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_it_carries_screens_profiles_scenarios_and_migrations(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "server/web_app/index.html",
        "server/assets/demo_site.yaml",
        "server/assets/profiles/pump.yaml",
        "server/migrations/versions/0001_the_first_schema.py",
        "device_sim/scenarios/demo.yaml",
        "gateway/main.py",
        "telemetry/topics.py",
    } <= names
    assert any(name.startswith("server/web_app/") and name.endswith(".js") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "dashboards/", "data/"))]
