"""Secrets that have to be kept in the database: sealed with a key that is not in there.

The key is PLANTROOM_SERVER_KEY (or ..._FILE); without one it is made once and lies in the data
folder. Servers that share a database need the same key. From it further keys are derived, one for
each purpose, so that none of them says anything about another.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_FILE = Path("secrets") / "server-key"
_NONCE = 12


class CannotOpen(Exception):
    """Sealed with another key, or damaged."""


class Sealer:
    """Seals texts, and derives keys. ``purpose`` keeps what is sealed for one use from being taken for another."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """A key of ``length`` bytes for one purpose; the same each time."""
        hkdf = HKDF(algorithm=SHA256(), length=length, salt=b"plantroom", info=purpose.encode())
        return hkdf.derive(self._key)

    def seal(self, text: str, *, purpose: str) -> str:
        """``text``, readable only with the key (AES-256-GCM)."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(self.derive(f"seal:{purpose}")).encrypt(nonce, text.encode(), None)
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, *, purpose: str) -> str:
        """What was sealed. Raises CannotOpen."""
        try:
            raw = base64.urlsafe_b64decode(sealed)
            return AESGCM(self.derive(f"seal:{purpose}")).decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
        except (InvalidTag, ValueError) as error:
            raise CannotOpen("sealed with another key, or damaged") from error


def server_key(given: str | None, data: Path) -> str:
    """The key from the settings, else the one in the data folder, which is made if there is none."""
    if given:
        return given
    path = data / KEY_FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)  # the first of several processes wins, and no one reads half a key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
