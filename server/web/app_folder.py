"""Where the built web app lies."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def app_folder() -> Path | None:
    """In an installed wheel beside this package, in a work tree under dashboards."""
    for folder in (_PACKAGE / "web_app", _PACKAGE.parent / "dashboards" / "web" / "dist"):
        if (folder / "index.html").is_file():
            return folder
    return None
