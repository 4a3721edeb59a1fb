"""The typed form of a programme file, and what the levels of its questions say together.

A programme asks up to four questions of a child, each answered as a judgment of the criteria's language is:
`eligible` (a rule holds), `received` and `not_granted` (the city's records say so), `excluded` (not offered then).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from tsunagu.indicators.language import Words
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.reference import Judged

Finding = Literal["may_be_eligible", "cannot_tell", "receives", "not_granted", "none"]
FINDINGS: tuple[Finding, ...] = ("may_be_eligible", "cannot_tell", "receives", "not_granted", "none")
ELIGIBLE, RECEIVED, NOT_GRANTED, EXCLUDED = "eligible", "received", "not_granted", "excluded"
#: The code of what counts as received; in `to_ask`, of asking whether it is received already.
RECEIPT = "Receipt"
#: The code of what counts as an application that the city turned down.
REFUSAL = "Refusal"


@dataclass(frozen=True)
class Parameter:
    """A figure or code of the programme from a day on, until the next one of the same id.

    reference  where it is decided: an ordinance, an outline, a notice
    """

    id: str
    value: Decimal | str
    since: date
    reference: str


@dataclass(frozen=True)
class ToAsk:
    """What decides too and no record of the city holds; the family or the counter is asked."""

    code: str
    label: Words


@dataclass(frozen=True)
class Programme:
    """One programme file, checked.

    run_by    the counter that takes the application
    apply     how a family applies
    editions  the rules with the parameters in force from a day on, the first on `effective`; in order of the days
    cases     how many `expect` cases the file brought and keeps
    """

    id: str
    version: str
    supersedes: str
    effective: date
    approved_by: str
    label: Words
    law: tuple[str, ...]
    run_by: Words
    apply: Words
    parameters: tuple[Parameter, ...]
    to_ask: tuple[ToAsk, ...]
    editions: tuple[tuple[date, Criteria], ...]
    cases: int = 0

    @property
    def name(self) -> str:
        """id@version."""
        return f"{self.id}@{self.version}"

    @property
    def holds_receipt(self) -> bool:
        """Whether the city's records say who receives it; where they do not, nobody is said to do without."""
        return any(judgment.id == RECEIVED for judgment in self.editions[0][1].judgments)

    @property
    def holds_refusals(self) -> bool:
        """Whether the city's records say whose application was turned down."""
        return any(judgment.id == NOT_GRANTED for judgment in self.editions[0][1].judgments)

    @property
    def holiday_months(self) -> tuple[int, ...]:
        return self.editions[0][1].holiday_months

    @property
    def items(self) -> tuple[str, ...]:
        """Every catalogue item the programme reads, sorted."""
        return tuple(sorted({item for _, criteria in self.editions for item in criteria.items}))

    def criteria(self, on: date) -> Criteria:
        """The rules with the parameters of a day; those of the first day for one before it."""
        return next((c for since, c in reversed(self.editions) if since <= on), self.editions[0][1])


def finding(judged: Mapping[str, Judged]) -> Finding:
    """What the answers to a programme's questions say together.

    judged  by question; `received` is absent where no record says who receives, `not_granted` where none says whose
            application was turned down, `excluded` where nothing excludes
    """
    eligible, received, refusal, excluded = (judged.get(q) for q in (ELIGIBLE, RECEIVED, NOT_GRANTED, EXCLUDED))
    if eligible is None or not eligible.upper or (excluded is not None and excluded.lower):
        return "none"
    if received is not None and received.lower:
        return "receives"
    if refusal is not None and refusal.lower:
        return "not_granted"
    is_sure = eligible.lower and received is not None and not received.upper
    is_open = any(asked is not None and asked.upper for asked in (refusal, excluded))
    return "may_be_eligible" if is_sure and not is_open else "cannot_tell"


def programmes_in_force(programmes: Sequence[Programme], on: date) -> tuple[Programme, ...]:
    """Of each programme the version in force on a day, the latest to take effect by then; none before its first."""
    latest: dict[str, Programme] = {}
    for programme in sorted(programmes, key=lambda p: (p.id, p.effective)):
        if programme.effective <= on:
            latest[programme.id] = programme
    return tuple(latest.values())
