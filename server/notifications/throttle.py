"""How often one may press a test button."""

from __future__ import annotations

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from server.errors import TooMany


class TestThrottle:
    """Counts by person, in memory: a test goes to somebody else's server."""

    PER_MINUTE = RateLimitItemPerMinute(6)

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, user_id: int) -> None:
        """Raises TooMany when it is one too many."""
        if not self._limiter.hit(self.PER_MINUTE, str(user_id)):
            raise TooMany(
                "That is enough tests for now. Please wait a minute.",
                "测试过于频繁，请一分钟后再试。",
                retry_after_s=60,
            )
