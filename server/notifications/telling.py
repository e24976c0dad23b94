"""All of this room put together: what the application keeps and the loop runs."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from server.notifications.answering import AnswerVerbs
from server.notifications.channels.outgoing import Outgoing
from server.notifications.channels.push import Vapid
from server.notifications.channels.registry import ways
from server.notifications.dispatch import Dispatcher, Tools
from server.notifications.keeping import Keeping
from server.notifications.links import Links
from server.sealing import Sealer


class Notifications:
    """Made once by the application. Nothing is sent before its loop runs."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        *,
        clock: Callable[[], datetime],
        sealer: Sealer,
        public_url: str,
        verbs: AnswerVerbs,
        allow_private: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``tls``: which certificates of mail servers are trusted; None: the system's."""
        self.outgoing = Outgoing(allow_private=allow_private)
        self.vapid = Vapid(sealer, public_url)
        self.tools = Tools(
            sessions=sessions,
            clock=clock,
            ways=ways(self.outgoing, self.vapid, tls=tls),
            keeping=Keeping(sealer),
            links=Links(sealer, public_url),
            verbs=verbs,
            public_url=public_url,
        )
        self.dispatcher = Dispatcher(self.tools)
