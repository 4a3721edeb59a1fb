"""Who is covered by an address suppression on the day of a run, spread before anything is written.

The residents' department's list decides. A list of ended cases is an old copy: a person in it may have applied again
(Meguro City, 2025), so it is not read. The register's own flag lags behind the list: it may add to whom is hidden,
never take anybody away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.suppression.spread import EVERYONE, Suppressed, household_tie, spread

ITEM = "address_suppression"


def in_force(
    person_facts: pa.Table,
    persons: pa.Table,
    on: dt.date,
    *,
    is_list_readable: bool,
    registered: Collection[str],
    flagged: Collection[str] = (),
    ties: Mapping[str, Collection[str]] | None = None,
) -> Suppressed:
    """Everybody whose address must be hidden on the day `on`.

    person_facts      PERSON_FACTS; a row of the list in force, of unknown dates or set aside counts as in force
    persons           PERSONS; every member of a covered person's household is covered too
    is_list_readable  False when the list is missing or damaged as a whole: every address is hidden
    registered        persons with a row in the residents' register; a covered person outside it cannot be told apart
                      from a registered one, so every address is hidden
    flagged           persons whom the register's lagging flag names; they are covered as well
    ties              person -> households and addresses, now and before, that spread the protection further
    """
    if not is_list_readable:
        return EVERYONE
    covered = set(flagged) | listed_until(person_facts, on).keys()
    if covered - set(registered):
        return EVERYONE
    all_ties = {person: set(own) for person, own in (ties or {}).items()}
    for person, household in zip(
        persons.column("person_id").to_pylist(), persons.column("household_id").to_pylist(), strict=True
    ):
        if household is not None:
            all_ties.setdefault(person, set()).add(household_tie(household))
    return Suppressed(spread(covered, all_ties), everyone=False)


def listed_until(person_facts: pa.Table, on: dt.date) -> dict[str, dt.date]:
    """The persons with a row in force on the day, or of which nobody can say, and the last day of their protection."""
    last: dict[str, dt.date] = {}
    rows = person_facts.filter(pc.equal(person_facts.column("item"), ITEM))
    for row in rows.select(["person_id", "at", "until", "state"]).to_pylist():
        is_known = row["state"] == "known"
        if not is_known or is_in_force(row["at"], row["until"], on):
            until = (row["until"] if is_known else None) or dt.date.max
            last[row["person_id"]] = max(until, last.get(row["person_id"], until))
    return last


def is_in_force(start: dt.date | None, end: dt.date | None, on: dt.date) -> bool:
    """Whether a measure holds on a day; a start or end that nobody wrote does not end it."""
    return (start is None or start <= on) and (end is None or on <= end)
