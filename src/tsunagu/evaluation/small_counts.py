"""Counts for people who need not know whom they count: what is small is not told, nor what it could be worked out from.

Why nothing hidden can be worked out, by somebody who knows the rule and every total: decision 0020.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# A count below it would come near to naming somebody.
LEAST = 5


@dataclass(frozen=True)
class Told:
    """What may be told of one group of children and of the ways it was divided. None: not told."""

    total: int | None
    parts: tuple[tuple[int | None, ...], ...]


def told(*divisions: Sequence[int]) -> Told:
    """Each division counts the same children, each of them in one part of it; an empty part is small too.

    A part under LEAST is hidden, and so are the next larger ones until the hidden ones are not all alike, so that each
    could as well be another's number, and are LEAST children or more together, so that each could be anything from none
    to LEAST. Where a whole division is small and alike, nothing is told, the total neither.
    """
    total = sum(divisions[0])
    if any(sum(division) != total for division in divisions):
        raise ValueError("divisions of one group that do not add up to the same total")
    hidden = [_hidden(division) for division in divisions]
    if total < LEAST or any(len(numbers) == 1 for numbers in hidden):
        return Told(None, tuple((None,) * len(division) for division in divisions))
    pairs = zip(divisions, hidden, strict=True)
    return Told(total, tuple(tuple(None if n in numbers else n for n in division) for division, numbers in pairs))


def _hidden(division: Sequence[int]) -> set[int]:
    """The numbers that are not told. By number and not by place: of equal parts all are hidden or none."""
    hidden = {n for n in division if n < LEAST}
    for larger in sorted(set(division) - hidden) if hidden else ():
        if len(hidden) > 1 and sum(n for n in division if n in hidden) >= LEAST:
            break
        hidden.add(larger)
    return hidden


def shown(count: int | None) -> str:
    """A count in words for a person: the number, or that it is not told."""
    return "not told" if count is None else f"{count:,}"
