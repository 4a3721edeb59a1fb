"""Changed facts, and what the clock cannot tell, in words: what codes and days say, and nothing of the person."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tsunagu.casework.clock import Cause
from tsunagu_web.cases.days import month_words, short_day
from tsunagu_web.outreach.models import ChangedFact

# What the clock looks at, by the cause it could find there.
_LOOKS_AT: dict[Cause, str | Promise] = {
    Cause.ABSENCE: gettext_lazy("Days absent"),
    Cause.FLAT_WEIGHT: gettext_lazy("Weight"),
    Cause.MOVE: gettext_lazy("The child's household"),
    Cause.NEW_ADULT: gettext_lazy("Members of the household"),
    Cause.NEW_BABY: gettext_lazy("Members of the household"),
}


def unclear_words(causes: Iterable[Cause]) -> list[str]:
    """What nothing can be told of at present."""
    return list(dict.fromkeys(str(_LOOKS_AT[cause]) for cause in causes))


def fact_words(fact: ChangedFact) -> str:
    """A sentence for staff."""
    kind, *rest = fact.reference.split(":")
    day = {"day": short_day(fact.day), "month": month_words(fact.day), "n": rest[-1] if rest else ""}
    match kind:
        case "absence":
            return _("Days absent in %(month)s: %(n)s") % day
        case "weight":
            return _("No gain in weight, measured on %(day)s") % day
        case "move":
            return _("Change in the residents' register on %(day)s") % day
        case "household":
            return _("Another household than before, as of %(day)s") % day
        case "sight":
            return _("Injuries were seen on %(day)s") % day
        case "adult":
            return _("Another adult in the household than before, as of %(day)s") % day
        case "baby":
            return _("A new baby in the household, as of %(day)s") % day
        case "report":
            return _("Report or consultation of %(day)s") % day
        case "contact":
            return _("An attempt of %(day)s reached nobody") % day
        case "notice":
            return _("Noticed again in the run of %(day)s") % day
        case _other:
            return _("The level rose in the run of %(day)s") % day
