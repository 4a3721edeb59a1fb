"""The items of the acceptance protocol: a figure with its bound, the mark it must reach, and what came of it.

An item that the data cannot give says so. It is never counted as reached, and any item that misses means: no release.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tsunagu.estimates.bounds import interval, upper
from tsunagu.estimates.estimate import Estimate


class Verdict(StrEnum):
    """REVIEW: one critical case was called too low, and its cause has to be looked for before a release.

    SIMULATED: the people it is about were simulated; the figure shows that it is computed, and nothing of anybody.
    """

    REACHED = "reached"
    MISSED = "missed"
    REVIEW = "review"
    SIMULATED = "simulated"
    NOT_IN_THE_DATA = "not in the data"


@dataclass(frozen=True)
class Item:
    """code  A1 to A12 of the protocol, with a letter where it has parts; E1 and E2: of the estimate
    asked  what is measured, and the mark
    told   the figure with its bound and n, or what is missing
    value  the figure; None: not in the data
    """

    code: str
    asked: str
    told: str
    verdict: Verdict
    value: float | None = None
    least: float | None = None
    most: float | None = None
    n: int = 0

    def as_json(self) -> dict[str, object]:
        return {**vars(self), "verdict": self.verdict.value}

    def line(self) -> str:
        return f"{self.code:<4} {self.verdict.value:<16} {self.asked}: {self.told}"


def lacking(code: str, asked: str, why: str, n: int = 0) -> Item:
    """An item that the data cannot give."""
    return Item(code, asked, why, Verdict.NOT_IN_THE_DATA, n=n)


def reached(holds: bool) -> Verdict:
    """REACHED or MISSED."""
    return Verdict.REACHED if holds else Verdict.MISSED


def share_item(code: str, asked: str, events: int, of: int, holds: bool, *, one_sided: bool = False) -> Item:
    """A share with its exact bound."""
    least, most = interval(events, of)
    if one_sided:
        least, most = 0.0, upper(events, of)
    bound = f"upper bound {most:.1%}" if one_sided else f"95 % interval {least:.1%} to {most:.1%}"
    told = f"{events:,} of {of:,} ({events / of:.1%}; {bound})"
    return Item(code, asked, told, reached(holds), events / of, least, most, of)


@dataclass(frozen=True)
class GuidanceReport:
    """Every item in the order of the protocol, and what it was taken from; the estimate, where one could be made."""

    about: tuple[str, ...]
    items: tuple[Item, ...]
    estimate: Estimate | None = None

    @property
    def is_missed(self) -> bool:
        """Whether any item was missed, or needs a review."""
        return any(item.verdict in (Verdict.MISSED, Verdict.REVIEW) for item in self.items)

    @property
    def may_be_released(self) -> bool:
        """Whether every item was reached; what is not in the data has not been."""
        return all(item.verdict is Verdict.REACHED for item in self.items)

    def by_code(self, code: str) -> Item:
        """The item of that code."""
        return next(item for item in self.items if item.code == code)

    def as_json(self) -> dict[str, object]:
        """The same for machines."""
        return {
            "about": list(self.about),
            "may_be_released": self.may_be_released,
            "items": [item.as_json() for item in self.items],
        }

    def lines(self) -> list[str]:
        """The same in lines for a person."""
        told = [item.verdict for item in self.items]
        counts = ", ".join(f"{told.count(verdict)} {verdict.value}" for verdict in Verdict if verdict in told)
        release = "every item is reached" if self.may_be_released else "no release on these data"
        return [*self.about, *(item.line() for item in self.items), f"{counts}: {release}"]
