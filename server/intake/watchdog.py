"""Each gateway is an asset, made when it is first heard of: its watchdog must not wait for somebody to set it up."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Asset
from server.assets.profiles import shipped_profiles
from server.assets.queries import first_site
from server.assets.service import create_asset
from server.audit.service import SYSTEM
from server.errors import DomainError, Label

log = structlog.get_logger("intake")

PROFILE = "gateway"


def watch_gateway(session: Session, name: str, *, now: datetime) -> None:
    """See that the gateway has its asset, on the first site there is; without a site, later.

    An asset of the same key that is something else stays what it is, and the gateway goes unwatched.
    """
    if session.scalar(select(Asset.id).where(Asset.key == name)) is not None:
        return
    site = first_site(session)
    if site is None:
        return
    label = Label(en=f"Gateway {name}", zh=f"网关 {name}")
    try:
        create_asset(
            session,
            shipped_profiles(),
            now=now,
            actor=SYSTEM,
            key=name,
            name=label,
            profile=PROFILE,
            space_id=site.id,
        )
    except DomainError as error:
        log.warning("a gateway cannot be watched as an asset", gateway=name, error=str(error))
