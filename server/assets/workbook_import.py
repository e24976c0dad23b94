"""Importing a workbook: the good rows in one transaction, the others reported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from server.assets.profiles import Profile
from server.assets.site_import import import_site
from server.assets.workbook_file import Sheet
from server.assets.workbook_plan import Plan, plan_import
from server.audit.service import Actor


def import_workbook(
    session: Session,
    sheets: Mapping[str, Sheet],
    profiles: Mapping[str, Profile],
    *,
    now: datetime,
    actor: Actor,
) -> Plan:
    """Do what ``plan_import`` says would happen; what it refused stays out. The caller commits."""
    plan = plan_import(session, sheets, profiles)
    if not plan.is_nothing:
        import_site(session, plan.site, profiles, now=now, actor=actor)
    return plan
