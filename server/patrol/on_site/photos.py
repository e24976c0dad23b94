"""Photos from phones: in pieces, resumable, each piece once, nothing half visible.

The bytes of a photo that is under way lie in ``{id}.part``; how long that file is says how much is
there, so that a server killed in the middle knows exactly what it has. A whole photo with the
announced digest is renamed; only then does its row say that it is complete. Files are written outside
of any transaction: while a disk takes its time, other phones go on.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session

from server.db import insert_ignoring
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.patrol.on_site.models import Finding, Handover, Photo, PhotoTaker
from server.patrol.on_site.schemas import PhotoIn
from server.patrol.rounds.whose import sites_of

LARGEST_PIECE = 512 * 1024


def is_whole(session: Session, photo_id: str, wanted: PhotoIn) -> bool:
    """Whether all of it is there. Raises Conflict where the id is another photo's."""
    row = session.get(Photo, photo_id)
    if row is None:
        return False
    if row.sha256 != wanted.sha256 or row.bytes != wanted.bytes:
        raise Conflict("Another photo has this id.", "该编号已用于另一张照片。", code="other_photo")
    return row.complete_at is not None


def put_piece(photo_id: str, wanted: PhotoIn, piece: bytes, *, folder: Path) -> int:
    """Add bytes to the file; gives from where to go on. Bytes that are there already are passed over.

    Raises Invalid (too large, not the announced photo), Conflict (a gap: go on at ``offset``).
    """
    if len(piece) > LARGEST_PIECE:
        raise Invalid("Send 512 KiB at most at once.", "每次最多上传 512 KiB。", code="too_large")
    part = _part(folder, photo_id)
    if wanted.offset and not part.exists():
        raise _gap(0)
    part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        there = _append(file, wanted, piece)
        if there < wanted.bytes:
            return there
        os.fsync(file.fileno())
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != wanted.sha256:
        part.unlink(missing_ok=True)
        raise Invalid(
            "It is not the photo that was announced: send it again from the start.",
            "与预告的照片不符，请从头重新上传。",
            code="wrong_digest",
            offset=0,
        )
    part.replace(_whole(folder, photo_id))
    return wanted.bytes


def note(
    session: Session, photo_id: str, wanted: PhotoIn, *, now: datetime, user: CurrentUser, there: int
) -> None:
    """Keep that it has begun, or that all of it is there."""
    row = session.get(Photo, photo_id)
    if row is None:
        complete_at = now if there == wanted.bytes else None
        taker = session.get(PhotoTaker, photo_id)
        taken_by = taker.user_id if taker is not None else user.id
        values = {**wanted.model_dump(exclude={"offset"}), "id": photo_id, "user_id": taken_by}
        insert_ignoring(session, Photo, [{**values, "announced_at": now, "complete_at": complete_at}])
    elif there == wanted.bytes:
        row.complete_at = row.complete_at or now


def note_takers(session: Session, shown: Mapping[str, tuple[int, str]]) -> None:
    """``shown``: person and event by photo. The first event that shows a photo says whose it is, also of one
    that is there already; a later one, of whoever has seen it, changes nothing."""
    if not shown:
        return
    rows = [{"photo_id": photo, "user_id": user, "event_id": event} for photo, (user, event) in shown.items()]
    insert_ignoring(session, PhotoTaker, rows)
    takers = session.scalars(select(PhotoTaker).where(PhotoTaker.photo_id.in_(shown)))
    by_photo = {taker.photo_id: taker.user_id for taker in takers}
    for photo in session.scalars(select(Photo).where(Photo.id.in_(shown))):
        photo.user_id = by_photo[photo.id]


def _gap(there: int) -> Conflict:
    return Conflict(
        f"Bytes are missing before that: go on at {there}.",
        f"此前的数据缺失，请从 {there} 继续。",
        code="gap",
        offset=there,
    )


def _append(file: BinaryIO, wanted: PhotoIn, piece: bytes) -> int:
    there = os.fstat(file.fileno()).st_size
    if wanted.offset > there:
        raise _gap(there)
    new = piece[there - wanted.offset :]
    if there + len(new) > wanted.bytes:
        raise Invalid("More than was announced.", "超出预告的大小。", code="too_large")
    file.seek(there)
    file.write(new)
    file.flush()
    return there + len(new)


def path_of(
    session: Session, photo_id: str, *, user: CurrentUser, now: datetime, folder: Path
) -> tuple[Path, str]:
    """(file, media type) of a whole photo. Guards see their own, and those of the notes and findings that
    their phones show. Raises NotFound, Forbidden."""
    photo = _get(session, photo_id)
    is_theirs = photo.user_id == user.id or user.role.includes(Role.ENGINEER)
    if user.role is Role.VIEWER or not (is_theirs or _is_shared(session, photo_id, user=user, now=now)):
        raise Forbidden("This photo is somebody else's.", "这是他人的照片。", code="not_yours")
    path = file_of(photo, folder)
    if path is None:
        raise NotFound("The photo has not arrived, or was removed.", "照片尚未上传或已删除。")
    return path, photo.media_type


def file_of(photo: Photo, folder: Path) -> Path | None:
    """The file of a whole photo, for who may see it; None: it has not arrived, or was removed."""
    path = _whole(folder, photo.id)
    is_there = photo.complete_at is not None and photo.removed_at is None and path.exists()
    return path if is_there else None


def remove_older(session: Session, *, before: datetime, now: datetime, folder: Path) -> int:
    """Remove photos whose time is over; gives how many."""
    old = session.scalars(
        select(Photo).where(Photo.announced_at < before, Photo.removed_at.is_(None)).limit(1000)
    ).all()
    for photo in old:
        for path in _files(folder, photo.id):
            path.unlink(missing_ok=True)
        photo.removed_at = now
    return len(old)


def _is_shared(session: Session, photo_id: str, *, user: CurrentUser, now: datetime) -> bool:
    """Whether it belongs to a hand-over note, or to a finding that is still open, where this guard works."""
    sites = sites_of(session, now=now, user=user)
    notes = select(Handover.id).where(
        Handover.site_id.in_(sites), cast(Handover.photo_ids, String).contains(photo_id)
    )
    findings = select(Finding.id).where(
        Finding.site_id.in_(sites),
        Finding.fixed_at.is_(None),
        cast(Finding.photo_ids, String).contains(photo_id),
    )
    return session.scalar(select(or_(notes.exists(), findings.exists()))) is True


def _files(folder: Path, photo_id: str) -> Iterator[Path]:
    yield _part(folder, photo_id)
    yield _whole(folder, photo_id)


def _get(session: Session, photo_id: str) -> Photo:
    photo = session.get(Photo, photo_id)
    if photo is None:
        raise NotFound("There is no such photo.", "没有此照片。", code="unknown_photo")
    return photo


def _whole(folder: Path, photo_id: str) -> Path:
    return folder / photo_id[:2] / photo_id


def _part(folder: Path, photo_id: str) -> Path:
    return folder / photo_id[:2] / f"{photo_id}.part"
