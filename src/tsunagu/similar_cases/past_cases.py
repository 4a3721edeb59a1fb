"""A centre's past cases, made ready so that the distances to all of them are taken at once.

Each measure is one row of bytes, the code of every case in it; a table turns codes into points, and the rows are added
as whole numbers of sixteen bits for each case. Tests hold this against `Distances.between`.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from tsunagu.similar_cases.distances import Code, Distances, Facts, apart

HOME, SUPPORTED, PROTECTED = "home", "home_with_support", "protected"
DECIDED = (PROTECTED, SUPPORTED, HOME)
#: A code is one byte, and 0 is the empty half of a place of sixteen bits.
MOST_CODES = 255
MOST_POINTS = 65_535
_LANE = "H"


@dataclass(frozen=True)
class PastCase:
    """One past case of the centre; nothing in it names anybody.

    fiscal_year      the year, from April, in which it was notified
    decided          one of DECIDED; None: not decided, or not recorded
    followed_months  how long what came after at home is known; None: not at home, or followed by nobody
    *_month          the month of the first one, from 1; None: none in that time
    """

    facts: Facts
    fiscal_year: int
    decided: str | None
    followed_months: int | None
    re_report_month: int | None
    severe_harm_month: int | None


class PastCases:
    """Many past cases, in the order they were given."""

    def __init__(self, distances: Distances, cases: Sequence[PastCase]) -> None:
        self.distances = distances
        self.cases = tuple(cases)
        coded = [distances.codes(case.facts) for case in cases]
        self._known: list[dict[Code, int]] = []
        self._rows: list[bytes] = []
        for place in range(len(distances.measures)):
            known: dict[Code, int] = {}
            row = array(_LANE, (known.setdefault(codes[place], len(known) + 1) for codes in coded))
            assert len(known) <= MOST_CODES, "more values than one byte can tell apart"
            self._known.append(known)
            self._rows.append(row.tobytes())

    def __len__(self) -> int:
        return len(self.cases)

    def apart_from(self, facts: Facts) -> Sequence[int]:
        """How far each past case is from this one, in points, in their order."""
        total = 0
        given = self.distances.codes(facts)
        for (_, measure), known, row, code in zip(self.distances.measures, self._known, self._rows, given, strict=True):
            table = bytearray(256)
            for other, number in known.items():
                table[number] = apart(measure, code, other)
            total += int.from_bytes(row.translate(table), sys.byteorder)
        lanes = array(_LANE)
        lanes.frombytes(total.to_bytes(len(self.cases) * lanes.itemsize, sys.byteorder))
        return lanes
