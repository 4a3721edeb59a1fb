"""The centre's past cases and its estimate at this desk: read when it is served, and held until it stops.

The switch of the estimate is not held: it is read at every statement.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from django.conf import settings
from django.utils import timezone

from tsunagu.errors import SourceError, StateError
from tsunagu.estimates.estimate import Speaker, of_text
from tsunagu.estimates.switch import is_on
from tsunagu.evaluation.own_cases import read_own_cases
from tsunagu.guidance.sheet import Sheet
from tsunagu.similar_cases.load_distances import distances_for
from tsunagu.similar_cases.past_cases import PastCases
from tsunagu.similar_cases.similar import OwnCases
from tsunagu_web.guidance_centre.sheets import sheet_now

SWITCH = "switch"
_FILE = "estimate.json"
_reading = Lock()
# What was read last, with what it was read by: a new sheet, or distances that begin today, are read anew.
_cases: list[tuple[tuple[object, ...], OwnCases]] = []
_speaks: list[tuple[tuple[object, ...], Speaker]] = []


def require_readable() -> None:
    """Reads both, so that what is wrong with them is told at the start and not to somebody at work.

    raises  SourceError or CriterionError; StateError where the estimate was made without this centre
    """
    own_cases()
    found, centre = speaker(), settings.ENVIRONMENT.centre
    if found is not None and centre not in found.estimate.centres:
        raise StateError(
            f"the estimate knows no centre '{centre}'",
            where="TSUNAGU_ESTIMATE",
            to_do=f"Set TSUNAGU_CENTRE to one that it was made with: {', '.join(sorted(found.estimate.centres))}.",
        )


def own_cases() -> OwnCases | None:
    """The centre's past cases, in the sheet in force, with their radius; None where the desk was given none.

    raises  SourceError or CriterionError where the folder, the sheet or the distances cannot be read or do not fit
    """
    environment = settings.ENVIRONMENT
    if environment.past_cases is None:
        return None
    sheet, today = sheet_now(), timezone.localdate()
    read_by = (environment.past_cases, environment.centre, environment.city, sheet.sha256, today)
    with _reading:
        if not _cases or _cases[-1][0] != read_by:
            distances = distances_for(environment.city, sheet, today)
            held = _cases[-1] if _cases else None
            if held is None or held[0][:-1] != read_by[:-1] or held[1].distances.sha256 != distances.sha256:
                cases = read_own_cases(environment.past_cases, sheet, environment.centre)
                found = OwnCases(PastCases(distances, cases))
                _ = found.radius  # the one thing that takes long
            else:
                found = held[1]
            _cases[:] = [(read_by, found)]
        return _cases[-1][1]


def speaker() -> Speaker | None:
    """The estimate, made ready for the sheet in force; None where the desk was given none. raises SourceError"""
    folder = settings.ENVIRONMENT.estimate
    if folder is None:
        return None
    sheet = sheet_now()
    with _reading:
        if not _speaks or _speaks[-1][0] != (folder, sheet.sha256):
            _speaks[:] = [((folder, sheet.sha256), _read(folder, sheet))]
        return _speaks[-1][1]


def is_switched_on() -> bool:
    """Whether the switch in the estimate's folder holds the word `on`, at this moment."""
    folder = settings.ENVIRONMENT.estimate
    return folder is not None and is_on(folder / SWITCH)


def _read(folder: Path, sheet: Sheet) -> Speaker:
    path = folder / _FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            f"the estimate cannot be read ({type(error).__name__})",
            where=str(path),
            to_do="Name the folder that `tsunagu evaluate guidance --save-estimate` wrote.",
        ) from error
    return Speaker(of_text(text, str(path)), sheet)
