"""A port of this machine for a demonstration's server."""

from __future__ import annotations

import socket


def free_port() -> int:
    """One that nobody listens at now, on this machine alone."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
