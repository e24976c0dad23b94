"""Who is asking. Apart from ``access``, so that what says nothing about HTTP need not load it."""

from __future__ import annotations

from dataclasses import dataclass

from server.audit.service import Actor
from server.identity.roles import Role


@dataclass(frozen=True)
class CurrentUser:
    """The person or program behind a request."""

    id: int
    name: str
    display_name: str
    role: Role
    locale: str | None
    session_id: str | None
    """None: they came with an API token."""

    @property
    def actor(self) -> Actor:
        """As the audit trail names them."""
        return Actor(self.id, self.name)
