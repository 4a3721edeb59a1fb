"""How old what a department told is, and how often it is expected to tell."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tsunagu_web.cases import words as w
from tsunagu_web.cases.marks import kind_of


def age_words(words: w.Words, item: str, as_of: dt.date, today: dt.date) -> str:
    """`2 months old; expected monthly`; without the second part where the run does not say how often it comes."""
    months = (today.year - as_of.year) * 12 + today.month - as_of.month - (today.day < as_of.day)
    age = _("less than a month old")
    if months > 0:
        age = ngettext("%(months)d month old", "%(months)d months old", months) % {"months": months}
    expected = {"monthly": _("expected monthly"), "yearly": _("expected yearly")}.get(kind_of(words, item))
    return _("%(age)s; %(expected)s") % {"age": age, "expected": expected} if expected else age
