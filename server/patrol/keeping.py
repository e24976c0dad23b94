"""How long what is personal is kept: what screens show of places, and photos, go when their time is over.

The log of evidence keeps what it hashed; no address of the API gives it out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.patrol.checkpoints.policy import Policy, policies
from server.patrol.evidence.models import Scan
from server.patrol.on_site import photos
from server.patrol.safety.models import Sos


def tidy(session: Session, *, now: datetime, folder: Path) -> int:
    """Remove places and photos whose time is over; gives how many photos went."""
    known = policies(session)
    for site_id, policy in known.items():
        _forget_places(session, site_id, now - timedelta(days=policy.place_days))
    _forget_places(session, None, now - timedelta(days=Policy().place_days), besides=set(known))
    days = max((policy.photo_days for policy in known.values()), default=Policy().photo_days)
    return photos.remove_older(session, before=now - timedelta(days=days), now=now, folder=folder)


def _forget_places(
    session: Session, site_id: int | None, before: datetime, besides: set[int] | None = None
) -> None:
    scans = update(Scan).where(Scan.at < before, Scan.lat_e7.is_not(None))
    calls = update(Sos).where(Sos.at < before, Sos.place.is_not(None))
    if site_id is not None:
        scans, calls = scans.where(Scan.site_id == site_id), calls.where(Sos.site_id == site_id)
    elif besides:
        scans = scans.where(Scan.site_id.is_(None) | Scan.site_id.not_in(besides))
        calls = calls.where(Sos.site_id.is_(None) | Sos.site_id.not_in(besides))
    alone = {"synchronize_session": False}
    session.execute(scans.values(lat_e7=None, lng_e7=None, accuracy_m=None), execution_options=alone)
    session.execute(calls.values(place=None), execution_options=alone)
