"""The secrets of one installation: random, made at the first start, each in a file only its owner may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""No i, l, o, 0, 1: these passwords are read off a screen and typed."""


def readable_password() -> str:
    """Four groups of four characters, 79 bits; meets the password policy."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


class SecretFiles:
    """The folder ``secrets`` in the data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)

    def path(self, name: str) -> Path:
        return self.folder / name

    def get_or_make(self, name: str) -> str:
        """The secret of this name, made at the first call."""
        return self.read(name) or self.keep(name, secrets.token_urlsafe(24))

    def read(self, name: str) -> str | None:
        """None where it was not made yet, or was emptied."""
        try:
            return self.path(name).read_text().strip() or None
        except FileNotFoundError:
            return None

    def keep(self, name: str, secret: str) -> str:
        """Write it; the file appears whole or not at all."""
        new = self.path(f"{name}.new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path(name))
        return secret
