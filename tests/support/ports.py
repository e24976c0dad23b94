"""Free ports of the loopback interface."""

from __future__ import annotations

import socket


def free_port() -> int:
    """A TCP port that nothing listens on right now. Another process may take it: callers retry."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
