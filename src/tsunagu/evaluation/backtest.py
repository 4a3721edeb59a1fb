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

from tsunagu.evaluation.beside_sums import Sum, told_beside
from tsunagu.evaluation.small_counts import LEAST, shown
from tsunagu.indicators.calendar import months_before
from tsunagu.records.catalogue import Catalogue
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.screen import Screened, screen

#: How the counts of one day come to one another. What is of nobody's interest has a count of its own all the same: a
#: small one could be worked out otherwise.
_SUMS = (
    Sum("listed", ("undecided", "decided")),
    Sum("listed", ("known", "noticed")),
    Sum("noticed", ("noticed came", "noticed did not come")),
    Sum("not listed", ("known not listed", "unnoticed")),
    Sum("unnoticed", ("unnoticed came", "unnoticed did not come")),
)
_UNSEEN = ("decided", "not listed", "known not listed", "noticed did not come", "unnoticed did not come")
#: What is hidden last for another's sake: the larger counts, of which the others are parts.
_LATE = {"noticed": 1, "unnoticed": 1, "listed": 2}
#: What changes by single children from one day to another: counts, less others, and what is hidden to hide it.
_FOLLOWED: Sequence[tuple[Sequence[str], Sequence[str], Sequence[str]]] = (
    (("known",), (), ("known", "noticed")),
    (("in_scope",), ("listed", "unnoticed"), ("unnoticed",)),
    (("noticed came",), (), ("noticed came",)),
    (("unnoticed came",), (), ("unnoticed came",)),
    (("noticed came", "unnoticed came"), (), ("noticed came",)),
)


@dataclass(frozen=True)
class Afterwards:
    """Children whom no list knew on a day, and those of them who came on one by the delivery's day. None: not told."""

    children: int | None
    came: int | None


@dataclass(frozen=True)
class PastDay:
    """One past day. known: listed children whom a list knew that day; undecided: those listed only as `undecided`.

    in_scope is of the whole city and told. None: too few to be told, or another number or day would tell it.
    """

    on: dt.date
    in_scope: int
    listed: int | None
    undecided: int | None
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
                f"{day.on}: {day.in_scope:,} children in scope; listed: {shown(day.listed)}; of them as undecided:"
                f" {shown(day.undecided)}; of the listed known to a list: {shown(day.known)}"
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
    past = [months_before(on, back) for back in months]
    counted = {
        day: day_told(_counted(criteria, screen(persons, known_on(facts, day), criteria, catalogue, day), known, after))
        for day in past
        for known in [on_a_list(facts, lists, day)]
        for after in [frozenset(id for id, days in came.items() if any(day < begun <= on for begun in days))]
    }
    apart = told_apart(counted)
    return BackTest(criteria.name, on, tuple(lists), tuple(_past_day(day, apart[day]) for day in past))


def day_told(counts: Mapping[str, int]) -> dict[str, int | None]:
    """The counts of one day as they may be told beside one another. counts: `in_scope`, and every cell of the sums."""
    cells = {name: n for name, n in counts.items() if name != "in_scope"}
    whole = Sum(counts["in_scope"], ("listed", "not listed"))
    told = told_beside(cells, (whole, *_SUMS), unseen=_UNSEEN, rank=_LATE)
    return {name: n for name, n in told.items() if name not in _UNSEEN} | {"in_scope": counts["in_scope"]}


def told_apart(days: Mapping[dt.date, Mapping[str, int | None]]) -> dict[dt.date, dict[str, int | None]]:
    """The counts of each day without those whose difference from another day's is a small number of children.

    The latest day is told first, and an earlier one as far as it differs from all that is told by nobody or by LEAST.
    """
    found: dict[dt.date, dict[str, int | None]] = {}
    for day in sorted(days, reverse=True):
        own = dict(days[day])
        for counts, less, to_hide in _FOLLOWED:
            n = _together(own, counts, less)
            others = [m for other in found.values() if (m := _together(other, counts, less)) is not None]
            if n is not None and any(0 < abs(n - m) < LEAST for m in others):
                own |= dict.fromkeys(to_hide)
        found[day] = own
    return found


def _together(told: Mapping[str, int | None], counts: Sequence[str], less: Sequence[str]) -> int | None:
    """The sum of these less those, where all are told."""
    found = 0
    for name in (*counts, *less):
        n = told[name]
        if n is None:
            return None
        found += -n if name in less else n
    return found


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


def _past_day(day: dt.date, told: Mapping[str, int | None]) -> PastDay:
    return PastDay(
        on=day,
        in_scope=told["in_scope"] or 0,
        listed=told["listed"],
        undecided=told["undecided"],
        known=told["known"],
        noticed=Afterwards(told["noticed"], told["noticed came"]),
        unnoticed=Afterwards(told["unnoticed"], told["unnoticed came"]),
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
    if group.came is None or group.children is None:
        came = "how many" if group.came is None else f"{group.came:,}"
        end = " is not told" if group.came is None else ""
        return f"{shown(group.children)}; {came} came on a list later{end}"
    return f"{group.children:,}; {group.came:,} came on a list later ({100 * group.came / group.children:.1f} %)"
