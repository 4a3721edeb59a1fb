"""What the browser tests know of the desk that serves them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Desk:
    """A desk that serves.

    secrets   of the authenticator app, by login
    command   runs one of the desk's commands and gives what it printed
    sessions  cookies of those who have signed in, by login
    """

    address: str
    secrets: dict[str, str]
    command: Callable[..., str]
    sessions: dict[str, list[Any]] = field(default_factory=dict)
