"""What criteria would have said on past days, and who came on a list of concern afterwards: counts, never names.

Asked of one delivery, as it tells of those days now: late entries and corrections are in it. Coming on a list is a
decision of people, so no share here is a danger, nor a measure of who was in need.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tsunagu.evaluation.small_counts import LEAST, shown
from tsunagu.evaluation.windows import first_days, short_data
from tsunagu.indicators.calendar import months_before
from tsunagu.records.catalogue import Catalogue
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.screen import Screened, screen

#: The counts that divide what every run tells, two by two: what is told of the one says the other.
_DIVIDED = (
    ("known", "noticed"),
    ("noticed came", "noticed did not come"),
    ("known not listed", "unnoticed"),
    ("unnoticed came", "unnoticed did not come"),
)


@dataclass(frozen=True)
class Afterwards:
    """Children whom no list knew on a day, and those of them who came on one by the delivery's day. None: not told."""

    children: int | None
    came: int | None


@dataclass(frozen=True)
class PastDay:
    """One past day. known: listed children whom a list knew that day; undecided: those listed only as `undecided`.

    Each count is the least of a step of LEAST: 660 stands for 660 to 664, so that two days never differ by single
    children. None: too few to be told, or what is beside it is.

    short  (catalogue item, first day of which the delivery has a row) of what does not reach as far back as the
           criteria or the lists look on that day; None where no row of it came
    """

    on: dt.date
    in_scope: int | None
    listed: int | None
    undecided: int | None
    known: int | None
    noticed: Afterwards
    unnoticed: Afterwards
    short: tuple[tuple[str, dt.date | None], ...] = ()


@dataclass(frozen=True)
class BackTest:
    """criteria: id@version; until: the delivery's day; days in the order asked."""

    criteria: str
    until: dt.date
    lists: tuple[str, ...]
    days: tuple[PastDay, ...]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values, null where a count is not told; `step`: for how many numbers each stands."""
        return {
            "criteria": self.criteria,
            "step": LEAST,
            "until": self.until.isoformat(),
            "lists": list(self.lists),
            "days": [
                {
                    "on": day.on.isoformat(),
                    **{name: getattr(day, name) for name in ("in_scope", "listed", "undecided", "known")},
                    **{name: vars(getattr(day, name)) for name in ("noticed", "unnoticed")},
                    "data_begin": {item: first.isoformat() if first else None for item, first in day.short},
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
                f"{day.on}: children in scope: {_step(day.in_scope)}; listed: {_step(day.listed)}; of them as"
                f" undecided: {_step(day.undecided)}; of the listed known to a list: {_step(day.known)}"
            )
            yield f"  listed, and known to no list: {_afterwards(day.noticed)}"
            yield f"  not listed, and known to no list: {_afterwards(day.unnoticed)}"
            if day.short:
                since = ", ".join(f"{item} ({f'from {first}' if first else 'no row'})" for item, first in day.short)
                yield f"  the data do not reach as far back as is looked for this day: {since}"
                yield "  what they do not tell is unknown on it, so its numbers are no result of the criteria alone"
        yield f"Numbers of past days are told in steps of {LEAST}, so that no two days tell of a single child."
        yield "Coming on a list is a decision of people: these numbers say nothing of a child's danger."


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
    came, first = _came(facts, lists), first_days(facts)
    days = []
    for day in (months_before(on, back) for back in months):
        screened = screen(persons, known_on(facts, day), criteria, catalogue, day)
        after = frozenset(id for id, begun in came.items() if any(day < one <= on for one in begun))
        told = day_told(_counted(criteria, screened, on_a_list(facts, lists, day), after))
        short = {reach.item: reach.data for reach in short_data(criteria, screened, facts, day)}
        short |= {item: first.get(item) for item in lists if item not in first or first[item] > day}
        days.append(_past_day(day, told, short))
    return BackTest(criteria.name, on, tuple(lists), tuple(days))


def day_told(counts: Mapping[str, int]) -> dict[str, int | None]:
    """The counts of one day as they may be told, beside one another and beside those of every other day.

    Of two that divide a third both are told or neither: where one is small, neither. Then each is the least of a step
    of LEAST, by itself and not by what else is asked, so that another day's says nothing of what single children did.

    counts  `in_scope`, `listed`, `undecided` and what divides them
    """
    small = {name for name, n in counts.items() if n < LEAST}
    hidden = small.union(*(pair for pair in _DIVIDED if small.intersection(pair)))
    return {name: None if name in hidden else n - n % LEAST for name, n in counts.items()}


def _counted(criteria: Criteria, screened: Screened, known: Collection[str], after: Collection[str]) -> dict[str, int]:
    """Every count of a day. known: whom a list knew then; after: who came on one later."""
    persons = screened.persons.filter(screened.persons.column("in_scope"))
    in_scope = frozenset(persons.column("person_id").to_pylist())
    listed = frozenset(screened.notices.column("person_id").to_pylist())
    undecided = Counter(screened.notices.column("level").to_pylist())[criteria.overall.undecided.name]
    noticed, unnoticed = listed.difference(known), (in_scope - listed).difference(known)
    return {
        "in_scope": len(in_scope | listed),
        "listed": len(listed),
        "undecided": undecided,
        "decided": len(listed) - undecided,
        "known": len(listed) - len(noticed),
        "noticed": len(noticed),
        "noticed came": len(noticed.intersection(after)),
        "noticed did not come": len(noticed.difference(after)),
        "not listed": len(in_scope - listed),
        "known not listed": len(in_scope - listed) - len(unnoticed),
        "unnoticed": len(unnoticed),
        "unnoticed came": len(unnoticed.intersection(after)),
        "unnoticed did not come": len(unnoticed.difference(after)),
    }


def _past_day(day: dt.date, told: Mapping[str, int | None], short: Mapping[str, dt.date | None]) -> PastDay:
    return PastDay(
        on=day,
        in_scope=told["in_scope"],
        listed=told["listed"],
        undecided=told["undecided"],
        known=told["known"],
        noticed=Afterwards(told["noticed"], told["noticed came"]),
        unnoticed=Afterwards(told["unnoticed"], told["unnoticed came"]),
        short=tuple(sorted(short.items())),
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
        return f"{_step(group.children)}; how many came on a list later is not told"
    return f"{_step(group.children)}; {_step(group.came)} came on a list later"


def _step(least: int | None) -> str:
    return shown(least) if least is None else f"{least:,} to {least + LEAST - 1:,}"
