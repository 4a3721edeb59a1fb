"""`tsunagu run --nodes`: the holders are asked, the criteria applied, and those who are noticed named, in one go."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tsunagu.cli.node import Requester
from tsunagu.durable import is_running
from tsunagu.from_holders import Asked, HolderCounts, run_from_holders
from tsunagu.municipality import City
from tsunagu.runs.folder import RunFolder

_PREFIX = "tsunagu-answers-"


@dataclass(frozen=True)
class Asking:
    """How holders are asked.

    on       day of the run; as_if: the day as if it were which a demonstration decides
    despite  why answers are used though there is an alarm about their holder's log; "" where they are not
    """

    on: dt.date
    as_if: dt.date | None = None
    despite: str = ""

    @property
    def options(self) -> list[str]:
        """For the node's own commands."""
        found = ["--as-if", self.as_if.isoformat()] if self.as_if else []
        return [*found, "--despite-alarms", self.despite] if self.despite else found


def run_nodes(
    city: City,
    holder_file: Path,
    out: Path,
    asking: Asking,
    key: bytes,
    previous: RunFolder | None,
) -> HolderCounts:
    """The run folder, made of what holders answered; what they sent is removed at the end.

    Where the run itself is killed, what it had is removed by the next one.
    """
    _remove_left()
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as folder:
        requester = Requester(holder_file, asking.on, Path(folder), asking.options)
        return run_from_holders(city, Asked(requester.indicators(), requester.names, asking.on, out, key, previous))


def _remove_left() -> None:
    """Removes what runs that were killed had of names: nobody else would."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        process = left.name.removeprefix(_PREFIX).partition("-")[0]
        if left.is_dir() and os.access(left, os.W_OK) and not (process.isdigit() and is_running(int(process))):
            shutil.rmtree(left, ignore_errors=True)
