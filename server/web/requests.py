"""What a request brings along: the database, the time, the way to tell others of a change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends, Request
from pydantic import BaseModel
from sqlalchemy.orm import Session, sessionmaker

from server.db import changes_of, reading, transaction
from server.errors import Label


class Site(BaseModel):
    name: Label
    time_zone: str


@dataclass(frozen=True)
class Context:
    """What the application hands to every request. Set once by the app factory."""

    sessions: sessionmaker[Session]
    clock: Callable[[], datetime]
    announce: Callable[[str], None]
    """Tells browsers and other servers that rows of this noun changed; called after the commit."""
    public_url: str
    """Base of links, without a slash at the end; never taken from the Host header."""
    version: str
    site: Callable[[Session], Site | None]
    """The site the screens name; the rooms that know live above the ones that show it."""

    @property
    def is_https(self) -> bool:
        """Whether people reach us by https, and cookies may be for that only."""
        return self.public_url.startswith("https://")


# async: what never waits runs where it is; each other dependency costs a way to a thread and back
async def context_of(request: Request) -> Context:
    return cast("Context", request.app.state.context)


AppContext = Annotated[Context, Depends(context_of)]


async def _now(context: AppContext) -> datetime:
    return context.clock()


def _read_session(context: AppContext) -> Iterator[Session]:
    with reading(context.sessions) as session:
        yield session


@contextmanager
def writing(context: Context) -> Iterator[Session]:
    """A transaction within a route, for what many ask for at once: the thread that waits for its turn is the one
    that then works. A ``WriteSession`` is opened by one thread and used by another; were all of them waiting,
    whoever has the turn would find none.
    """
    with transaction(context.sessions) as session:
        yield session
    for noun in sorted(changes_of(session)):
        context.announce(noun)


def _write_session(context: AppContext) -> Iterator[Session]:
    with writing(context) as session:
        yield session


Now = Annotated[datetime, Depends(_now)]
"""The time of the request, aware UTC."""

# scope="function": the code after the yield runs before the response is sent, so that a commit
# that fails is answered with a 5xx and not with the success it was about to be.
ReadSession = Annotated[Session, Depends(_read_session, scope="function")]
"""For routes that only read."""
WriteSession = Annotated[Session, Depends(_write_session, scope="function")]
"""For routes that write: one transaction a request, committed before the response is sent."""
