"""Facts in words: the value, the time it speaks of, its item, its source and its age."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.utils.translation import gettext as _

from tsunagu.wording import number
from tsunagu_web.cases import words as w
from tsunagu_web.cases.days import month_words, short_day
from tsunagu_web.cases.freshness import age_words
from tsunagu_web.cases.marks import kind_of
from tsunagu_web.cases.models import Fact


class Said:
    """The words of one page's facts, in its language. What hundreds of them share is put into words once."""

    def __init__(self, words: w.Words, today: dt.date) -> None:
        self.item = lru_cache(None)(lambda item: w.item_name(words, item))
        self.holder = lru_cache(None)(lambda holder: w.holder_name(words, holder))
        self.age = lru_cache(None)(lambda item, as_of: age_words(words, item, as_of, today))
        self._words = words
        self._values: dict[tuple[object, ...], str] = {}
        self._times: dict[tuple[object, ...], str] = {}

    def value(self, fact: Fact) -> str:
        """As `value_text`."""
        key = (fact.item, fact.label, fact.value, fact.number, fact.state)
        kept = self._values.get(key)
        if kept is None:
            kept = self._values[key] = value_text(self._words, fact)
        return kept

    def when(self, fact: Fact) -> str:
        """As `when_text`."""
        key = (fact.item, fact.valid_from, fact.valid_to)
        kept = self._times.get(key)
        if kept is None:
            kept = self._times[key] = when_text(self._words, fact)
        return kept


def value_text(words: w.Words, fact: Fact) -> str:
    """The value in words, or the number with its unit; the label of an event before it; empty when not known."""
    if fact.state != "known":
        return ""
    if fact.number is not None and not fact.value:
        return _with_unit(words, fact)
    # A label of digits is a number of a school or a household, which tells staff nothing here.
    has_label = kind_of(words, fact.item) == "event" and fact.label and not fact.label.isdigit()
    value = w.value_name(words, fact.item, fact.value) if fact.value else ""
    return " ".join(part for part in (fact.label if has_label else "", value) if part)


def _with_unit(words: w.Words, fact: Fact) -> str:
    """11日, 11 days; without the unit where the item's name ends with it, which would say it twice."""
    unit, name = w.unit(words, fact.item), w.item_name(words, fact.item)
    shown = number(fact.number or 0)
    if not unit or name.endswith(unit):
        return shown
    return f"{shown}{unit}" if w.language() == "ja" else f"{shown} {unit}"


def when_text(words: w.Words, fact: Fact) -> str:
    """The month, the year's first day, the day of the event, or the span of a period."""
    kind = kind_of(words, fact.item)
    if kind == "period":
        start = short_day(fact.valid_from)
        return _("%(start)s to %(end)s") % {"start": start, "end": short_day(fact.valid_to)}
    if fact.valid_from is None:
        return ""
    if kind == "yearly":
        return _("school year from %(month)s") % {"month": month_words(fact.valid_from)}
    return month_words(fact.valid_from) if kind == "monthly" else short_day(fact.valid_from)
