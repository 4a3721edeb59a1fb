"""Persons and facts as tables, read into plain objects for the slow engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from tsunagu.indicators.history import Fact, Person, Surroundings, lives_here

_CHUNK = 10_000


class People:
    """Everybody, with what surrounds each child on a day."""

    def __init__(self, persons: Iterable[Person], *, on: date, holiday_months: tuple[int, ...]) -> None:
        self.by_id: dict[str, Person] = {p.person_id: p for p in persons}
        self.on, self._holiday_months = on, holiday_months
        self._households: dict[str, list[Person]] = defaultdict(list)
        dates: dict[tuple[str, str], set[date]] = defaultdict(set)
        for person in self.by_id.values():
            if person.household_id is not None and lives_here(person, on):
                self._households[person.household_id].append(person)
            for facts in person.facts.values():
                for fact in facts:
                    if fact.label is not None and fact.at is not None and fact.at <= on:
                        dates[(fact.item, fact.label)].add(fact.at)
        self._dates: Mapping[tuple[str, str], list[date]] = {k: sorted(v) for k, v in dates.items()}

    def around(self, child: Person) -> Surroundings:
        household = self._households.get(child.household_id, []) if child.household_id is not None else []
        return Surroundings(self.on, self._holiday_months, household, self._dates)


def people_from(persons: pa.Table, facts: pa.Table, *, on: date, holiday_months: tuple[int, ...]) -> People:
    """PERSONS and PERSON_FACTS as plain objects."""
    by_person: dict[str, dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows(facts):
        by_person[row["person_id"]][row["item"]].append(
            Fact(
                item=row["item"],
                at=row["at"],
                until=row["until"],
                label=row["label"],
                text=row["text"],
                number=row["number"],
                state=row["state"],
                recorded_at=row["recorded_at"],
            )
        )
    return People(
        (
            Person(
                person_id=row["person_id"],
                birth_date=row["birth_date"],
                register_state=row["register_state"],
                household_id=row["household_id"],
                resident_from=row["resident_from"],
                resident_until=row["resident_until"],
                school=row["school"],
                facts=by_person.get(row["person_id"], {}),
            )
            for row in _rows(persons)
        ),
        on=on,
        holiday_months=holiday_months,
    )


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=_CHUNK):
        yield from batch.to_pylist()
