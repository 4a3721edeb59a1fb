"""What ends with a case: no plan, referral or task is left standing behind a case that is closed.

The rooms above say what of theirs ends and by which step of their table; whoever closes sees it on the page first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases.models import Case
from tsunagu_web.steps.services import NotNow, take


@dataclass(frozen=True)
class Ending:
    """Work of one room that ends with its case.

    words  what it is called on the page that closes
    rows   of a case, whatever their state
    steps  the step that ends it, by the state in which it stands; a state that is not named is an end already
    after  what goes with the step, in the same transaction
    """

    words: Promise | str
    rows: Callable[[Case], QuerySet[Model]]
    steps: Mapping[str, str]
    after: Callable[[Model, Viewer], None] | None = None


@dataclass(frozen=True)
class Open:
    """What would end with a case now. print: names it in a form, so that nothing ends that was not seen."""

    counts: tuple[tuple[Promise | str, int], ...]
    print: str


class Stopped(NotNow):
    """Something must end by itself before the case can; nothing was written. words: what, where, and what to do."""

    def __init__(self, words: Promise | str) -> None:
        super().__init__("stopped")
        self.words = words


@dataclass(frozen=True)
class Stop:
    """What a case cannot be closed over. words: for whoever closes; holds: whether it stands there now."""

    words: Promise | str
    holds: Callable[[Case], bool]


NOTHING_OPEN = Open((), "")
_ENDINGS: list[Ending] = []
_STOPS: list[Stop] = []


def ends_with_its_case(ending: Ending) -> None:
    """Ties a room's work to the closing of its case; called once, when Django is set up."""
    _ENDINGS.append(ending)


def stops_the_closing(stop: Stop) -> None:
    """Ties what keeps a case open; called once, when Django is set up."""
    _STOPS.append(stop)


def require_nothing_stops(case: Case) -> None:
    """Asked under a lock of the child's row, by the program. raises Stopped"""
    for stop in _STOPS:
        if stop.holds(case):
            raise Stopped(stop.words)


def open_work(case: Case) -> Open:
    """What still stands open; under a lock of the child's row nothing is added to it."""
    found = [(ending.words, _rows(ending, case)) for ending in _ENDINGS]
    named = " ".join(f"{row._meta.label_lower}:{row.pk}:{row.revision}" for _words, rows in found for row in rows)  # type: ignore[attr-defined]  # guarded tables count
    counts = tuple((words, len(rows)) for words, rows in found if rows)
    return Open(counts, hashlib.sha256(named.encode()).hexdigest()[:16])


def end_open_work(case: Case, viewer: Viewer, reason: str) -> None:
    """Ends all of it by its own steps, in the caller's transaction, for the reason for which the case is closed."""
    for ending in _ENDINGS:
        for row in _rows(ending, case, is_locked=True):
            step = ending.steps[row.state]  # type: ignore[attr-defined]  # guarded tables have a state
            take(row, viewer, step, seen=row.revision, reason=reason, detail={"case": case.number})  # type: ignore[attr-defined]
            if ending.after is not None:
                ending.after(row, viewer)


def _rows(ending: Ending, case: Case, *, is_locked: bool = False) -> list[Model]:
    rows = ending.rows(case).filter(state__in=list(ending.steps)).order_by("pk")
    return list(rows.select_for_update(of=("self",)) if is_locked else rows)
