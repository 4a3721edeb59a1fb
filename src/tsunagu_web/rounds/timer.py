"""A thread of the serving program that makes the desk's rounds, and says when it cannot."""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, connections

from tsunagu.errors import TsunaguError
from tsunagu_web.audit.services import NotRecorded
from tsunagu_web.rounds.services import make_round

_FIRST_SECONDS, _SECONDS = 5, 300
log = logging.getLogger("tsunagu.desk")


def start_rounds() -> threading.Event:
    """Starts the thread; setting the event it gives ends it."""
    stop = threading.Event()
    threading.Thread(target=_run, args=(stop,), name="rounds", daemon=True).start()
    return stop


def _run(stop: threading.Event) -> None:
    seconds, before = _FIRST_SECONDS, ""
    while not stop.wait(seconds):
        problem, seconds = _try(), _SECONDS
        if problem != before:
            log.warning("rounds: %s", problem or "made again")
            before = problem


def _try() -> str:
    """What is in the way, in the words of the error; empty when nothing is."""
    try:
        make_round()
    except TsunaguError as error:
        return error.what
    except (DatabaseError, NotRecorded, OSError) as error:
        return f"not made ({type(error).__name__})"
    finally:
        connections.close_all()
    return ""
