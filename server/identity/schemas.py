"""What crosses HTTP about users, sessions and tokens. No schema here has a place for a hash."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.identity.passwords import LONGEST
from server.identity.roles import Role
from server.web.requests import Site

Locale = Literal["en", "zh"]
Login = Annotated[str, Field(min_length=1, max_length=64)]
DisplayName = Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]
Password = Annotated[str, Field(min_length=1, max_length=LONGEST)]
"""As typed; the policy has its own sentences for what is too short or common."""
Token = Annotated[str, Field(min_length=1, max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class LoginBody(_Body):
    name: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1000)]


class LinkBody(_Body):
    token: Token


class Me(_Row):
    id: int
    name: str
    display_name: str
    role: Role
    locale: Locale | None


class SessionRead(BaseModel):
    user: Me
    site: Site | None
    """None: no site was set up yet."""
    version: str


class SessionUpdate(_Body):
    """The language, or the password together with the current one."""

    locale: Locale | None = None
    password: Password | None = None
    current_password: Password | None = None


class LoginSessionRead(BaseModel):
    id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ip: str
    agent: str
    is_current: bool


class UserRead(_Row):
    id: int
    name: str
    display_name: str
    role: Role
    locale: Locale | None
    disabled_at: datetime | None
    created_at: datetime


class PersonRead(_Row):
    """A user as colleagues know them."""

    id: int
    display_name: str
    role: Role


class UserCreate(_Body):
    name: Login
    role: Role
    display_name: DisplayName | None = None
    password: Password | None = None
    """Without one the user logs in by link or token."""
    locale: Locale | None = None


class UserUpdate(_Body):
    """Only what is given changes."""

    display_name: DisplayName | None = None
    role: Role | None = None
    locale: Locale | None = None
    disabled: bool | None = None
    password: Password | None = None


class LoginLinkRead(BaseModel):
    url: str
    """Shown this once."""
    expires_at: datetime


class TokenCreate(_Body):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """How long it is good; None: until it is revoked."""


class TokenRead(_Row):
    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class TokenCreated(TokenRead):
    token: str
    """Shown this once."""
