"""Escalates and sends, beside the requests: one thread that looks once a second, one for each way that has work.

A provider that answers slowly therefore holds up nothing but its own messages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from server.notifications.escalation import escalate_due
from server.notifications.telling import Notifications

log = structlog.get_logger("notifications")

EVERY_S = 1.0
LONGEST_WAIT_S = 15.0


class NotificationLoop:
    """Nothing happens before ``start``."""

    def __init__(self, notifications: Notifications, *, announce: Callable[[str], None]) -> None:
        self._tools = notifications.tools
        self._dispatcher = notifications.dispatcher
        self._announce = announce
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(len(self._tools.ways), thread_name_prefix="notify")
        self._running: dict[str, Future[int]] = {}
        self._thread = threading.Thread(target=self._run, name="notifications", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends within seconds; what was being sent is taken up by the next start."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(3)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        wait_s = EVERY_S
        while not self._stopped.wait(wait_s):
            try:
                self._look()
                wait_s = EVERY_S
            except Exception:
                # whatever is down comes back; what is due is still there then
                log.exception("notices are not looked at")
                wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    def _look(self) -> None:
        changed = escalate_due(self._tools.sessions, now=self._tools.clock()) > 0
        for way, future in list(self._running.items()):
            if future.done():
                del self._running[way]
                changed |= self._outcome(way, future)
        for way in self._dispatcher.ways_due() - self._running.keys():
            self._running[way] = self._pool.submit(self._dispatcher.run, way)
        if changed:
            self._announce("notices")

    @staticmethod
    def _outcome(way: str, future: Future[int]) -> bool:
        error = future.exception()
        if error is not None:
            log.error("messages are not sent", way=way, exc_info=error)
            return False
        return future.result() > 0
