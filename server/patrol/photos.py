"""Photos from phones: in pieces, resumable, each piece once, nothing half visible.

The bytes of a photo that is under way lie in ``{id}.part``; how long that file is says how much is
there, so that a server killed in the middle knows exactly what it has. A whole photo with the
announced digest is renamed; only then does its row say that it is complete.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db import insert_ignoring
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.identity.access import CurrentUser
from server.identity.roles import Role
from server.patrol.records import Photo

LARGEST = 8 * 1024 * 1024
LARGEST_PIECE = 512 * 1024


def announce(
    session: Session,
    *,
    now: datetime,
    user: CurrentUser,
    photo_id: str,
    sha256: str,
    size: int,
    media_type: str,
    folder: Path,
) -> int:
    """Get ready for a photo; gives from which byte on it is to be sent. Announcing it again is how a
    phone asks how far it got. Raises Conflict where the id is another photo's."""
    values = {
        "id": photo_id,
        "user_id": user.id,
        "sha256": sha256,
        "bytes": size,
        "media_type": media_type,
        "announced_at": now,
    }
    insert_ignoring(session, Photo, [values])
    photo = _get(session, photo_id)
    if photo.sha256 != sha256 or photo.bytes != size:
        raise Conflict("Another photo has this id.", "该编号已用于另一张照片。", code="other_photo")
    return offset_of(photo, folder)


def offset_of(photo: Photo, folder: Path) -> int:
    """How many bytes of it are there."""
    if photo.complete_at is not None:
        return photo.bytes
    part = _part(folder, photo.id)
    return part.stat().st_size if part.exists() else 0


def add_piece(
    session: Session, photo_id: str, *, offset: int, piece: bytes, folder: Path, now: datetime
) -> int:
    """Add bytes at ``offset``; gives from where to go on. Bytes that are there already are passed over.

    Raises NotFound, Invalid (too large, not the announced photo), Conflict (a gap: go on at ``offset``).
    """
    photo = _get(session, photo_id)
    if photo.complete_at is not None:
        return photo.bytes
    part = _part(folder, photo_id)
    part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        there = os.fstat(file.fileno()).st_size
        if offset > there:
            raise Conflict(
                f"Bytes are missing before that: go on at {there}.",
                f"此前的数据缺失，请从 {there} 继续。",
                code="gap",
                offset=there,
            )
        new = piece[there - offset :]
        if there + len(new) > photo.bytes:
            raise Invalid("More than was announced.", "超出预告的大小。", code="too_large")
        file.seek(there)
        file.write(new)
        file.flush()
        if there + len(new) < photo.bytes:
            return there + len(new)
        os.fsync(file.fileno())
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != photo.sha256:
        part.unlink()
        raise Invalid(
            "It is not the photo that was announced: send it again from the start.",
            "与预告的照片不符，请从头重新上传。",
            code="wrong_digest",
            offset=0,
        )
    part.replace(_whole(folder, photo_id))
    photo.complete_at = now
    return photo.bytes


def path_of(session: Session, photo_id: str, *, user: CurrentUser, folder: Path) -> tuple[Path, str]:
    """(file, media type) of a whole photo. Guards see their own. Raises NotFound, Forbidden."""
    photo = _get(session, photo_id)
    if user.role is Role.VIEWER or (photo.user_id != user.id and not user.role.includes(Role.ENGINEER)):
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


def _files(folder: Path, photo_id: str) -> Iterator[Path]:
    yield _part(folder, photo_id)
    yield _whole(folder, photo_id)


def _get(session: Session, photo_id: str) -> Photo:
    photo = session.get(Photo, photo_id)
    if photo is None:
        raise NotFound("Announce the photo first.", "请先预告照片。", code="unknown_photo")
    return photo


def _whole(folder: Path, photo_id: str) -> Path:
    return folder / photo_id[:2] / photo_id


def _part(folder: Path, photo_id: str) -> Path:
    return folder / photo_id[:2] / f"{photo_id}.part"
