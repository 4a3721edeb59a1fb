"""The past by department on one time axis, the same month by month for a phone, and the table behind both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu_web.access.decision import Subject
from tsunagu_web.access.policy import may_see_fact
from tsunagu_web.access.terms import DOMAINS
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases import words as w
from tsunagu_web.cases.days import month_label, month_words, year_label
from tsunagu_web.cases.fact_words import Said
from tsunagu_web.cases.held import Held, held_elsewhere
from tsunagu_web.cases.marks import Key, Mark, keys_of, kind_of, marks_of
from tsunagu_web.cases.models import FactRow, Reason, Run
from tsunagu_web.cases.pictures import Axis, axis_ending

MONTHS = 24
# Hundredths of the drawing's width, so that it can be as wide as the page allows without stretching a dot.
WIDTH = 100.0
# The protection of an address leaves no trace. Intake does not take it over; this is the second lock.
NEVER_SHOWN = frozenset({"address_suppression"})


class Line(NamedTuple):
    """One row of the table: when, what, value, source; `value` is empty when it is not known.

    as_of, age  the holder's latest delivery that told it, and how old that is
    """

    when: str
    item: str
    value: str
    state: str
    holder: str
    as_of: dt.date
    age: str


class Lane(NamedTuple):
    """One item on the axis. latest: its newest known value, in words."""

    name: str
    unit: str
    marks: tuple[Mark, ...]
    keys: tuple[Key, ...]
    latest: str


@dataclass(frozen=True)
class Department:
    """One domain; `is_hidden` when the viewer may see none of its facts."""

    domain: str
    is_hidden: bool
    lanes: tuple[Lane, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Tick:
    """A line of the axis, with a label or without. month: 1 for the first month of the axis."""

    month: int
    x: float
    label: str
    is_year: bool


class Month(NamedTuple):
    """What happened in a month, newest month first, for a narrow screen: by domain, each with its entries."""

    label: str
    domains: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Timeline:
    """held: for a run whose records stay with their holders, where they are; else empty"""

    ticks: tuple[Tick, ...]
    departments: tuple[Department, ...]
    months: tuple[Month, ...]
    held: tuple[Held, ...] = ()

    @property
    def has_lanes(self) -> bool:
        return any(department.lanes for department in self.departments)

    @property
    def hides_some(self) -> bool:
        return any(department.is_hidden for department in self.departments)


def timeline(
    viewer: Viewer,
    run: Run,
    facts: Sequence[FactRow],
    about: Subject,
    *,
    today: dt.date,
    reasons: Sequence[Reason] = (),
) -> Timeline:
    """The facts the viewer may see; a hidden domain is named as hidden, whether it holds facts or not.

    run      the run in which these facts were told last
    today    the day on which the page is read, or the past day as known on which it is shown
    reasons  the child's, of which a run over nodes tells the values; none for a past day
    """
    words, said = run.words, Said(run.words, today)
    axis = axis_ending(run.on, months=MONTHS, width=WIDTH)
    by_domain: dict[str, list[FactRow]] = {domain: [] for domain in DOMAINS}
    for fact in sorted(facts, key=_place):
        domain = said.domain(fact.item)
        if domain in by_domain and fact.item not in NEVER_SHOWN:
            by_domain[domain].append(fact)
    shown = {domain: found for domain, found in by_domain.items() if may_see_fact(viewer, domain, about)}
    departments = tuple(
        _department(run, said, domain, found, axis) if domain in shown else Department(domain, True, (), ())
        for domain, found in by_domain.items()
        if found or domain not in shown
    )
    held = held_elsewhere(viewer, run, reasons, about)
    return Timeline(tuple(_ticks(axis)), departments, _months(words, said, shown, axis), held)


def _place(fact: FactRow) -> tuple[object, ...]:
    """Oldest first, and of one day always in one order, whenever the rows were written."""
    return (
        fact.valid_from or dt.date.min,
        fact.item,
        fact.label,
        fact.value,
        fact.number or 0,
        fact.state,
        fact.holder,
    )


def _ticks(axis: Axis) -> list[Tick]:
    """A line at each quarter; the year at January and the month at July, and at the start where there is room."""
    ticks = []
    for place, day in enumerate(axis.starts(), start=1):
        if day.month in (1, 4, 7, 10):
            label = year_label(day) if day.month == 1 else month_label(day) if day.month == 7 or place == 1 else ""
            ticks.append(Tick(place, axis.x(day), label, day.month == 1))
    return ticks


def _department(run: Run, said: Said, domain: str, facts: list[FactRow], axis: Axis) -> Department:
    words = run.words
    by_item: dict[str, list[FactRow]] = {}
    for fact in facts:
        by_item.setdefault(fact.item, []).append(fact)
    order = [item for item in w.in_order(words, "items") if item in by_item and _is_drawn(words, item)]
    lanes = tuple(_lane(words, said, item, by_item[item], axis) for item in order)
    # What lies before the axis stands in the table only.
    return Department(domain, False, tuple(x for x in lanes if x.marks), tuple(_lines(run, said, reversed(facts))))


def _is_drawn(words: w.Words, item: str) -> bool:
    """Events and spans always; values that come every month or year only where the criteria rest on them."""
    return kind_of(words, item) in ("event", "period") or item in w.items_asked(words)


def _lane(words: w.Words, said: Said, item: str, facts: list[FactRow], axis: Axis) -> Lane:
    known = [f for f in facts if f.state == "known"]
    return Lane(
        name=said.item(item),
        unit=said.unit(item),
        marks=marks_of(words, item, facts, axis),
        keys=keys_of(words, item, facts),
        latest=said.value(known[-1]) if known else "",
    )


def _lines(run: Run, said: Said, facts: Iterable[FactRow]) -> Iterator[Line]:
    """The rows of the table."""
    latest = {holder: dt.date.fromisoformat(day) for holder, day in run.as_of.items()}
    for fact in facts:
        # The fact keeps the day it was first told for; told again since, it is as fresh as the holder's last delivery.
        as_of = latest.get(fact.holder) or fact.as_of
        yield Line(
            when=said.when(fact),
            item=said.item(fact.item),
            value=said.value(fact),
            state=fact.state,
            holder=said.holder(fact.holder),
            as_of=as_of,
            age=said.age(fact.item, as_of),
        )


def _months(words: w.Words, said: Said, shown: Mapping[str, list[FactRow]], axis: Axis) -> tuple[Month, ...]:
    """Month by month: counts of events, values other than zero, beginnings and ends of periods."""
    drawn = {item for facts in shown.values() for item in {fact.item for fact in facts} if _is_drawn(words, item)}
    found: dict[int, dict[str, dict[str, int]]] = {}
    for domain, facts in shown.items():
        for fact in sorted((f for f in facts if f.item in drawn), key=lambda f: (f.item, f.value, f.label)):
            for day, text in _entries(said, fact):
                index = axis.month_index(day)
                if 0 <= index < axis.months:
                    times = found.setdefault(index, {}).setdefault(domain, {})
                    times[text] = times.get(text, 0) + 1
    starts = axis.starts()
    return tuple(Month(month_words(starts[index]), _by_domain(found[index])) for index in sorted(found, reverse=True))


def _by_domain(of_month: Mapping[str, Mapping[str, int]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (domain, tuple(_counted(text, times) for text, times in texts.items())) for domain, texts in of_month.items()
    )


def _entries(said: Said, fact: FactRow) -> list[tuple[dt.date, str]]:
    name, value = said.item(fact.item), said.value(fact)
    if said.kind(fact.item) == "period":
        named = f"{name} {value}".strip()
        found = [(fact.valid_from, _("%(what)s begins")), (fact.valid_to, _("%(what)s ends"))]
        return [(day, text % {"what": named}) for day, text in found if day is not None]
    if fact.valid_from is None or (fact.number is not None and not fact.number):
        return []
    return [(fact.valid_from, f"{name} {value or (_('not known') if fact.state != 'known' else '')}".strip())]


def _counted(text: str, times: int) -> str:
    return text if times == 1 else _("%(what)s (%(times)d times)") % {"what": text, "times": times}


def domain_names() -> Mapping[str, str]:
    """The domains' names on the page, each put into its language when it is written."""
    return _DOMAIN_NAMES


_DOMAIN_NAMES = {
    "education": gettext_lazy("School"),
    "welfare": gettext_lazy("Welfare"),
    "tax": gettext_lazy("Tax"),
    "health": gettext_lazy("Health"),
    "register": gettext_lazy("Residents' register"),
}
