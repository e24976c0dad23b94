"""What the text of a scan says about its tag: which one it is, and whether it may be believed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.db import UtcDateTime
from server.patrol.checkpoints import sun
from server.patrol.checkpoints.models import Checkpoint, Tag, TagCounter
from server.patrol.checkpoints.policy import TagKind
from server.patrol.checkpoints.tags import Malformed, TagText, is_factory_message, read_text, verify_tap
from server.patrol.house import PatrolHouse
from server.patrol.proof.book import Book

SLACK = timedelta(minutes=2)
"""Two phones may tap one tag so close together that their clocks cannot say who was first."""


@dataclass(frozen=True)
class ReadTag:
    """The tag behind a scan, and what was found about it (codes of server.patrol.proof.reasons)."""

    codes: tuple[str, ...]
    tag: Tag | None = None
    checkpoint: Checkpoint | None = None
    kept: tuple[str, ...] = ()
    """Earlier events that are shown by this one to have used a tap long after it was made."""

    @property
    def kind(self) -> TagKind | None:
        return TagKind(self.tag.kind) if self.tag is not None else None


def read_texts(texts: Iterable[str], public_url: str) -> dict[str, TagText]:
    """Each text that names a tag, taken apart."""
    found: dict[str, TagText] = {}
    for text in texts:
        try:
            found[text] = read_text(text, public_url)
        except (Malformed, ValueError):
            continue
    return found


def read_tag(
    session: Session,
    house: PatrolHouse,
    book: Book,
    *,
    text: str,
    site_id: int | None,
    event_id: str,
    at: datetime,
    uncertain: timedelta,
) -> ReadTag:
    """Find and check the tag. A dynamic message uses up its counter, whatever else is wrong with the scan."""
    parts = book.texts.get(text)
    if parts is None:
        return ReadTag(("malformed",))
    tag = book.tags.get(parts.code)
    if tag is None:
        return ReadTag(("unknown_tag",))
    checkpoint = book.checkpoints.get(tag.checkpoint_id)
    if tag.revoked_at is not None and at >= tag.revoked_at - uncertain:
        return ReadTag(("revoked_tag",), tag, checkpoint)
    if checkpoint is not None and site_id is not None and checkpoint.site_id != site_id:
        return ReadTag(("other_site",), tag, checkpoint)
    if tag.kind == TagKind.NTAG424:
        codes, kept = _tap_codes(session, house, tag, parts, event_id=event_id, at=at, uncertain=uncertain)
    else:
        codes, kept = ("static_tag",) if house.keys.is_signed(parts) else ("bad_signature",), ()
    return ReadTag(codes, tag, checkpoint, kept)


def _tap_codes(
    session: Session,
    house: PatrolHouse,
    tag: Tag,
    parts: TagText,
    *,
    event_id: str,
    at: datetime,
    uncertain: timedelta,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not parts.has_message:
        return ("copied_address",), ()
    try:
        tap = verify_tap(house.keys, tag, parts, allow_zero_key=house.allow_zero_key)
    except sun.ZeroKey:
        return ("factory_key",), ()
    except sun.BadMessage:
        return ("factory_key",) if is_factory_message(tag, parts) else ("bad_message",), ()
    if not _use_counter(session, tag, tap.counter, event_id=event_id, at=at):
        return ("replayed",), ()
    is_newest = _raise_counter(session, tag, tap.counter)
    codes = ["message_verified"] if is_newest else ["message_verified", "late_counter"]
    late, kept = _against_time(session, tag, tap.counter, at, uncertain + SLACK)
    if late:
        codes.append("counter_out_of_time")
    return tuple(codes), kept


def _use_counter(session: Session, tag: Tag, counter: int, *, event_id: str, at: datetime) -> bool:
    """Whether nobody used this count before. The database decides, however many ask at once."""
    values = {"tag_id": tag.id, "counter": counter, "event_id": event_id, "at": at}
    return session.execute(_USE[session.get_bind().dialect.name], values).one_or_none() is not None


def _raise_counter(session: Session, tag: Tag, counter: int) -> bool:
    """Compare and set: whether this count is above all that were accepted."""
    return session.execute(_RAISE, {"tag": tag.id, "new": counter}).one_or_none() is not None


def _against_time(
    session: Session, tag: Tag, counter: int, at: datetime, slack: timedelta
) -> tuple[bool, tuple[str, ...]]:
    """A tag counts up, so a tap that is used after one with a higher count was kept in between.

    (whether this one was, the events that are shown by this one to have used a kept tap).
    """
    asked = {"tag": tag.id, "new": counter, "before": at - slack, "after": at + slack}
    found = session.execute(_OUT_OF_TIME, asked).all()
    return any(count > counter for count, _ in found), tuple(one for count, one in found if count < counter)


# Made once: for each of thousands of taps, making a statement takes longer than running it.
_COUNTERS, _TAGS = cast("Table", TagCounter.__table__), cast("Table", Tag.__table__)
_USE = {
    name: insert(_COUNTERS).on_conflict_do_nothing().returning(_COUNTERS.c.counter)
    for name, insert in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
_RAISE = (
    update(_TAGS)
    .where(_TAGS.c.id == bindparam("tag"), _TAGS.c.last_counter < bindparam("new"))
    .values(last_counter=bindparam("new"))
    .returning(_TAGS.c.id)
)
_OUT_OF_TIME = union_all(
    select(_COUNTERS.c.counter, _COUNTERS.c.event_id).where(
        _COUNTERS.c.tag_id == bindparam("tag"),
        _COUNTERS.c.counter > bindparam("new"),
        _COUNTERS.c.at < bindparam("before", type_=UtcDateTime),
    ),
    select(_COUNTERS.c.counter, _COUNTERS.c.event_id).where(
        _COUNTERS.c.tag_id == bindparam("tag"),
        _COUNTERS.c.counter < bindparam("new"),
        _COUNTERS.c.at > bindparam("after", type_=UtcDateTime),
    ),
)
