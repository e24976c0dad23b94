"""Errors that are answers: each carries its HTTP status, a stable code and a sentence in both languages."""

from __future__ import annotations

from typing_extensions import TypedDict  # pydantic reads Label; before Python 3.12 it needs this one


class Label(TypedDict):
    """A text in both languages of the product."""

    en: str
    zh: str


class Explained(ValueError):
    """Something cannot be used, with the reason in both languages; who catches it decides what becomes of it."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.label = Label(en=en, zh=zh)


class DomainError(Exception):
    """Something a person asked for cannot be done. ``facts`` go into the problem document as they are."""

    status = 400
    code = "bad_request"

    def __init__(self, en: str, zh: str, *, code: str | None = None, **facts: object) -> None:
        super().__init__(en)
        self.detail = Label(en=en, zh=zh)
        self.facts = facts
        if code is not None:
            self.code = code


class NotFound(DomainError):
    status = 404
    code = "not_found"


class Conflict(DomainError):
    """The thing is in a state that does not allow this."""

    status = 409
    code = "conflict"


class Forbidden(DomainError):
    status = 403
    code = "forbidden"


class Unauthenticated(DomainError):
    status = 401
    code = "unauthenticated"


class Invalid(DomainError):
    status = 422
    code = "invalid"


class TooMany(DomainError):
    """Too many tries; ``retry_after_s`` says when the next is welcome."""

    status = 429
    code = "too_many_requests"
