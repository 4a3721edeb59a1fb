"""What criteria would have said on past days, and who came on a list of concern afterwards: counts, never names.

Asked of one delivery, as it tells of those days now: late entries and corrections are in it. Coming on a list is a
decision of people, so no share here is a danger, nor a measure of who was in need.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.evaluation.small_counts import told
from tsunagu.indicators.calendar import months_before
from tsunagu.records.catalogue import Catalogue
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.screen import screen


@dataclass(frozen=True)
class Afterwards:
    """Children whom no list knew on a day, and those of them who came on one by the delivery's day. None: not told."""

    children: int
    came: int | None


@dataclass(frozen=True)
class PastDay:
    """One past day. known: listed children whom a list knew that day; undecided: those listed only as `undecided`.

    in_scope, listed and undecided are of the whole city and told.
    """

    on: dt.date
    in_scope: int
    listed: int
    undecided: int
    known: int | None
    noticed: Afterwards
    unnoticed: Afterwards


@dataclass(frozen=True)
class BackTest:
    """criteria: id@version; until: the delivery's day; days in the order asked."""

    criteria: str
    until: dt.date
    lists: tuple[str, ...]
    days: tuple[PastDay, ...]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values, null where a count is not told."""
        return {
            "criteria": self.criteria,
            "until": self.until.isoformat(),
            "lists": list(self.lists),
            "days": [
                {
                    "on": day.on.isoformat(),
                    **{name: getattr(day, name) for name in ("in_scope", "listed", "undecided", "known")},
                    **{name: vars(getattr(day, name)) for name in ("noticed", "unnoticed")},
                }
                for day in self.days
            ],
        }

    def lines(self) -> list[str]:
        """The same for a person to read."""
        return list(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.criteria} on past days, and who came on a list ({', '.join(self.lists)}) by {self.until}"
        for day in self.days:
            yield (
                f"{day.on}: {day.in_scope:,} children in scope; {day.listed:,} listed, {day.undecided:,} of them as not"
                f" to be told yet; of the listed a list knew {_shown(day.known)}"
            )
            yield f"  listed, and known to no list: {_afterwards(day.noticed)}"
            yield f"  not listed, and known to no list: {_afterwards(day.unnoticed)}"
        yield "Coming on a list is a decision of people: these shares say nothing of a child's danger."


def backtest(
    criteria: Criteria,
    persons: pa.Table,
    facts: pa.Table,
    catalogue: Catalogue,
    lists: Sequence[str],
    on: dt.date,
    months: Sequence[int],
) -> BackTest:
    """The criteria on the days that lie so many months before the delivery's.

    persons, facts  PERSONS and PERSON_FACTS of the delivery
    lists           catalogue items that are lists of concern
    months          how far back, each one day
    """
    came = _came(facts, lists)
    return BackTest(
        criteria=criteria.name,
        until=on,
        lists=tuple(lists),
        days=tuple(
            _past_day(criteria, persons, facts, catalogue, lists, came, months_before(on, back), on) for back in months
        ),
    )


def _past_day(
    criteria: Criteria,
    persons: pa.Table,
    facts: pa.Table,
    catalogue: Catalogue,
    lists: Sequence[str],
    came: dict[str, list[dt.date]],
    day: dt.date,
    until: dt.date,
) -> PastDay:
    screened = screen(persons, known_on(facts, day), criteria, catalogue, day)
    in_scope = screened.persons.filter(screened.persons.column("in_scope")).column("person_id").to_pylist()
    listed = frozenset(screened.notices.column("person_id").to_pylist())
    known = on_a_list(facts, lists, day)
    after = frozenset(id for id, days in came.items() if any(day < begun <= until for begun in days))

    def afterwards(children: Collection[str]) -> Afterwards:
        n = len(after.intersection(children))
        ((told_came, _),) = told((n, len(children) - n)).parts
        return Afterwards(len(children), told_came)

    ((told_known, _),) = told((len(known & listed), len(listed - known))).parts
    return PastDay(
        on=day,
        in_scope=len(in_scope),
        listed=len(listed),
        undecided=screened.notices.column("level").to_pylist().count(criteria.overall.undecided.name),
        known=told_known,
        noticed=afterwards(listed - known),
        unnoticed=afterwards(frozenset(in_scope) - listed - known),
    )


def known_on(facts: pa.Table, day: dt.date) -> pa.Table:
    """Facts that had begun by a day. A period that ended later had no end yet that anybody could know."""
    begun = facts.filter(pc.fill_null(pc.less_equal(facts.column("at"), day), True))
    open_then = pc.fill_null(pc.greater(begun.column("until"), day), False)
    until = pc.if_else(open_then, pa.scalar(None, begun.schema.field("until").type), begun.column("until"))
    return begun.set_column(begun.column_names.index("until"), begun.schema.field("until"), until)


def on_a_list(facts: pa.Table, lists: Collection[str], on: dt.date) -> frozenset[str]:
    """Who stands on one of the lists on a day; a row that tells only that a list did not come is none."""
    there = _of_lists(facts, lists)
    has_begun = pc.fill_null(pc.less_equal(there.column("at"), on), True)
    goes_on = pc.fill_null(pc.greater(there.column("until"), on), True)
    return frozenset(there.filter(pc.and_(has_begun, goes_on)).column("person_id").to_pylist())


def _came(facts: pa.Table, lists: Collection[str]) -> dict[str, list[dt.date]]:
    """The days on which each child came on one of the lists."""
    there = _of_lists(facts, lists)
    found: dict[str, list[dt.date]] = {}
    for id, day in zip(there.column("person_id").to_pylist(), there.column("at").to_pylist(), strict=True):
        if day is not None:
            found.setdefault(id, []).append(day)
    return found


def _of_lists(facts: pa.Table, lists: Collection[str]) -> pa.Table:
    wanted = pc.is_in(facts.column("item"), pa.array(sorted(lists), pa.string()))
    return facts.filter(pc.and_(wanted, pc.equal(facts.column("state"), "known")))


def _afterwards(group: Afterwards) -> str:
    if group.came is None:
        return f"{group.children:,} children; how many came on a list later is not told"
    share = f" ({100 * group.came / group.children:.1f} %)" if group.children else ""
    return f"{group.children:,} children, of whom {group.came:,} came on a list later{share}"


def _shown(count: int | None) -> str:
    return "a number that is not told" if count is None else f"{count:,}"
