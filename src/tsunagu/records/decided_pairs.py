"""What a person decided about a doubtful pair, as it travels from the desk to the next run: marks, no value of anybody.

A mark is a keyed hash; only who holds the key of the run can tell which record it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Verdict = Literal["same", "different", "cannot_tell"]
VERDICTS: tuple[str, ...] = get_args(Verdict)


@dataclass(frozen=True)
class RecordMark:
    """One record of a pair, found again in the next delivery.

    number  of holder and record key; the same in every delivery that has the key
    said    of name, reading, birth date, sex and guardian as written; another one when one of them changes
    """

    number: str
    said: str


@dataclass(frozen=True)
class DecidedPair:
    """A pair with its last decision; `pair` is the mark of both records, in whichever order they stand."""

    pair: str
    left: RecordMark
    right: RecordMark
    verdict: Verdict


@dataclass(frozen=True)
class MarkedPair:
    """A pair of REVIEW by its record ids, with its marks.

    place_weight  bits of the weight that rest on the address
    """

    left_record: int
    right_record: int
    pair: str
    left: RecordMark
    right: RecordMark
    question: str
    agrees: str
    differs: str
    place_weight: float
