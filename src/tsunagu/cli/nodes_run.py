"""`tsunagu run --nodes`: the holders are asked, the criteria applied, and those who are noticed named, in one go."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from tsunagu.cli.node import Requester
from tsunagu.from_holders import Asked, HolderCounts, run_from_holders
from tsunagu.municipality import City
from tsunagu.runs.folder import RunFolder


def run_nodes(
    city: City,
    holder_file: Path,
    out: Path,
    days: tuple[dt.date, dt.date | None],
    key: bytes,
    previous: RunFolder | None,
) -> HolderCounts:
    """The run folder, made of what holders answered; what they sent is removed at the end, whatever happens.

    days  of the run, and the day as if it were which a demonstration decides
    """
    on, today = days
    with tempfile.TemporaryDirectory(prefix="tsunagu-answers-") as folder:
        requester = Requester(holder_file, on, Path(folder), today)
        return run_from_holders(city, Asked(requester.indicators(), requester.names, on, out, key, previous))
