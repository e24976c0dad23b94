"""The people of a new installation: an admin who comes by link, and in a demo an engineer and a guard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from server.audit.service import SYSTEM
from server.commands.secret_files import SecretFiles, readable_password
from server.errors import NotFound
from server.identity import service, sessions
from server.identity.models import User
from server.identity.roles import Role

ADMIN = "admin"
DEMO: Mapping[str, tuple[Role, str]] = {
    "engineer": (Role.ENGINEER, "李工 Li (demo engineer)"),
    "guard": (Role.GUARD, "王师傅 Wang (demo guard)"),
}


def admin_link(session: Session, *, now: datetime, public_url: str) -> str:
    """A link that logs in the admin once; the admin is made if there is none of that name."""
    user = _find(session, ADMIN) or service.add_user(
        session, now=now, actor=SYSTEM, name=ADMIN, role=Role.ADMIN, display_name="管理员 Administrator"
    )
    token = sessions.issue_login_link(session, now=now, actor=SYSTEM, user=user)
    return sessions.login_url(public_url, token)


def demo_people(session: Session, *, now: datetime, secrets: SecretFiles) -> dict[str, str]:
    """Passwords of the demo people by log-in, made once and kept for the next start.

    A person whose password is no longer ours to tell (the file was emptied) is left out.
    """
    passwords: dict[str, str] = {}
    for name, (role, display_name) in DEMO.items():
        secret = f"demo-{name}"
        password = secrets.read(secret)
        if _find(session, name) is None:
            password = secrets.keep(secret, readable_password())
            service.add_user(
                session,
                now=now,
                actor=SYSTEM,
                name=name,
                role=role,
                display_name=display_name,
                password=password,
            )
        if password is not None:
            passwords[name] = password
    return passwords


def _find(session: Session, name: str) -> User | None:
    try:
        return service.find_user(session, name)
    except NotFound:
        return None
