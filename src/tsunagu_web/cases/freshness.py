"""How old what a department told is, and how often it is expected to tell."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def age_words(kind: str, as_of: dt.date, today: dt.date) -> str:
    """`2 months old; expected monthly`; without the second part where the kind of item does not say how often it comes.

    kind  as `marks.kind_of` has it
    """
    months = (today.year - as_of.year) * 12 + today.month - as_of.month - (today.day < as_of.day)
    age = _("less than a month old")
    if months > 0:
        age = ngettext("%(months)d month old", "%(months)d months old", months) % {"months": months}
    expected = {"monthly": _("expected monthly"), "yearly": _("expected yearly")}.get(kind)
    return _("%(age)s; %(expected)s") % {"age": age, "expected": expected} if expected else age
