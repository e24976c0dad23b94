"""HTTP for the phone: the bundle, the synchronisation, photos, one's own data."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response
from fastapi.responses import FileResponse

from server.clock import to_ms
from server.db import reading
from server.identity.access import Guard, Viewer
from server.patrol.on_site import photos
from server.patrol.on_site.schemas import PhotoIn, PhotoOffset
from server.patrol.phone import bundle, mine
from server.patrol.phone.schemas import BundleRead, MineRead
from server.patrol.proof import sync
from server.patrol.proof.arrivals import Answer
from server.patrol.proof.clock import Stamp
from server.patrol.proof.reasons import text_of
from server.patrol.proof.schemas import ReasonRead, SyncIn, SyncOut, SyncResult, UuidText
from server.patrol.requests import House
from server.web.requests import AppContext, Now, ReadSession, writing

router = APIRouter(tags=["patrol"])

PhotoId = Annotated[UuidText, Path()]


@router.get("/patrol/bundle", response_model=BundleRead)
def read_patrol_bundle(
    *,
    user: Guard,
    context: AppContext,
    now: Now,
    request: Request,
    response: Response,
    device: Annotated[UuidText | None, Query(description="Id of this installation")] = None,
    app: Annotated[str, Query(max_length=40)] = "",
) -> BundleRead | Response:
    """What a phone needs for a shift; 304 where it has it already. Registers the phone, and who is logged in there."""
    if device is not None:
        with writing(context) as session:
            sync.meet_phone(session, now=now, phone_id=device, user_id=user.id, app=app)
    with reading(context.sessions) as session:
        found = bundle.read(session, now=now, user=user)
    etag = f'"{bundle.etag_of(found)}"'
    headers = {"etag": etag, "cache-control": "private, no-cache", "x-server-ms": str(to_ms(now))}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    for name, value in headers.items():
        response.headers[name] = value
    return found


@router.post("/patrol/sync", response_model=SyncOut)
def sync_patrol(user: Guard, context: AppContext, house: House, now: Now, wanted: SyncIn) -> SyncOut:
    """Take in what a phone recorded. Each event gets an answer; none is lost or counted twice."""
    sent = wanted.sent
    with writing(context) as session:
        answers = sync.take_in(
            session,
            house,
            now=now,
            user=user,
            phone_id=wanted.device_id,
            app=wanted.app,
            raw_events=wanted.events,
            sent=Stamp(0, sent.wall_ms, sent.mono_ms, sent.boot) if sent else None,
        )
    return SyncOut(server_ms=to_ms(now), results=[_result(answer) for answer in answers])


@router.patch("/patrol/photos/{photo_id}", response_model=PhotoOffset)
def send_patrol_photo(
    *,
    user: Guard,
    context: AppContext,
    house: House,
    now: Now,
    photo_id: PhotoId,
    wanted: Annotated[PhotoIn, Query()],
    piece: Annotated[bytes, Body(media_type="application/octet-stream")],
) -> PhotoOffset:
    """Some bytes of a photo, 512 KiB at most; gives where to go on. Each piece says which photo it belongs to."""
    with reading(context.sessions) as session:
        if photos.is_whole(session, photo_id, wanted):
            return PhotoOffset(offset=wanted.bytes)
    there = photos.put_piece(photo_id, wanted, piece, folder=house.photos)
    if wanted.offset == 0 or there == wanted.bytes:
        with writing(context) as session:
            photos.note(session, photo_id, wanted, now=now, user=user, there=there)
    return PhotoOffset(offset=there)


@router.get("/patrol/photos/{photo_id}", response_class=FileResponse)
def read_patrol_photo(
    user: Viewer, session: ReadSession, house: House, now: Now, photo_id: PhotoId
) -> FileResponse:
    """The picture. Guards see their own, and those of the notes and findings of their site; engineers and admins all."""
    path, media_type = photos.path_of(session, photo_id, user=user, now=now, folder=house.photos)
    return FileResponse(path, media_type=media_type, headers={"cache-control": "private, max-age=86400"})


@router.get("/patrol/mine", response_model=MineRead)
def read_my_patrol_data(user: Guard, session: ReadSession, now: Now) -> MineRead:
    """All that is recorded about whoever asks."""
    return mine.read(session, user=user, now=now)


def _result(answer: Answer) -> SyncResult:
    return SyncResult.model_validate(
        {
            "id": answer.id,
            "status": answer.status,
            "code": answer.code,
            "message": answer.message,
            "strength": answer.strength,
            "reasons": [ReasonRead(code=code, text=text_of(code)) for code in answer.reasons],
        }
    )
