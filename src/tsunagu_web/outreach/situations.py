"""What is known of the children with an open case, before and after an intake, so that the clock tells the change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from tsunagu.casework.clock import Cause, Change, Situation, changes, unclear
from tsunagu.casework.rules import Rules
from tsunagu_web.access.terms import CaseState
from tsunagu_web.cases.models import Case, Child, Fact
from tsunagu_web.outreach import clock
from tsunagu_web.people.models import Membership

_AT_ONCE = 500


def situations(on: dt.date) -> dict[str, Situation]:
    """By child, of everybody whose case is open: a few queries for each five hundred of them."""
    rules = clock.rules()
    listed = Child.objects.filter(case_state=CaseState.OPEN).values_list("pk", "is_listed", "level_rank")
    waiting = iter(listed.order_by("pk").iterator())
    found: dict[str, Situation] = {}
    while batch := list(islice(waiting, _AT_ONCE)):
        children = [pk for pk, *_ in batch]
        facts, homes = _facts(children, rules), _homes(children, on, rules)
        for pk, is_listed, rank in batch:
            found[pk] = Situation(**facts.get(pk, {}), **homes.get(pk, {}), is_listed=is_listed, level_rank=rank)
    return found


def unclear_of(child: Child) -> tuple[Cause, ...]:
    """What the clock cannot tell of this child at present."""
    rules = clock.rules()
    homes = _present().filter(person=child.pk).values_list("household", flat=True)
    households = frozenset(homes) or None
    # Who lives in a household that is known is known as well.
    others = None if households is None else frozenset[str]()
    facts = _facts([child.pk], rules).get(child.pk, {})
    return unclear(Situation(**facts, households=households, members=others, adults=others, babies=others), rules)


def start_for_changes(before: Mapping[str, Situation], on: dt.date) -> int:
    """Starts the clock where a fact of a child with an open case has changed since; gives how many were started."""
    now, rules = situations(on), clock.rules()
    told = {pk: found for pk in now if pk in before and (found := changes(before[pk], now[pk], on=on, rules=rules))}
    cases = {case.child_id: case for batch in _batches(told) for case in _open_cases(batch)}
    started = 0
    for pk, found in told.items():
        by_cause: dict[Cause, list[Change]] = {}
        for change in found:
            by_cause.setdefault(change.cause, []).append(change)
        for cause, of_it in by_cause.items():
            started += clock.start(cases[pk], cause, of_it) is not None
    return started


def _open_cases(children: list[str]) -> Iterator[Case]:
    return Case.objects.filter(child__in=children, state=CaseState.OPEN).iterator()


def _batches(children: Mapping[str, Any]) -> Iterator[list[str]]:
    waiting = iter(children)
    while batch := list(islice(waiting, _AT_ONCE)):
        yield batch


def _facts(children: list[str], rules: Rules) -> dict[str, dict[str, Any]]:
    """The facts the clock looks at, as the fields of a situation."""
    rows = Fact.objects.filter(person_id__in=children, item__in=rules.items, known_to__isnull=True)
    found: dict[str, dict[str, Any]] = {}
    for pk, item, value, number, state, day in rows.values_list(
        "person_id", "item", "value", "number", "state", "valid_from"
    ).iterator(chunk_size=5_000):
        if day is None:
            continue
        of_child = found.setdefault(pk, {"absences": {}, "weights": {}, "moves": set(), "reports": set()})
        is_known = state == "known"
        if item == rules.absence_item:
            # Two schools may tell of one month, and one of them not know.
            _put(of_child["absences"], day, number if is_known else None)
        elif item == rules.weight_item:
            _put(of_child["weights"], day, number if is_known else None)
        elif item == rules.move_item and is_known:
            of_child["moves"].add((day, value))
        elif item == rules.report_item and is_known:
            of_child["reports"].add(day)
    for of_child in found.values():
        of_child.update(moves=frozenset(of_child["moves"]), reports=frozenset(of_child["reports"]))
    return found


def _put(months: dict[dt.date, Decimal | None], day: dt.date, number: Decimal | None) -> None:
    known = [n for n in (months.get(day), number) if n is not None]
    months[day] = max(known) if known else None


def _homes(children: list[str], on: dt.date, rules: Rules) -> dict[str, dict[str, frozenset[str]]]:
    """Households, and who else lives there, of these children; nothing for a child whose household nobody knows."""
    present = _present()
    homes: dict[str, set[str]] = {}
    for pk, household in present.filter(person__in=children).values_list("person", "household"):
        homes.setdefault(pk, set()).add(household)
    baby_after = on - dt.timedelta(days=rules.baby_months * 365 // 12)
    adult_until = _years_before(on, rules.adult_years)
    living: dict[str, dict[str, dt.date | None]] = {}
    there = present.filter(household__in={h for of_one in homes.values() for h in of_one})
    for pk, household, born in there.values_list("person", "household", "person__birth_date"):
        living.setdefault(household, {})[pk] = born
    found = {}
    for pk, of_one in homes.items():
        others = {other: born for h in of_one for other, born in living.get(h, {}).items() if other != pk}
        found[pk] = {
            "households": frozenset(of_one),
            "members": frozenset(others),
            # Whose day of birth nobody knows may be grown: somebody looks rather than nobody.
            "adults": frozenset(other for other, born in others.items() if born is None or born <= adult_until),
            "babies": frozenset(other for other, born in others.items() if born is not None and born > baby_after),
        }
    return found


def _years_before(day: dt.date, years: int) -> dt.date:
    """The same day so many years earlier; of the 29th of February the 28th."""
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _present() -> QuerySet[Membership]:
    return Membership.objects.filter(known_to__isnull=True, valid_to__isnull=True)
