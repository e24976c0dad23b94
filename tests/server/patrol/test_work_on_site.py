"""Forms, gauges, findings, contests, photos: what people do at a checkpoint."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.assets.models import Point, Space
from server.clock import to_ms
from server.db import reading, transaction
from server.forms.models import Form, FormVersion
from server.identity.roles import Role
from server.patrol.checkpoints.models import Checkpoint, Tag
from server.patrol.evidence.models import PatrolException
from server.patrol.house import PatrolHouse
from server.patrol.on_site import gauges
from server.patrol.on_site.models import Finding, Photo, TypedReading
from server.patrol.rounds import service as rounds
from server.tickets.models import Ticket, TicketEvent
from telemetry.reading import Reading
from telemetry.store import open_store
from tests.server.conftest import Cast, Clock
from tests.server.patrol.conftest import ON_SQLITE, Estate, Phones, label

AsRole = Callable[[Role], TestClient]
pytestmark = ON_SQLITE


@pytest.fixture
def gauge(db: sessionmaker[Session], estate: Estate, clock: Clock) -> int:
    """A form with the pump's gauge and a door; gives its id."""
    with transaction(db) as session:
        sensor = session.scalars(
            select(Point.id).where(Point.key == "discharge_pressure", Point.asset_id == estate.asset_id)
        ).one()
        items: list[dict[str, object]] = [
            {"type": "number", "key": "kpa", "name": label("kPa"), "unit": "kPa", "compare_point_id": sensor,
             "compare_tolerance": 20.0, "high": 700},
            {"type": "check", "key": "door", "name": label("door"), "severity": "high"},
        ]  # fmt: skip
        form = Form(key="pump", name=label("pump"), version=1, items=items)
        session.add(form)
        session.flush()
        session.add(
            FormVersion(form_id=form.id, version=1, name=form.name, items=items, at=clock.now, by="test")
        )
        session.get_one(Checkpoint, estate.checkpoints["pump"]).form_id = form.id
        return form.id


def test_a_typed_value_is_compared_with_the_sensor_and_a_fail_is_a_finding(
    *, db: sessionmaker[Session], estate: Estate, phone: Phones, gauge: int, clock: Clock, tmp_path: Path
) -> None:
    with reading(db) as session:
        sensor = session.scalars(
            select(Point.id).where(Point.key == "discharge_pressure", Point.asset_id == estate.asset_id)
        ).one()
    store = open_store(f"sqlite:///{tmp_path / 'readings.db'}")
    store.write([Reading(sensor, to_ms(clock.now + timedelta(seconds=20)), 480.0)])
    hand = phone()
    hand.note(
        "answers",
        {"round_id": estate.round_id, "checkpoint_id": estate.checkpoints["pump"], "scan_id": None,
         "form_id": gauge, "form_version": 1, "answers": {"kpa": 520, "door": "fail"}},
    )  # fmt: skip
    assert hand.sync()[0]["status"] == "accepted"
    clock.advance(minutes=5)
    with transaction(db) as session:
        assert gauges.compare(session, store, now=clock.now) == 1
        typed = session.scalars(select(TypedReading)).one()
        assert (typed.value, typed.live_value) == (520.0, 480.0)
        assert session.scalars(select(PatrolException.code)).all() == ["gauge_differs"]
        finding = session.scalars(select(Finding)).one()
        assert (finding.severity, finding.asset_id) == ("high", estate.asset_id)


def test_a_value_without_a_sensor_goes_to_the_gateway_as_the_device_patrol(
    db: sessionmaker[Session], estate: Estate, clock: Clock
) -> None:
    sent: list[bytes] = []
    with transaction(db) as session:
        point = session.scalars(
            select(Point).where(Point.key == "flow", Point.asset_id == estate.asset_id)
        ).one()
        session.add(
            TypedReading(
                event_id=str(uuid4()), item="x", user_id=1, point_id=point.id, at=clock.now, value=7.5
            )
        )
        session.flush()
        assert gauges.send(session, lambda payload: not sent.append(payload), now=clock.now) == 0
        from server.assets.models import Device  # noqa: PLC0415

        session.add(Device(id=gauges.DEVICE))
        session.flush()
        point.device_id = gauges.DEVICE
        session.flush()
        assert gauges.send(session, lambda payload: not sent.append(payload), now=clock.now) == 1
        assert gauges.send(session, lambda payload: not sent.append(payload), now=clock.now) == 0
    assert sent == [b'[{"point":"flow","value":7.5,"at":%d,"quality":"manual"}]' % to_ms(clock.now)]


def test_a_finding_becomes_a_ticket_in_one_tap_and_is_rechecked(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand, finding_id = phone(), str(uuid4())
    hand.note(
        "finding",
        {"id": finding_id, "round_id": None, "checkpoint_id": estate.checkpoints["pump"], "asset_id": None,
         "text": "Seal leaks", "severity": "high", "photo_ids": [], "ticket": True, "standard": "dry",
         "owner_id": None, "deadline": to_ms(clock.now + timedelta(days=2))},
    )  # fmt: skip
    hand.sync()
    assert hand.client.get("/api/v1/patrol/bundle").json()["findings"][0]["id"] == finding_id
    with reading(db) as session:
        assert session.scalars(select(Ticket.title)).one()["en"] == "Seal leaks"
    clock.advance(days=1)
    hand.note("recheck", {"finding_id": finding_id, "fixed": True, "photo_ids": []})
    assert hand.sync()[0]["status"] == "accepted"
    assert hand.client.get("/api/v1/patrol/bundle").json()["findings"] == []


@pytest.mark.parametrize(("role", "is_given"), [(Role.ENGINEER, True), (Role.VIEWER, False)])
def test_the_ticket_of_a_finding_keeps_its_deadline_and_its_owner_who_may_have_it(
    *,
    db: sessionmaker[Session], estate: Estate, phone: Phones, cast: Cast, clock: Clock, role: Role,
    is_given: bool,
) -> None:  # fmt: skip
    hand, deadline = phone(), clock.now + timedelta(days=2)
    hand.note(
        "finding",
        {"id": str(uuid4()), "round_id": None, "checkpoint_id": estate.checkpoints["pump"], "asset_id": None,
         "text": "Seal leaks", "severity": "high", "photo_ids": [], "ticket": True,
         "owner_id": cast.ids[role], "deadline": to_ms(deadline)},
    )  # fmt: skip
    assert hand.sync()[0]["status"] == "accepted"
    with reading(db) as session:
        ticket = session.scalars(select(Ticket)).one()
        kinds = session.scalars(select(TicketEvent.kind).order_by(TicketEvent.id)).all()
    assert (ticket.due_at, ticket.status) == (deadline, "open")
    assert ticket.assignee_id == (cast.ids[role] if is_given else None)
    assert kinds == (["reported", "assigned"] if is_given else ["reported"])


def test_a_missed_point_is_contested_and_granted(
    db: sessionmaker[Session], estate: Estate, phone: Phones, as_role: AsRole, clock: Clock
) -> None:
    hand = phone()
    hand.note("round_started", {"round_id": estate.round_id})
    hand.sync()
    clock.advance(hours=2)
    with transaction(db) as session:
        rounds.watch(session, now=clock.now)
    contest = hand.note(
        "contest",
        {
            "round_id": estate.round_id,
            "checkpoint_id": estate.checkpoints["roof"],
            "reason": "door was locked",
        },
    )
    hand.sync()
    mine = hand.client.get("/api/v1/patrol/mine").json()
    assert mine["contests"][0]["reason"] == "door was locked"
    engineer = as_role(Role.ENGINEER)
    path = f"/api/v1/patrol/contests/{contest['id']}/decide"
    assert hand.client.post(path, json={"is_granted": True}).status_code == 403
    assert engineer.post(path, json={"is_granted": True}).json()["is_granted"]
    detail = engineer.get(f"/api/v1/patrol/rounds/{estate.round_id}").json()
    assert sorted(leg["state"] for leg in detail["legs"]) == ["excused", "missed", "missed", "missed"]


def test_a_photo_comes_in_pieces_and_goes_on_where_it_stopped(
    estate: Estate, phone: Phones, as_role: AsRole
) -> None:
    out = BytesIO()
    Image.effect_noise((500, 400), 90).save(out, "JPEG")
    content, photo_id = out.getvalue(), str(uuid4())
    client = phone().client
    digest = hashlib.sha256(content).hexdigest()

    def send(offset: int, piece: bytes, photo_id: str = photo_id, digest: str = digest) -> dict[str, object]:
        query = {"offset": offset, "sha256": digest, "bytes": len(content), "media_type": "image/jpeg"}
        answer: dict[str, object] = client.patch(
            f"/api/v1/patrol/photos/{photo_id}",
            params=query,
            content=piece,
            headers={"content-type": "application/octet-stream"},
        ).json()
        return answer

    assert send(5000, content[5000:])["offset"] == 0  # a gap, and where to go on
    assert send(0, content[:1000]) == {"offset": 1000}
    assert send(5000, content[5000:])["offset"] == 1000
    assert client.get(f"/api/v1/patrol/photos/{photo_id}").status_code == 404
    assert send(500, content[500:]) == {"offset": len(content)}
    assert send(0, content[:1000]) == {"offset": len(content)}
    assert client.get(f"/api/v1/patrol/photos/{photo_id}").content == content
    assert as_role(Role.VIEWER).get(f"/api/v1/patrol/photos/{photo_id}").status_code == 403
    assert send(0, content, str(uuid4()), "0" * 64)["code"] == "wrong_digest"
    assert send(0, content, digest="0" * 64)["code"] == "other_photo"


def test_a_photo_of_a_note_is_seen_by_the_next_shift_and_others_are_not(
    estate: Estate, phone: Phones, as_role: AsRole
) -> None:
    hand, guard = phone(Role.ENGINEER), as_role(Role.GUARD)
    content = b"\xff\xd8 a picture"
    ids = [str(uuid4()), str(uuid4())]
    for photo_id in ids:
        query = {"offset": 0, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content),
                 "media_type": "image/jpeg"}  # fmt: skip
        answer = hand.client.patch(f"/api/v1/patrol/photos/{photo_id}", params=query, content=content)
        assert answer.json() == {"offset": len(content)}, answer.text
    hand.note("handover", {"site_id": estate.site_id, "text": "The door jams", "photo_ids": ids[:1]})
    hand.sync()
    assert [guard.get(f"/api/v1/patrol/photos/{one}").status_code for one in ids] == [200, 403]


def test_a_photo_belongs_to_who_took_it_whoever_sends_it(
    *, db: sessionmaker[Session], estate: Estate, phone: Phones, as_role: AsRole, cast: Cast
) -> None:
    """Guards take over a phone: what the first one took is sent under the second one's log-in."""
    first = phone(Role.GUARD)
    first.sync()
    content, early, late = b"\xff\xd8 a picture", str(uuid4()), str(uuid4())
    form = {"round_id": None, "checkpoint_id": estate.checkpoints["pump"], "scan_id": None, "form_id": 1,
            "form_version": 1, "answers": {"door": "fail", "door.photos": [late]}}  # fmt: skip
    first.note("handover", {"site_id": estate.site_id, "text": "The door jams", "photo_ids": [early]})
    first.note("answers", form)
    first.client, sender = phone(Role.ENGINEER).client, cast.ids[Role.ENGINEER]

    def send(photo_id: str) -> None:
        query = {"offset": 0, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content),
                 "media_type": "image/jpeg"}  # fmt: skip
        assert first.client.patch(
            f"/api/v1/patrol/photos/{photo_id}", params=query, content=content
        ).is_success

    send(early)  # before the event that shows it
    first.sync()
    send(late)
    first.user_id = sender
    first.note("handover", {"site_id": estate.site_id, "text": "Seen as well", "photo_ids": [early, late]})
    first.sync()
    with reading(db) as session:
        assert set(session.scalars(select(Photo.user_id))) == {cast.ids[Role.GUARD]}
    assert as_role(Role.GUARD).get("/api/v1/patrol/mine").json()["photos"] == 2


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda estate: "https://example.com/menu", "malformed"),
        (lambda estate: f"{estate.house.public_url}/t/zzzzzzzzzzzz?s=x", "unknown_tag"),
        (lambda estate: estate.qr("gate")[:-2] + "AA", "bad_signature"),
        (lambda estate: f"{estate.house.public_url}/t/{estate.codes['pump']}", "copied_address"),
        (lambda estate: estate.tap()[:-1] + "0", "bad_message"),
    ],
)
def test_bad_tags_get_a_sentence_and_are_recorded(
    estate: Estate, phone: Phones, as_role: AsRole, make: Callable[[Estate], str], code: str
) -> None:
    hand = phone()
    text = make(estate)
    if code == "bad_message" and text == estate.tap(estate.counters):
        text = text[:-1] + "1"
    hand.scan(text)
    result = hand.sync()[0]
    assert (result["status"], result["code"]) == ("refused", code)
    assert result["message"]["en"]  # type: ignore[index]
    assert result["message"]["zh"]  # type: ignore[index]
    shown = as_role(Role.ENGINEER).get("/api/v1/patrol/exceptions").json()["items"]
    assert [one["code"] for one in shown] == [code]


def test_a_tag_of_another_site_gets_a_sentence_and_is_recorded(
    db: sessionmaker[Session], estate: Estate, phone: Phones, as_role: AsRole
) -> None:
    with transaction(db) as session:
        other = Space(key="elsewhere", kind="site", name=label("Elsewhere"), time_zone="Asia/Shanghai")
        session.add(other)
        session.flush()
        session.get_one(Checkpoint, estate.checkpoints["store"]).site_id = other.id
    hand = phone()
    hand.scan(estate.qr("store"), round_id=estate.round_id)
    result = hand.sync()[0]
    assert (result["status"], result["code"], result["strength"]) == ("refused", "other_site", "refused")
    message = result["message"]
    assert isinstance(message, dict)
    assert "another site" in message["en"]
    assert "其他项目" in message["zh"]
    assert "photo" in message["en"]  # and a way on
    assert "拍照" in message["zh"]
    shown = as_role(Role.ENGINEER).get("/api/v1/patrol/exceptions").json()["items"]
    assert [(one["code"], one["round_id"]) for one in shown] == [("other_site", estate.round_id)]


def test_a_revoked_tag_proves_nothing_from_then_on(
    db: sessionmaker[Session], estate: Estate, phone: Phones, as_role: AsRole, clock: Clock
) -> None:
    with reading(db) as session:
        tag = session.scalars(select(Tag).where(Tag.code == estate.codes["gate"])).one()
    as_role(Role.ENGINEER).post(f"/api/v1/patrol/tags/{tag.id}/revoke", json={"reason": "copied"})
    clock.advance(minutes=5)
    hand = phone()
    hand.scan(estate.qr("gate"))
    assert hand.sync()[0]["code"] == "revoked_tag"


def test_nothing_of_a_message_is_logged(
    *,
    estate: Estate, phone: Phones, as_role: AsRole, house: PatrolHouse, capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    hand = phone()
    tap = estate.tap()
    hand.scan(tap, round_id=estate.round_id)
    hand.sync()
    detail = as_role(Role.ENGINEER).get(f"/api/v1/patrol/rounds/{estate.round_id}").text
    mac = tap.rpartition("c=")[2]
    assert mac not in caplog.text + "".join(capfd.readouterr()) + detail
