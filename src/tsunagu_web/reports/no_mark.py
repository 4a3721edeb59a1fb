"""Whether any list of school or welfare knew a child on the day the data first noticed it.

Which lists count the city chooses (`[no_mark]` of its casework.toml). A list that did not come says nothing: whom no
other list knew is then not known, and is never counted as known to none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tsunagu_web.cases import words as w
from tsunagu_web.cases.marks import kind_of
from tsunagu_web.cases.models import Fact, Run
from tsunagu_web.reports.freshness import AMISS

_A_YEAR = dt.timedelta(days=366)
NONE, KNOWN, CANNOT_TELL = "none", "known", "cannot_tell"
LABELS = {NONE: _("No list knew"), KNOWN: _("A list knew"), CANNOT_TELL: _("Not known: a list did not come")}


@dataclass(frozen=True)
class Lists:
    """The lists that count, by their items and names, and by day of a run the items that did not come with it."""

    items: tuple[str, ...]
    names: tuple[str, ...]
    missing: Mapping[dt.date, frozenset[str]]

    def missing_on(self, day: dt.date) -> frozenset[str]:
        """Of a day without a run nothing came."""
        return self.missing.get(day, frozenset(self.items))


def lists_of(run: Run | None, items: Sequence[str]) -> Lists:
    """These items as lists; what came with each run is read from its manifest."""
    if run is None or not items:
        return Lists((), (), {})
    holders = {item: str(run.words.get("items", {}).get(item, {}).get("holder", "")) for item in items}
    missing: dict[dt.date, frozenset[str]] = {}
    for day, inputs in Run.objects.values_list("on", "manifest__inputs"):
        whole = _whole(inputs or {})
        gone = frozenset(item for item in items if holders[item] not in whole)
        missing[day] = missing.get(day, frozenset()) | gone
    return Lists(tuple(items), tuple(w.item_name(run.words, item) for item in items), missing)


def _whole(inputs: Mapping[str, Mapping[str, object]]) -> set[str]:
    """The holders of whom every file came and could be used."""
    holders = {str(account.get("holder", "")) for account in inputs.values()}
    return holders - {str(account.get("holder", "")) for account in inputs.values() if account.get("status") in AMISS}


def is_known(run: Run, lists: Lists) -> Exists:
    """Whether one of the lists held the child of the outer row on the day it was first noticed, as the desk knew it
    when it first showed the notice: what is delivered later does not change it."""
    noticed = OuterRef("first_noticed_on")
    in_time = Q(valid_from__isnull=True)  # a row without a day is a row of the list all the same
    for item in lists.items:
        began = Q(item=item, valid_from__lte=noticed)
        match kind_of(run.words, item):
            case "period":
                in_time |= began & (Q(valid_to__isnull=True) | Q(valid_to__gte=noticed))
            case "yearly":
                in_time |= began & Q(valid_from__gt=noticed - _A_YEAR)
            case _:
                in_time |= began
    held = Q(known_from__lte=OuterRef("known_from"))
    held &= Q(known_to__isnull=True) | Q(known_to__gt=OuterRef("known_from"))
    return Exists(Fact.objects.filter(held, in_time, person_id=OuterRef("pk"), item__in=lists.items))


def division(month: dt.date, counts: Iterable[tuple[dt.date, bool, int]], lists: Lists) -> dict[str, int]:
    """How many of a month no list knew, a list knew, or cannot be told, from (day of notice, is known, how many).

    Which parts there are follows from the deliveries alone, never from the children: a part that nobody can be in
    is no small number, and would hide another beside it.
    """
    rows = list(counts)
    days = {day for day in lists.missing if day.replace(day=1) == month} | {day for day, _known, _n in rows}
    whole = {day: not lists.missing_on(day) for day in days}
    parts = dict.fromkeys([part for part, there in ((NONE, any(whole.values())), (KNOWN, True)) if there], 0)
    if not all(whole.values()):
        parts[CANNOT_TELL] = 0
    for day, known, n in rows:
        parts[KNOWN if known else NONE if whole[day] else CANNOT_TELL] += n
    return parts
