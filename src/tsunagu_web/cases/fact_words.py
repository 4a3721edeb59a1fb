"""Facts in words: the value, the time it speaks of, its item, its source and its age."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.utils.translation import gettext as _

from tsunagu.wording import number
from tsunagu.wording.values import Language
from tsunagu_web.cases import words as w
from tsunagu_web.cases.days import month_words, short_day
from tsunagu_web.cases.freshness import age_words
from tsunagu_web.cases.marks import kind_of
from tsunagu_web.cases.models import FactRow


class Said:
    """The words of one page's facts, in its language. What hundreds of them share is put into words once."""

    def __init__(self, words: w.Words, today: dt.date) -> None:
        shown_in = w.language()
        self.item = lru_cache(None)(lambda item: w.item_name(words, item, shown_in))
        self.kind = lru_cache(None)(lambda item: kind_of(words, item))
        self.domain = lru_cache(None)(lambda item: w.domain_of_item(words, item))
        self.unit = lru_cache(None)(lambda item: w.unit(words, item, shown_in))
        self.holder = lru_cache(None)(lambda holder: w.holder_name(words, holder, shown_in))
        self._age = lru_cache(None)(lambda kind, as_of: age_words(kind, as_of, today))
        self._words, self._shown_in = words, shown_in
        self._values: dict[tuple[object, ...], str] = {}
        self._times: dict[tuple[object, ...], str] = {}

    def value(self, fact: FactRow) -> str:
        """As `value_text`."""
        key = (fact.item, fact.label, fact.value, fact.number, fact.state)
        kept = self._values.get(key)
        if kept is None:
            kept = self._values[key] = value_text(self._words, fact, self._shown_in)
        return kept

    def age(self, item: str, as_of: dt.date) -> str:
        """How old a fact of this item is that was told on that day."""
        return self._age(self.kind(item), as_of)

    def when(self, fact: FactRow) -> str:
        """As `when_text`."""
        kind = self.kind(fact.item)
        key = (kind, fact.valid_from, fact.valid_to)
        kept = self._times.get(key)
        if kept is None:
            kept = self._times[key] = _when(kind, fact)
        return kept


def value_text(words: w.Words, fact: FactRow, shown_in: Language | None = None) -> str:
    """The value in words, or the number with its unit; the label of an event before it; empty when not known."""
    if fact.state != "known":
        return ""
    if fact.number is not None and not fact.value:
        return _with_unit(words, fact, shown_in or w.language())
    # A label of digits is a number of a school or a household, which tells staff nothing here.
    has_label = kind_of(words, fact.item) == "event" and fact.label and not fact.label.isdigit()
    value = w.value_name(words, fact.item, fact.value, shown_in) if fact.value else ""
    return " ".join(part for part in (fact.label if has_label else "", value) if part)


def _with_unit(words: w.Words, fact: FactRow, shown_in: Language) -> str:
    """11日, 11 days; without the unit where the item's name ends with it, which would say it twice."""
    unit, name = w.unit(words, fact.item, shown_in), w.item_name(words, fact.item, shown_in)
    shown = number(fact.number or 0)
    if not unit or name.endswith(unit):
        return shown
    return f"{shown}{unit}" if shown_in == "ja" else f"{shown} {unit}"


def when_text(words: w.Words, fact: FactRow) -> str:
    """The month, the year's first day, the day of the event, or the span of a period."""
    return _when(kind_of(words, fact.item), fact)


def _when(kind: str, fact: FactRow) -> str:
    if kind == "period":
        start = short_day(fact.valid_from)
        return _("%(start)s to %(end)s") % {"start": start, "end": short_day(fact.valid_to)}
    if fact.valid_from is None:
        return ""
    if kind == "yearly":
        return _("school year from %(month)s") % {"month": month_words(fact.valid_from)}
    return month_words(fact.valid_from) if kind == "monthly" else short_day(fact.valid_from)
