"""What to do about a refusal, for whoever asked: to compare the copies helps only where it is a matter of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tsunagu.purposes.agreement import SharingAgreement
from tsunagu.purposes.answering import Source
from tsunagu.purposes.tokens import period_days, period_of

COMPARE = "Compare both copies with: tsunagu agreement show FILE. What is not agreed needs a next version, signed anew."
#: Refusals that have nothing to do with what the copies say.
_OTHERWISE = {
    "not_linked_yet": "Let the register's holder link first: tsunagu node link, there.",
    "no_key": "Let the keeper of the link key give the holder the key of this join set and purpose: "
    "tsunagu node group-key. Then ask again.",
    "unknown_definition": "See whether both have the same version of the criteria in the city's folder. Where a "
    "definition was changed, agree on the new one: tsunagu agreement new --from.",
    "too_near_another": "Ask again in the next period, or agree on one cohort for both.",
    "of_no_run": "Names are for notices alone: ask for the indicators of that day first, and for names in the same "
    "period.",
    "too_many_named": "The page of the agreement says how many of a thousand: tsunagu agreement show FILE. Nobody was "
    "named. See why so many are noticed; a larger share needs a next version, signed anew.",
    "protection_not_known": "Ask the register's holder for it, or agree to withhold addresses in place of persons.",
}


@dataclass(frozen=True)
class Answered:
    """What was answered in a period. on: the day that it speaks of; at: the day, in Japan, on which it was told."""

    on: date
    at: date


def to_do(code: str) -> str:
    """What to do about a refusal of which no day has to be told."""
    return _OTHERWISE.get(code, COMPARE)


def another_day(agreement: SharingAgreement, today: date) -> str:
    """Which days may be asked about now."""
    first = max(period_days(today, agreement.cadence)[0], agreement.valid_from)
    last = min(today, agreement.valid_until)
    days = f"{first}" if first >= last else f"a day from {first} to {last}"
    return f"Use --on with {days}: the agreement is {agreement.cadence}. Nothing was answered, and nothing is used up."


def already_answered(agreement: SharingAgreement, before: Answered, on: date) -> str:
    """What was answered in the period, when, and until when that holds."""
    following = period_days(before.on, agreement.cadence)[1]
    period = period_of(before.on, agreement.cadence)
    answered = f"The agreement is {agreement.cadence}, and {period} was answered on {before.at} for --on {before.on}"
    if before.on != on:
        return f"{answered}. Use the run of that day, or ask again with --on {before.on}; else wait until {following}."
    return f"{answered}, to another question. Ask what was asked then, or wait until {following}."


def not_brought_in(agreement: SharingAgreement, source: Source, on: date, today: date) -> str:
    """Which extracts there are."""
    period = period_of(on, agreement.cadence)
    if source.newest <= today and period_of(source.newest, agreement.cadence) == period:
        return f"There are extracts of {source.newest}: use --on {source.newest}. Nothing of {period} is used up."
    return (
        f"The newest are of {source.newest}. Let the holder bring in those of {period} and have them linked: "
        f"tsunagu node import, then tsunagu node link. Nothing of {period} is used up."
    )


def answered_often(agreement: SharingAgreement, times: int, on: date) -> str:
    """How often it was answered, and until when that holds."""
    period, following = period_of(on, agreement.cadence), period_days(on, agreement.cadence)[1]
    return (
        f"{period} was answered {times} times, with other persons named or after corrections. "
        f"Use the last run, or wait until {following}."
    )


def rows_named(agreement: SharingAgreement, told: int, on: date) -> str:
    """What is left of the rows about persons by name."""
    period, following = period_of(on, agreement.cadence), period_days(on, agreement.cadence)[1]
    return (
        f"{told:,} of the {agreement.rows_at_most:,} rows that are agreed were told in {period}. "
        f"Name fewer persons, or wait until {following}."
    )
