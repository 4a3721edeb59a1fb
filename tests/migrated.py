"""Every migration once for all workers: what it made is copied, as a file of SQLite or a template of PostgreSQL."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def migrate(**where: str) -> None:
    """Makes every table of a desk: at TSUNAGU_DESK, or at TSUNAGU_DATABASE_URL where that is given too."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("TSUNAGU_", "DJANGO_"))}
    command = [sys.executable, "-m", "tsunagu_web", "migrate", "--verbosity", "0"]
    subprocess.run(command, env={**outside, **where}, check=True)


@contextmanager
def by_one_worker(made: pytest.TempPathFactory, what: str) -> Iterator[Path | None]:
    """The folder that all workers share, for the first of them; nothing for the others, once the first has ended."""
    shared = folder_of_all_workers(made)
    with (shared / f"{what}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        done = shared / f"{what}.done"
        yield None if done.exists() else shared
        done.touch()


def folder_of_all_workers(made: pytest.TempPathFactory) -> Path:
    """A temporary folder of this call of pytest, the same one for each worker."""
    own = made.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
