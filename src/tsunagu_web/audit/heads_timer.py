"""A thread of the serving program that signs heads when they are due, and says when it cannot."""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, connections

from tsunagu.errors import TsunaguError
from tsunagu_web.audit.heads import issue_heads

_SECONDS = 20
log = logging.getLogger("tsunagu.desk")


def start_heads_timer() -> threading.Event:
    """Starts the thread; setting the event it gives ends it."""
    stop = threading.Event()
    threading.Thread(target=_run, args=(stop,), name="heads", daemon=True).start()
    return stop


def _run(stop: threading.Event) -> None:
    told = ""
    while not stop.wait(_SECONDS):
        problem = _try()
        if problem != told:
            log.warning("heads: %s", problem or "stored again")
            told = problem


def _try() -> str:
    """What is in the way, in the words of the error; empty when nothing is."""
    try:
        issue_heads()
    except TsunaguError as error:
        return error.what
    except (DatabaseError, OSError) as error:
        return f"not stored ({type(error).__name__})"
    finally:
        connections.close_all()
    return ""
