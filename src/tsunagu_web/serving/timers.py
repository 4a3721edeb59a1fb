"""Which of several serving processes makes the desk's rounds and signs heads: one at a time, another when it ends."""

from __future__ import annotations

import fcntl
import logging
import threading
from io import TextIOWrapper

from django.conf import settings

from tsunagu_web.audit.heads_timer import start_heads_timer
from tsunagu_web.rounds.timer import start_rounds

LOCK = "timers.lock"
log = logging.getLogger("tsunagu.desk")
# Never closed: the turn lasts as long as the process, and the system gives it on when the process is killed.
_HELD: list[TextIOWrapper] = []


def start_timers() -> threading.Thread:
    """Starts a thread that waits for its turn and then starts both."""
    thread = threading.Thread(target=_when_it_is_our_turn, name="timers", daemon=True)
    thread.start()
    return thread


def _when_it_is_our_turn() -> None:
    try:
        lock = (settings.ENVIRONMENT.folder / LOCK).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        _HELD.append(lock)
    except OSError as error:  # better twice than never: both look first whether there is anything to do
        log.warning("the turn of the timers cannot be kept (%s); this process makes the rounds", type(error).__name__)
    start_heads_timer()
    start_rounds()
