"""Rows of the list as plain values: everything the template shows, and nothing it may not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from tsunagu_web.access.policy import may
from tsunagu_web.access.terms import Thing
from tsunagu_web.access.viewer import Viewer
from tsunagu_web.cases import words as w
from tsunagu_web.cases.days import age_on, grade_words
from tsunagu_web.cases.models import Child, Run, State
from tsunagu_web.cases.reasons import Brief, brief_for
from tsunagu_web.cases.who import Who, who


@dataclass(frozen=True)
class Row:
    """One child of the list. due_in_days: days until the watching ends; negative when it is over."""

    child: Child
    who: Who
    level: str
    tone: str
    may_become: str
    age: int | None
    grade: str
    reasons: Brief
    due_in_days: int | None
    state: str
    hides_level: bool
    reassess_by: dt.date | None


@dataclass(frozen=True)
class LevelChoice:
    key: str
    name: str
    tone: str
    count: int


def level_choices(run: Run | None, levels: Iterable[tuple[str, int]]) -> list[LevelChoice]:
    """The levels that occur, in the order of the criteria, with how many children the viewer may open."""
    words = run.words if run else {}
    return [LevelChoice(key, w.level_name(words, key), w.level_tone(words, key), count) for key, count in levels]


def school_choices(run: Run | None, codes: Iterable[str]) -> list[tuple[str, str]]:
    """The schools that occur, by the names the run brought; a school it does not name by its code."""
    names = run.words.get("schools", {}) if run else {}
    return [(code, names.get(code, code)) for code in codes]


def sign_choices(run: Run | None) -> list[tuple[str, str]]:
    """The signs of the criteria by code and name, in their order."""
    words = run.words if run else {}
    return [(code, w.sign_name(words, code)) for code in w.in_order(words, "signs")]


def rows_for(viewer: Viewer, run: Run, children: Iterable[Child]) -> list[Row]:
    return [_row(viewer, run, child) for child in children]


def _row(viewer: Viewer, run: Run, child: Child) -> Row:
    words, about = run.words, child.subject()
    may_see_decisions = may(viewer, Thing.DECISION, about=about)
    sees_level = may(viewer, Thing.LEVEL, about=about)
    return Row(
        child=child,
        who=who(viewer, child),
        level=w.level_name(words, child.level) if sees_level else "",
        tone=w.level_tone(words, child.level) if sees_level else "",
        may_become=w.may_become(words, child.level, child.level_at_most) if _may_rise(viewer, child) else "",
        age=age_on(child.person.birth_date, run.on),
        grade=grade_words(child.person.grade),
        reasons=brief_for(viewer, words, list(child.reasons.all()), about, first=child.first_reason),
        due_in_days=_days_until(child.due_on) if may_see_decisions else None,
        state=State(child.state).label if may_see_decisions else "",
        hides_level=not sees_level,
        reassess_by=child.reassess_by if may(viewer, Thing.REASSESSMENT, about=about) else None,
    )


def _may_rise(viewer: Viewer, child: Child) -> bool:
    return may(viewer, Thing.JUDGMENT, about=child.subject()) and child.level_at_most != child.level


def _days_until(day: dt.date | None) -> int | None:
    return (day - timezone.localdate()).days if day else None
