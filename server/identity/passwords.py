"""Passwords: argon2id hashes, and a policy of length and guessability instead of composition rules."""

from __future__ import annotations

from functools import cache

from pwdlib import PasswordHash
from zxcvbn import zxcvbn

from server.errors import Invalid

SHORTEST, LONGEST = 12, 128
_GUESSES_LOG10 = 8.0
"""At least 10^8 tries by an attacker who knows the common passwords, words and keyboard walks."""
_MEASURED = 72
"""The estimator takes quadratic time; what follows this many characters can only make a password better."""


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("no user has this password")


def hash_password(password: str) -> str:
    """The argon2id hash with its own salt and parameters, as text."""
    return _hasher().hash(password)


def verify(password: str, password_hash: str | None) -> tuple[bool, str | None]:
    """(whether it is right, a new hash when the parameters have moved on).

    Without a hash (no such user, or one without a password) the same work is done and the
    answer is no, so that the time an answer takes does not tell which names exist.
    """
    if password_hash is None:
        _hasher().verify(password, _nobodys_hash())
        return False, None
    return _hasher().verify_and_update(password, password_hash)


def check_policy(password: str, *, user_name: str) -> None:
    """Refuse what is too short, too long or easily guessed. Any characters are welcome.

    Lengths after OWASP ASVS 5.0, 6.2.1 and 6.2.9; no composition rules and no forced change (6.2.5, 6.2.10).
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(
            f"A password has {SHORTEST} to {LONGEST} characters.",
            f"密码长度须为 {SHORTEST} 到 {LONGEST} 个字符。",
            code="password_length",
        )
    estimate = zxcvbn(password[:_MEASURED], user_inputs=[user_name, "plantroom"])
    if estimate["guesses_log10"] < _GUESSES_LOG10:
        raise Invalid(
            "This password is among those that are guessed first. Take a few unrelated words.",
            "该密码过于常见，容易被猜中。请使用几个互不相关的词。",
            code="password_common",
        )
