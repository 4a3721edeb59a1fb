"""The report that goes with a draft: which limits, which cases, and who would enter, leave and stay, as counts.

It is a document: written once, kept as it was written, named by its hash; what is small is never in it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tsunagu import wording
from tsunagu.evaluation.plan import Plan
from tsunagu.screening.criteria import Criteria
from tsunagu.screening.limits import Limit, movable
from tsunagu.screening.rewrite import CaseChange, Moved
from tsunagu_web.cases import words as w

FORMAT = "tsunagu-criteria-report-1"
GROUPS: Mapping[str, Promise] = {
    "enters": _("Would be listed anew"),
    "leaves": _("Would be listed no more"),
    "moves": _("Would stay at another level"),
    "stays": _("Would stay as they are"),
}
_DIVISIONS: Mapping[str, Promise] = {"school": _("By school"), "age": _("By age"), "sex": _("By sex")}
_PARTS: Mapping[str, Promise] = {
    "no municipal school": _("no municipal school"),
    "not known": _("not known"),
    "before school": _("before school"),
    "grades 1 to 6": _("grades 1 to 6"),
    "grades 7 to 9": _("grades 7 to 9"),
    "grades 10 to 12": _("grades 10 to 12"),
    "male": _("male"),
    "female": _("female"),
}


@dataclass(frozen=True)
class Part:
    name: str
    count: int | None


@dataclass(frozen=True)
class Group:
    """One group in words. total: None where it, or another by it, would be small.

    levels  what is told of them; has_others: whether there are some that are not
    """

    name: str
    total: int | None
    levels: tuple[tuple[str, str, int], ...]
    has_others: bool
    divisions: tuple[tuple[str, tuple[Part, ...]], ...]


def report_of(
    plan: Plan, criteria: Criteria, moved: Moved, cases: Sequence[CaseChange], *, run: str, on: dt.date
) -> str:
    """The document as text. run: the seal of the run it was counted on, of the day on."""
    limits = [
        _change(sign.code, limit, moved[sign.code, limit.path])
        for sign in criteria.signs
        for limit in movable(criteria, sign)
        if (sign.code, limit.path) in moved
    ]
    document = {
        "format": FORMAT,
        "old": plan.old,
        "new": plan.new,
        "run": run,
        "on": on.isoformat(),
        "in_scope": plan.in_scope,
        "limits": limits,
        "cases": [{"case": c.case, "was": c.was, "became": c.became} for c in cases],
        "groups": plan.as_json()["groups"],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def groups(report: Mapping[str, Any], words: Mapping[str, Any]) -> list[Group]:
    """The groups in the words of the page."""
    return [
        Group(
            name=str(name),
            total=report["groups"][id]["total"],
            levels=tuple(
                (w.level_name(words, one["old"]), w.level_name(words, one["new"]), one["children"])
                for one in report["groups"][id]["levels"]
                if one["children"] is not None
            ),
            has_others=any(one["children"] is None for one in report["groups"][id]["levels"]),
            divisions=tuple(
                (str(title), tuple(Part(_part(words, d, p), n) for p, n in report["groups"][id][d].items()))
                for d, title in _DIVISIONS.items()
                if any(n is not None for n in report["groups"][id][d].values())
            ),
        )
        for id, name in GROUPS.items()
    ]


def _change(code: str, limit: Limit, became: Decimal) -> dict[str, str]:
    return {
        "sign": code,
        "indicator": limit.indicator,
        "operator": limit.operator,
        "was": wording.number(limit.value),
        "became": wording.number(became),
    }


def _part(words: Mapping[str, Any], division: str, part: str) -> str:
    if division == "school":
        return str(words.get("schools", {}).get(part) or _PARTS.get(part, part))
    return str(_PARTS.get(part, part))
