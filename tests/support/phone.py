"""A site with rounds behind a real socket, and a phone in front of it whose camera sees what the test shows it."""

from __future__ import annotations

import contextlib
import random
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
import qrcode
import uvicorn
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import BrowserContext, Page, Playwright, ViewportSize
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from server.assets.models import Asset, Space
from server.assets.profiles import shipped_profiles
from server.assets.site_file import DEMO_SITE, load_site
from server.assets.site_import import import_site
from server.audit.service import SYSTEM
from server.clock import utc_now
from server.db import create_schema, open_engine, reading, session_factory, transaction
from server.forms.models import Form, FormVersion
from server.identity import service
from server.identity.roles import Role
from server.main import create_app
from server.patrol.checkpoints.models import Checkpoint, FloorPlan, Tag
from server.patrol.checkpoints.models import PatrolSite as SiteRules
from server.patrol.rounds.models import Round, RoundLeg
from server.settings import ServerSettings
from tests.support.chromium import QUIET, program
from tests.support.ports import free_port
from tests.support.waiting import eventually

PASSWORD = "seven quiet pumps at dawn"
PHONE: ViewportSize = {"width": 390, "height": 844}
POINTS = (
    ("pump-room", "Pump room", "水泵房", 0, 22.30000, 114.17000),
    ("roof", "Roof", "屋顶", 0, 22.30000, 114.17001),
    ("fire-panel", "Fire panel", "消防主机", 0, 22.30000, 114.17002),
)
FORM: list[dict[str, object]] = [
    {"type": "check", "key": "leaks", "name": {"en": "No leaks", "zh": "无渗漏"}, "severity": "high"},
    {
        "type": "text",
        "key": "where",
        "name": {"en": "Where does it leak?", "zh": "何处渗漏？"},
        "when": {"item": "leaks", "any_of": ["fail"]},
    },
    {
        "type": "number",
        "key": "pressure",
        "name": {"en": "Pressure", "zh": "压力"},
        "unit": "MPa",
        "decimals": 2,
        "low": 0.4,
        "high": 0.8,
    },
    {"type": "photo", "key": "gauge", "name": {"en": "Photo of the gauge", "zh": "压力表照片"}},
]


@dataclass(frozen=True)
class Stop:
    """One checkpoint of the test's route."""

    id: int
    zh: str
    en: str
    code: str
    address: str
    """What its label says."""


class PatrolSite:
    """The server, which can be taken away and given back on the same port and data."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        self.settings = ServerSettings(
            data=data, database_url=f"sqlite:///{data / 'plantroom.db'}", public_url=self.url
        )
        engine = open_engine(self.settings.database_url)
        create_schema(engine)
        self.db: sessionmaker[Session] = session_factory(engine)
        self.app = create_app(self.settings, engine=engine)
        self._engine = engine
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.stops = self._furnish()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        config = uvicorn.Config(self.app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        listener = socket.create_server(("127.0.0.1", self.port), backlog=100)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]})
        self._thread.start()
        eventually(lambda: self._server is not None and self._server.started, what="the server is up")

    def stop(self) -> None:
        """Nothing answers on its port any more."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)
        self._server = None

    def close(self) -> None:
        self.stop()
        self._engine.dispose()

    def guard(self, name: str, zh: str) -> int:
        """One more guard; gives the id."""
        with transaction(self.db) as session:
            return service.add_user(
                session,
                now=utc_now(),
                actor=SYSTEM,
                name=name,
                role=Role.GUARD,
                display_name=zh,
                password=PASSWORD,
            ).id

    def round_for(self, user_id: int, zh: str, *, starts_in: timedelta = timedelta(minutes=-5)) -> int:
        """A round over all stops, due now; gives its id."""
        starts = datetime.now(UTC) + starts_in
        with transaction(self.db) as session:
            row = Round(
                site_id=self.site_id,
                name={"en": f"Round {zh}", "zh": zh},
                walk="ordered",
                starts_at=starts,
                window_ends_at=starts + timedelta(hours=2),
                user_id=user_id,
            )
            session.add(row)
            session.flush()
            for position, stop in enumerate(self.stops):
                session.add(
                    RoundLeg(
                        round_id=row.id,
                        position=position,
                        checkpoint_id=stop.id,
                        due_at=starts + timedelta(minutes=20 * (position + 1)),
                        tolerance_s=600,
                    )
                )
            return row.id

    def read(self) -> contextlib.AbstractContextManager[Session]:
        return reading(self.db)

    def _furnish(self) -> list[Stop]:
        now = utc_now()
        keys = self.app.state.patrol.keys
        with transaction(self.db) as session:
            import_site(session, load_site(DEMO_SITE), shipped_profiles(), now=now, actor=SYSTEM)
            site = session.scalars(select(Space).where(Space.kind == "site")).first()
            assert site is not None
            self.site_id = site.id
            # a test walks faster than a guard
            session.add(SiteRules(site_id=site.id, policy={"least_travel_s": 0, "fastest_m_s": 20}))
            pump = session.scalars(select(Asset).where(Asset.key == "pump-a")).one()
            form = Form(key="pump-check", name={"en": "Pump check", "zh": "水泵检查"}, items=FORM)
            plan = FloorPlan(
                space_id=site.id,
                name={"en": "Ground floor", "zh": "首层"},
                media_type="image/png",
                width=600,
                height=400,
                sha256="0" * 64,
                image=floor_plan(),
                created_at=now,
            )
            session.add_all([form, plan])
            session.flush()
            session.add(
                FormVersion(form_id=form.id, version=1, name=form.name, items=FORM, at=now, by="test")
            )
            stops = []
            for index, (key, en, zh, floor, lat, lng) in enumerate(POINTS):
                point = Checkpoint(
                    key=key,
                    name={"en": en, "zh": zh},
                    site_id=site.id,
                    space_id=site.id,
                    floor=floor,
                    lat_e7=round(lat * 1e7),
                    lng_e7=round(lng * 1e7),
                    plan_id=plan.id,
                    x=120 + 150 * index,
                    y=180,
                    instructions={"en": "Look for leaks.", "zh": "检查有无渗漏。"},
                    asset_id=pump.id if index == 0 else None,
                    form_id=form.id if index == 0 else None,
                )
                session.add(point)
                session.flush()
                tag = Tag(code=keys.new_code(), checkpoint_id=point.id, kind="qr", created_at=now)
                session.add(tag)
                stops.append(Stop(point.id, zh, en, tag.code, keys.address(tag, self.url)))
            self.revoked_code = keys.new_code()
            session.add(
                Tag(
                    code=self.revoked_code,
                    checkpoint_id=stops[0].id,
                    kind="qr",
                    created_at=now,
                    revoked_at=now,
                    revoked_reason="lost",
                )
            )
            return stops


def floor_plan() -> bytes:
    """Walls of a floor, as a PNG."""
    image = Image.new("RGB", (600, 400), "white")
    draw = ImageDraw.Draw(image)
    for box in ((20, 20, 580, 380), (20, 20, 220, 240), (220, 20, 400, 240)):
        draw.rectangle(box, outline="#556", width=4)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@cache
def clip(text: str | None, *, frames: int = 2, seed: int = 7) -> bytes:
    """A short film (motion JPEG) of a label held at an angle: tilted, blurred, noisy, unevenly lit.

    ``None``: a wall without a label.
    """
    dice = random.Random(seed)
    shots = []
    for _ in range(frames):
        scene = Image.effect_noise((640, 480), 60).convert("RGB")
        if text is not None:
            scene = _with_label(scene, text, dice)
        noise = Image.effect_noise(scene.size, 48).convert("RGB")
        shot = Image.blend(scene, noise, 0.28).filter(ImageFilter.GaussianBlur(0.8))
        out = BytesIO()
        shot.save(out, "JPEG", quality=70)
        shots.append(out.getvalue())
    return b"".join(shots)


def _with_label(scene: Image.Image, text: str, dice: random.Random) -> Image.Image:
    label = qrcode.make(text, box_size=8, border=4).convert("RGB").resize((330, 330))
    angle = dice.uniform(12, 24)
    turned = label.rotate(angle, expand=True, fillcolor=(120, 120, 120), resample=Image.Resampling.BICUBIC)
    w, h = turned.size
    # seen from the side: the right edge is farther away
    lean = dice.uniform(0.08, 0.14) * h
    quad = (0, 0, 0, h, w, h + lean, w, -lean)
    turned = turned.transform((w, h), Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)
    shade = Image.linear_gradient("L").resize(turned.size).point(lambda v: 140 + v * 110 // 255)
    turned = Image.composite(turned, Image.new("RGB", turned.size, (40, 40, 40)), shade)
    scene.paste(turned, ((640 - w) // 2 + dice.randint(-15, 15), (480 - h) // 2 + dice.randint(-8, 8)))
    return scene


@cache
def photo() -> bytes:
    """What a phone's camera gives: 12 megapixels would be slow to make, this is large enough to be shrunk."""
    out = BytesIO()
    Image.linear_gradient("L").resize((1700, 1200)).convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()


class Phone:
    """A browser of a phone's size with storage of its own; it can be closed and opened again."""

    def __init__(
        self, playwright: Playwright, folder: Path, site: PatrolSite, *, locale: str = "zh-CN"
    ) -> None:
        self._playwright = playwright
        self._folder = folder
        self._site = site
        self._locale = locale
        self._clip = folder / "camera.mjpeg"
        folder.mkdir(parents=True, exist_ok=True)
        self.show(None)
        self.problems: list[str] = []
        self._context: BrowserContext | None = None

    def show(self, text: str | None) -> None:
        """What the camera sees when it is opened next."""
        fresh = self._clip.with_suffix(".new")
        fresh.write_bytes(clip(text))
        fresh.replace(self._clip)

    def open(self, path: str = "/phone") -> Page:
        """Start the browser; gives the page on which ``path`` was opened."""
        self._context = self._playwright.chromium.launch_persistent_context(
            str(self._folder / "profile"),
            executable_path=program(),
            args=[
                *QUIET,
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={self._clip}",
            ],
            viewport=PHONE,
            locale=self._locale,
            timezone_id="Asia/Shanghai",
            has_touch=True,
            permissions=["camera", "geolocation"],
            geolocation={"latitude": 22.30003, "longitude": 114.17005, "accuracy": 20},
        )
        page = self._context.pages[0]
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.goto(f"{self._site.url}{path}")
        return page

    def close(self) -> None:
        """As when the app is swiped away."""
        if self._context is not None:
            self._context.close()
        self._context = None


@pytest.fixture(scope="module")
def patrol_site() -> Iterator[PatrolSite]:
    folder = Path(tempfile.mkdtemp(prefix="plantroom-patrol-"))
    site = PatrolSite(folder)
    site.start()
    yield site
    site.close()
    shutil.rmtree(folder, ignore_errors=True)
