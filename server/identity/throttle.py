"""How often one may try to log in."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from server.errors import TooMany


class LoginThrottle:
    """Counts tries by address, and by account and address, so that nobody can lock another one out.

    Kept in memory: with several servers each counts for itself, and a restart forgives.
    """

    BY_PAIR: tuple[RateLimitItem, ...] = (RateLimitItemPerMinute(5), RateLimitItemPerHour(30))
    BY_ADDRESS: tuple[RateLimitItem, ...] = (RateLimitItemPerMinute(30), RateLimitItemPerHour(300))

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, *, account: str, ip: str) -> None:
        """Count one try. Raises TooMany when it is one too many; the try must not be carried out then."""
        pair = ("pair", account.strip().lower()[:64], ip)
        for limits, identifiers in ((self.BY_PAIR, pair), (self.BY_ADDRESS, ("address", ip))):
            for limit in limits:
                if not self._limiter.hit(limit, *identifiers):
                    self._refuse(limit, identifiers)

    def _refuse(self, limit: RateLimitItem, identifiers: tuple[str, ...]) -> None:
        reset = self._limiter.get_window_stats(limit, *identifiers).reset_time
        wait_s = max(1, math.ceil(reset - time.time()))
        raise TooMany(
            f"Too many tries to log in. Please wait {wait_s} s.",
            f"登录尝试次数过多，请等待 {wait_s} 秒。",
            retry_after_s=wait_s,
        )
