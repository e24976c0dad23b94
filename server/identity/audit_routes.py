"""HTTP of the audit trail. It stands on this floor because the trail itself knows nothing of roles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from server.audit import service
from server.audit.schemas import AuditEventRead
from server.identity.access import Admin
from server.web.paging import Cursor, Limit, Page, cut
from server.web.requests import ReadSession

router = APIRouter(tags=["audit"])


@router.get("/audit", response_model=Page[AuditEventRead])
def list_audit_events(
    *,
    _user: Admin,
    session: ReadSession,
    action: Annotated[str | None, Query(max_length=60, description="Such as ``user.created``")] = None,
    subject_type: Annotated[str | None, Query(max_length=40)] = None,
    subject_id: Annotated[str | None, Query(max_length=120)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[AuditEventRead]:
    """Who did what, newest first."""
    found, total = service.find(
        session,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        before_id=cursor,
        limit=limit,
    )
    shown, more = cut(found, limit)
    items = [AuditEventRead.model_validate(event) for event in shown]
    return Page(items=items, total=total, next=str(items[-1].id) if more else None)
