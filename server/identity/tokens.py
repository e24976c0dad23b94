"""Secrets we hand out once and keep only as hashes."""

from __future__ import annotations

import hashlib
import secrets

API_PREFIX = "plantroom_"
"""Lets secret scanners recognise a leaked token."""


def new_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def new_api_token() -> str:
    return API_PREFIX + new_token()


def digest(token: str) -> str:
    """SHA-256, hex. Enough for random tokens: there is nothing to guess that a slow hash would protect."""
    return hashlib.sha256(token.encode()).hexdigest()
