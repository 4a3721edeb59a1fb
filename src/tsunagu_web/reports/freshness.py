"""How old what each department told is, held against how often it should tell, and which of its files did not come or
could not be used. Of no child."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from tsunagu_web.cases import words as w
from tsunagu_web.cases.freshness import age_words
from tsunagu_web.cases.models import Run

# What the manifest says of a file that gave nothing: never sent, damaged, or of no form that a source names.
AMISS = ("missing", "set_aside", "not_understood")


@dataclass(frozen=True)
class Delivered:
    """What came of one department.

    as_of      the newest day its facts speak of; None where the desk has none of them
    days       how old that is; None without it
    within     the catalogue's days after which a value of the department counts as old, of its shortest item; None
               where the run does not say
    read       rows read; set_aside: rows set aside for a person to look at
    amiss      files that gave nothing, as the manifest names them: a path, or the department's folder
    """

    name: str
    as_of: dt.date | None
    age: str
    days: int | None
    within: int | None
    read: int
    set_aside: int
    amiss: tuple[str, ...]

    @property
    def days_late(self) -> int:
        """So many days ago something newer should have come; 0 where it is in time, or nobody can say."""
        return max(self.days - self.within, 0) if self.days is not None and self.within is not None else 0


def delivered(run: Run, today: dt.date) -> list[Delivered]:
    """Each department of the run, those whose files are amiss first, then by the age of what they told."""
    by_holder: dict[str, list[dict[str, object]]] = {}
    for file, account in run.manifest.get("inputs", {}).items():
        # The slip is no department's data.
        if account.get("holder") and account.get("status") != "slip":
            by_holder.setdefault(account["holder"], []).append({"file": file, **account})
    rows = [_of(run, holder, files, today) for holder, files in by_holder.items()]
    return sorted(rows, key=lambda row: (not row.amiss, row.as_of or dt.date.min, row.name))


def _of(run: Run, holder: str, files: list[dict[str, object]], today: dt.date) -> Delivered:
    told = run.as_of.get(holder)
    as_of = dt.date.fromisoformat(told) if told else None
    ends = [dict(account["dispositions"]) for account in files if isinstance(account.get("dispositions"), dict)]  # type: ignore[call-overload]  # a dict, as asked
    return Delivered(
        name=w.holder_name(run.words, holder),
        as_of=as_of,
        age=age_words("event", as_of, today) if as_of else "",
        days=(today - as_of).days if as_of else None,
        within=_within(run, holder),
        read=sum(end.get("read", 0) + end.get("repeated", 0) for end in ends),
        set_aside=sum(end.get("set_aside", 0) for end in ends),
        amiss=tuple(sorted(str(account["file"]) for account in files if account.get("status") in AMISS)),
    )


def _within(run: Run, holder: str) -> int | None:
    items = run.words.get("items", {}).values()
    days = [item["freshness_days"] for item in items if item.get("holder") == holder and "freshness_days" in item]
    return min(days, default=None)
