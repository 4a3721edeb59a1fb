"""The two tables of similar cases, which nothing joins: what came after at home, and what was decided.

In 2023 a share of past decisions was read as a low danger. A number in here can be read and cannot be divided: it is no
number to Python, and no type holds a share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tsunagu.similar_cases.past_cases import DECIDED, PastCase

RE_REPORT_6, RE_REPORT_12, SEVERE_HARM = "re_report_6", "re_report_12", "severe_harm_12"
#: What may come after, and within how many months.
WINDOWS = {RE_REPORT_6: 6, RE_REPORT_12: 12, SEVERE_HARM: 12}


class Tally:
    """A count that can be shown and compared, and neither added up nor divided by anything."""

    __slots__ = ("_cases",)

    def __init__(self, cases: int) -> None:
        self._cases = cases

    def __str__(self) -> str:
        return f"{self._cases:,}"

    def __repr__(self) -> str:
        return f"Tally({self._cases})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tally) and self._cases == other._cases

    def __hash__(self) -> int:
        return hash((Tally, self._cases))


@dataclass(frozen=True)
class Decided:
    """What was decided of similar cases. It says how this centre has worked, never how a child fared.

    n     how many of them were decided; None, with no row: fewer than may be told
    rows  (one of DECIDED, how many)
    """

    n: Tally | None
    rows: tuple[tuple[str, Tally], ...]


@dataclass(frozen=True)
class CameAfter:
    """One thing that may have come after, of similar cases whose child stayed at home.

    what    one of WINDOWS; months: within how many
    n       those of whom it is known, yes and no together; None, with yes and no: fewer than may be told
    open    those of whom it is not known: the time is not over, or nobody followed them to its end
    """

    what: str
    months: int
    n: Tally | None
    yes: Tally | None
    no: Tally | None
    open: Tally


def decided_of(cases: Iterable[PastCase], least: int) -> Decided:
    """The table of decisions; without any row where fewer than `least` were decided."""
    found = [case.decided for case in cases if case.decided is not None]
    if len(found) < least:
        return Decided(None, ())
    return Decided(Tally(len(found)), tuple((kind, Tally(found.count(kind))) for kind in DECIDED))


def came_after(cases: Sequence[PastCase], least: int) -> tuple[CameAfter, ...]:
    """The table of what came after, a row for each of WINDOWS.

    What happened counts when it happened, however short somebody was followed; a "no" is only who was followed to the
    end of the time. So the time that is not over yet can make it look more frequent, and never less.
    """
    return tuple(_row(what, months, cases, least) for what, months in WINDOWS.items())


def _row(what: str, months: int, cases: Sequence[PastCase], least: int) -> CameAfter:
    yes = no = unknown = 0
    for case in cases:
        month = case.severe_harm_month if what == SEVERE_HARM else case.re_report_month
        if case.followed_months is None:
            continue
        if month is not None and month <= months:
            yes += 1
        elif case.followed_months >= months:
            no += 1
        else:
            unknown += 1
    if yes + no < least:
        return CameAfter(what, months, None, None, None, Tally(unknown))
    return CameAfter(what, months, Tally(yes + no), Tally(yes), Tally(no), Tally(unknown))
