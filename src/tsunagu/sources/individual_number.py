"""Finds columns of individual numbers (個人番号), which no table of ours may ever hold.

Check digit: order of the Cabinet Office and the Ministry of Internal Affairs No. 85 of 2014, article 5.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tsunagu.sources.words import fold_word

_LEAST_VALUES = 5
_SHARE = 0.95
_TWELVE = re.compile(r"\d{12}")
_SEPARATORS = re.compile(r"\.0$|[-‐‑‒–—―−ー]")


def is_individual_number(cell: str) -> bool:
    """Twelve digits, also full width or parted by blanks or hyphens, with a valid check digit."""
    if len(cell) < 12:
        return False
    digits = _SEPARATORS.sub("", fold_word(cell))
    if not digits.isascii() or not _TWELVE.fullmatch(digits):
        return False
    total = sum(int(digits[10 - i]) * (i + 2 if i < 6 else i - 4) for i in range(11))
    return int(digits[11]) == (0 if total % 11 <= 1 else 11 - total % 11)


def may_hold_individual_numbers(cells: Sequence[str]) -> bool:
    """Whether some cells of a column give reason to look at all of them: half are such numbers, or all are blank."""
    written = [c for c in cells if c.strip()]
    return sum(map(is_individual_number, written)) * 2 >= len(written)


def holds_individual_numbers(cells: Sequence[str]) -> bool:
    """Whether at least 95 % of the cells that are not blank are individual numbers (and there are at least five)."""
    written = [c for c in cells if c.strip()]
    return len(written) >= _LEAST_VALUES and sum(map(is_individual_number, written)) >= _SHARE * len(written)
