"""Who is covered by an address suppression on a day, spread to the household before anything is shown.

The residents' department's list decides. A flag copied into another system lags behind it, and a list of ended cases
is an old copy: a person in it may have applied again (Meguro City, 2025). Neither is read here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

ITEM = "address_suppression"


@dataclass(frozen=True)
class Suppressed:
    """Whose address is hidden; `everyone` when the list cannot be trusted to be whole."""

    persons: frozenset[str]
    everyone: bool

    def hides(self, person_id: str) -> bool:
        return self.everyone or person_id in self.persons


def in_force(
    person_facts: pa.Table, persons: pa.Table, on: dt.date, *, is_list_readable: bool, registered: Collection[str]
) -> Suppressed:
    """Everybody whose address must be hidden on the day `on`.

    person_facts      PERSON_FACTS; a row of the list in force, of unknown dates or set aside counts as in force
    persons           PERSONS; every member of a covered person's household is covered too
    is_list_readable  False when the list is missing or damaged as a whole: every address is hidden
    registered        persons with a row in the residents' register; a covered person outside it cannot be told apart
                      from a registered one, so every address is hidden
    """
    if not is_list_readable:
        return Suppressed(frozenset(), everyone=True)
    covered: set[str] = set()
    rows = person_facts.filter(pc.equal(person_facts.column("item"), ITEM))
    for row in rows.select(["person_id", "at", "until", "state"]).to_pylist():
        is_dated = row["state"] == "known"
        not_begun = is_dated and row["at"] is not None and row["at"] > on
        ended = is_dated and row["until"] is not None and row["until"] < on
        if not (not_begun or ended):
            covered.add(row["person_id"])
    known = set(registered)
    if covered - known:
        return Suppressed(frozenset(covered), everyone=True)
    households = dict(
        zip(persons.column("person_id").to_pylist(), persons.column("household_id").to_pylist(), strict=True)
    )
    hidden_households = {households[p] for p in covered if households.get(p) is not None}
    members = {p for p, household in households.items() if household in hidden_households}
    return Suppressed(frozenset(covered | members), everyone=False)
